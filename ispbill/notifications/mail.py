"""The e-mail channel: one message to one server by SMTP. It knows nothing of rows and never retries."""
from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from urllib.parse import parse_qs, unquote, urlsplit

from ispbill.config import Settings
from ispbill.notifications.enclosures import Paper

TIMEOUT_SECONDS = 20
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
FAILURES = (smtplib.SMTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in: `smtp://user:password@host:port?from=address`, or `smtps://`."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls_from_start: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, to whom, in whose name. The id stays, so that copies can be told."""

    letter_id: str
    company: str
    recipient: str
    subject: str
    body: str
    written_at: datetime
    paper: Paper | None = None


def server(settings: Settings) -> MailServer | None:
    """The server that the settings name; None where none is set up."""
    if settings.smtp_url is None:
        return None
    parts = urlsplit(settings.smtp_url)
    secure = parts.scheme == "smtps"
    sender = parse_qs(parts.query).get("from", [f"no-reply@{settings.domain}"])[0]
    return MailServer(
        host=parts.hostname or "localhost", port=parts.port or (465 if secure else 587), sender=sender,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None, tls_from_start=secure,
    )


def send(mail_server: MailServer, letter: Letter) -> None:
    """Hand one letter in. Raises one of FAILURES where the server does not take it."""
    message = _message(mail_server, letter)
    with _connected(mail_server) as connection:
        if mail_server.user and mail_server.password:
            connection.login(mail_server.user, mail_server.password)
        connection.send_message(message, from_addr=mail_server.sender, to_addrs=[letter.recipient])


def _connected(mail_server: MailServer) -> smtplib.SMTP:
    host, port = mail_server.host, mail_server.port
    if mail_server.tls_from_start:
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    connection = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    connection.ehlo()
    if connection.has_extn("starttls"):
        connection.starttls(context=ssl.create_default_context())
        connection.ehlo()
    elif mail_server.user and mail_server.host not in _LOOPBACK:
        connection.close()
        raise smtplib.SMTPNotSupportedError("The mail server offers no encryption, so no password is sent.")
    return connection


def _message(mail_server: MailServer, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"] = formataddr((letter.company, mail_server.sender))
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.letter_id}@{mail_server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    if letter.paper is not None:
        main, _slash, kind = letter.paper.content_type.partition("/")
        message.add_attachment(letter.paper.content, main, kind, filename=letter.paper.name)
    return message

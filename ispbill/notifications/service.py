"""Verbs of messages: queue, deliver, send again. A message is a row first; a row is sent once."""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from ispbill import config
from ispbill.accounts.passwords.service import LinkIssued, LinkPurpose, PasswordSet
from ispbill.accounts.second_factors.service import SecondFactorChanged
from ispbill.audit import service as audit
from ispbill.core import formats
from ispbill.core.crypto import seal, unseal
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import NotFound
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.notifications import enclosures, mail, policy
from ispbill.notifications.models import Channel, Message, MessageStatus
from ispbill.notifications.rendering import render
from ispbill.notifications.texting import queries as texting
from ispbill.notifications.texting import service as texting_verbs
from ispbill.notifications.texting import twilio
from ispbill.notifications.texting.policy import plain, segments

_LONGEST_ERROR = 500
_LONGEST_BEGINNING = 60
_FAILURES = (*mail.FAILURES, *twilio.FAILURES)
_TEMPLATES = {LinkPurpose.RESET: "password_reset", LinkPurpose.INVITATION: "invitation"}


@dataclass(frozen=True, slots=True)
class MessageQueued:
    """A message waits; whoever delivers may be nudged."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be: its template with the values, for whom, and the key that lets no second one in.

    `secrets` are values, such as a link that lets its reader in, that nobody may read in the log. `enclosure` names a
    paper that goes with it.
    """

    template: str
    recipient: str
    unique_key: str
    values: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    enclosure: str | None = None
    channel: str = Channel.EMAIL


def queue(
    *, template: str, recipient: str, unique_key: str, secrets: Mapping[str, str] | None = None,
    enclosure: str | None = None, **values: object,
) -> int | None:
    """Write a message down to be sent; None where one with this key exists already."""
    return queue_all([Draft(template, recipient, unique_key, values, secrets or {}, enclosure)]).get(unique_key)


def queue_all(drafts: Sequence[Draft]) -> dict[str, int]:
    """Write messages down to be sent, in one statement; the ids of the new ones by their keys."""
    if not drafts:
        return {}
    rows = db.session.execute(
        postgresql.insert(Message).values([_row(draft) for draft in drafts])
        .on_conflict_do_nothing().returning(Message.unique_key, Message.id)
    ).all()
    for _ignored, message_id in rows:
        publish(MessageQueued(message_id))
    return {unique_key: message_id for unique_key, message_id in rows}


def deliver(message_id: int) -> bool:
    """Send a message that is due; whether it was sent now.

    The row stays locked while it is sent, so a second delivery at the same moment finds nothing to do.
    Where its channel is not set up, the message waits.
    """
    message = _claim(message_id)
    send = _sender(message) if message else None
    if message is None or send is None:
        return False
    try:
        send()
    except _FAILURES as failure:
        _put_off(message, str(failure) or type(failure).__name__, is_final=getattr(failure, "is_final", False))
    else:
        message.status, message.sent_at = MessageStatus.SENT, current.now()
        message.sealed = message.last_error = None
    db.session.flush()
    return message.status == MessageStatus.SENT


def has_mail_server() -> bool:
    """Whether e-mails can be sent at all."""
    return mail.server(config.settings()) is not None


def open_channels() -> list[str]:
    """The channels that are set up."""
    is_open = {Channel.EMAIL: has_mail_server(), Channel.SMS: texting.is_on()}
    return [channel for channel, usable in is_open.items() if usable]


def send_again(message_id: int) -> Message:
    """Queue a message once more. Raises NotFound, or Conflict where the link it held is forgotten."""
    message = db.session.get(Message, message_id, with_for_update=True)
    if message is None:
        raise NotFound(_("There is no such message."))
    policy.check_may_resend(body=message.body, sealed=message.sealed)
    message.status, message.attempts, message.next_attempt_at = MessageStatus.QUEUED, 0, current.now()
    db.session.flush()
    audit.note("sent_again", entity="message", entity_id=message.id, label=message.subject,
               after={"recipient": message.recipient})
    publish(MessageQueued(message.id))
    return message


def send_password_link(event: LinkIssued) -> None:
    """Queue the link for whoever is to set a password."""
    queue(template=_TEMPLATES[event.purpose], recipient=event.email, secrets={"url": event.url},
          unique_key=f"password-link:{event.token_id}", name=event.full_name, inviter=current.actor.name)


def tell_password_set(event: PasswordSet) -> None:
    """Tell somebody that their password is a new one, in case it was not them."""
    now = current.now()
    queue(template="password_set", recipient=event.email,
          unique_key=f"password-set:{event.user_id}:{now.isoformat()}", name=event.full_name,
          at=formats.day_and_time(now.astimezone(current.tenant.zone)), reset_url=f"{config.site()}/password/reset")


def tell_second_factor(event: SecondFactorChanged) -> None:
    """Tell somebody that their second factor was set up or taken away, in case it was not them."""
    now = current.now()
    queue(template="second_factor_on" if event.is_set_up else "second_factor_off", recipient=event.email,
          unique_key=f"second-factor:{event.user_id}:{now.isoformat()}", name=event.full_name,
          at=formats.day_and_time(now.astimezone(current.tenant.zone)),
          profile_url=f"{config.site()}/profile")


def _row(draft: Draft) -> dict[str, object]:
    marks = {name: policy.mark(name) for name in draft.secrets}
    values = {"company": current.tenant.name, **draft.values, **marks}
    secret_key = config.settings().secret_key
    sealed = seal(json.dumps(dict(draft.secrets)), secret_key=secret_key) if draft.secrets else None
    return {
        "recipient": draft.recipient, "sealed": sealed, "template": draft.template, "enclosure": draft.enclosure,
        "unique_key": draft.unique_key, "created_at": current.now(), "next_attempt_at": current.now(),
        "channel": draft.channel, **(_text(draft, values) if draft.channel == Channel.SMS else _mail(draft, values)),
    }


def _mail(draft: Draft, values: Mapping[str, object]) -> dict[str, object]:
    subject, body = policy.subject_and_body(render(draft.template, values))
    return {"subject": subject, "body": body, "segments": None}


def _text(draft: Draft, values: Mapping[str, object]) -> dict[str, object]:
    """A text has no subject; the log shows how it begins."""
    text = plain(render(f"sms/{draft.template}", values))
    beginning = text if len(text) <= _LONGEST_BEGINNING else f"{text[:_LONGEST_BEGINNING - 1].rstrip()}…"
    return {"subject": beginning, "body": text, "segments": segments(text)}


def _claim(message_id: int) -> Message | None:
    return db.session.scalars(
        select(Message)
        .where(Message.id == message_id, Message.status == MessageStatus.QUEUED,
               Message.next_attempt_at <= current.now())
        .with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).one_or_none()


def _sender(message: Message) -> Callable[[], None] | None:
    """What sends a message; None where its channel is not set up."""
    if message.channel == Channel.SMS:
        account = texting.account()
        return partial(texting_verbs.send, message, account) if account is not None and account.is_enabled else None
    server = mail.server(config.settings())
    return (lambda: mail.send(server, _letter(message))) if server else None


def _letter(message: Message) -> mail.Letter:
    sealed = message.sealed
    secrets = json.loads(unseal(sealed, secret_key=config.settings().secret_key)) if sealed else {}
    return mail.Letter(
        letter_id=f"{current.tenant.code.lower()}-{message.id}", company=current.tenant.name,
        recipient=message.recipient, subject=message.subject, body=policy.revealed(message.body, secrets),
        written_at=message.created_at, paper=enclosures.made(message.enclosure) if message.enclosure else None,
    )


def _put_off(message: Message, reason: str, *, is_final: bool) -> None:
    message.attempts += 1
    message.last_error = reason[:_LONGEST_ERROR]
    pause = None if is_final else policy.pause_after(message.attempts)
    if pause is None:
        message.status = MessageStatus.FAILED
    else:
        message.next_attempt_at = current.now() + pause

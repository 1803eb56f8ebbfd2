"""Rules of messages: when to try again, when to give up, and what of a message is a secret."""
from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _

MOST_ATTEMPTS = 5
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_SUBJECT = 200
_MARK = re.compile("⟦([a-z_]+)⟧")


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after the nth attempt has failed: 1, 4, 16, 64 minutes; None where it was the last."""
    return None if attempts >= MOST_ATTEMPTS else _FIRST_PAUSE * 4 ** (attempts - 1)


def subject_and_body(text: str) -> tuple[str, str]:
    """A rendered template taken apart: its first line is the subject, always a single line."""
    subject, _ignored, body = text.strip().partition("\n")
    return " ".join(subject.split())[:_LONGEST_SUBJECT], body.strip() + "\n"


def mark(name: str) -> str:
    """What stands in a stored body where a secret belongs."""
    return f"⟦{name}⟧"


def revealed(body: str, secrets: Mapping[str, str]) -> str:
    """The body as its recipient reads it."""
    return _MARK.sub(lambda found: secrets.get(found.group(1), found.group()), body)


def concealed(body: str) -> str:
    """The body as everybody else reads it."""
    return _MARK.sub("[what only the recipient gets]", body)


def check_may_resend(*, body: str, sealed: str | None) -> None:
    """Raises Conflict where the message held a link or figures that were forgotten once it was sent."""
    if _MARK.search(body) and sealed is None:
        raise Conflict(_("What only its recipient may read was forgotten once it was sent. Have it made anew instead."))

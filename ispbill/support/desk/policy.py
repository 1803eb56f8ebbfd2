"""Rules of the desk: names, promises and canned answers that can be kept. Pure."""
from __future__ import annotations

from dataclasses import dataclass

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

MOST_HOURS = 2000
LONGEST_NAME = 80
LONGEST_ANSWER = 4000


@dataclass(frozen=True, slots=True)
class Promise:
    """Hours by the calendar until a ticket is answered and until it is resolved."""

    response_hours: int
    resolution_hours: int


def checked_promise(promise: Promise, *, field: str) -> Promise:
    """The promise, if it can be kept in this order. Raises Invalid on `<field>_response` or `<field>_resolution`."""
    if not 1 <= promise.response_hours <= MOST_HOURS:
        raise Invalid(_("Enter 1 to %(most_hours)s hours.", most_hours=MOST_HOURS), field=f"{field}_response")
    if not 1 <= promise.resolution_hours <= MOST_HOURS:
        raise Invalid(_("Enter 1 to %(most_hours)s hours.", most_hours=MOST_HOURS), field=f"{field}_resolution")
    if promise.resolution_hours < promise.response_hours:
        raise Invalid(_("A ticket is answered before it is resolved."), field=f"{field}_resolution")
    return promise


def checked_name(text: str, *, field: str) -> str:
    """A name on one line. Raises Invalid where there is none or it is too long."""
    name = " ".join(text.split())
    if not name:
        raise Invalid(_("Give it a name."), field=field)
    if len(name) > LONGEST_NAME:
        raise Invalid(_("A name has at most %(longest_name)s characters.", longest_name=LONGEST_NAME), field=field)
    return name


def checked_answer(text: str) -> str:
    """The text of a canned answer. Raises Invalid where there is none or it is too long."""
    body = text.strip()
    if not body:
        raise Invalid(_("Write what is to be sent."), field="body")
    if len(body) > LONGEST_ANSWER:
        raise Invalid(_("An answer has at most %(longest_answer)s characters.", longest_answer=LONGEST_ANSWER),
                      field="body")
    return body

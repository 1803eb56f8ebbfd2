"""Rules of tickets: which status may follow which, when a target is due and whether it was missed, how a number reads.

The clock runs by the calendar, day and night, and stands still while the customer is waited for (docs/decisions/0020).
"""
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

LONGEST = {"subject": 200, "description": 5000, "contact": 200, "body": 5000, "reason": 2000}
UNRESOLVED = ("open", "in_progress", "waiting")
BOARD = (*UNRESOLVED, "resolved")
STATUS_WORDS = {
    "open": lazy("open"), "in_progress": lazy("in progress"), "waiting": lazy("waiting for the customer"),
    "resolved": lazy("resolved"),
    "closed": lazy("closed"), "removed": lazy("removed"),
}
# What is resolved may still be wrong: the customer is asked, and it is opened again or closed.
_MOVES: dict[str, tuple[str, ...]] = {
    "open": ("in_progress", "waiting", "resolved", "removed"),
    "in_progress": ("open", "waiting", "resolved", "removed"),
    "waiting": ("in_progress", "resolved", "removed"),
    "resolved": ("closed", "open"),
    "closed": ("open",),
    "removed": (),
}
_NUMBER = re.compile(r"(?:TKT[- ]?)?(\d{4})[- ](\d{1,9})|TKT(\d{4})(\d{4,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What is known of a ticket besides number, status and clock."""

    subject: str
    category_id: int | None
    priority: str = "normal"
    source: str = "phone"
    description: str = ""
    contact: str = ""
    nap_id: int | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """What the two targets of a ticket are reckoned from; `paused_at` is set while the customer is waited for."""

    opened_at: datetime
    response_hours: int
    resolution_hours: int
    paused_seconds: int = 0
    paused_at: datetime | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def response_due_at(self) -> datetime:
        """When somebody must have answered."""
        return self._due(self.response_hours)

    @property
    def resolution_due_at(self) -> datetime:
        """When it must be resolved."""
        return self._due(self.resolution_hours)

    def _due(self, hours: int) -> datetime:
        return self.opened_at + timedelta(hours=hours, seconds=self.paused_seconds)

    def response_is_late(self, now: datetime) -> bool:
        """Whether the first response came, or still is to come, after it was due."""
        return (self.first_response_at or self.paused_at or now) > self.response_due_at

    def resolution_is_late(self, now: datetime) -> bool:
        """Whether it was resolved, or still is to be, after it was due."""
        return (self.resolved_at or self.paused_at or now) > self.resolution_due_at


def responded(clock: Clock, *, at: datetime) -> Clock:
    """Somebody answered; only the first time counts."""
    return replace(clock, first_response_at=clock.first_response_at or at)


def moved(clock: Clock, *, before: str, after: str, at: datetime) -> Clock:
    """The clock after a ticket went from one status to another.

    It stands while the customer is waited for, stops when it is resolved and goes on when it is opened again; the
    time for which it stood is given to both targets. Whoever takes a ticket up, asks back or resolves it has responded.
    """
    stood_since = clock.paused_at if before == "waiting" else clock.resolved_at if after == "open" else None
    paused_seconds = clock.paused_seconds + (_seconds(stood_since, at) if stood_since else 0)
    resolved_at = {"resolved": at, "open": None}.get(after, clock.resolved_at)
    new = replace(clock, paused_seconds=paused_seconds, paused_at=at if after == "waiting" else None,
                  resolved_at=resolved_at)
    return responded(new, at=at) if after in ("in_progress", "waiting", "resolved") else new


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, int((until - since).total_seconds()))


def span_text(span: timedelta) -> str:
    """How long something takes as people say it: “12 min”, “3 h”, “2 d 4 h”; the sign is dropped."""
    minutes = int(abs(span).total_seconds() // 60)
    if minutes < 60:
        return _("%(minutes)s min", minutes=minutes)
    hours = minutes // 60
    if hours < 24:
        return f"{hours} h"
    return f"{hours // 24} d {hours % 24} h" if hours % 24 else f"{hours // 24} d"


def moves(status: str) -> tuple[str, ...]:
    """Where a ticket of this status may go."""
    return _MOVES[status]


def check_move(before: str, after: str) -> None:
    """Raises Conflict unless a ticket of status `before` may become `after`."""
    if after not in _MOVES[before]:
        raise Conflict(_("A ticket that is %(status_words)s cannot become %(status_words_2)s.",
                         status_words=STATUS_WORDS[before], status_words_2=STATUS_WORDS[after]))


def checked(facts: TicketFacts) -> TicketFacts:
    """The facts as they are stored. Raises Invalid, naming the field, for a value that breaks a rule."""
    subject = " ".join(facts.subject.split())
    if not subject:
        raise Invalid(_("Say in a few words what it is about."), field="subject")
    if facts.category_id is None:
        raise Invalid(_("Choose a category."), field="category_id")
    known = replace(facts, subject=subject, description=facts.description.strip(), contact=facts.contact.strip())
    for field in ("subject", "description", "contact"):
        if len(getattr(known, field)) > LONGEST[field]:
            raise Invalid(_("This has at most %(longest)s characters.", longest=LONGEST[field]), field=field)
    return known


def written(text: str, *, field: str, missing: str) -> str:
    """What somebody wrote, without outer blanks. Raises Invalid where there is nothing or too much."""
    body = text.strip()
    if not body:
        raise Invalid(missing, field=field)
    return short(body, field=field)


def short(text: str, *, field: str) -> str:
    """A text that may be empty, without outer blanks. Raises Invalid where there is too much."""
    if len(text.strip()) > LONGEST[field]:
        raise Invalid(_("This has at most %(longest)s characters.", longest=LONGEST[field]), field=field)
    return text.strip()


def number_text(year: int, number: int) -> str:
    """“TKT-2026-0042”; a number outgrows its four digits, never wraps."""
    return f"TKT-{year}-{number:04d}"


def spoken_number(term: str) -> str | None:
    """The number that a caller means by “tkt-2026-42”, “2026-42” or “tkt20260042”; None for other words."""
    found = _NUMBER.fullmatch(term.strip())
    if found is None:
        return None
    year, number = (part for part in found.groups() if part is not None)
    return number_text(int(year), int(number))

"""Which line the books may be closed at, and what stands in the way. Days before the line are closed."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ispbill.core import formats
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Something of the days to be closed that is not in the books yet. A blocker refuses the closing."""

    what: str
    count: int
    is_blocker: bool


def line_after(last_day: date) -> date:
    """The first open day where `last_day` is the last closed one."""
    return last_day + timedelta(days=1)


def suggested_last_day(closed_until: date | None, *, today: date) -> date:
    """The last day of the month after the closed ones, and never a later one than that of the month before today."""
    latest = today.replace(day=1) - timedelta(days=1)
    if closed_until is None or closed_until > latest:
        return latest
    return min(latest, _month_end(closed_until))


def check_line(closed_until: date | None, wanted: date, *, today: date) -> None:
    """Raises Invalid for a line that is not after the present one, or would close today or a day to come."""
    if wanted > today:
        raise Invalid(_("Only days that are over can be closed. Today stays open."), field="last_day")
    if closed_until is not None and wanted <= closed_until:
        raise Invalid(_("The books are closed to %(closed_until)s already.",
                        closed_until=formats.short_date(closed_until - timedelta(days=1))), field="last_day")


def check_reopening(closed_until: date | None, wanted: date) -> None:
    """Raises Invalid where the first day to be open is open already."""
    if closed_until is None or wanted >= closed_until:
        raise Invalid(_("That day is open already."), field="first_day")


def _month_end(day: date) -> date:
    next_month = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return next_month - timedelta(days=1)

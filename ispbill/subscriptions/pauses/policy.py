"""Rules of pauses: when service may stop and go on, and until when it stands still. Pure; half-open local dates."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ispbill.core import formats
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.periods import LAST_DAY, Period, without
from ispbill.subscriptions.policy import FURTHEST_START_DAYS


def check_pause(wanted: Period, others: Iterable[Period], *, served: Period, today: date) -> None:
    """Raises Invalid for days on which service cannot stop, Conflict where it stands still then already.

    A pause that begins at once and has no last day may lie over others that are booked: nobody knows when it ends.
    """
    _check_days(wanted, served, today)
    now = max(today, served.start)
    is_open_now = wanted.end == LAST_DAY and wanted.start <= now
    for other in others:
        is_booked = now < other.start and other.end != LAST_DAY
        if _meet(wanted, other) and not (is_open_now and is_booked):
            raise Conflict(_overlap(other), field="on")


def check_resume(*, on: date, suspended_on: date, today: date) -> None:
    """Raises Invalid for a day before the suspension, or in the future where it has begun."""
    if not suspended_on <= on <= max(today, suspended_on):
        raise Invalid(_("Service resumes between %(suspended_on)s, when it stopped, and today.",
                        suspended_on=suspended_on), field="on")


def check_booked(start_on: date, *, follows_customer: bool, today: date) -> None:
    """Raises Conflict for a pause that has begun, which ends by serving again, or that came with the customer's."""
    if follows_customer:
        raise Conflict(_("It came with the suspension of the customer. Restore the customer instead."))
    if start_on <= today:
        raise Conflict(_("It has begun. Resume the subscription instead."))


def is_served_again(pauses: Iterable[Period], *, until: date, today: date) -> bool:
    """Whether there is service on some day from today to a day."""
    return today < until and bool(without([Period(today, until)], pauses))


def served_again_on(pauses: Iterable[Period], day: date) -> date:
    """The first day, from a day on, that no pause lies over; LAST_DAY where one of them has no end."""
    for pause in sorted(pauses):
        if pause.start <= day < pause.end:
            day = pause.end
    return day


def _check_days(wanted: Period, served: Period, today: date) -> None:
    if wanted.start < served.start:
        raise Invalid(_("It is served since %(since)s: a suspension begins then or later.", since=served.start),
                      field="on")
    if wanted.start >= served.end:
        raise Invalid(_("It ends on %(end_on)s: a suspension begins before that.", end_on=served.end), field="on")
    if wanted.start > max(today, served.start) and (wanted.start - today).days > FURTHEST_START_DAYS:
        raise Invalid(_("A suspension begins within a year of today."), field="on")
    if wanted.end <= wanted.start:
        raise Invalid(_("Service goes on at least a day after it stops."), field="until")
    if wanted.end != LAST_DAY and wanted.days > FURTHEST_START_DAYS:
        raise Invalid(_("A suspension lasts a year at the most. Leave the day empty where it is not known."),
                      field="until")


def _meet(one: Period, other: Period) -> bool:
    return max(one.start, other.start) < min(one.end, other.end)


def _overlap(other: Period) -> str:
    first = formats.short_date(other.start)
    if other.end == LAST_DAY:
        return _("It stands still from %(first)s on already, until somebody resumes it.", first=first)
    return _("It stands still from %(first)s to %(last)s already. Choose other days.", first=first,
             last=formats.short_date(other.last_day))

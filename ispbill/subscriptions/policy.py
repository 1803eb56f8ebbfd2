"""Rules of postpaid subscriptions: which days are billable and when, proration, what may change and when. Pure.

Amounts in minor units, days as half-open local dates.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import LARGEST_MINOR, format_money, scale
from ispbill.core.periods import (
    LAST_DAY,
    BillablePeriod,
    BillingSchedule,
    Period,
    actual_share,
    first_anchor,
    fixed_30_share,
    period_from,
    periods_within,
    within,
    without,
)

MOST_QUANTITY = 1000
# Further away a start is a slip of the pen; further back is also more than billing catches up with.
FURTHEST_START_DAYS = 366
PRORATIONS = {"actual": actual_share, "fixed_30": fixed_30_share}


@dataclass(frozen=True, slots=True)
class Terms:
    """How this company bills: its currency, its convention of proration (a key of PRORATIONS), its first periods.

    A first period that is shorter than a full one is billed alone (`stub`), together with the next one (`merge`), or
    not at all (`free`).
    """

    currency: str
    proration: str = "actual"
    first_period: str = "stub"


class Pause(NamedTuple):
    """Days that are not billed; `credits` where those billed in advance are given back as well."""

    period: Period
    credits: bool


class ComponentDates(NamedTuple):
    """When a component is charged: how its periods lie, from when to when, and the pauses between."""

    schedule: BillingSchedule
    start_on: date
    end_on: date | None = None
    in_arrears: bool = False
    merges_stub: bool = False
    pauses: tuple[Pause, ...] = ()

    def ahead_of(self, day: date) -> ComponentDates:
        """The same from a day of service on, without what lies before it: those of many components are equal then."""
        if day <= self.start_on:
            return self
        pauses = tuple(pause for pause in self.pauses if pause.period.end > day)
        return ComponentDates(self.schedule, day, self.end_on, self.in_arrears, pauses=pauses)


@dataclass(frozen=True, slots=True)
class Start:
    """From when something is charged, and how its periods lie.

    Months turn on `anchor_day` (1–31; the start's own day where not given). `aligned_on` is a day on which a period
    begins, to bill by the calendar's weeks, quarters or years; it says the anchor day too. Without `grants_trials` it
    is charged from the first day, whatever trial its plans have.
    """

    on: date
    anchor_day: int | None = None
    aligned_on: date | None = None
    grants_trials: bool = True

    @property
    def day_of_month(self) -> int:
        """The day of the month on which periods of months turn."""
        return self.anchor_day or (self.aligned_on or self.on).day


@dataclass(frozen=True, slots=True)
class Charge:
    """What is charged each full period: a plan or add-on, how many, at the price agreed, when."""

    description: str
    quantity: int
    unit_price_minor: int
    dates: ComponentDates

    @property
    def amount_minor(self) -> int:
        """The amount of a full period."""
        return self.quantity * self.unit_price_minor


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One charge for one period, with the arithmetic that led to a part of it."""

    description: str
    period: Period
    amount_minor: int
    arithmetic: str


def service(dates: ComponentDates) -> Period:
    """From the first day of service to the first day without."""
    return Period(dates.start_on, dates.end_on or LAST_DAY)


def billable_spans(dates: ComponentDates) -> list[Period]:
    """The days of service that are charged: without those on which it pauses."""
    span = service(dates)
    if not dates.pauses:
        return [span] if span.start < span.end else []
    return without([span], [pause.period for pause in dates.pauses])


def open_periods(dates: ComponentDates, billed_until: date) -> Iterator[BillablePeriod]:
    """What is billable from a day on, cut at the schedule's boundaries, in order; perhaps without an end."""
    return periods_within(dates.schedule, within(billable_spans(dates), Period(billed_until, LAST_DAY)))


def due_periods(dates: ComponentDates, *, billed_until: date, on: date) -> tuple[Sequence[BillablePeriod], ...]:
    """The periods not billed yet that are due by a day, oldest first; a merged stub comes with the period after it.

    In advance a period is due on its first day, in arrears on the day after its last.
    """
    return _due_periods(dates.ahead_of(billed_until), billed_until, on)


def next_due(dates: ComponentDates, billed_until: date) -> date | None:
    """The day on which a component is due again, once billed up to a day; None when nothing more is to come."""
    return _next_due(dates.ahead_of(billed_until), billed_until)


@lru_cache(maxsize=65_536)
def _due_periods(dates: ComponentDates, billed_until: date, on: date) -> tuple[Sequence[BillablePeriod], ...]:
    return tuple(_due_one_by_one(dates, billed_until, on))


@lru_cache(maxsize=65_536)
def _next_due(dates: ComponentDates, billed_until: date) -> date | None:
    return next((_due_day(dates, periods) for periods in _billed_together(dates, billed_until)), None)


def _due_one_by_one(dates: ComponentDates, billed_until: date, on: date) -> Iterator[Sequence[BillablePeriod]]:
    for periods in _billed_together(dates, billed_until):
        if _due_day(dates, periods) > on:
            return
        yield periods


def _due_day(dates: ComponentDates, periods: Sequence[BillablePeriod]) -> date:
    return periods[-1].span.end if dates.in_arrears else periods[0].span.start


def _billed_together(dates: ComponentDates, billed_until: date) -> Iterator[Sequence[BillablePeriod]]:
    """The open periods as lines bill them: one by one, a merged stub with the period after it, where there is one."""
    waiting: list[BillablePeriod] = []
    for period in open_periods(dates, billed_until):
        waiting.append(period)
        if dates.merges_stub and period.is_stub and period.span.start == dates.start_on:
            continue
        yield waiting
        waiting = []
    if waiting:
        yield waiting


def end_of_period(dates: ComponentDates, *, billed_until: date, today: date) -> date:
    """The day on which a component ends that goes on to the end of its period: of the last one billed or, where that is
    over or nothing is billed, of the one that runs. What is charged from a later day on ends then, uncharged.
    """
    if dates.start_on > today:
        return dates.start_on
    return period_from(dates.schedule, max(billed_until - timedelta(days=1), today)).span.end


def prorate(amount_minor: int, periods: Sequence[BillablePeriod], terms: Terms) -> int:
    """What periods come to together: the full amount for a full one, its share by days for a part, each half up."""
    if len(periods) == 1 and not periods[0].is_stub:
        return amount_minor
    share = PRORATIONS[terms.proration]
    return sum(scale(amount_minor, *share(period)) for period in periods)


def arithmetic(amount_minor: int, periods: Sequence[BillablePeriod], terms: Terms) -> str:
    """“₱1,499.00 × 17 ÷ 31 days” for a part of a period, a sum for several; empty for a single full one."""
    if len(periods) == 1 and not periods[0].is_stub:
        return ""
    return " + ".join(_share_text(amount_minor, period, terms) for period in periods)


def first_bill(charges: Sequence[Charge], *, on: date, terms: Terms) -> list[PreviewLine]:
    """The lines that the first billing will charge, with their amounts before tax that is added.

    What is billed in arrears shows its first period: it would otherwise show nothing.
    """
    lines = []
    for charge in charges:
        dates = charge.dates
        first_due = next_due(dates, dates.start_on) or on
        due = due_periods(dates, billed_until=dates.start_on, on=max(on, first_due))
        lines += [_preview_line(charge, periods, terms) for periods in due]
    return sorted(lines, key=lambda line: line.period.start)


def schedule_from(start: Start, *, unit: str, count: int) -> BillingSchedule:
    """The periods of what begins so. Where no day is given on which one begins, the first boundary of months is the
    first anchor day from the start, and periods of days begin with it.
    """
    day = start.day_of_month
    aligned_on = start.aligned_on or (start.on if unit == "day" else first_anchor(start.on, day))
    return BillingSchedule(aligned_on=aligned_on, anchor_day=day, step=count, unit=unit)


def dates_from(start_on: date, schedule: BillingSchedule, *, in_arrears: bool, first_period: str) -> ComponentDates:
    """When something is charged that begins on a day: a part of a first period alone, with the next, or for free."""
    first = period_from(schedule, start_on)
    begins_on = first.span.end if first_period == "free" and first.is_stub else start_on
    return ComponentDates(schedule, begins_on, in_arrears=in_arrears, merges_stub=first_period == "merge")


def charged_from(start: Start, *, trial_days: int, taken_on: date | None) -> date:
    """The first day that is charged: after the trial, which runs once, from the day on which it was first taken."""
    if not start.grants_trials or not trial_days:
        return start.on
    return max(start.on, min(taken_on or start.on, start.on) + timedelta(days=trial_days))


def schedule_after(before: BillingSchedule, on: date, *, unit: str, count: int) -> BillingSchedule:
    """The periods of what replaces a component on a day: boundaries stay where they were (as in Kill Bill).

    Periods of another number of days have no boundary in common with what was: they begin on the day.
    """
    if unit == before.unit and (unit == "month" or count == before.step):
        return before._replace(step=count)
    return schedule_from(Start(on, before.anchor_day), unit=unit, count=count)


def check_start(start_on: date, *, today: date) -> None:
    """Raises Invalid for a start more than a year away."""
    if abs((start_on - today).days) > FURTHEST_START_DAYS:
        raise Invalid(_("A subscription starts within a year of today."), field="start_on")


def check_anchor(anchor_day: int) -> None:
    """Raises Invalid for a day that no month has."""
    if not 1 <= anchor_day <= 31:
        raise Invalid(_("A billing day lies between 1 and 31."), field="anchor_day")


def check_charges(charges: Iterable[Charge]) -> None:
    """Raises Invalid unless there is something to charge for, in a sensible number and at a price."""
    count = 0
    for charge in charges:
        count += 1
        check_price(charge.quantity, charge.unit_price_minor)
    if not count:
        raise Invalid(_("Choose at least one plan."), field="plan_id")


def check_price(quantity: int, unit_price_minor: int) -> None:
    """Raises Invalid for a number that makes no sense, or a price below zero."""
    if not 0 < quantity <= MOST_QUANTITY:
        raise Invalid(_("A quantity lies between 1 and %(most_quantity)s.", most_quantity=MOST_QUANTITY),
                      field="quantity")
    if not 0 <= unit_price_minor <= LARGEST_MINOR // MOST_QUANTITY:
        raise Invalid(_("A price is zero or more."), field="unit_price")


def check_change(*, on: date, start_on: date, end_on: date | None, today: date) -> None:
    """Raises Invalid unless something charged can change on a day: while it is charged, within a year of today."""
    if on < start_on or (end_on is not None and on >= end_on):
        raise Invalid(
            _("A change lies on %(start_on)s or later and before %(end_on)s.", start_on=start_on, end_on=end_on)
            if end_on else _("A change lies on %(start_on)s or later.", start_on=start_on), field="on")
    if abs((on - today).days) > FURTHEST_START_DAYS:
        raise Invalid(_("A change lies within a year of today."), field="on")


def check_end(*, on: date, start_on: date) -> None:
    """Raises Invalid unless a subscription can end before a day."""
    if on < start_on:
        raise Invalid(_("It starts on %(start_on)s; it cannot end before that.", start_on=start_on), field="on")


def check_not_ended(status: str) -> None:
    """Raises Conflict for a subscription that has ended."""
    if status == "ended":
        raise Conflict(_("The subscription has ended already."))


def _share_text(amount_minor: int, period: BillablePeriod, terms: Terms) -> str:
    text = format_money(amount_minor, terms.currency)
    if not period.is_stub:
        return text
    numerator, denominator = PRORATIONS[terms.proration](period)
    return f"{text} × {numerator} ÷ {denominator} days"


def _preview_line(charge: Charge, periods: Sequence[BillablePeriod], terms: Terms) -> PreviewLine:
    described = charge.description if charge.quantity == 1 else f"{charge.quantity} × {charge.description}"
    return PreviewLine(
        description=described, period=Period(periods[0].span.start, periods[-1].span.end),
        amount_minor=prorate(charge.amount_minor, periods, terms),
        arithmetic=arithmetic(charge.amount_minor, periods, terms),
    )

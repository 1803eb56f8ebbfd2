"""Billing periods as half-open local dates [start, end), always computed from a boundary, never from the last period.

Anchor days 29–31 clamp to the month's last day and return to the anchor in the next month that has it
(Kill Bill's BillCycleDayCalculator and Stripe's billing_cycle_anchor do the same).
"""
from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple


class Period(NamedTuple):
    """A half-open span of local days: `start` is its first day, `end` the first day after it."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Number of days in the span."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day inside the span, as documents print it."""
        return date.fromordinal(self.end.toordinal() - 1)


class BillablePeriod(NamedTuple):
    """The next span to bill, and the full period it lies in (the denominator of a proration).

    Without `has_months` the full period is a number of days, such as a week, whatever the month.
    """

    span: Period
    full: Period
    has_months: bool = True

    @property
    def is_stub(self) -> bool:
        """Whether the span is shorter than its anchored period."""
        return self.span != self.full

    def ending_by(self, day: date | None) -> BillablePeriod:
        """The same period cut off at `day`, the first day no longer served, where that lies inside it."""
        if day is None or day >= self.span.end:
            return self
        return self._replace(span=Period(self.span.start, day))


class BillingSchedule(NamedTuple):
    """How periods lie: steps of `step` months on `anchor_day` (1–31), or of `step` days, from a boundary.

    `aligned_on` is any boundary; periods before and after it are found by counting from it. Steps of days (a week is
    seven) know no anchor day.
    """

    aligned_on: date
    anchor_day: int
    step: int = 1
    unit: str = "month"


LAST_DAY = date.max
"""The end of a span that has none yet."""


def monthly(start_on: date, anchor_day: int, *, months: int = 1) -> BillingSchedule:
    """Periods of some months whose first boundary is the first anchor day on or after the start."""
    return BillingSchedule(first_anchor(start_on, anchor_day), anchor_day, months)


@lru_cache(maxsize=65_536)
def month_day(ordinal_month: int, anchor_day: int) -> date:
    """The anchor day in a month counted from year 0 (year * 12 + month - 1), clamped to the month's length."""
    year, month = divmod(ordinal_month, 12)
    return date(year, month + 1, min(anchor_day, monthrange(year, month + 1)[1]))


def first_anchor(start_on: date, anchor_day: int) -> date:
    """The first anchor day on or after a day."""
    month = _ordinal_month(start_on)
    day = month_day(month, anchor_day)
    return day if day >= start_on else month_day(month + 1, anchor_day)


def boundary(schedule: BillingSchedule, ordinal: int) -> date:
    """The start of the schedule's period number `ordinal`, counted from `aligned_on`; negative ones lie before it."""
    if schedule.unit == "day":
        return date.fromordinal(schedule.aligned_on.toordinal() + ordinal * schedule.step)
    return month_day(_ordinal_month(schedule.aligned_on) + ordinal * schedule.step, schedule.anchor_day)


@lru_cache(maxsize=65_536)
def period_from(schedule: BillingSchedule, start: date) -> BillablePeriod:
    """The billable period that begins on `start`: to the next boundary after it."""
    ordinal = _steps_before(schedule, start)
    if boundary(schedule, ordinal) > start:
        ordinal -= 1
    elif boundary(schedule, ordinal + 1) <= start:
        ordinal += 1
    full = Period(boundary(schedule, ordinal), boundary(schedule, ordinal + 1))
    return BillablePeriod(Period(start, full.end), full, schedule.unit == "month")


def periods_within(schedule: BillingSchedule, spans: Iterable[Period]) -> Iterator[BillablePeriod]:
    """The spans cut at the schedule's boundaries, in order. A span without an end goes on for ever: stop in time."""
    for span in spans:
        start = span.start
        while start < span.end:
            period = period_from(schedule, start).ending_by(span.end)
            yield period
            start = period.span.end


def without(spans: Sequence[Period], gaps: Iterable[Period]) -> list[Period]:
    """The days of the spans that lie in no gap. Spans are ordered and apart; so is what comes out."""
    left = list(spans)
    for gap in gaps:
        left = [part for span in left for part in (
            Period(span.start, min(span.end, gap.start)), Period(max(span.start, gap.end), span.end)
        ) if part.start < part.end] if gap.start < gap.end else left
    return left


def within(spans: Iterable[Period], frame: Period) -> list[Period]:
    """The days of the spans that lie in the frame."""
    cut = (Period(max(span.start, frame.start), min(span.end, frame.end)) for span in spans)
    return [span for span in cut if span.start < span.end]


def actual_share(period: BillablePeriod) -> tuple[int, int]:
    """The part of its full period that a span is, by the days of the calendar: numerator and denominator."""
    return (period.span.end - period.span.start).days, (period.full.end - period.full.start).days


def fixed_30_share(period: BillablePeriod) -> tuple[int, int]:
    """The same where every month has 30 days (30/360, as Kill Bill's fixed-days proration): a full period of months is
    30 days for each, and its parts come to it together. Weeks and other numbers of days are what they are.

    A boundary in a month that is too short for the billing day stands for that day, and the 31st for the 30th.
    """
    if not period.has_months:
        return actual_share(period)
    start, end = _boundaries_30(period.full)
    first = start if period.span.start == period.full.start else _ordinal_30(period.span.start)
    after = end if period.span.end == period.full.end else _ordinal_30(period.span.end)
    return after - first, end - start


def _boundaries_30(full: Period) -> tuple[int, int]:
    """Where a period of months begins and ends, counted in months of thirty days."""
    start, end = full.start, full.end
    start_day = end.day if _is_clamped(start, end) else start.day
    end_day = start.day if _is_clamped(end, start) else end.day
    return 30 * _ordinal_month(start) + min(start_day, 30), 30 * _ordinal_month(end) + min(end_day, 30)


def _is_clamped(day: date, other: date) -> bool:
    """Whether a boundary lies on its month's last day for want of the day on which the other one lies."""
    return day.day < other.day and day.day == monthrange(day.year, day.month)[1]


def _ordinal_30(day: date) -> int:
    return 30 * _ordinal_month(day) + day.day


def _ordinal_month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _steps_before(schedule: BillingSchedule, start: date) -> int:
    if schedule.unit == "day":
        return (start - schedule.aligned_on).days // schedule.step
    return (_ordinal_month(start) - _ordinal_month(schedule.aligned_on)) // schedule.step

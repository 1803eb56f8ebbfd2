"""Billing periods as half-open local dates [start, end), always computed from the anchor, never from the last period.

Anchor days 29–31 clamp to the month's last day and return to the anchor in the next month that has it
(Kill Bill's BillCycleDayCalculator and Stripe's billing_cycle_anchor do the same).
"""
from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
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
    """The next span to bill, and the full anchored period it lies in (the denominator of a proration)."""

    span: Period
    full: Period

    @property
    def is_stub(self) -> bool:
        """Whether the span is shorter than its anchored period."""
        return self.span != self.full

    def ending_by(self, day: date | None) -> BillablePeriod:
        """The same period cut off at `day`, the first day no longer served, where that lies inside it."""
        if day is None or day >= self.span.end:
            return self
        return BillablePeriod(span=Period(self.span.start, day), full=self.full)


class BillingSchedule(NamedTuple):
    """How a subscription's periods lie: every `months` months on `anchor_day` (1–31), counted from `start_on`."""

    start_on: date
    anchor_day: int
    months: int = 1


@lru_cache(maxsize=65_536)
def month_day(ordinal_month: int, anchor_day: int) -> date:
    """The anchor day in a month counted from year 0 (year * 12 + month - 1), clamped to the month's length."""
    year, month = divmod(ordinal_month, 12)
    return date(year, month + 1, min(anchor_day, monthrange(year, month + 1)[1]))


def first_anchor_month(schedule: BillingSchedule) -> int:
    """The counted month of the first anchor day on or after the start."""
    month = schedule.start_on.year * 12 + schedule.start_on.month - 1
    return month if month_day(month, schedule.anchor_day) >= schedule.start_on else month + 1


def boundary(schedule: BillingSchedule, ordinal: int) -> date:
    """The start of the schedule's full period number `ordinal` (0 is the first, −1 the one a first stub lies in)."""
    return month_day(first_anchor_month(schedule) + ordinal * schedule.months, schedule.anchor_day)


@lru_cache(maxsize=65_536)
def period_from(schedule: BillingSchedule, start: date) -> BillablePeriod:
    """The billable period that begins on `start`, which is the schedule's start or a later day inside it."""
    first = first_anchor_month(schedule)
    ordinal = (start.year * 12 + start.month - 1 - first) // schedule.months
    if boundary(schedule, ordinal) > start:
        ordinal -= 1
    elif boundary(schedule, ordinal + 1) <= start:
        ordinal += 1
    full = Period(boundary(schedule, ordinal), boundary(schedule, ordinal + 1))
    return BillablePeriod(span=Period(start, full.end), full=full)


def periods_due(schedule: BillingSchedule, *, billed_until: date, on: date) -> Iterator[BillablePeriod]:
    """Every period not yet billed that has begun by `on` (billing in advance), oldest first."""
    start = billed_until
    while start <= on:
        period = period_from(schedule, start)
        yield period
        start = period.span.end

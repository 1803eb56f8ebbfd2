"""Periods: anchored months, clamped and re-aligned, never drifting."""
from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.core.periods import BillingSchedule, Period, period_from, periods_due


def starts(schedule: BillingSchedule, count: int) -> list[str]:
    """The first `count` period starts."""
    due = periods_due(schedule, billed_until=schedule.start_on, on=date(2100, 1, 1))
    return [next(due).span.start.isoformat() for _ in range(count)]


def test_an_anchor_on_the_31st_is_clamped_and_returns_to_the_31st() -> None:
    schedule = BillingSchedule(start_on=date(2026, 1, 31), anchor_day=31)
    assert starts(schedule, 5) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]


def test_an_anchor_on_the_30th_meets_the_29th_of_february_in_a_leap_year() -> None:
    schedule = BillingSchedule(start_on=date(2024, 1, 30), anchor_day=30)
    assert starts(schedule, 4) == ["2024-01-30", "2024-02-29", "2024-03-30", "2024-04-30"]


def test_a_start_between_anchors_gives_a_stub_inside_its_full_anchored_period() -> None:
    first = period_from(BillingSchedule(start_on=date(2026, 3, 10), anchor_day=1), date(2026, 3, 10))
    assert first.span == Period(date(2026, 3, 10), date(2026, 4, 1))
    assert first.full == Period(date(2026, 3, 1), date(2026, 4, 1))
    assert first.is_stub


@pytest.mark.parametrize("months", [1, 3, 6, 12])
def test_longer_periods_step_by_their_months(months: int) -> None:
    schedule = BillingSchedule(start_on=date(2026, 1, 15), anchor_day=15, months=months)
    second = period_from(schedule, period_from(schedule, date(2026, 1, 15)).span.end)
    assert (second.span.start.year * 12 + second.span.start.month) - (2026 * 12 + 1) == months


def test_nothing_is_due_before_the_period_begins() -> None:
    schedule = BillingSchedule(start_on=date(2026, 4, 1), anchor_day=1)
    assert list(periods_due(schedule, billed_until=date(2026, 4, 1), on=date(2026, 3, 31))) == []


@given(
    start=st.dates(date(2000, 1, 1), date(2080, 12, 31)), anchor=st.integers(1, 31),
    months=st.sampled_from([1, 3, 6, 12]),
)
def test_periods_partition_time_without_gap_or_overlap(start: date, anchor: int, months: int) -> None:
    schedule = BillingSchedule(start_on=start, anchor_day=anchor, months=months)
    due = periods_due(schedule, billed_until=start, on=date(2099, 1, 1))
    end = start
    for _ in range(15):
        period = next(due)
        assert period.span.start == end
        assert period.full.start <= period.span.start < period.span.end == period.full.end
        end = period.span.end

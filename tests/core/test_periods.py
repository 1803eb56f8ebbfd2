"""Periods: anchored months, clamped and re-aligned, never drifting."""
from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.core.periods import (
    BillingSchedule,
    Period,
    fixed_30_share,
    monthly,
    period_from,
    periods_within,
    within,
    without,
)


def starts(schedule: BillingSchedule, count: int) -> list[str]:
    """The first `count` period starts."""
    periods = periods_within(schedule, [Period(schedule.aligned_on, date(2100, 1, 1))])
    return [next(periods).span.start.isoformat() for _ in range(count)]


def test_an_anchor_on_the_31st_is_clamped_and_returns_to_the_31st() -> None:
    schedule = monthly(date(2026, 1, 31), 31)
    assert starts(schedule, 5) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]


def test_an_anchor_on_the_30th_meets_the_29th_of_february_in_a_leap_year() -> None:
    schedule = monthly(date(2024, 1, 30), 30)
    assert starts(schedule, 4) == ["2024-01-30", "2024-02-29", "2024-03-30", "2024-04-30"]


def test_a_start_between_anchors_gives_a_stub_inside_its_full_anchored_period() -> None:
    first = period_from(monthly(date(2026, 3, 10), 1), date(2026, 3, 10))
    assert first.span == Period(date(2026, 3, 10), date(2026, 4, 1))
    assert first.full == Period(date(2026, 3, 1), date(2026, 4, 1))
    assert first.is_stub


@pytest.mark.parametrize("months", [1, 3, 6, 12])
def test_longer_periods_step_by_their_months(months: int) -> None:
    schedule = monthly(date(2026, 1, 15), 15, months=months)
    second = period_from(schedule, period_from(schedule, date(2026, 1, 15)).span.end)
    assert (second.span.start.year * 12 + second.span.start.month) - (2026 * 12 + 1) == months


@pytest.mark.parametrize("days", [1, 7, 10, 30])
def test_periods_of_days_step_exactly_and_know_no_anchor_day(days: int) -> None:
    schedule = BillingSchedule(aligned_on=date(2011, 9, 1), anchor_day=31, step=days, unit="day")
    first = period_from(schedule, date(2011, 9, 1)).span
    assert first.days == days and period_from(schedule, first.end).span.days == days


@pytest.mark.parametrize(("start", "end", "days"), [
    (date(2023, 5, 15), date(2023, 5, 23), 8), (date(2023, 5, 23), date(2023, 6, 15), 22),
    (date(2023, 6, 23), date(2023, 7, 15), 22), (date(2023, 2, 14), date(2023, 3, 5), 21),
])
def test_months_of_thirty_days_take_the_real_length_of_the_month_away(start: date, end: date, days: int) -> None:
    schedule = monthly(start, end.day)
    assert fixed_30_share(period_from(schedule, start)) == (days, 30)


@pytest.mark.parametrize(("anchor", "start", "share"), [
    (31, date(2026, 2, 14), (16, 30)), (30, date(2026, 2, 14), (16, 30)), (29, date(2026, 2, 14), (15, 30)),
    (31, date(2026, 3, 1), (29, 30)), (31, date(2026, 4, 10), (20, 30)), (29, date(2028, 2, 14), (15, 30)),
])
def test_months_of_thirty_days_have_thirty_also_where_the_billing_day_is_clamped(
    anchor: int, start: date, share: tuple[int, int],
) -> None:
    assert fixed_30_share(period_from(monthly(start, anchor), start)) == share


def test_weeks_have_seven_days_also_where_months_have_thirty() -> None:
    weekly = BillingSchedule(aligned_on=date(2026, 1, 29), anchor_day=1, step=7, unit="day")
    assert fixed_30_share(period_from(weekly, date(2026, 2, 2))) == (3, 7)
    assert fixed_30_share(period_from(weekly, date(2026, 1, 29)).ending_by(date(2026, 2, 1))) == (3, 7)


@given(
    aligned_on=st.dates(date(2000, 1, 1), date(2080, 12, 31)), anchor=st.integers(1, 31),
    months=st.sampled_from([1, 3, 6, 12]), at=st.integers(0, 400),
)
def test_months_of_thirty_days_are_the_sum_of_their_parts(aligned_on: date, anchor: int, months: int, at: int) -> None:
    whole = period_from(monthly(aligned_on, anchor, months=months), aligned_on)
    whole = period_from(monthly(aligned_on, anchor, months=months), whole.span.end)
    middle = min(date.fromordinal(whole.span.start.toordinal() + at), whole.span.end)
    first, second = whole.ending_by(middle), whole._replace(span=Period(middle, whole.span.end))
    assert fixed_30_share(whole) == (30 * months, 30 * months)
    if whole.span.start < middle < whole.span.end:
        parts = [fixed_30_share(first), fixed_30_share(second)]
        assert sum(days for days, _ in parts) == 30 * months and all(days >= 0 for days, _ in parts)


def test_gaps_are_cut_out_of_spans_and_spans_cut_to_a_frame() -> None:
    march, gap = Period(date(2026, 3, 1), date(2026, 4, 1)), Period(date(2026, 3, 10), date(2026, 3, 20))
    parts = [Period(date(2026, 3, 1), date(2026, 3, 10)), Period(date(2026, 3, 20), date(2026, 4, 1))]
    assert without([march], [gap]) == parts
    assert within(parts, Period(date(2026, 3, 5), date(2026, 3, 20))) == [Period(date(2026, 3, 5), date(2026, 3, 10))]


@given(
    start=st.dates(date(2000, 1, 1), date(2080, 12, 31)), anchor=st.integers(1, 31),
    months=st.sampled_from([1, 3, 6, 12]),
)
def test_periods_partition_time_without_gap_or_overlap(start: date, anchor: int, months: int) -> None:
    schedule = monthly(start, anchor, months=months)
    due = periods_within(schedule, [Period(start, date(2199, 1, 1))])
    end = start
    for _ in range(15):
        period = next(due)
        assert period.span.start == end
        assert period.full.start <= period.span.start < period.span.end == period.full.end
        end = period.span.end

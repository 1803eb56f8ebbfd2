"""Rules of subscriptions: which days are billable and when, proration, the first bill, stopping and ending."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.core.errors import Invalid
from ispbill.core.periods import BillablePeriod, Period, monthly, period_from
from ispbill.subscriptions.policy import (
    Charge,
    ComponentDates,
    Pause,
    Start,
    Terms,
    check_anchor,
    check_change,
    check_charges,
    check_end,
    check_start,
    due_periods,
    first_bill,
    next_due,
    prorate,
    schedule_from,
)

TODAY = date(2026, 3, 10)
FULL = Period(date(2026, 3, 1), date(2026, 4, 1))
PESOS = Terms("PHP")


def part(start: date, end: date) -> list[BillablePeriod]:
    """Some days of March."""
    return [BillablePeriod(Period(start, end), FULL)]


def dates(start_on: date, anchor_day: int, **facts: Any) -> ComponentDates:
    """A component billed by the month."""
    return ComponentDates(monthly(start_on, anchor_day), start_on, **facts)


def due(of: ComponentDates, *, on: date, billed_until: date | None = None) -> list[tuple[date, date]]:
    """First days and days after the last of what is due."""
    found = due_periods(of, billed_until=billed_until or of.start_on, on=on)
    return [(periods[0].span.start, periods[-1].span.end) for periods in found]


def test_a_part_of_a_period_costs_its_days() -> None:
    assert prorate(149900, part(date(2026, 3, 15), date(2026, 4, 1)), PESOS) == 82203, "1,499.00 × 17 ÷ 31"


def test_with_months_of_thirty_days_the_same_part_costs_sixteen_of_thirty() -> None:
    fixed = Terms("PHP", proration="fixed_30")
    assert prorate(149900, part(date(2026, 3, 15), date(2026, 4, 1)), fixed) == 79947, "1,499.00 × 16 ÷ 30"


@given(st.integers(0, 10**9), st.integers(0, 31))
def test_two_parts_of_a_period_are_at_most_one_cent_off_the_whole(amount_minor: int, days: int) -> None:
    middle = date.fromordinal(FULL.start.toordinal() + days)
    parts = prorate(amount_minor, part(FULL.start, middle), PESOS) + prorate(
        amount_minor, part(middle, FULL.end), PESOS
    )
    assert 0 <= parts - amount_minor <= 1
    assert prorate(amount_minor, part(*FULL), PESOS) == amount_minor


def bill(
    start_on: date, anchor_day: int, *, on: date = TODAY, **facts: Any
) -> list[tuple[date, date, int, str]]:
    """The first bill of 1,499.00 and a 100.00 add-on, in short: the lines of the first."""
    when = dates(start_on, anchor_day, **facts)
    charges = [Charge("Fibre", 1, 149900, when), Charge("Static IP", 2, 5000, when)]
    lines = first_bill(charges, on=on, terms=PESOS)
    assert sum("Static IP" in line.description for line in lines) * 2 == len(lines)
    return [(*line.period, line.amount_minor, line.arithmetic) for line in lines if line.description == "Fibre"]


def test_who_begins_on_the_billing_day_pays_a_full_month() -> None:
    assert bill(TODAY, 10) == [(TODAY, date(2026, 4, 10), 149900, "")]


def test_who_begins_between_pays_the_days_up_to_the_billing_day() -> None:
    assert bill(date(2026, 3, 15), 1) == [
        (date(2026, 3, 15), date(2026, 4, 1), 82203, "₱1,499.00 × 17 ÷ 31 days")
    ]


def test_a_start_in_the_past_is_billed_up_to_today() -> None:
    assert [(start, end) for start, end, _, _ in bill(date(2026, 1, 20), 1)] == [
        (date(2026, 1, 20), date(2026, 2, 1)), (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 4, 1)),
    ]


def test_a_start_in_the_future_is_billed_when_it_comes() -> None:
    ((start, end, _, _),) = bill(date(2026, 5, 31), 31)
    assert (start, end) == (date(2026, 5, 31), date(2026, 6, 30))


def test_a_first_part_can_be_billed_together_with_the_first_full_period() -> None:
    assert bill(date(2026, 3, 15), 1, on=date(2026, 3, 15), merges_stub=True) == [
        (date(2026, 3, 15), date(2026, 5, 1), 82203 + 149900, "₱1,499.00 × 17 ÷ 31 days + ₱1,499.00")
    ]


def test_in_arrears_a_period_is_due_on_the_day_after_its_last() -> None:
    later = dates(date(2012, 1, 16), 13, in_arrears=True)
    assert due(later, on=date(2012, 1, 16)) == []
    assert due(later, on=date(2012, 2, 13)) == [(date(2012, 1, 16), date(2012, 2, 13))]
    assert next_due(later, date(2012, 2, 13)) == date(2012, 3, 13)


def test_in_arrears_a_first_part_is_due_with_the_period_after_it() -> None:
    merged = dates(date(2026, 5, 15), 1, in_arrears=True, merges_stub=True)
    assert next_due(merged, merged.start_on) == date(2026, 7, 1)
    assert due(merged, on=date(2026, 6, 1)) == [] == due(merged, on=date(2026, 6, 30))
    assert due(merged, on=date(2026, 7, 1)) == [(date(2026, 5, 15), date(2026, 7, 1))]
    ending = merged._replace(end_on=date(2026, 5, 20))
    assert next_due(ending, ending.start_on) == date(2026, 5, 20)
    assert due(ending, on=date(2026, 5, 20)) == [(date(2026, 5, 15), date(2026, 5, 20))]


def test_what_ends_is_due_in_arrears_on_its_end_even_before_the_billing_day() -> None:
    ending = dates(date(2012, 1, 16), 25, in_arrears=True, end_on=date(2012, 1, 19))
    assert due(ending, on=date(2012, 1, 25)) == [(date(2012, 1, 16), date(2012, 1, 19))]
    assert next_due(ending, date(2012, 1, 19)) is None


def test_half_a_year_is_billed_with_its_first_part_on_the_billing_day() -> None:
    schedule = schedule_from(Start(date(2026, 3, 10), 31), unit="month", count=6)
    half = ComponentDates(schedule, date(2026, 3, 10))
    assert due(half, on=date(2026, 9, 30)) == [
        (date(2026, 3, 10), date(2026, 3, 31)), (date(2026, 3, 31), date(2026, 9, 30)),
        (date(2026, 9, 30), date(2027, 3, 31)),
    ]
    stub = period_from(schedule, half.start_on)
    assert prorate(184_000, [stub], PESOS) == 21_231, "1,840.00 × 21 ÷ 182 days, from 30 September on"


def test_paused_days_are_not_due_and_the_billing_day_stays() -> None:
    away = Pause(Period(date(2026, 3, 10), date(2026, 6, 20)), credits=False)
    paused = dates(date(2026, 3, 1), 1, pauses=(away,))
    assert due(paused, on=date(2026, 7, 1)) == [
        (date(2026, 3, 1), date(2026, 3, 10)), (date(2026, 6, 20), date(2026, 7, 1)),
        (date(2026, 7, 1), date(2026, 8, 1)),
    ]
    assert next_due(paused, date(2026, 4, 1)) == date(2026, 6, 20)


def test_a_week_begins_on_the_day_it_began() -> None:
    weekly = ComponentDates(schedule_from(Start(TODAY, 1), unit="day", count=7), TODAY)
    assert due(weekly, on=date(2026, 3, 17)) == [
        (TODAY, date(2026, 3, 17)), (date(2026, 3, 17), date(2026, 3, 24)),
    ]


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 31), st.booleans(), st.booleans(), st.booleans())
def test_what_is_next_due_is_due_on_that_day_and_not_the_day_before(
    start: date, anchor: int, arrears: bool, merges: bool, begins: bool
) -> None:
    of = dates(start, anchor, in_arrears=arrears, merges_stub=merges)
    first = start if begins else period_from(of.schedule, start).span.end
    day = next_due(of, first)
    assert day is not None
    assert due(of, on=day, billed_until=first) and not due(of, on=date.fromordinal(day.toordinal() - 1),
                                                           billed_until=first)


@pytest.mark.parametrize("start_on", [date(2027, 3, 12), date(2025, 3, 8)])
def test_a_start_is_near(start_on: date) -> None:
    with pytest.raises(Invalid):
        check_start(start_on, today=TODAY)


@pytest.mark.parametrize("anchor_day", [0, 32, -1])
def test_a_billing_day_exists(anchor_day: int) -> None:
    with pytest.raises(Invalid):
        check_anchor(anchor_day)


@pytest.mark.parametrize("prices", [[], [(0, 1)], [(-1, 1)], [(1001, 1)], [(1, -1)], [(1, 10**15)]])
def test_there_is_something_to_charge_for(prices: list[tuple[int, int]]) -> None:
    with pytest.raises(Invalid):
        check_charges([Charge("x", quantity, price, dates(TODAY, 1)) for quantity, price in prices])


def test_nothing_ends_before_it_begins() -> None:
    check_end(on=TODAY, start_on=TODAY)
    with pytest.raises(Invalid, match="cannot end before"):
        check_end(on=date(2026, 3, 9), start_on=TODAY)


@pytest.mark.parametrize("on", [date(2026, 2, 28), date(2026, 4, 1), date(2027, 3, 12)])
def test_a_change_lies_while_it_is_charged_and_near(on: date) -> None:
    end_on = date(2026, 4, 1) if on.year == 2026 else None
    with pytest.raises(Invalid):
        check_change(on=on, start_on=date(2026, 3, 1), end_on=end_on, today=TODAY)

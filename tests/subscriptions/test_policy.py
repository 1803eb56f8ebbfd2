"""Rules of subscriptions: proration, the first bill, stopping and ending."""
from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.periods import BillingSchedule, Period
from ispbill.subscriptions.policy import (
    Charge,
    EndFacts,
    check_charges,
    check_end,
    check_start,
    check_suspend,
    first_bill,
    is_over,
    prorate,
    resumed_until,
)

TODAY = date(2026, 3, 10)
FULL = Period(date(2026, 3, 1), date(2026, 4, 1))


def test_a_part_of_a_period_costs_its_days() -> None:
    assert prorate(149900, Period(date(2026, 3, 15), date(2026, 4, 1)), FULL) == 82203, "1,499.00 × 17 ÷ 31"


@given(st.integers(0, 10**9), st.integers(0, 31))
def test_two_parts_of_a_period_are_at_most_one_cent_off_the_whole(amount_minor: int, days: int) -> None:
    middle = date.fromordinal(FULL.start.toordinal() + days)
    parts = prorate(amount_minor, Period(FULL.start, middle), FULL) + prorate(
        amount_minor, Period(middle, FULL.end), FULL
    )
    assert 0 <= parts - amount_minor <= 1
    assert prorate(amount_minor, FULL, FULL) == amount_minor


def bill(start_on: date, anchor_day: int, *, on: date = TODAY) -> list[tuple[date, date, int, str]]:
    """The first bill of 1,499.00 and a 100.00 add-on, in short."""
    charges = [Charge("Fibre", 1, 149900), Charge("Static IP", 2, 5000)]
    periods = first_bill(charges, BillingSchedule(start_on, anchor_day), on=on, currency="PHP")
    return [(p.period.span.start, p.period.span.end, p.amount_minor, p.lines[0].arithmetic) for p in periods]


def test_who_begins_on_the_billing_day_pays_a_full_month() -> None:
    assert bill(TODAY, 10) == [(TODAY, date(2026, 4, 10), 159900, "")]


def test_who_begins_between_pays_the_days_up_to_the_billing_day() -> None:
    assert bill(date(2026, 3, 15), 1) == [
        (date(2026, 3, 15), date(2026, 4, 1), 82203 + 5484, "₱1,499.00 × 17 ÷ 31 days")
    ]


def test_a_start_in_the_past_is_billed_up_to_today() -> None:
    assert [(start, end) for start, end, _, _ in bill(date(2026, 1, 20), 1)] == [
        (date(2026, 1, 20), date(2026, 2, 1)), (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 4, 1)),
    ]


def test_a_start_in_the_future_is_billed_when_it_comes() -> None:
    ((start, end, _, _),) = bill(date(2026, 5, 31), 31)
    assert (start, end) == (date(2026, 5, 31), date(2026, 6, 30))


@pytest.mark.parametrize(("start_on", "anchor_day"), [
    (TODAY, 0), (TODAY, 32), (date(2027, 3, 12), 1), (date(2025, 3, 8), 1),
])
def test_a_start_is_near_and_a_billing_day_exists(start_on: date, anchor_day: int) -> None:
    with pytest.raises(Invalid):
        check_start(start_on, anchor_day=anchor_day, today=TODAY)


@pytest.mark.parametrize("charges", [
    [], [Charge("x", 0, 1)], [Charge("x", -1, 1)], [Charge("x", 1001, 1)], [Charge("x", 1, -1)],
    [Charge("x", 1, 10**15)],
])
def test_there_is_something_to_charge_for(charges: list[Charge]) -> None:
    with pytest.raises(Invalid):
        check_charges(charges)


def test_service_stops_only_once_what_was_served_is_billed() -> None:
    check_suspend(on=TODAY, billed_until=date(2026, 4, 1), today=TODAY)
    with pytest.raises(Conflict, match="from 2026-03-10 are not billed"):
        check_suspend(on=TODAY, billed_until=TODAY, today=TODAY)
    with pytest.raises(Invalid):
        check_suspend(on=date(2026, 3, 11), billed_until=date(2026, 4, 1), today=TODAY)


@pytest.mark.parametrize(("billed_until", "on", "expected"), [
    (date(2026, 4, 1), TODAY, date(2026, 4, 1)),
    (date(2026, 2, 1), TODAY, TODAY),
    (date(2026, 2, 1), date(2026, 1, 20), date(2026, 2, 1)),
])
def test_suspended_days_are_skipped_and_none_is_billed_twice(billed_until: date, on: date, expected: date) -> None:
    assert resumed_until(on=on, suspended_on=date(2026, 1, 15), billed_until=billed_until, today=TODAY) == expected


@pytest.mark.parametrize("on", [date(2026, 1, 14), date(2026, 3, 11)])
def test_service_resumes_within_the_suspension(on: date) -> None:
    with pytest.raises(Invalid):
        resumed_until(on=on, suspended_on=date(2026, 1, 15), billed_until=date(2026, 2, 1), today=TODAY)


def test_what_is_billed_is_served() -> None:
    check_end(on=date(2026, 4, 1), start_on=TODAY, billed_until=date(2026, 4, 1))
    with pytest.raises(Invalid, match="billed up to 2026-04-01"):
        check_end(on=date(2026, 3, 31), start_on=TODAY, billed_until=date(2026, 4, 1))
    with pytest.raises(Invalid, match="cannot end before"):
        check_end(on=date(2026, 3, 9), start_on=TODAY, billed_until=TODAY)


@pytest.mark.parametrize(("status", "end_on", "billed_until", "over"), [
    ("active", None, TODAY, False),
    ("active", date(2026, 4, 1), date(2026, 4, 1), False),
    ("active", TODAY, date(2026, 3, 1), False),
    ("active", TODAY, TODAY, True),
    ("active", date(2026, 1, 1), date(2026, 1, 1), True),
    ("suspended", date(2026, 4, 1), date(2026, 4, 1), True),
])
def test_a_subscription_is_over_when_served_and_billed_to_its_end(
    status: str, end_on: date | None, billed_until: date, over: bool
) -> None:
    facts = EndFacts(status=status, start_on=date(2026, 1, 1), billed_until=billed_until, end_on=end_on)
    assert is_over(facts, today=TODAY) is over

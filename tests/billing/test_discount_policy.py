"""Discounts on lines. Case numbers are those of the published examples that billing is held against."""
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.billing.discounts.policy import (
    DiscountableLine,
    DiscountKind,
    Grant,
    UseKey,
    deductions,
)

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def line(full_minor: int, **facts: Any) -> DiscountableLine:
    """A line of subscription 1 in January."""
    return DiscountableLine(**{"begins_on": JANUARY, "full_minor": full_minor, "subscription_id": 1, **facts})


def percent(rate: str, **facts: Any) -> Grant:
    """A percentage off."""
    return _grant(DiscountKind.PERCENT, rate_percent=Decimal(rate), **facts)


def amount(minor: int, **facts: Any) -> Grant:
    """An amount off each period."""
    return _grant(DiscountKind.AMOUNT, amount_minor=minor, **facts)


def voucher(minor: int, **facts: Any) -> Grant:
    """An amount off until it is used up."""
    return _grant(DiscountKind.VOUCHER, amount_minor=minor, **facts)


def _grant(kind: DiscountKind, **facts: Any) -> Grant:
    return Grant(**{"id": 1, "name": "Promo", "kind": kind, "starts_on": JANUARY, **facts})


def off(lines: list[DiscountableLine], *grants: Grant) -> list[int]:
    """What is taken off each line in all."""
    sums = [0] * len(lines)
    for deduction in deductions(lines, grants):
        sums[deduction.place] += deduction.amount_minor
    return sums


@pytest.mark.parametrize(("lines", "grant", "expected"), [
    pytest.param([200, 100], voucher(12), [8, 4], id="G01"),
    pytest.param([200, 100], percent("20"), [40, 20], id="G03"),
    pytest.param([10000, 5000, 3000, 2000], amount(1000), [500, 250, 150, 100], id="G06"),
    pytest.param([15000, 5000], voucher(50000), [15000, 5000], id="G07"),
    pytest.param([15000, 5000], amount(50000), [15000, 5000], id="G07 each period"),
    pytest.param([10, 10, 10], amount(10), [4, 3, 3], id="largest remainder"),
    pytest.param([1000, -500], percent("10"), [100, 0], id="credits are not discounted"),
    pytest.param([0], percent("10"), [0], id="nothing of nothing"),
    pytest.param([999], percent("100"), [999], id="free"),
])
def test_a_discount_is_shared_over_lines(lines: list[int], grant: Grant, expected: list[int]) -> None:
    assert off([line(full) for full in lines], grant) == expected


def test_a_discount_is_found_on_the_full_price_and_then_prorated() -> None:
    part = line(3000, days=10, full_days=30)
    assert off([part], percent("50")) == [500]
    assert off([part], amount(900)) == [300]
    assert off([part], voucher(900)) == [900]


def test_an_amount_is_shared_by_what_is_charged_on_the_same_days_and_not_by_what_follows() -> None:
    tenth, twentieth, end = date(2026, 1, 11), date(2026, 1, 21), FEBRUARY
    first = line(3100, days=10, full_days=31, counted_on=JANUARY, ends_on=tenth)
    second = line(6200, days=21, full_days=31, counted_on=JANUARY, begins_on=tenth, ends_on=end)
    assert off([first, second], amount(310)) == [100, 210], "a change"
    beside = line(3100, days=31, full_days=31, counted_on=JANUARY, ends_on=end)
    assert off([first, second, beside], amount(310)) == [50, 140, 120], "half, then a third of it, is for the other"
    after_a_pause = second._replace(days=11, begins_on=twentieth)
    assert off([first, after_a_pause], amount(310)) == [100, 110]


def test_a_plans_discount_leaves_other_plans_alone() -> None:
    """G09."""
    lines = [line(32800, plan_id=1), line(25000, plan_id=2)]
    assert off(lines, amount(25000, plan_ids=frozenset({2}))) == [0, 25000]


@pytest.mark.parametrize(("facts", "expected"), [
    ({"subscription_id": 1}, [10, 10, 0]), ({"subscription_id": 3}, [0, 0, 0]), ({}, [10, 10, 10]),
    ({"subscription_id": 1, "plan_ids": frozenset({7})}, [0, 10, 0]),
])
def test_a_grant_is_for_an_account_a_subscription_or_a_plan_of_it(facts: Any, expected: list[int]) -> None:
    lines = [line(100, plan_id=6), line(100, plan_id=7), line(100, subscription_id=2, plan_id=7)]
    assert off(lines, percent("10", **facts)) == expected


def test_grants_apply_in_order_each_of_what_the_earlier_left() -> None:
    lines = [line(10000)]
    tenth, hundred = percent("10", id=1, rank=2), amount(1000, id=2, rank=1)
    assert [(taken.grant_id, taken.amount_minor) for taken in deductions(lines, [tenth, hundred])] == \
        [(2, 1000), (1, 900)]
    card = voucher(500, id=3)
    assert [taken.grant_id for taken in deductions(lines, [card, tenth])] == [1, 3]


def test_days_are_half_open_and_looked_at_where_a_period_begins() -> None:
    lines = [line(100, begins_on=day) for day in (date(2025, 12, 1), JANUARY, FEBRUARY, MARCH)]
    assert off(lines, percent("10", ends_on=MARCH)) == [0, 10, 10, 0]


def test_periods_are_counted_by_subscription() -> None:
    lines = [line(100, begins_on=day, subscription_id=key) for key in (1, 2) for day in (JANUARY, FEBRUARY, MARCH)]
    used = {UseKey(1, date(2025, 12, 1)): 10}
    twice = percent("10", periods=2, subscription_id=1, used=used)
    assert off(lines, twice) == [10, 0, 0, 0, 0, 0]


def test_an_accounts_discount_is_given_once_a_month() -> None:
    lines = [line(100, begins_on=date(2026, 1, day), subscription_id=day) for day in (3, 20)]
    assert off(lines, amount(50)) == [25, 25]
    assert off(lines, amount(50, used={UseKey(0, JANUARY): 30})) == [10, 10]
    assert off(lines, amount(50, periods=1, used={UseKey(0, date(2025, 12, 1)): 50})) == [0, 0]


def test_a_period_that_is_billed_again_counts_once() -> None:
    """A charge that comes late in a period whose discount was given gets the same percentage."""
    assert off([line(100)], percent("10", periods=1, subscription_id=1, used={UseKey(1, JANUARY): 10})) == [10]


def test_a_period_counts_down() -> None:
    """G04."""
    begun = percent("10", periods=2, subscription_id=1, used={UseKey(1, JANUARY): 1})
    assert off([line(100, begins_on=FEBRUARY)], begun) == [10]
    over = percent("10", periods=1, subscription_id=1, used={UseKey(1, JANUARY): 1})
    assert off([line(100, begins_on=FEBRUARY)], over) == [0]


def test_a_voucher_keeps_what_one_bill_did_not_use() -> None:
    rest = voucher(500, used={UseKey(1, JANUARY): 200})
    assert rest.left_minor == 300 and off([line(1000)], rest) == [300]
    assert off([line(1000)], voucher(500, used={UseKey(1, JANUARY): 500})) == [0]


GRANTS = st.lists(st.builds(
    Grant, id=st.integers(1, 50), name=st.just("G"), kind=st.sampled_from(DiscountKind), starts_on=st.just(JANUARY),
    rate_percent=st.decimals(0, 100, places=2), amount_minor=st.integers(0, 10**6),
    periods=st.none() | st.integers(1, 3), rank=st.integers(0, 3),
    plan_ids=st.sampled_from([frozenset(), frozenset({1})]),
), max_size=4)
LINES = st.lists(st.builds(
    DiscountableLine, begins_on=st.sampled_from([JANUARY, FEBRUARY]), full_minor=st.integers(-10**5, 10**6),
    days=st.integers(1, 31), full_days=st.just(31), subscription_id=st.integers(1, 2), plan_id=st.integers(1, 2),
), max_size=6)


@given(lines=LINES, grants=GRANTS)
def test_no_line_falls_below_zero_or_rises(lines: list[DiscountableLine], grants: list[Grant]) -> None:
    for one, taken in zip(lines, off(lines, *grants), strict=True):
        assert 0 <= taken <= max(one.amount_minor, 0)


@given(lines=LINES, minor=st.integers(0, 10**7))
def test_a_voucher_is_used_to_the_last_unit_or_the_bill_is_nothing(lines: list[DiscountableLine], minor: int) -> None:
    due = sum(max(one.amount_minor, 0) for one in lines)
    assert sum(off(lines, voucher(minor))) == min(minor, due)

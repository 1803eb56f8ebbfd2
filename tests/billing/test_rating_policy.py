"""Usage, minimums, early ends and late fees. Case numbers are those of the published examples."""
from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.billing.rating.policy import (
    ContractTerm,
    LateFee,
    late_fee,
    months_left,
    rate,
    termination_fee,
    true_up,
    unbilled,
)
from ispbill.catalogue.usage.policy import Model, PriceList, Tier
from ispbill.core.money import round_together, to_cash

END = date(2026, 12, 15)


def tiers(*steps: tuple[str | None, str, int]) -> tuple[Tier, ...]:
    """Tiers of bounds, prices of a unit in major units, and fees in major units."""
    return tuple(
        Tier(None if bound is None else Decimal(bound), Decimal(price) * 100, fee * 100) for bound, price, fee in steps
    )


VOLUME = PriceList(tiers(("5", "7", 0), ("10", "6.5", 0), (None, "6", 0)), Model.VOLUME)
LAGO_VOLUME = PriceList(tiers(("100", "2", 10), ("200", "1", 0), (None, "0.5", 50)), Model.VOLUME)
LAGO_GRADUATED = PriceList(tiers(("10", "10", 2), ("20", "5", 3), (None, "5", 3)))
ISP = PriceList(tiers(("500", "0.4", 0), ("1000", "0.3", 0), (None, "0.2", 0)))
KILL_BILL = tiers(("10", "1.5", 0), ("110", "1", 0), ("1110", "0.5", 0))


@pytest.mark.parametrize(("prices", "quantity", "total"), [
    *((VOLUME, quantity, total) for quantity, total in [("1", 700), ("5", 3500), ("6", 3900), ("20", 12000),
                                                        ("25", 15000)]),
    *((LAGO_VOLUME, quantity, total) for quantity, total in [
        ("0", 1000), ("1", 1200), ("100", 21000), ("100.5", 10050), ("101", 10100), ("200", 20000), ("300", 20000)]),
    *((LAGO_GRADUATED, quantity, total) for quantity, total in [("0", 200), ("1", 1200), ("10", 10200),
                                                                ("11", 11000), ("25", 10200 + 5300 + 2800)]),
])
def test_usage_costs_what_its_tiers_say(prices: PriceList, quantity: str, total: int) -> None:
    """I01, I03, I04: the upper bound belongs to the tier."""
    assert rate(Decimal(quantity), prices).amount_minor == total


def test_each_tier_shows_what_falls_to_it() -> None:
    """I10 and I06."""
    assert [charge.amount_minor for charge in rate(Decimal(1280), ISP).charges] == [20000, 15000, 5600]
    assert [charge.amount_minor for charge in rate(Decimal(111), PriceList(KILL_BILL)).charges] == [1500, 10000, 50]


def test_all_units_at_the_top_tiers_price() -> None:
    """I07."""
    assert rate(Decimal(111), PriceList(KILL_BILL, Model.VOLUME)).amount_minor == 5550


@pytest.mark.parametrize(("usage", "billed", "expected"), [(401, 100, 400), (199, 100, 100), (100, 100, 0)])
def test_late_usage_is_billed_by_the_difference(usage: int, billed: int, expected: int) -> None:
    """I09: blocks of 100, each begun block counts."""
    packs = PriceList((Tier(None, Decimal(100), block=Decimal(100), whole_blocks=True),))
    assert unbilled(rate(Decimal(usage), packs).amount_minor, billed_minor=billed) == expected


def test_what_is_included_costs_nothing_and_comes_off_first() -> None:
    rated = rate(Decimal("512.5"), ISP._replace(included=Decimal(500)))
    assert (rated.amount_minor, rated.included) == (500, 500)
    assert rate(Decimal(400), ISP._replace(included=Decimal(500))).included == 400


def test_a_minimum_is_lifted_to() -> None:
    assert true_up(10000, actual_minor=8000) == 2000 and true_up(10000, actual_minor=10001) == 0


@pytest.mark.parametrize(("ended_on", "months"), [
    (END, 0), (date(2026, 12, 14), 1), (date(2026, 11, 15), 1), (date(2026, 11, 14), 2), (date(2025, 12, 15), 12),
    (date(2027, 3, 1), 0), (date(2026, 10, 31), 2),
])
def test_a_month_of_the_contract_that_is_begun_counts(ended_on: date, months: int) -> None:
    assert months_left(ContractTerm(END, 12), ended_on=ended_on) == months


@pytest.mark.parametrize(("term", "fee"), [
    (ContractTerm(END, 12, fixed_minor=300000), 300000),
    (ContractTerm(END, 12, fixed_minor=300000, is_declining=True), 75000),
    (ContractTerm(END, 12, remaining_percent=Decimal(100)), 450000),
    (ContractTerm(END, 12, remaining_percent=Decimal(50)), 225000),
    (ContractTerm(END, 12, remaining_percent=Decimal(100), most_minor=200000), 200000),
])
def test_leaving_early_costs_what_the_contract_says(term: ContractTerm, fee: int) -> None:
    assert termination_fee(term, ended_on=date(2026, 9, 15), monthly_minor=150000) == fee
    assert termination_fee(term, ended_on=END, monthly_minor=150000) == 0


@pytest.mark.parametrize(("fee", "balance", "expected"), [
    (LateFee(Decimal("2.5"), 500), 24995, 1125), (LateFee(flat_minor=10100), 1, 10100),
    (LateFee(Decimal(1), least_minor=5000), 100, 5000), (LateFee(Decimal(10), most_minor=700), 10000, 700),
    (LateFee(Decimal(10), 500), 0, 0), (LateFee(Decimal(10), 500), -5, 0),
])
def test_a_late_fee_is_found_of_the_balance(fee: LateFee, balance: int, expected: int) -> None:
    """L06 and L07."""
    assert late_fee(balance, fee) == expected


@pytest.mark.parametrize(("amount", "step", "paid"), [
    (1003, 5, 1005), (1002, 5, 1000), (-1003, 5, -1005), (1049, 100, 1000), (1050, 100, 1100), (7, 1, 7),
])
def test_cash_is_paid_in_coins_that_exist(amount: int, step: int, paid: int) -> None:
    assert to_cash(amount, step) == paid


@given(st.lists(st.fractions(min_value=-1000, max_value=1000, max_denominator=997), min_size=1, max_size=9))
def test_amounts_rounded_together_sum_to_their_rounded_sum(exact: list) -> None:  # type: ignore[type-arg]
    whole = round_together(exact)
    assert abs(sum(whole) - sum(exact)) <= 0.5
    assert all(abs(one - share) < 1 for one, share in zip(whole, exact, strict=True))


@given(quantity=st.decimals(0, 5000, places=3))
def test_tiers_sum_to_the_amount_and_hold_every_unit(quantity: Decimal) -> None:
    rated = rate(quantity, ISP)
    assert sum(charge.amount_minor for charge in rated.charges) == rated.amount_minor
    assert sum(charge.quantity for charge in rated.charges) == quantity

"""Money: integer minor units, half up, nothing rounded silently, nothing lost in a split."""
from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.core import money
from ispbill.core.errors import Invalid


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("1,499.50", "PHP", 149950), ("0.01", "USD", 1), ("1500", "JPY", 1500), ("1.234", "KWD", 1234),
     ("-5", "PHP", -500)],
)
def test_an_amount_is_read_by_the_exponent_of_its_currency(text: str, currency: str, minor: int) -> None:
    assert money.to_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [("1.005", "PHP"), ("1.5", "JPY"), ("abc", "PHP"), ("NaN", "PHP"), ("1e999", "PHP"), ("", "USD"),
     ("1499,00", "PHP"), ("1.490,00", "PHP"), ("29,85", "USD")],
)
def test_what_cannot_be_stored_exactly_is_refused_and_never_rounded(text: str, currency: str) -> None:
    with pytest.raises(Invalid):
        money.to_minor(text, currency)


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(Invalid, match="ISO 4217"):
        money.exponent("XXL")


@pytest.mark.parametrize(("halves", "rounded"), [(1, 1), (3, 2), (5, 3), (-5, -3), (4, 2)])
def test_halves_round_away_from_zero(halves: int, rounded: int) -> None:
    assert money.scale(halves, 1, 2) == rounded


def test_an_amount_is_printed_with_the_sign_of_its_currency() -> None:
    assert money.format_money(149950, "PHP") == "₱1,499.50"
    assert money.format_money(-2000, "USD") == "−$20.00"
    assert money.format_money(1500, "JPY") == "¥1,500"


@given(total=st.integers(-10**12, 10**12), weights=st.lists(st.integers(1, 10**9), min_size=1, max_size=20))
def test_a_split_sums_to_its_total_exactly(total: int, weights: list[int]) -> None:
    assert sum(money.split_by_weights(total, weights)) == total
    assert money.split_by_weights(-total, weights) == [-part for part in money.split_by_weights(total, weights)]


@given(
    amount=st.integers(-10**12, 10**12), numerator=st.integers(0, 10**6), denominator=st.integers(1, 10**6),
)
def test_scaling_is_the_exact_quotient_rounded_once(amount: int, numerator: int, denominator: int) -> None:
    exact = Fraction(amount * numerator, denominator)
    scaled = money.scale(amount, numerator, denominator)
    assert abs(Fraction(scaled) - exact) <= Fraction(1, 2)
    assert abs(Fraction(scaled) - exact) != Fraction(1, 2) or abs(scaled) > abs(exact)

"""What usage, a minimum, an early end and a late payment cost. Pure.

Quantities and prices of a unit are Decimal (prices in minor units), amounts whole minor units, rounded once a line.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ispbill.catalogue.usage.policy import Model, PriceList, Tier
from ispbill.core.money import round_together, scale
from ispbill.core.periods import month_day

_HUNDRED = 100


class TierCharge(NamedTuple):
    """What falls to one tier."""

    quantity: Decimal
    price_minor: Decimal
    flat_minor: int
    amount_minor: int


class RatedUsage(NamedTuple):
    """What a period's usage costs, tier by tier; the tiers sum to the amount."""

    quantity: Decimal
    included: Decimal
    charges: tuple[TierCharge, ...]
    amount_minor: int


class ContractTerm(NamedTuple):
    """A promise to stay until a day, and what leaving before costs: a fixed amount, or a part of what is left.

    `is_declining`: the fixed amount shrinks with the months served. `most_minor` caps both.
    """

    end_on: date
    months: int
    fixed_minor: int = 0
    is_declining: bool = False
    remaining_percent: Decimal = Decimal(0)
    most_minor: int | None = None


class LateFee(NamedTuple):
    """What paying late costs: a percentage of the balance and an amount, within bounds."""

    percent: Decimal = Decimal(0)
    flat_minor: int = 0
    least_minor: int = 0
    most_minor: int | None = None


def rate(quantity: Decimal, prices: PriceList) -> RatedUsage:
    """The cost of a period's usage. The first tier's fee is due at zero units too (as at Lago)."""
    charged = max(quantity - prices.included, Decimal(0))
    parts = _graduated(charged, prices.tiers) if prices.model == Model.GRADUATED else _volume(charged, prices.tiers)
    exact = [Fraction(tier.flat_minor) + _blocks(units, tier) * Fraction(tier.price_minor) for tier, units in parts]
    amounts = round_together(exact)
    return RatedUsage(quantity, min(quantity, prices.included), tuple(
        TierCharge(units, tier.price_minor, tier.flat_minor, amount)
        for (tier, units), amount in zip(parts, amounts, strict=True)
    ), sum(amounts))


def unbilled(amount_minor: int, *, billed_minor: int) -> int:
    """What is still to be billed of a period's usage once more of it has arrived; negative where it was corrected."""
    return amount_minor - billed_minor


def true_up(minimum_minor: int, *, actual_minor: int) -> int:
    """What lifts a period to its minimum commitment (already prorated); nothing where it was reached."""
    return max(minimum_minor - actual_minor, 0)


def months_left(term: ContractTerm, *, ended_on: date) -> int:
    """Months from the first day no longer served to the end of the promise; one that is begun counts."""
    start = ended_on.year * 12 + ended_on.month - 1
    count = 0
    while month_day(start + count, ended_on.day) < term.end_on:
        count += 1
    return count


def termination_fee(term: ContractTerm, *, ended_on: date, monthly_minor: int) -> int:
    """What ending on a day costs under a contract; nothing once the promise is kept."""
    left = months_left(term, ended_on=ended_on)
    if left == 0:
        return 0
    fixed_minor = scale(term.fixed_minor, min(left, term.months), term.months) if term.is_declining \
        else term.fixed_minor
    fee_minor = fixed_minor + _percent(monthly_minor * left, term.remaining_percent)
    return fee_minor if term.most_minor is None else min(fee_minor, term.most_minor)


def late_fee(balance_minor: int, fee: LateFee) -> int:
    """The fee on an overdue balance; whether earlier fees are in the balance is the caller's rule. None below zero."""
    if balance_minor <= 0:
        return 0
    amount_minor = max(_percent(balance_minor, fee.percent) + fee.flat_minor, fee.least_minor)
    return amount_minor if fee.most_minor is None else min(amount_minor, fee.most_minor)


def _graduated(quantity: Decimal, tiers: Sequence[Tier]) -> list[tuple[Tier, Decimal]]:
    parts: list[tuple[Tier, Decimal]] = []
    floor = Decimal(0)
    for tier in tiers:
        if parts and quantity <= floor:
            break
        top = quantity if tier.up_to is None else min(quantity, tier.up_to)
        parts.append((tier, max(top - floor, Decimal(0))))
        floor = top if tier.up_to is None else tier.up_to
    return parts


def _volume(quantity: Decimal, tiers: Sequence[Tier]) -> list[tuple[Tier, Decimal]]:
    tier = next((tier for tier in tiers if tier.up_to is None or quantity <= tier.up_to), tiers[-1])
    return [(tier, quantity)]


def _blocks(quantity: Decimal, tier: Tier) -> Fraction:
    blocks = Fraction(quantity) / Fraction(tier.block)
    return Fraction(-(-blocks.numerator // blocks.denominator)) if tier.whole_blocks else blocks


def _percent(amount_minor: int, percent: Decimal) -> int:
    numerator, denominator = percent.as_integer_ratio()
    return scale(amount_minor, numerator, _HUNDRED * denominator)

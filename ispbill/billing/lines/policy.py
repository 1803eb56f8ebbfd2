"""The values lines are made of: taxes, discounts, what was billed and credited. Pure; amounts in minor units.

A credit takes the same part of everything: of the price, of its discount, of each tax; the last one takes what is left.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from ispbill.catalogue.taxes.policy import TaxVersion
from ispbill.core.money import scale, split_by_weights
from ispbill.core.periods import Period, without


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax as documents name it: one percentage; inclusive where prices contain it.

    `versions` are set where it is more than that on the days that may be billed: several parts, amounts, or another
    rate from a day on. The percentage is then only its headline. `exemption` says why nothing is owed.
    """

    id: int
    name: str
    rate_percent: Decimal
    is_inclusive: bool
    versions: tuple[TaxVersion, ...] = ()
    exemption: str = ""

    def __hash__(self) -> int:
        """Taxes are keys wherever they are summed; their ids tell them apart well enough."""
        return self.id


class LineTax(NamedTuple):
    """A part of a line's tax: of what it was found, and what it comes to."""

    tax: Tax
    base_minor: int
    tax_minor: int


class Taken(NamedTuple):
    """What a granted discount took off a line, and the period it counts for (subscription 0: the whole account)."""

    grant_id: int
    subscription_id: int
    begins_on: date
    amount_minor: int


class Extras(NamedTuple):
    """What only some lines have: a discount, as a part of the price and of the net; and taxes of several parts.

    A line that `is_settled` repeats or takes back what was billed: nothing of it is found anew.
    """

    discount_minor: int = 0
    discount_net_minor: int = 0
    taxes: tuple[LineTax, ...] = ()
    taken: tuple[Taken, ...] = ()
    is_settled: bool = False

    @property
    def inclusive_minor(self) -> int:
        """The taxes that the price contains."""
        return sum(part.tax_minor for part in self.taxes if part.tax.is_inclusive)

    def part(self, share_minor: int, whole_minor: int, *, tax_minor: int) -> Extras:
        """What goes with a share of an amount of which this is the whole, and with a share of its tax."""
        taxes = _shared([part.tax_minor for part in self.taxes], tax_minor)
        return Extras(
            scale(self.discount_minor, share_minor, whole_minor),
            scale(self.discount_net_minor, share_minor, whole_minor),
            tuple(part._replace(base_minor=scale(part.base_minor, share_minor, whole_minor), tax_minor=share)
                  for part, share in zip(self.taxes, taxes, strict=True)),
            tuple(taken._replace(amount_minor=scale(taken.amount_minor, share_minor, whole_minor))
                  for taken in self.taken),
            is_settled=True,
        )

    def less(self, other: Extras) -> Extras:
        """What is left when a part is taken away."""
        return self._replace(
            discount_minor=self.discount_minor - other.discount_minor,
            discount_net_minor=self.discount_net_minor - other.discount_net_minor,
            taxes=tuple(mine._replace(base_minor=mine.base_minor - its.base_minor,
                                      tax_minor=mine.tax_minor - its.tax_minor)
                        for mine, its in zip(self.taxes, other.taxes, strict=True)),
            taken=tuple(mine._replace(amount_minor=mine.amount_minor - its.amount_minor)
                        for mine, its in zip(self.taken, other.taken, strict=True)),
        )

    def negated(self) -> Extras:
        """The same taken back."""
        return Extras(
            -self.discount_minor, -self.discount_net_minor,
            tuple(part._replace(base_minor=-part.base_minor, tax_minor=-part.tax_minor) for part in self.taxes),
            tuple(taken._replace(amount_minor=-taken.amount_minor) for taken in self.taken), is_settled=True,
        )


PLAIN = Extras()


class LineDraft(NamedTuple):
    """A line to be: `amount_minor` is the price as agreed, which contains the tax where the tax is inclusive.

    A credit is negative and names the line it takes back (`credits_line_id`); `charge_id` names a one-time charge.
    """

    subscription_id: int | None
    component_id: int | None
    description: str
    arithmetic: str
    period_start: date | None
    period_end: date | None
    quantity: int
    unit_price_minor: int
    amount_minor: int
    net_minor: int
    tax_minor: int
    account: str
    charge_id: int | None
    credits_line_id: int | None
    tax: Tax | None
    extras: Extras = PLAIN

    @property
    def discount_net_minor(self) -> int:
        """What was taken off the net."""
        return self.extras.discount_net_minor


class CreditedPart(NamedTuple):
    """Days of a line that were credited, and with how much."""

    period: Period
    amount_minor: int
    tax_minor: int
    extras: Extras = PLAIN


class BilledLine(NamedTuple):
    """A line that charged a component for a period, and what of it was credited since.

    `left_minor`, `left_tax_minor` and `left` are what no credit has taken back. Where it `is_gross` the amount contains
    the tax.
    """

    id: int
    period: Period
    description: str
    quantity: int
    unit_price_minor: int
    amount_minor: int
    tax_minor: int
    is_gross: bool
    tax: Tax | None
    account: str
    credited: tuple[CreditedPart, ...]
    left_minor: int
    left_tax_minor: int
    left: Extras = PLAIN

    @property
    def held(self) -> list[Period]:
        """The days it charges still."""
        return without([self.period], [part.period for part in self.credited])


def capped(arithmetic: str, amount_minor: int, *, computed_minor: int) -> str:
    """The arithmetic of a credit, which says so where less was left of the line than it comes to."""
    return ", ".join(filter(None, (arithmetic, "at most what was left" if amount_minor < computed_minor else "")))


def split_tax(amount_minor: int, tax: Tax | None) -> tuple[int, int]:
    """Net and tax of a line. Inclusive: the tax is rounded and the net is the rest (Odoo's rule): they sum exactly."""
    if tax is None:
        return amount_minor, 0
    rate, hundred = _ratio(tax.rate_percent)
    if tax.is_inclusive:
        tax_minor = scale(amount_minor, rate, hundred + rate)
        return amount_minor - tax_minor, tax_minor
    return amount_minor, scale(amount_minor, rate, hundred)


@cache
def _ratio(rate_percent: Decimal) -> tuple[int, int]:
    numerator, denominator = rate_percent.as_integer_ratio()
    return numerator, 100 * denominator


def _shared(parts: Sequence[int], share_minor: int) -> list[int]:
    return split_by_weights(share_minor, parts) if sum(parts) else [0] * len(parts)

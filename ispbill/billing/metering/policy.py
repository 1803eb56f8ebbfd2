"""What usage may be recorded, which periods are over, and what a period's usage comes to. Pure; minor units."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from ispbill.billing.rating.policy import rate, true_up
from ispbill.catalogue.usage.policy import LARGEST_QUANTITY, PriceList
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import scale
from ispbill.core.periods import LAST_DAY, BillablePeriod, Period, periods_within
from ispbill.core.tables import Row, RowError, Table
from ispbill.subscriptions.policy import PRORATIONS, ComponentDates

LONGEST_SOURCE = 120
COLUMNS = ("subscription", "used_on", "quantity", "source")
_SMALLEST = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Usage:
    """Units that a subscription used on a day; `source` makes the same reading count once."""

    subscription_id: int
    used_on: date
    quantity: Decimal
    source: str


class UsagePrices(NamedTuple):
    """What a plan's usage costs from a day on, and what a period costs at least."""

    valid_from: date
    prices: PriceList
    unit: str
    minimum_minor: int


def checked(usage: Usage, *, today: date) -> Usage:
    """The usage as it is stored. Raises Invalid, naming the field."""
    if not (usage.quantity.is_finite() and 0 < abs(usage.quantity) <= LARGEST_QUANTITY):
        raise Invalid(_("A quantity is not zero; below zero it corrects."), field="quantity")
    if usage.quantity != usage.quantity.quantize(_SMALLEST):
        raise Invalid(_("A quantity has at most six decimals."), field="quantity")
    if usage.used_on > today:
        raise Invalid(_("Usage lies today or earlier."), field="used_on")
    if not 0 < len(usage.source.strip()) <= LONGEST_SOURCE:
        raise Invalid(_("Say in at most %(longest_source)s characters where it comes from.",
                        longest_source=LONGEST_SOURCE), field="source")
    return replace(usage, source=usage.source.strip())


def read_rows(table: Table) -> tuple[list[tuple[Row, Usage]], list[RowError]]:
    """The usage of a table, each with its row, and what is wrong in it. With errors nothing may be used."""
    table.check_columns(required=COLUMNS, optional=())
    errors = list(table.errors)
    found: list[tuple[Row, Usage]] = []
    for row in () if errors else table.rows:
        key = row.whole("subscription", low=1, high=10**9 - 1)
        day, quantity = row.day("used_on"), row.decimal("quantity")
        source = row.text("source", required=True)
        if not row.errors and (key is None or day is None or quantity is None):
            row.refuse("quantity", _("A value is missing."), _("Every row needs a value in each column."))
        errors += row.errors
        if not row.errors and key is not None and day is not None and quantity is not None:
            found.append((row, Usage(key, day, quantity, source)))
    return found, errors


def ended_periods(dates: ComponentDates, *, rated_until: date, by: date) -> Iterator[BillablePeriod]:
    """The periods that are over by a day and not rated yet. Pauses do not interrupt them: what is used is charged."""
    for period in periods_within(dates.schedule, [Period(rated_until, dates.end_on or LAST_DAY)]):
        if period.span.end > by:
            return
        yield period


def in_force(lists: Sequence[UsagePrices], day: date) -> UsagePrices | None:
    """The price list that holds on a day: the newest that has begun."""
    begun = [prices for prices in lists if prices.valid_from <= day]
    return max(begun, key=lambda prices: prices.valid_from) if begun else None


def amount_of(
    quantity: Decimal, prices: UsagePrices, period: BillablePeriod, *, charged: Sequence[BillablePeriod], proration: str
) -> int:
    """What a period's usage comes to, lifted to the minimum. A part of a period has its part of what is included.

    The minimum is that of the parts of the period that are `charged`: days without service promise nothing.
    """
    share = _share([period], proration)
    included = (prices.prices.included * share.numerator / share.denominator).quantize(_SMALLEST, ROUND_HALF_UP)
    actual_minor = rate(max(quantity, Decimal(0)), prices.prices._replace(included=included)).amount_minor
    promised = _share(charged, proration)
    minimum_minor = scale(prices.minimum_minor, promised.numerator, promised.denominator)
    return actual_minor + true_up(minimum_minor, actual_minor=actual_minor)


def _share(parts: Sequence[BillablePeriod], proration: str) -> Fraction:
    """How much of a full period some parts of it are together."""
    share = PRORATIONS[proration]
    return sum((Fraction(*share(part)) if part.is_stub else Fraction(1) for part in parts), Fraction(0))


def described(plan: str, quantity: Decimal, unit: str, period: Period) -> str:
    """“Fiber 50, 1,280 GB, 2026-06-01 to 2026-06-30”."""
    amount = f"{quantity.normalize():,f}"
    return f"{plan}, {amount} {unit}, {period.start} to {period.last_day}"

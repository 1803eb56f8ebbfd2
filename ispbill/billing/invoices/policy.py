"""How an invoice is drafted: periods → prices → taxes → totals. Pure; amounts in minor units, rounded once a line."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from ispbill.core.money import scale
from ispbill.core.periods import BillablePeriod, BillingSchedule, periods_due
from ispbill.subscriptions.policy import arithmetic, prorate

# A draft beyond these bounds is a fault in the data, not a bill: the customer is parked and a person looks.
MOST_LINES = 200
MOST_PERIODS = 24


class UnsafeDraft(Exception):
    """The customer cannot be billed without a person looking; the message says why."""


@dataclass(frozen=True, slots=True)
class Tax:
    """A percentage tax as of the day of issue; inclusive where prices contain it."""

    id: int
    name: str
    rate_percent: Decimal
    is_inclusive: bool


@dataclass(frozen=True, slots=True)
class Component:
    """One thing a subscription is charged for each period."""

    id: int
    description: str
    quantity: int
    unit_price_minor: int
    tax: Tax | None


@dataclass(frozen=True, slots=True)
class BillableSubscription:
    """What drafting needs to know of a subscription; billed to `billed_until`, ending before `end_on` if at all."""

    id: int
    schedule: BillingSchedule
    billed_until: date
    end_on: date | None
    components: Sequence[Component]


class LineDraft(NamedTuple):
    """A line to be: `amount_minor` is the price as agreed, which contains the tax where the tax is inclusive."""

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
    tax: Tax | None


class TaxDraft(NamedTuple):
    """The tax of one rate over the whole document."""

    tax: Tax
    base_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """An invoice before it has a number."""

    customer_id: int
    lines: list[LineDraft]
    taxes: list[TaxDraft]
    net_minor: int
    tax_minor: int
    billed_until: dict[int, date]

    @property
    def total_minor(self) -> int:
        """What the customer will owe."""
        return self.net_minor + self.tax_minor


def draft_invoice(
    customer_id: int, subscriptions: Iterable[BillableSubscription], *, on: date, currency: str
) -> InvoiceDraft:
    """Everything the customer's subscriptions have due by a day, billed in advance. Raises UnsafeDraft."""
    lines: list[LineDraft] = []
    billed_until: dict[int, date] = {}
    for subscription in subscriptions:
        if not subscription.components:
            raise UnsafeDraft(f"subscription {subscription.id} has nothing to charge for")
        for period in _periods(subscription, on):
            lines += [charge(subscription.id, component, period, currency) for component in subscription.components]
            billed_until[subscription.id] = period.span.end
    if len(lines) > MOST_LINES:
        raise UnsafeDraft(f"{len(lines)} lines on one invoice; {MOST_LINES} are the most")
    return total(customer_id, lines, billed_until)


def charge(subscription_id: int, component: Component, period: BillablePeriod, currency: str) -> LineDraft:
    """The line of one component for one period, prorated over the days of the full anchored period."""
    full_minor = component.quantity * component.unit_price_minor
    amount_minor = prorate(full_minor, *period)
    net_minor, tax_minor = split_tax(amount_minor, component.tax)
    return LineDraft(
        subscription_id, component.id, component.description, arithmetic(full_minor, period, currency=currency),
        period.span.start, period.span.end, component.quantity, component.unit_price_minor, amount_minor,
        net_minor, tax_minor, component.tax,
    )


def split_tax(amount_minor: int, tax: Tax | None) -> tuple[int, int]:
    """Net and tax of a line. Inclusive: the tax is rounded and the net is the rest (Odoo's rule): they sum exactly."""
    if tax is None:
        return amount_minor, 0
    rate, hundred = _ratio(tax.rate_percent)
    if tax.is_inclusive:
        tax_minor = scale(amount_minor, rate, hundred + rate)
        return amount_minor - tax_minor, tax_minor
    return amount_minor, scale(amount_minor, rate, hundred)


def total(customer_id: int, lines: list[LineDraft], billed_until: dict[int, date]) -> InvoiceDraft:
    """The lines as a draft: taxes summed by rate, totals summed by line."""
    bases: dict[Tax, list[int]] = {}
    for line in lines:
        if line.tax is not None:
            sums = bases.setdefault(line.tax, [0, 0])
            sums[0] += line.net_minor
            sums[1] += line.tax_minor
    return InvoiceDraft(
        customer_id=customer_id, lines=lines,
        taxes=[TaxDraft(tax, base_minor, tax_minor) for tax, (base_minor, tax_minor) in bases.items()],
        net_minor=sum(line.net_minor for line in lines), tax_minor=sum(line.tax_minor for line in lines),
        billed_until=billed_until,
    )


def due_day(issued_on: date, *, due_days: int) -> date:
    """The last day to pay in time."""
    return date.fromordinal(issued_on.toordinal() + due_days)


@cache
def _ratio(rate_percent: Decimal) -> tuple[int, int]:
    numerator, denominator = rate_percent.as_integer_ratio()
    return numerator, 100 * denominator


def _periods(subscription: BillableSubscription, on: date) -> list[BillablePeriod]:
    periods: list[BillablePeriod] = []
    for period in periods_due(subscription.schedule, billed_until=subscription.billed_until, on=on):
        if subscription.end_on is not None and period.span.start >= subscription.end_on:
            break
        if len(periods) == MOST_PERIODS:
            raise UnsafeDraft(f"subscription {subscription.id} is more than {MOST_PERIODS} periods behind")
        periods.append(period.ending_by(subscription.end_on))
    return periods

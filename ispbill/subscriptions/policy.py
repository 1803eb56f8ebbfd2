"""Rules of postpaid subscriptions: proration, the first bill, when one may stop and when it is over. Pure.

Amounts in minor units, days as half-open local dates.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.money import LARGEST_MINOR, format_money, scale
from ispbill.core.periods import BillablePeriod, BillingSchedule, Period, periods_due

MOST_QUANTITY = 1000
# Further away a start is a slip of the pen; further back is also more than billing catches up with.
FURTHEST_START_DAYS = 366


@dataclass(frozen=True, slots=True)
class Charge:
    """What is charged each full period: a plan or add-on, how many, at the price agreed."""

    description: str
    quantity: int
    unit_price_minor: int

    @property
    def amount_minor(self) -> int:
        """The amount of a full period."""
        return self.quantity * self.unit_price_minor


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One charge for one period, with the arithmetic that led to a part of it."""

    description: str
    amount_minor: int
    arithmetic: str


@dataclass(frozen=True, slots=True)
class PreviewPeriod:
    """A period of the first bill, and what it comes to."""

    period: BillablePeriod
    lines: Sequence[PreviewLine]

    @property
    def amount_minor(self) -> int:
        """The sum of the period's lines."""
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class EndFacts:
    """What decides whether a subscription is over."""

    status: str
    start_on: date
    billed_until: date
    end_on: date | None


def prorate(amount_minor: int, span: Period, full: Period) -> int:
    """The part of a full period's amount that falls to a span: amount × days ÷ full days, half up."""
    return scale(amount_minor, span.days, full.days)


def arithmetic(amount_minor: int, period: BillablePeriod, *, currency: str) -> str:
    """“₱1,499.00 × 17 ÷ 31 days” for a part of a period; empty for a full one."""
    if not period.is_stub:
        return ""
    return f"{format_money(amount_minor, currency)} × {period.span.days} ÷ {period.full.days} days"


def first_bill(
    charges: Sequence[Charge], schedule: BillingSchedule, *, on: date, currency: str
) -> list[PreviewPeriod]:
    """The periods that the first billing will charge, oldest first, with their amounts before tax."""
    due = periods_due(schedule, billed_until=schedule.start_on, on=max(on, schedule.start_on))
    return [PreviewPeriod(period, [_line(charge, period, currency) for charge in charges]) for period in due]


def _line(charge: Charge, period: BillablePeriod, currency: str) -> PreviewLine:
    described = charge.description if charge.quantity == 1 else f"{charge.quantity} × {charge.description}"
    return PreviewLine(
        description=described, amount_minor=prorate(charge.amount_minor, *period),
        arithmetic=arithmetic(charge.amount_minor, period, currency=currency),
    )


def check_start(start_on: date, *, anchor_day: int, today: date) -> None:
    """Raises Invalid for an anchor day that no month has, or a start more than a year away."""
    if not 1 <= anchor_day <= 31:
        raise Invalid("A billing day lies between 1 and 31.", field="anchor_day")
    if abs((start_on - today).days) > FURTHEST_START_DAYS:
        raise Invalid("A subscription starts within a year of today.", field="start_on")


def check_charges(charges: Iterable[Charge]) -> None:
    """Raises Invalid unless there is something to charge for, in a sensible number and at a price."""
    count = 0
    for charge in charges:
        count += 1
        if not 0 < charge.quantity <= MOST_QUANTITY:
            raise Invalid(f"A quantity lies between 1 and {MOST_QUANTITY}.", field="quantity")
        if not 0 <= charge.unit_price_minor <= LARGEST_MINOR // MOST_QUANTITY:
            raise Invalid("A price is zero or more.", field="unit_price")
    if not count:
        raise Invalid("Choose at least one plan.", field="plan_id")


def check_suspend(*, on: date, billed_until: date, today: date) -> None:
    """Raises unless service can stop on a day: not in the future, and only once what was served is billed."""
    if on > today:
        raise Invalid("A suspension begins today or earlier.", field="on")
    if billed_until <= on:
        raise Conflict(f"The days from {billed_until} are not billed yet. Bill them first, then suspend.")


def resumed_until(*, on: date, suspended_on: date, billed_until: date, today: date) -> date:
    """The first day to bill once service resumes: suspended days are skipped, none is billed twice.

    Raises Invalid for a day in the future or before the suspension.
    """
    if not suspended_on <= on <= today:
        raise Invalid(f"Service resumes between {suspended_on}, when it stopped, and today.", field="on")
    return max(billed_until, on)


def check_end(*, on: date, start_on: date, billed_until: date) -> None:
    """Raises Invalid unless a subscription can end before a day: what is billed is served."""
    if on < start_on:
        raise Invalid(f"It starts on {start_on}; it cannot end before that.", field="on")
    if on < billed_until:
        raise Invalid(f"It is billed up to {billed_until}: that is the earliest day it can end.", field="on")


def is_over(facts: EndFacts, *, today: date) -> bool:
    """Whether a subscription is served and billed to its end; suspended or never begun it is over at once."""
    if facts.end_on is None:
        return False
    if facts.status == "suspended" or facts.end_on == facts.start_on:
        return True
    return facts.end_on <= today and facts.billed_until >= facts.end_on

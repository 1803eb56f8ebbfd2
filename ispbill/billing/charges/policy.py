"""What a component is charged and credited: lines before they stand on a document. Pure; amounts in minor units.

A line is rounded once. What must be billed follows from the component's dates; where they changed it is compared with
what was billed (Kill Bill's repair): missing days are charged, days billed too much are credited from their line.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ispbill.billing.lines.policy import PLAIN, BilledLine, CreditedPart, LineDraft, Tax, capped, split_tax
from ispbill.core.i18n import gettext as _
from ispbill.core.money import scale
from ispbill.core.periods import BillablePeriod, Period, periods_within, within, without
from ispbill.subscriptions.policy import (
    PRORATIONS,
    ComponentDates,
    Terms,
    arithmetic,
    billable_spans,
    due_periods,
    next_due,
    prorate,
    service,
)

# A draft beyond this bound is a fault in the data, not a bill: the customer is parked and a person looks.
MOST_PERIODS = 24


class UnsafeDraft(Exception):
    """The customer cannot be billed without a person looking; the message says why."""


LONGEST_SOURCE = 100


class Review(NamedTuple):
    """What was billed and may have to be billed otherwise: the component's lines that reach beyond `since`."""

    since: date
    lines: Sequence[BilledLine]


ACCOUNTS = {
    "one_time": "other_income", "deposit": "deposits", "deposit_return": "deposits", "usage": "usage_revenue",
    "late_fee": "late_fees", "early_termination": "other_income", "adjustment": "revenue",
}
"""The purpose of the account that a one-time charge is posted to, by its kind."""


class Component(NamedTuple):
    """One thing a subscription is charged for: how much, when, and how far it is billed."""

    id: int
    subscription_id: int
    description: str
    quantity: int
    unit_price_minor: int
    tax: Tax | None
    dates: ComponentDates
    billed_until: date
    review: Review | None = None
    plan_id: int = 0

    @property
    def full_minor(self) -> int:
        """The amount of a full period."""
        return self.quantity * self.unit_price_minor


class Charged(NamedTuple):
    """What a component comes to: its lines, how far it is billed then, when it is next due (None: not any more).

    `released` are the lines of which no day is charged any more.
    """

    lines: list[LineDraft]
    billed_until: date
    due_on: date | None
    released: list[int]


def charge_component(component: Component, *, on: date, terms: Terms) -> Charged:
    """Everything the component has due by a day, and what of its past must be mended. Raises UnsafeDraft."""
    lines, released = ([], []) if component.review is None else mended(component, component.review, terms)
    billed_until, count = component.billed_until, 0
    for periods in due_periods(component.dates, billed_until=billed_until, on=on):
        count += 1
        if count > MOST_PERIODS:
            raise UnsafeDraft(_("subscription %(subscription_id)s is more than %(most_periods)s periods behind",
                                subscription_id=component.subscription_id, most_periods=MOST_PERIODS))
        lines.append(charge(component, periods, terms))
        billed_until = periods[-1].span.end
    return Charged(lines, billed_until, next_due(component.dates, billed_until), released)


def charge(component: Component, periods: Sequence[BillablePeriod], terms: Terms) -> LineDraft:
    """The line of one component for a period, or for a merged stub and the period after it."""
    full_minor = component.full_minor
    amount_minor = prorate(full_minor, periods, terms)
    net_minor, tax_minor = split_tax(amount_minor, component.tax)
    return LineDraft(
        component.subscription_id, component.id, component.description, arithmetic(full_minor, periods, terms),
        periods[0].span.start, periods[-1].span.end, component.quantity, component.unit_price_minor, amount_minor,
        net_minor, tax_minor, "revenue", None, None, component.tax,
    )


def mended(component: Component, review: Review, terms: Terms) -> tuple[list[LineDraft], list[int]]:
    """Credits for days billed that must not stay so, charges for days before them that nobody billed; and the lines
    of which no day stays charged.

    Only one line charges from a day on: where the first day of one is charged again, what it holds still goes along.
    """
    allowed = without([service(component.dates)], [pause.period for pause in component.dates.pauses if pause.credits])
    surplus = [without(billed.held, allowed) for billed in review.lines]
    kept = [without(billed.held, days) for billed, days in zip(review.lines, surplus, strict=True)]
    wanted = within(billable_spans(component.dates), Period(review.since, component.billed_until))
    gaps = without(wanted, [span for spans in kept for span in spans])
    lines: list[LineDraft] = []
    released: list[int] = []
    for billed, back, stays in zip(review.lines, surplus, kept, strict=True):
        moved = stays if any(gap.start <= billed.period.start < gap.end for gap in gaps) else []
        if billed.held and moved == stays:
            released.append(billed.id)
        given_back = credits(billed, [*back, *moved], component=component, terms=terms)
        lines += given_back
        lines += [_taken_back(line, component) for line in given_back
                  if line.period_start in [span.start for span in moved]]
    for gap in gaps:
        lines += _charged_again(component, gap, review, terms)
    return lines, released


def credits(
    billed: BilledLine, surplus: Sequence[Period], *, component: Component, terms: Terms
) -> list[LineDraft]:
    """The credit lines for some days of a billed line: from what was billed, over its own days, capped by what is left.

    The last of it takes the whole rest, so that a line credited in parts is credited exactly (Kill Bill, Stripe). A
    line that a discount paid for whole gives its part of the discount back.
    """
    lines = []
    left_minor, left_tax_minor, left = billed.left_minor, billed.left_tax_minor, billed.left
    left_days = sum(span.days for span in billed.held)
    for span in surplus:
        amount_minor, tax_minor = left_minor, left_tax_minor
        if span.days < left_days:
            share = PRORATIONS[terms.proration](_part(billed, span, component))
            amount_minor = min(scale(billed.amount_minor, *share), left_minor)
            tax_minor = min(scale(billed.tax_minor, *share), left_tax_minor)
        weights = (amount_minor, left_minor) if left_minor else (span.days, left_days)
        extras = PLAIN if left is PLAIN or not weights[1] else left.part(*weights, tax_minor=tax_minor)
        left_days -= span.days
        if amount_minor == 0 and not extras.discount_minor:
            continue
        left_minor, left_tax_minor, left = left_minor - amount_minor, left_tax_minor - tax_minor, left.less(extras)
        part = CreditedPart(span, amount_minor, tax_minor, extras)
        lines.append(credit_line(billed, part, component=component, terms=terms))
    return lines


def credit_line(billed: BilledLine, part: CreditedPart, *, component: Component, terms: Terms) -> LineDraft:
    """The line that takes a part of a billed line back."""
    contained_minor = part.tax_minor if billed.is_gross else part.extras.inclusive_minor
    net_minor = part.amount_minor - contained_minor
    days = [_part(billed, part.period, component)]
    words = capped(arithmetic(billed.amount_minor, days, terms), part.amount_minor,
                   computed_minor=prorate(billed.amount_minor, days, terms))
    return LineDraft(
        component.subscription_id, component.id, f"Credit: {billed.description}", words, part.period.start,
        part.period.end, billed.quantity, billed.unit_price_minor, -part.amount_minor, -net_minor, -part.tax_minor,
        billed.account, None, billed.id, billed.tax, part.extras.negated(),
    )


def _part(billed: BilledLine, span: Period, component: Component) -> BillablePeriod:
    """Some days of a billed line, over all of its own."""
    return BillablePeriod(span, billed.period, component.dates.schedule.unit == "month")


class OneTime(NamedTuple):
    """A charge that waits: what it is for, how much, which tax."""

    id: int
    subscription_id: int | None
    kind: str
    description: str
    quantity: int
    unit_price_minor: int
    tax: Tax | None


def charge_once(waiting: OneTime) -> LineDraft:
    """The line of a one-time charge."""
    amount_minor = waiting.quantity * waiting.unit_price_minor
    net_minor, tax_minor = split_tax(amount_minor, waiting.tax)
    return LineDraft(
        waiting.subscription_id, None, waiting.description, "", None, None, waiting.quantity,
        waiting.unit_price_minor, amount_minor, net_minor, tax_minor, ACCOUNTS[waiting.kind], waiting.id, None,
        waiting.tax,
    )


def _charged_again(component: Component, gap: Period, review: Review, terms: Terms) -> list[LineDraft]:
    """Lines for days that stand unbilled; days given back by mistake are charged with just what was given back."""
    for billed in review.lines:
        for part in billed.credited:
            if part.period == gap and billed.unit_price_minor == component.unit_price_minor:
                return [_taken_back(credit_line(billed, part, component=component, terms=terms), component)]
    return [charge(component, [period], terms) for period in periods_within(component.dates.schedule, [gap])]


def _taken_back(credit: LineDraft, component: Component) -> LineDraft:
    """The line that charges just what a credit gives back."""
    return credit._replace(
        description=component.description, amount_minor=-credit.amount_minor, net_minor=-credit.net_minor,
        tax_minor=-credit.tax_minor, credits_line_id=None, extras=credit.extras.negated(),
    )

"""From prices as agreed to what is owed: discounts first, then taxes, at last the rounding of cash. Pure; minor units.

Most customers have one percentage of tax and nothing else: their lines are right as they are charged, and nothing here
runs. Lines that take back or repeat what was billed stay as they were billed.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from ispbill.billing.charges.policy import Component
from ispbill.billing.discounts.policy import DiscountableLine, Grant, UseKey, deductions
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.lines.policy import LineDraft, LineTax, Taken, Tax
from ispbill.billing.taxes.policy import (
    Exemption,
    Rounding,
    TaxableLine,
    TaxAmount,
    TaxCode,
    TaxedLine,
    tax_document,
    tax_line,
)
from ispbill.catalogue.taxes.policy import ComponentKind, TaxComponent, TaxSpan, spans, version_on
from ispbill.core.money import format_money, scale, split_by_weights, to_cash
from ispbill.core.periods import BillablePeriod, Period, periods_within, within
from ispbill.subscriptions.policy import PRORATIONS, Terms, billable_spans


class TaxPoint(StrEnum):
    """Which day decides the rate: the days of the period that is billed, or the day of issue."""

    PERIOD = "period"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Rules:
    """How a company finds what is owed: where taxes are rounded, which day decides, what cash there is (0: any)."""

    rounding: str = Rounding.LINE.value
    tax_point: str = TaxPoint.PERIOD.value
    cash_step_minor: int = 0


class Pricing(NamedTuple):
    """What applies to one customer beside their prices; `is_plain` where lines are right as they are charged."""

    rules: Rules = Rules()
    grants: Sequence[Grant] = ()
    exemptions: Sequence[Exemption] = ()
    is_plain: bool = True


PLAIN = Pricing()


class Due(NamedTuple):
    """What the lines come from: components, the kinds of one-time charges, the day of billing."""

    components: Mapping[int, Component]
    charge_kinds: Mapping[int, str]
    on: date
    terms: Terms


# What a voucher may pay for; a deposit is given back one day, and a fee for what went wrong is owed whole.
_DISCOUNTABLE_KINDS = frozenset({"one_time", "usage"})


def priced(lines: Sequence[LineDraft], due: Due, pricing: Pricing) -> list[LineDraft]:
    """The lines with discounts and taxes as they apply to the customer."""
    return taxed(discounted(lines, due, pricing.grants), on=due.on, pricing=pricing)


def discounted(lines: Sequence[LineDraft], due: Due, grants: Sequence[Grant]) -> Sequence[LineDraft]:
    """The lines less what the customer was granted; each says what was taken off, and by which discount."""
    if not grants:
        return lines
    pieces = [(place, piece) for place, line in enumerate(lines) for piece in _discountable(line, due)]
    return lessened(lines, pieces, grants, currency=due.terms.currency)


def lessened(
    lines: Sequence[LineDraft], pieces: Sequence[tuple[int, DiscountableLine]], grants: Sequence[Grant], *,
    currency: str,
) -> list[LineDraft]:
    """The lines less what grants take off the periods that they consist of, each with the place of its line."""
    grants = [_as_of(grant, lines) for grant in grants]
    given = {grant.id: grant for grant in grants}
    taken: dict[int, dict[tuple[int, UseKey], Taken]] = {}
    for found in deductions([piece for _, piece in pieces], grants):
        place, piece = pieces[found.place]
        of_line, key = taken.setdefault(place, {}), given[found.grant_id].period_of(piece)
        before = of_line.get((found.grant_id, key))
        amount_minor = found.amount_minor + (before.amount_minor if before else 0)
        of_line[found.grant_id, key] = Taken(found.grant_id, *key, amount_minor)
    return [
        _reduced(line, [*taken[place].values()], given, currency) if place in taken else line
        for place, line in enumerate(lines)
    ]


def taxed(lines: Sequence[LineDraft], *, on: date, pricing: Pricing) -> list[LineDraft]:
    """The lines with their taxes: each part of the period at its own rate, nothing where the customer is exempt."""
    pieces: list[tuple[int, TaxableLine]] = []
    for place, line in enumerate(lines):
        if line.tax is not None and not _is_settled(line):
            pieces += [(place, piece) for piece in _taxable(line, line.tax, on, pricing)]
    document = tax_document([piece for _, piece in pieces], rounding=pricing.rules.rounding)
    found: dict[int, list[tuple[TaxableLine, TaxedLine]]] = {}
    for (place, piece), whole in zip(pieces, document.lines, strict=True):
        found.setdefault(place, []).append((piece, whole))
    return [_with_taxes(line, found[place]) if place in found else line for place, line in enumerate(lines)]


def cash_rounding(total_minor: int, rules: Rules) -> LineDraft | None:
    """The line that brings a total to what can be paid in cash, such as a multiple of 0.25; None where it is one."""
    difference_minor = to_cash(total_minor, rules.cash_step_minor) - total_minor
    return rounding_line(difference_minor) if difference_minor else None


def rounding_line(difference_minor: int) -> LineDraft:
    """The line by which a total differs from what its lines come to."""
    return LineDraft(
        None, None, "Rounding", "", None, None, 1, difference_minor, difference_minor, difference_minor, 0,
        AccountPurpose.ROUNDING, None, None, None,
    )


def _is_settled(line: LineDraft) -> bool:
    return line.credits_line_id is not None or line.extras.is_settled


def _as_of(grant: Grant, lines: Sequence[LineDraft]) -> Grant:
    """A grant with what this very document takes back of it, or gives again, counted already."""
    used = Counter(grant.used)
    for line in lines:
        for taken in line.extras.taken:
            if taken.grant_id == grant.id:
                used[UseKey(taken.subscription_id, taken.begins_on)] += taken.amount_minor
    return replace(grant, used={key: amount_minor for key, amount_minor in used.items() if amount_minor})


def _discountable(line: LineDraft, due: Due) -> Iterator[DiscountableLine]:
    if _is_settled(line) or line.amount_minor <= 0:
        return
    if line.component_id is not None:
        yield from _periods(line, due.components[line.component_id], due.terms)
    elif due.charge_kinds.get(line.charge_id or 0) in _DISCOUNTABLE_KINDS:
        yield DiscountableLine(due.on, line.amount_minor, subscription_id=line.subscription_id, recurs=False)


def _periods(line: LineDraft, component: Component, terms: Terms) -> Iterator[DiscountableLine]:
    """A line's periods; a first part that is merged with the period after it counts with that one."""
    assert line.period_start is not None and line.period_end is not None, "a component is charged for a period"
    days = within(billable_spans(component.dates), Period(line.period_start, line.period_end))
    periods = list(periods_within(component.dates.schedule, days))
    for period in periods:
        share = _share(period, terms)
        yield DiscountableLine(
            period.span.start, component.full_minor, *share, subscription_id=line.subscription_id,
            plan_id=component.plan_id, counted_on=periods[-1].full.start,
            ends_on=period.span.end,
        )


def _share(period: BillablePeriod, terms: Terms) -> tuple[int, int]:
    return PRORATIONS[terms.proration](period) if period.is_stub else (1, 1)


def _reduced(line: LineDraft, taken: Sequence[Taken], given: Mapping[int, Grant], currency: str) -> LineDraft:
    off_minor = sum(part.amount_minor for part in taken)
    before = line.arithmetic or format_money(line.amount_minor, currency)
    sums: Counter[int] = Counter()
    for part in taken:
        sums[part.grant_id] += part.amount_minor
    words = [f"{format_money(amount_minor, currency)} {given[key].name}" for key, amount_minor in sums.items()]
    left_minor = line.amount_minor - off_minor
    return line._replace(
        arithmetic=" − ".join([before, *words]), amount_minor=left_minor, net_minor=left_minor,
        extras=line.extras._replace(discount_minor=off_minor, discount_net_minor=off_minor, taken=tuple(taken)),
    )


def _taxable(line: LineDraft, tax: Tax, on: date, pricing: Pricing) -> list[TaxableLine]:
    day = line.period_start if line.period_start and pricing.rules.tax_point == TaxPoint.PERIOD else on
    exemption = next((known.reason for known in pricing.exemptions if known.covers(tax.id, day)), "")
    parts = _spans(line, tax, day, pricing.rules)
    days = [span.period.days for span in parts]
    amounts = split_by_weights(line.amount_minor, days)
    return [
        TaxableLine(amount_minor, TaxCode(tax.id, tax.name, span.components),
                    Fraction(line.quantity * span.period.days, sum(days)), exemption)
        for span, amount_minor in zip(parts, amounts, strict=True)
    ]


def _spans(line: LineDraft, tax: Tax, day: date, rules: Rules) -> list[TaxSpan]:
    a_day = Period(day, date.fromordinal(day.toordinal() + 1))
    if not tax.versions:
        return [TaxSpan(a_day, (TaxComponent(tax.name, rate_percent=tax.rate_percent, is_inclusive=tax.is_inclusive),))]
    if line.period_start is None or line.period_end is None or rules.tax_point == TaxPoint.ISSUE:
        return [TaxSpan(a_day, version_on(tax.versions, day))]
    return spans(tax.versions, Period(line.period_start, line.period_end))


def _with_taxes(line: LineDraft, found: Sequence[tuple[TaxableLine, TaxedLine]]) -> LineDraft:
    net_minor = sum(whole.net_minor for _, whole in found)
    off_minor = _net_discount(line, found[0][0], net_minor)
    if found[0][0].exemption:
        return _exempt(line, found[0][0].exemption, net_minor=net_minor, off_minor=off_minor)
    parts = [part for _, whole in found for part in whole.taxes]
    taxes = tuple(LineTax(_named(part), part.base_minor, part.tax_minor) for part in parts)
    is_simple = len(parts) == 1 and parts[0].component.kind == ComponentKind.PERCENT
    return line._replace(
        net_minor=net_minor, tax_minor=sum(whole.tax_minor for _, whole in found),
        tax=taxes[0].tax if taxes else None,
        extras=line.extras._replace(discount_net_minor=off_minor, taxes=() if is_simple else taxes),
    )


def _exempt(line: LineDraft, reason: str, *, net_minor: int, off_minor: int) -> LineDraft:
    """What the price is without the tax in it, and why it is."""
    assert line.tax is not None, "only a tax can be waived"
    tax = Tax(line.tax.id, line.tax.name, Decimal(0), is_inclusive=False, exemption=reason)
    return line._replace(
        arithmetic="; ".join(filter(None, (line.arithmetic, f"{tax.name} exempt: {reason}"))), amount_minor=net_minor,
        net_minor=net_minor, tax_minor=0, tax=tax,
        extras=line.extras._replace(discount_minor=off_minor, discount_net_minor=off_minor,
                                    taxes=(LineTax(tax, net_minor, 0),)),
    )


def _net_discount(line: LineDraft, piece: TaxableLine, net_minor: int) -> int:
    """The part of the discount that lessens the net: the rest lessens the tax that prices contain."""
    off_minor = line.extras.discount_minor
    if off_minor == 0 or line.amount_minor:
        return scale(off_minor, net_minor, line.amount_minor) if off_minor else 0
    return tax_line(off_minor, piece.tax).net_minor


def _named(part: TaxAmount) -> Tax:
    return Tax(part.tax_id, part.component.name, part.component.rate_percent, part.component.is_inclusive)

"""From what is on record of a line to the steps that explain it. Pure; amounts in minor units."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from ispbill.billing.why.policy import Fact, Kind, Manner, Step, Topic, day, days, instant
from ispbill.company.policy import PRORATION_LABELS, TAX_POINT_LABELS, TAX_ROUNDING_LABELS
from ispbill.core.money import format_money, format_percent
from ispbill.core.periods import BillablePeriod, BillingSchedule, Period, periods_within, without


class Amounts(NamedTuple):
    """What the line says."""

    description: str
    arithmetic: str
    period: Period | None
    quantity: int
    unit_price_minor: int
    amount_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int


class Price(NamedTuple):
    """A plan's list price from a day on."""

    valid_from: date
    amount_minor: int


class Pausing(NamedTuple):
    """Days on which the service paused, and what that meant for the bill."""

    start_on: date
    end_on: date | None
    billing: str
    reason: str


class Component(NamedTuple):
    """What is charged each period: the plan and when, and how its periods lie."""

    subscription_id: int
    plan_id: int
    plan_name: str
    start_on: date
    end_on: date | None
    schedule: BillingSchedule
    in_arrears: bool
    merges_stub: bool
    prices: Sequence[Price]
    pauses: Sequence[Pausing]


class Once(NamedTuple):
    """A one-time charge: what for, since when it waited, who added it."""

    kind: str
    bill_on: date
    created_by: str
    created_at: datetime


class Usage(NamedTuple):
    """Usage that was rated: in which period, how much, by how many readings."""

    period: Period
    quantity: Decimal
    readings: int


class Off(NamedTuple):
    """What a discount took off, and how it was granted."""

    name: str
    amount_minor: int
    starts_on: date
    ends_on: date | None
    counted_on: date
    reason: str
    granted_by: str | None


class TaxPart(NamedTuple):
    """A part of the tax as it was found; `valid_from` is the day its version began."""

    name: str
    rate_percent: Decimal
    is_inclusive: bool
    base_minor: int
    tax_minor: int
    exemption: str
    valid_from: date | None


class Paper(NamedTuple):
    """The document that the line stands on; where a run made it, that run's day and people."""

    id: int
    number: str
    kind: str
    issued_on: date
    posted_by: str | None
    reason: str
    void_reason: str | None
    run_id: int | None
    run_on: date | None
    requested_by: str | None
    approved_by: str | None


class Other(NamedTuple):
    """A line of another document that this one takes back, or that takes back this one."""

    invoice_id: int
    number: str
    period: Period | None
    amount_minor: int


class Rules(NamedTuple):
    """The company's conventions, as they are set now."""

    proration: str
    tax_rounding: str
    tax_point: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is on record of a line."""

    amounts: Amounts
    paper: Paper
    rules: Rules
    account: str
    component: Component | None = None
    once: Once | None = None
    usage: Usage | None = None
    discounts: Sequence[Off] = ()
    taxes: Sequence[TaxPart] = ()
    takes_back: Other | None = None
    taken_back_by: Sequence[Other] = field(default=())


_KINDS = {
    "one_time": "One-time charge", "deposit": "Deposit", "deposit_return": "Deposit given back", "usage": "Usage",
    "late_fee": "Late fee", "early_termination": "Leaving a contract early", "adjustment": "Adjustment",
}
_PAUSES = {"bill": "charged all the same", "skip": "not charged", "credit": "not charged, and given back where billed"}


def trace(facts: Facts, manner: Manner) -> list[Step]:
    """The steps that lead to the line, in the order in which billing takes them."""
    steps = [_subject(facts, manner)]
    if facts.component is not None and facts.takes_back is None:
        steps += [_price(facts, facts.component, manner), _period(facts, facts.component)]
    if facts.usage is not None:
        steps.append(_usage(facts.usage))
    steps += [_discount(off, manner) for off in facts.discounts]
    if facts.taxes:
        steps.append(_tax(facts, manner))
    steps += [_amount(facts, manner), _document(facts.paper)]
    if facts.taken_back_by:
        steps.append(_taken_back(facts.taken_back_by, manner))
    return steps


def _subject(facts: Facts, manner: Manner) -> Step:
    if facts.takes_back is not None:
        other = facts.takes_back
        return Step(Topic.SUBJECT, "It takes back what was billed", [
            Fact("Of", other.number, Kind.INVOICE, other.invoice_id),
            Fact("Billed there", format_money(other.amount_minor, manner.currency)),
            *([Fact("For", days(*other.period))] if other.period else []),
        ])
    if facts.component is not None:
        part = facts.component
        until = f" to {day(part.end_on)}" if part.end_on else " on"
        return Step(Topic.SUBJECT, f"{part.plan_name}, subscribed to", [
            Fact("Subscription", f"No. {part.subscription_id}", Kind.SUBSCRIPTION, part.subscription_id),
            Fact("Plan", part.plan_name, Kind.PLAN, part.plan_id),
            Fact("Agreed so", f"from {day(part.start_on)}{until}"),
        ])
    if facts.once is not None:
        once = facts.once
        return Step(Topic.SUBJECT, _KINDS[once.kind], [
            Fact("Added by", f"{once.created_by}, {instant(once.created_at, manner)}"),
            Fact("To be billed from", day(once.bill_on)),
        ])
    return Step(Topic.SUBJECT, facts.amounts.description)


def _price(facts: Facts, part: Component, manner: Manner) -> Step:
    def money(amount_minor: int) -> str:
        return format_money(amount_minor, manner.currency)

    agreed_minor = facts.amounts.unit_price_minor
    then = _in_force(part.prices, part.start_on)
    now = _in_force(part.prices, facts.paper.issued_on)
    known = [Fact("Price of a full period", money(agreed_minor)), Fact("Quantity", str(facts.amounts.quantity))]
    if then is not None and then.amount_minor == agreed_minor:
        known.append(Fact("Version", f"The plan's price since {day(then.valid_from)}"))
    elif then is not None:
        known.append(Fact("Version", f"Agreed with the customer; the plan cost {money(then.amount_minor)} then"))
    if now is not None and now != then and now.amount_minor != agreed_minor:
        known.append(Fact("Kept", f"New customers pay {money(now.amount_minor)} since {day(now.valid_from)}"))
    return Step(Topic.PRICE, f"{money(agreed_minor)} a period, as it was agreed", known)


def _in_force(prices: Sequence[Price], on: date) -> Price | None:
    begun = [price for price in prices if price.valid_from <= on]
    return max(begun, key=lambda price: price.valid_from) if begun else None


def _period(facts: Facts, part: Component) -> Step:
    assert facts.amounts.period is not None, "a component is charged for a period"
    span, schedule = facts.amounts.period, part.schedule
    when = "in arrears" if part.in_arrears else "in advance"
    turns = f" on day {schedule.anchor_day}" if schedule.unit == "month" else ""
    known = [Fact("Billed", f"every {schedule.step} {schedule.unit}{'s' * (schedule.step > 1)}{turns}, {when}"),
             Fact("Periods counted from", day(schedule.aligned_on))]
    known += [Fact("Paused", f"{_pause_days(pause)}: {_PAUSES[pause.billing]}. {pause.reason}".rstrip())
              for pause in part.pauses]
    periods = list(_periods(span, part))
    known += [Fact("Whole period" if not period.is_stub else "Part of a period", _share(period)) for period in periods]
    if any(period.is_stub for period in periods):
        known.append(Fact("Parts are counted", PRORATION_LABELS[facts.rules.proration]))
        if part.merges_stub and len(periods) > 1:
            known.append(Fact("First part", "Billed together with the next full period"))
    if facts.amounts.arithmetic:
        known.append(Fact("Worked out", facts.amounts.arithmetic))
    return Step(Topic.PERIOD, days(*span), known)


def _periods(span: Period, part: Component) -> Iterator[BillablePeriod]:
    gaps = [Period(pause.start_on, pause.end_on or span.end) for pause in part.pauses if pause.billing != "bill"]
    return periods_within(part.schedule, without([span], gaps))


def _share(period: BillablePeriod) -> str:
    if not period.is_stub:
        return days(*period.span)
    return f"{days(*period.span)}: {period.span.days} of the {period.full.days} days of {days(*period.full)}"


def _pause_days(pause: Pausing) -> str:
    return days(pause.start_on, pause.end_on) if pause.end_on else f"from {day(pause.start_on)} on"


def _usage(usage: Usage) -> Step:
    return Step(Topic.USAGE, f"{usage.quantity.normalize():f} used", [
        Fact("Used between", days(*usage.period)), Fact("Readings counted", str(usage.readings)),
    ])


def _discount(off: Off, manner: Manner) -> Step:
    until = f" to {day(off.ends_on)}" if off.ends_on else " on"
    known = [Fact("Granted", f"from {day(off.starts_on)}{until}"),
             Fact("Counts for the period of", day(off.counted_on))]
    if off.granted_by:
        known.append(Fact("Granted by", off.granted_by))
    if off.reason:
        known.append(Fact("Because", off.reason))
    return Step(Topic.DISCOUNT, f"{off.name}: {format_money(off.amount_minor, manner.currency)} off", known)


def _tax(facts: Facts, manner: Manner) -> Step:
    known = [Fact(_tax_name(part), _tax_words(part, manner)) for part in facts.taxes]
    known += [Fact("Rate in force since", day(since))
              for since in sorted({part.valid_from for part in facts.taxes if part.valid_from})]
    known += [Fact("Which rate applies", TAX_POINT_LABELS[facts.rules.tax_point]),
              Fact("Rounded", f"{TAX_ROUNDING_LABELS[facts.rules.tax_rounding]}, half up")]
    return Step(Topic.TAX, f"{format_money(facts.amounts.tax_minor, manner.currency)} of tax", known)


def _tax_name(part: TaxPart) -> str:
    return f"{part.name}, {format_percent(part.rate_percent)}" if part.rate_percent else part.name


def _tax_words(part: TaxPart, manner: Manner) -> str:
    if part.exemption:
        return f"Nothing, for the customer is exempt: {part.exemption}"
    base, tax = (format_money(minor, manner.currency) for minor in (part.base_minor, part.tax_minor))
    return f"{tax} on {base}, {'contained in the price' if part.is_inclusive else 'added to the price'}"


def _amount(facts: Facts, manner: Manner) -> Step:
    amounts = facts.amounts
    charged_minor = amounts.net_minor + amounts.tax_minor
    rows = [("Amount", amounts.amount_minor), ("After a discount of", amounts.discount_minor),
            ("Net of tax", amounts.net_minor), ("Tax", amounts.tax_minor)]
    known = [Fact(label, format_money(minor, manner.currency)) for label, minor in rows if minor]
    known.append(Fact("Booked to", facts.account))
    verb = "given back" if charged_minor < 0 else "charged"
    return Step(Topic.AMOUNT, f"{format_money(abs(charged_minor), manner.currency)} {verb}, tax included", known)


def _document(paper: Paper) -> Step:
    known = [Fact("Document", paper.number, Kind.INVOICE, paper.id), Fact("Issued on", day(paper.issued_on))]
    if paper.run_on is not None:
        known += [Fact("Made by", f"Billing run of {day(paper.run_on)}", Kind.RUN, paper.run_id),
                  Fact("Run opened by", paper.requested_by or ""), Fact("Run approved by", paper.approved_by or "")]
    elif paper.posted_by:
        known.append(Fact("Issued by", paper.posted_by))
    if paper.reason:
        known.append(Fact("Reason", paper.reason))
    if paper.void_reason is not None:
        known.append(Fact("Void, because", paper.void_reason))
    return Step(Topic.DOCUMENT, f"Issued as {paper.number}", known)


def _taken_back(others: Sequence[Other], manner: Manner) -> Step:
    minor = -sum(other.amount_minor for other in others)
    return Step(Topic.CORRECTION, f"{format_money(minor, manner.currency)} of it was given back", [
        Fact(format_money(-other.amount_minor, manner.currency),
             other.number + (f", for {days(*other.period)}" if other.period else ""), Kind.INVOICE, other.invoice_id)
        for other in others
    ])

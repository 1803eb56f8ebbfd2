"""From what is on record of a line to the steps that explain it. Pure; amounts in minor units."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from ispbill.billing.why.policy import Fact, Kind, Manner, Step, Topic, day, days, instant
from ispbill.company.policy import PRORATION_LABELS, TAX_POINT_LABELS, TAX_ROUNDING_LABELS
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy, ngettext
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


class Load(NamedTuple):
    """Prepaid time that was bought: of which line and plan, from when to when, by whom."""

    subscription_id: int
    plan_id: int
    plan_name: str
    starts_at: datetime
    ends_at: datetime
    created_by: str
    created_at: datetime


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
    """All that is on record of a line; one that takes back is explained by the line that it takes back."""

    amounts: Amounts
    paper: Paper
    rules: Rules
    account: str
    component: Component | None = None
    once: Once | None = None
    usage: Usage | None = None
    load: Load | None = None
    discounts: Sequence[Off] = ()
    taxes: Sequence[TaxPart] = ()
    takes_back: Other | None = None
    taken_back_by: Sequence[Other] = field(default=())


_KINDS = {
    "one_time": lazy("One-time charge"), "deposit": lazy("Deposit"), "deposit_return": lazy("Deposit given back"),
    "usage": lazy("Usage"), "late_fee": lazy("Late fee"), "early_termination": lazy("Leaving a contract early"),
    "adjustment": lazy("Adjustment"),
}
_PAUSES = {
    "bill": lazy("charged all the same"), "skip": lazy("not charged"),
    "credit": lazy("not charged, and given back where billed"),
}


def trace(facts: Facts, manner: Manner) -> list[Step]:
    """The steps that lead to the line, in the order in which billing takes them."""
    steps = [_subject(facts, manner)]
    if facts.component is not None:
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
        return _credit(facts.takes_back, manner)
    if facts.component is not None:
        part = facts.component
        return Step(Topic.SUBJECT, _("%(plan)s, subscribed to", plan=part.plan_name), [
            Fact(_("Subscription"), _("No. %(id)s", id=part.subscription_id), Kind.SUBSCRIPTION, part.subscription_id),
            Fact(_("Plan"), part.plan_name, Kind.PLAN, part.plan_id),
            Fact(_("Agreed so"), _from_to(part.start_on, part.end_on)),
        ])
    if facts.once is not None:
        once = facts.once
        return Step(Topic.SUBJECT, str(_KINDS[once.kind]), [
            Fact(_("Added by"), f"{once.created_by}, {instant(once.created_at, manner)}"),
            Fact(_("To be billed from"), day(once.bill_on)),
        ])
    if facts.load is not None:
        return _loaded(facts.load, manner)
    return Step(Topic.SUBJECT, facts.amounts.description)


def _loaded(load: Load, manner: Manner) -> Step:
    return Step(Topic.SUBJECT, _("A load of prepaid time"), [
        Fact(_("Prepaid line"), _("No. %(id)s", id=load.subscription_id)),
        Fact(_("Plan"), load.plan_name, Kind.PLAN, load.plan_id),
        Fact(_("Time"), f"{instant(load.starts_at, manner)} – {instant(load.ends_at, manner)}"),
        Fact(_("Loaded by"), f"{load.created_by}, {instant(load.created_at, manner)}"),
    ])


def _credit(other: Other, manner: Manner) -> Step:
    known = [Fact(_("Of"), other.number, Kind.INVOICE, other.invoice_id),
             Fact(_("Billed there"), format_money(other.amount_minor, manner.currency))]
    if other.period:
        known.append(Fact(_("For"), days(*other.period)))
    return Step(Topic.SUBJECT, _("It takes back what was billed"), known)


def _price(facts: Facts, part: Component, manner: Manner) -> Step:
    def money(amount_minor: int) -> str:
        return format_money(amount_minor, manner.currency)

    agreed_minor = facts.amounts.unit_price_minor
    then = _in_force(part.prices, part.start_on)
    now = _in_force(part.prices, facts.paper.issued_on)
    known = [Fact(_("Price of a full period"), money(agreed_minor)), Fact(_("Quantity"), str(facts.amounts.quantity))]
    if then is not None and then.amount_minor == agreed_minor:
        known.append(Fact(_("Version"), _("The plan's price since %(day)s", day=day(then.valid_from))))
    elif then is not None:
        known.append(Fact(_("Version"), _("Agreed with the customer; the plan cost %(price)s then",
                                          price=money(then.amount_minor))))
    if now is not None and now != then and now.amount_minor != agreed_minor:
        known.append(Fact(_("Kept"), _("New customers pay %(price)s since %(day)s", price=money(now.amount_minor),
                                       day=day(now.valid_from))))
    return Step(Topic.PRICE, _("%(price)s a period, as it was agreed", price=money(agreed_minor)), known)


def _in_force(prices: Sequence[Price], on: date) -> Price | None:
    begun = [price for price in prices if price.valid_from <= on]
    return max(begun, key=lambda price: price.valid_from) if begun else None


def _period(facts: Facts, part: Component) -> Step:
    assert facts.amounts.period is not None, "a component is charged for a period"
    span = facts.amounts.period
    known = [Fact(_("Billed"), _rhythm(part)), Fact(_("Periods counted from"), day(part.schedule.aligned_on))]
    known += [Fact(_("Paused"), f"{_pause_days(pause)}: {_PAUSES[pause.billing]}. {pause.reason}".rstrip())
              for pause in part.pauses]
    periods = list(_periods(span, part))
    known += [Fact(_("Part of a period") if period.is_stub else _("Whole period"), _share(period))
              for period in periods]
    if any(period.is_stub for period in periods):
        known.append(Fact(_("Parts are counted"), str(PRORATION_LABELS[facts.rules.proration])))
        if part.merges_stub and len(periods) > 1:
            known.append(Fact(_("First part"), _("Billed together with the next full period")))
    if facts.amounts.arithmetic:
        known.append(Fact(_("Worked out"), facts.amounts.arithmetic))
    return Step(Topic.PERIOD, days(*span), known)


def _rhythm(part: Component) -> str:
    step = part.schedule.step
    if part.schedule.unit == "month":
        every = ngettext("every month on day %(day)s", "every %(num)s months on day %(day)s", step,
                         day=part.schedule.anchor_day)
    else:
        every = ngettext("every day", "every %(num)s days", step)
    return f"{every}, {_('in arrears') if part.in_arrears else _('in advance')}"


def _periods(span: Period, part: Component) -> Iterator[BillablePeriod]:
    gaps = [Period(pause.start_on, pause.end_on or span.end) for pause in part.pauses if pause.billing != "bill"]
    return periods_within(part.schedule, without([span], gaps))


def _share(period: BillablePeriod) -> str:
    if not period.is_stub:
        return days(*period.span)
    return _("%(days)s: %(count)s of the %(all)s days of %(period)s", days=days(*period.span),
             count=period.span.days, all=period.full.days, period=days(*period.full))


def _pause_days(pause: Pausing) -> str:
    return days(pause.start_on, pause.end_on) if pause.end_on else _from_to(pause.start_on, None)


def _from_to(start_on: date, end_on: date | None) -> str:
    """Days with the first one that is not meant any more."""
    if end_on is None:
        return _("from %(day)s on", day=day(start_on))
    return _("from %(start)s to %(end)s", start=day(start_on), end=day(end_on))


def _usage(usage: Usage) -> Step:
    return Step(Topic.USAGE, _("%(quantity)s used", quantity=f"{usage.quantity.normalize():f}"), [
        Fact(_("Used between"), days(*usage.period)), Fact(_("Readings counted"), str(usage.readings)),
    ])


def _discount(off: Off, manner: Manner) -> Step:
    known = [Fact(_("Granted"), _from_to(off.starts_on, off.ends_on)),
             Fact(_("Counts for the period of"), day(off.counted_on))]
    if off.granted_by:
        known.append(Fact(_("Granted by"), off.granted_by))
    if off.reason:
        known.append(Fact(_("Because"), off.reason))
    return Step(Topic.DISCOUNT, _("%(discount)s: %(amount)s off", discount=off.name,
                                  amount=format_money(off.amount_minor, manner.currency)), known)


def _tax(facts: Facts, manner: Manner) -> Step:
    known = [Fact(_tax_name(part), _tax_words(part, manner)) for part in facts.taxes]
    known += [Fact(_("Rate in force since"), day(since))
              for since in sorted({part.valid_from for part in facts.taxes if part.valid_from})]
    rounded = _("%(where)s, half up", where=TAX_ROUNDING_LABELS[facts.rules.tax_rounding])
    known += [Fact(_("Which rate applies"), str(TAX_POINT_LABELS[facts.rules.tax_point])),
              Fact(_("Rounded"), rounded)]
    amount = format_money(facts.amounts.tax_minor, manner.currency)
    return Step(Topic.TAX, _("%(amount)s of tax", amount=amount), known)


def _tax_name(part: TaxPart) -> str:
    return f"{part.name}, {format_percent(part.rate_percent)}" if part.rate_percent else part.name


def _tax_words(part: TaxPart, manner: Manner) -> str:
    if part.exemption:
        return _("Nothing, for the customer is exempt: %(reason)s", reason=part.exemption)
    base, tax = (format_money(minor, manner.currency) for minor in (part.base_minor, part.tax_minor))
    if part.is_inclusive:
        return _("%(tax)s on %(base)s, contained in the price", tax=tax, base=base)
    return _("%(tax)s on %(base)s, added to the price", tax=tax, base=base)


def _amount(facts: Facts, manner: Manner) -> Step:
    amounts = facts.amounts
    charged_minor = amounts.net_minor + amounts.tax_minor
    rows = [(_("Amount"), amounts.amount_minor), (_("After a discount of"), amounts.discount_minor),
            (_("Net of tax"), amounts.net_minor), (_("Tax"), amounts.tax_minor)]
    known = [Fact(label, format_money(minor, manner.currency)) for label, minor in rows if minor]
    known.append(Fact(_("Booked to"), facts.account))
    amount = format_money(abs(charged_minor), manner.currency)
    title = _("%(amount)s given back, tax included", amount=amount) if charged_minor < 0 \
        else _("%(amount)s charged, tax included", amount=amount)
    return Step(Topic.AMOUNT, title, known)


def _document(paper: Paper) -> Step:
    known = [Fact(_("Document"), paper.number, Kind.INVOICE, paper.id), Fact(_("Issued on"), day(paper.issued_on))]
    if paper.run_on is not None:
        run = _("Billing run of %(day)s", day=day(paper.run_on))
        known += [Fact(_("Made by"), run, Kind.RUN, paper.run_id), Fact(_("Run opened by"), paper.requested_by or ""),
                  Fact(_("Run approved by"), paper.approved_by or "")]
    elif paper.posted_by:
        known.append(Fact(_("Issued by"), paper.posted_by))
    if paper.reason:
        known.append(Fact(_("Reason"), paper.reason))
    if paper.void_reason is not None:
        known.append(Fact(_("Void, because"), paper.void_reason))
    return Step(Topic.DOCUMENT, _("Issued as %(number)s", number=paper.number), known)


def _taken_back(others: Sequence[Other], manner: Manner) -> Step:
    amount = format_money(-sum(other.amount_minor for other in others), manner.currency)
    return Step(Topic.CORRECTION, _("%(amount)s of it was given back", amount=amount), [
        Fact(format_money(-other.amount_minor, manner.currency), _credited(other), Kind.INVOICE, other.invoice_id)
        for other in others
    ])


def _credited(other: Other) -> str:
    if other.period is None:
        return other.number
    return _("%(number)s, for %(days)s", number=other.number, days=days(*other.period))

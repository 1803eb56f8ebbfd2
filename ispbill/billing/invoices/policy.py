"""How a document is drafted: what components and pending charges come to, taxes, totals. Pure; minor units."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from ispbill.billing.charges.policy import Component, OneTime, UnsafeDraft, charge_component, charge_once
from ispbill.billing.lines.policy import LineDraft, Tax
from ispbill.billing.pricing.policy import PLAIN, Due, Pricing, Rules, cash_rounding, priced
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_percent
from ispbill.subscriptions.policy import Terms

# A draft beyond this bound is a fault in the data, not a bill: the customer is parked and a person looks.
MOST_LINES = 200


class DocumentKind(StrEnum):
    """What a document is: it says what is owed, takes some of that back, or adds to it."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"


class BillWay(StrEnum):
    """How a customer gets their bills: who agreed to it and has an address, by e-mail; all others on paper."""

    PAPER = "paper"
    EMAIL = "email"


class Lateness(StrEnum):
    """How a document that fell due was paid, by the days between its due day and the day it was settled."""

    ON_TIME = "on_time"
    WEEK = "week"
    MONTH = "month"
    LONGER = "longer"
    NOT_DUE = "not_due"
    OVERDUE = "overdue"


# The most days late of each class but the last of those that are paid.
DAYS_LATE = {Lateness.ON_TIME: 0, Lateness.WEEK: 7, Lateness.MONTH: 30}
LATENESS_LABELS = {
    Lateness.ON_TIME: lazy("On or before the due day"), Lateness.WEEK: lazy("1–7 days late"),
    Lateness.MONTH: lazy("8–30 days late"), Lateness.LONGER: lazy("More than 30 days late"),
    Lateness.NOT_DUE: lazy("Not paid, not due yet"), Lateness.OVERDUE: lazy("Not paid, overdue"),
}


class TaxDraft(NamedTuple):
    """The tax of one rate over the whole document."""

    tax: Tax
    base_minor: int
    tax_minor: int


class Advance(NamedTuple):
    """How far a component is billed once the document stands, and when it is due again (None: not any more)."""

    component_id: int
    subscription_id: int
    billed_until: date
    due_on: date | None


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """A document before it has a number. Amounts that are credited are negative.

    With it stands how far each component is billed (`advances`) and which lines charge nothing any more (`released`).
    """

    customer_id: int
    lines: list[LineDraft]
    taxes: list[TaxDraft]
    net_minor: int
    tax_minor: int
    advances: Sequence[Advance] = ()
    released: Sequence[int] = ()

    @property
    def total_minor(self) -> int:
        """What the customer will owe, or be owed."""
        return self.net_minor + self.tax_minor

    @property
    def kind(self) -> DocumentKind:
        """A document that takes back more than it asks is a credit note."""
        return DocumentKind.CREDIT_NOTE if self.total_minor < 0 else DocumentKind.INVOICE


def draft_invoice(
    customer_id: int, components: Sequence[Component], *, charges: Sequence[OneTime] = (), on: date, terms: Terms,
    pricing: Pricing = PLAIN,
) -> InvoiceDraft:
    """Everything the customer's components have due by a day, and the charges that wait. Raises UnsafeDraft."""
    lines: list[LineDraft] = []
    advances: list[Advance] = []
    released: list[int] = []
    for component in components:
        charged = charge_component(component, on=on, terms=terms)
        lines += charged.lines
        advances.append(Advance(component.id, component.subscription_id, charged.billed_until, charged.due_on))
        released += charged.released
    lines += map(charge_once, charges)
    if len(lines) > MOST_LINES:
        raise UnsafeDraft(_("%(count)s lines on one invoice; %(most_lines)s are the most", count=len(lines),
                            most_lines=MOST_LINES))
    if not pricing.is_plain:
        kinds = {charge.id: charge.kind for charge in charges}
        lines = priced(lines, Due({part.id: part for part in components}, kinds, on, terms), pricing)
    return total(customer_id, lines, advances, released, rules=pricing.rules)


def total(
    customer_id: int, lines: list[LineDraft], advances: Sequence[Advance] = (), released: Sequence[int] = (), *,
    rules: Rules = PLAIN.rules,
) -> InvoiceDraft:
    """The lines as a draft: taxes summed by part and rate, totals summed by line, and rounded to what cash can pay."""
    net_minor, tax_minor = sum(line.net_minor for line in lines), sum(line.tax_minor for line in lines)
    rounding = cash_rounding(net_minor + tax_minor, rules)
    if rounding is not None:
        lines, net_minor = [*lines, rounding], net_minor + rounding.net_minor
    return InvoiceDraft(
        customer_id=customer_id, lines=lines, taxes=_tax_sums(lines), net_minor=net_minor, tax_minor=tax_minor,
        advances=advances, released=released,
    )


def tax_words(name: str, rate_percent: Decimal, exemption: str) -> str:
    """How documents name a tax: “VAT, 12 %”, “VAT exempt (school)”, or only the name of one that is an amount."""
    if exemption:
        return f"{name} exempt ({exemption})"
    return f"{name}, {format_percent(rate_percent)}" if rate_percent else name


def due_day(on: date, *, due_days: int) -> date:
    """The last day to pay in time, where the days to pay begin on a day."""
    return date.fromordinal(on.toordinal() + due_days)


def _tax_sums(lines: Sequence[LineDraft]) -> list[TaxDraft]:
    bases: dict[Tax, list[int]] = {}
    for line in lines:
        for tax, base_minor, tax_minor in line.extras.taxes or ((line.tax, line.net_minor, line.tax_minor),):
            if tax is not None:
                sums = bases.setdefault(tax, [0, 0])
                sums[0] += base_minor
                sums[1] += tax_minor
    return [TaxDraft(tax, base_minor, tax_minor) for tax, (base_minor, tax_minor) in bases.items()]

"""What a paper says, word for word: facts in, ready text out. Pure; the templates only lay it out.

The seller and the buyer are those of the day of issue; money that came in since is printed as such.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from ispbill.core import formats
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money
from ispbill.core.periods import Period

# BIR Revenue Regulations 7-2024, section 6(D): supplementary documents carry these words.
SUPPLEMENTARY_WORDS = {"PHP": lazy("THIS DOCUMENT IS NOT VALID FOR CLAIM OF INPUT TAX")}
TAX_IDENTIFIER_NAMES = {"PHP": "TIN"}


@dataclass(frozen=True, slots=True)
class Party:
    """Who sells or buys, as of the day of issue; `registration` is what the law wants below a seller's tax number."""

    name: str
    address: str = ""
    tax_identifier: str = ""
    registration: str = ""
    contact: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """A line of an invoice; `includes_tax` where the amount as agreed contains it."""

    description: str
    arithmetic: str
    period: Period | None
    quantity: int
    unit_price_minor: int
    amount_minor: int
    includes_tax: bool


@dataclass(frozen=True, slots=True)
class TaxShare:
    """The tax of one rate, named as documents name it."""

    name: str
    base_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """A part of a payment, a credit note or a write-off that settles an invoice; `verb` is how that is said."""

    invoice_number: str
    payment_number: str
    invoice_issued_on: date
    received_on: date
    invoice_total_minor: int
    amount_minor: int
    verb: str = lazy("Paid")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A document that was taken back: when, and why."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What every document has; `logo` is an SVG that holds all it shows, or empty."""

    number: str
    issued_on: date
    seller: Party
    buyer: Party
    account_number: str
    currency: str
    accent: str
    total_minor: int
    settlements: tuple[Settlement, ...]
    withdrawal: Withdrawal | None
    logo: str = ""


@dataclass(frozen=True, slots=True)
class InvoicePaper:
    """What an invoice, a credit note or a debit note says.

    Of a note, `corrects` is the number of the document it is about, and `reason` why. A credit note's amounts are below
    zero, and its settlements say what was done with them. `untaxed_minor` is what the lines without any tax come to.
    """

    paper: Paper
    due_on: date
    net_minor: int
    charges: tuple[Charge, ...]
    taxes: tuple[TaxShare, ...]
    note: str
    kind: str = "invoice"
    corrects: str = ""
    reason: str = ""
    untaxed_minor: int = 0


@dataclass(frozen=True, slots=True)
class ReceiptPaper:
    """What a receipt says."""

    paper: Paper
    method: str
    reference: str
    received_by: str
    note: str


@dataclass(frozen=True, slots=True)
class LoadPaper:
    """What the receipt of a prepaid load says; instants are local to the company."""

    paper: Paper
    invoice_number: str
    method: str
    reference: str
    loaded_by: str
    plan: str
    time: str
    starts_at: datetime
    ends_at: datetime
    net_minor: int
    tax_minor: int
    credited_minor: int
    rounding_minor: int = 0


def invoice_words(invoice: InvoicePaper) -> dict[str, object]:
    """The values of `invoice.typ`: of an invoice or a debit note, or of a credit note, which counts the other way."""
    if invoice.kind == "credit_note":
        return _credit_words(invoice)
    name = _("Debit note") if invoice.kind == "debit_note" else _("Invoice")
    paper, currency = invoice.paper, invoice.paper.currency
    open_minor = paper.total_minor - sum(part.amount_minor for part in paper.settlements)
    return {
        **_shared_words(name, paper),
        "address_heading": _("Billed to"), "legal": "",
        "facts": _present(
            (_("%(name)s number", name=name), paper.number), (_("Date of issue"), long_date(paper.issued_on)),
            (_("Due date"), long_date(invoice.due_on)), (_("About invoice"), invoice.corrects),
            (_("Account number"), paper.account_number),
        ),
        "watermark": _("VOID") if paper.withdrawal else None,
        "notice": paper.withdrawal and _notice(_("This %(lower)s is void since", lower=name.lower()), paper.withdrawal),
        "headline": headline(open_minor, due_on=invoice.due_on, currency=currency),
        "headings": _charge_headings(invoice.charges),
        "lines": [_charge_words(charge, invoice.charges, currency) for charge in invoice.charges],
        "totals": total_words(invoice),
        "settlement": [
            (", ".join(filter(None, (f"{part.verb} {long_date(part.received_on)}", part.payment_number))),
             format_money(-part.amount_minor, currency)) for part in paper.settlements
        ],
        "grand": (_("Total, void"), format_money(paper.total_minor, currency)) if paper.withdrawal
        else (_("Amount due"), format_money(open_minor, currency)),
        "note": "\n".join(filter(None, (_reason(invoice), invoice.note))),
    }


def _reason(invoice: InvoicePaper) -> str:
    """Why there is a debit note; of an invoice, what was noted on it by hand."""
    is_note = invoice.kind == "debit_note" and invoice.reason
    return _("Reason: %(reason)s", reason=invoice.reason) if is_note else invoice.reason


def _credit_words(note: InvoicePaper) -> dict[str, object]:
    """The values of `invoice.typ` of a credit note: what is taken back, above zero, and what was done with it."""
    paper, currency = note.paper, note.paper.currency
    charges = tuple(replace(charge, amount_minor=-charge.amount_minor) for charge in note.charges)
    taxes = tuple(replace(tax, base_minor=-tax.base_minor, tax_minor=-tax.tax_minor) for tax in note.taxes)
    total_minor = -paper.total_minor
    left_minor = total_minor - sum(part.amount_minor for part in paper.settlements)
    return {
        **_shared_words(_("Credit note"), paper),
        "address_heading": _("Credited to"), "legal": "",
        "facts": _present(
            (_("Credit note number"), paper.number), (_("Date of issue"), long_date(paper.issued_on)),
            (_("About invoice"), note.corrects), (_("Account number"), paper.account_number),
        ),
        "watermark": _("VOID") if paper.withdrawal else None,
        "notice": paper.withdrawal and _notice(_("This credit note is void since"), paper.withdrawal),
        "headline": _("%(total)s credited", total=format_money(total_minor, currency)),
        "headings": _charge_headings(charges),
        "lines": [_charge_words(charge, charges, currency) for charge in charges],
        "totals": total_words(replace(note, taxes=taxes, net_minor=-note.net_minor, untaxed_minor=-note.untaxed_minor,
                                      paper=replace(paper, total_minor=total_minor))),
        "settlement": [
            (f"{part.verb} {part.invoice_number}".strip(), format_money(-part.amount_minor, currency))
            for part in paper.settlements
        ],
        "grand": (_("Total, void"), format_money(total_minor, currency)) if paper.withdrawal
        else (_("Kept as credit"), format_money(left_minor, currency)) if paper.settlements
        else (_("Total credited"), format_money(total_minor, currency)),
        "note": note.reason and _("Reason: %(reason)s", reason=note.reason),
    }


def receipt_words(receipt: ReceiptPaper) -> dict[str, object]:
    """The values of `receipt.typ`."""
    paper, currency = receipt.paper, receipt.paper.currency
    free_minor = paper.total_minor - sum(part.amount_minor for part in paper.settlements)
    left = [(_("Kept as credit"), format_money(free_minor, currency))] if free_minor and not paper.withdrawal else []
    facts = [
        (_("Receipt number"), paper.number), (_("Date received"), long_date(paper.issued_on)),
        (_("Paid by"), receipt.method), (_("Reference"), receipt.reference),
        (_("Account number"), paper.account_number), (_("Received by"), receipt.received_by),
    ]
    return {
        **_shared_words(_("Receipt"), paper),
        "facts": [(name, value) for name, value in facts if value],
        "watermark": _("REVERSED") if paper.withdrawal else None,
        "notice": paper.withdrawal and _notice(_("This payment was reversed on"), paper.withdrawal),
        "headline": _("%(total)s received %(long_date)s", total=format_money(paper.total_minor, currency),
                      long_date=long_date(paper.issued_on)),
        "from": _("Received from"),
        "headings": (_("Settles invoice"), _("Issued"), _("Invoice total"), _("Paid here")),
        "lines": [
            {"number": part.invoice_number, "issued": long_date(part.invoice_issued_on),
             "total": format_money(part.invoice_total_minor, currency),
             "amount": format_money(part.amount_minor, currency)}
            for part in paper.settlements
        ],
        "totals": left, "grand": (_("Amount received"), format_money(paper.total_minor, currency)),
        "legal": SUPPLEMENTARY_WORDS.get(currency, ""), "note": receipt.note,
    }


def load_words(load: LoadPaper) -> dict[str, object]:
    """The values of `load.typ`."""
    paper, currency = load.paper, load.paper.currency
    facts = [
        (_("Receipt number"), paper.number), (_("Date"), long_date(paper.issued_on)),
        (_("Invoice"), load.invoice_number),
        (_("Paid by"), load.method), (_("Reference"), load.reference), (_("Account number"), paper.account_number),
        (_("Loaded by"), load.loaded_by),
    ]
    totals = [(_("Net of tax"), load.net_minor), (_("Tax"), load.tax_minor)] if load.tax_minor else []
    totals += [(_("Rounding"), load.rounding_minor)] if load.rounding_minor else []
    totals += [(_("Given back to the wallet"), load.credited_minor)] if load.credited_minor else []
    return {
        **_shared_words(_("Prepaid receipt"), paper),
        "facts": [(name, value) for name, value in facts if value],
        "watermark": _("CANCELLED") if paper.withdrawal else None,
        "notice": paper.withdrawal and _notice(_("This load was cancelled on"), paper.withdrawal),
        "headline": _("Served until %(long_moment)s", long_moment=long_moment(load.ends_at)),
        "from": _("Loaded for"), "headings": (_("Plan"), _("From"), _("Until"), _("Amount")),
        "line": {"plan": load.plan, "time": load.time, "from": long_moment(load.starts_at),
                 "until": long_moment(load.ends_at), "amount": format_money(paper.total_minor, currency)},
        "totals": [(name, format_money(amount_minor, currency)) for name, amount_minor in totals],
        "grand": (_("Paid"), format_money(paper.total_minor, currency)),
        "legal": SUPPLEMENTARY_WORDS.get(currency, ""), "note": "",
    }


def headline(open_minor: int, *, due_on: date, currency: str) -> str:
    """The one sentence a customer looks for."""
    if open_minor == 0:
        return _("Paid in full")
    return _("%(open)s due %(long_date)s", open=format_money(open_minor, currency), long_date=long_date(due_on))


def page_words() -> str:
    """How pages are counted at their foot; the template puts both numbers in."""
    return _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}")


def amount_heading(charges: tuple[Charge, ...]) -> str:
    """The head of the column of amounts: whether they contain the tax, where all do."""
    return _("Amount incl. tax") if charges and all(charge.includes_tax for charge in charges) else _("Amount")


def total_words(invoice: InvoicePaper) -> list[tuple[str, str]]:
    """Net, each tax, and what bears none beside them; and the total.

    The law wants them apart: the sale by what is taxed, exempt and zero-rated, the tax as a line of its own, and the
    total with it (RR 16-2005, section 4.113-1(B), as RR 7-2024 keeps it).
    """
    currency = invoice.paper.currency
    rows = [
        (_("%(name)s of %(base)s", name=tax.name, base=format_money(tax.base_minor, currency)),
         format_money(tax.tax_minor, currency)) for tax in invoice.taxes
    ]
    if rows:
        rows.insert(0, (_("Net of tax"), format_money(invoice.net_minor, currency)))
        if invoice.untaxed_minor:
            untaxed = format_money(invoice.untaxed_minor, currency)
            rows.append((_("No tax on %(base)s", base=untaxed), format_money(0, currency)))
    if rows or invoice.paper.settlements:
        rows.append((_("Total"), format_money(invoice.paper.total_minor, currency)))
    return rows


def long_date(day: date) -> str:
    """“9 December 2026”: no country reads it wrongly."""
    return formats.long_date(day)


def long_moment(moment: datetime) -> str:
    """“9 December 2026, 14:05”."""
    return f"{long_date(moment.date())}, {formats.clock(moment)}"


def period_text(period: Period) -> str:
    """First and last day of a period, as documents print it."""
    return f"{long_date(period.start)} – {long_date(period.last_day)}"


def _present(*facts: tuple[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in facts if value]


def _shared_words(title: str, paper: Paper) -> dict[str, object]:
    return {
        "title": title, "number": paper.number, "accent": paper.accent, "logo": paper.logo, "page": page_words(),
        "seller": party_words(paper.seller, paper.currency), "buyer": party_words(paper.buyer, paper.currency),
    }


def party_words(party: Party, currency: str) -> dict[str, object]:
    """Who writes or is written to: name, and the lines below it."""
    name = TAX_IDENTIFIER_NAMES.get(currency, "Tax ID")
    identifier = f"{name} {party.tax_identifier}" if party.tax_identifier else ""
    details = (party.address, identifier, party.registration, *party.contact)
    return {"name": party.name, "details": [text for text in details if text]}


def _charge_headings(charges: tuple[Charge, ...]) -> tuple[str, ...]:
    return _("Description"), _("Quantity"), _("Price"), amount_heading(charges)


def _charge_words(charge: Charge, charges: tuple[Charge, ...], currency: str) -> dict[str, str]:
    mixed = charge.includes_tax and not all(other.includes_tax for other in charges)
    period = period_text(charge.period) if charge.period else ""
    return {
        "description": charge.description, "arithmetic": charge.arithmetic,
        "period": ", ".join(filter(None, (period, _("tax included") if mixed else ""))),
        "quantity": str(charge.quantity), "price": format_money(charge.unit_price_minor, currency),
        "amount": format_money(charge.amount_minor, currency),
    }


def _notice(sentence: str, withdrawal: Withdrawal) -> str:
    return f"{sentence} {long_date(withdrawal.on)}: {withdrawal.reason}"

"""What a proforma invoice says, word for word: the words of an invoice, and that it is none. Pure."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ispbill.billing.documents.policy import (
    SUPPLEMENTARY_WORDS,
    Charge,
    InvoicePaper,
    Paper,
    TaxShare,
    invoice_words,
    long_date,
)
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money

NO_INVOICE = lazy("THIS IS NOT AN INVOICE. NOTHING IS OWED BY IT.")


@dataclass(frozen=True, slots=True)
class ProformaPaper:
    """What a proforma says; `invoice_number` is the invoice that it became."""

    paper: Paper
    valid_until: date
    net_minor: int
    charges: tuple[Charge, ...]
    taxes: tuple[TaxShare, ...]
    note: str
    invoice_number: str


def proforma_words(proforma: ProformaPaper) -> dict[str, object]:
    """The values of `invoice.typ`."""
    paper = proforma.paper
    facts = [
        (_("Proforma number"), paper.number), (_("Date of issue"), long_date(paper.issued_on)),
        (_("Valid until"), long_date(proforma.valid_until)), (_("Invoiced as"), proforma.invoice_number),
        (_("Account number"), paper.account_number),
    ]
    total = format_money(paper.total_minor, paper.currency)
    words = invoice_words(InvoicePaper(
        paper=paper, due_on=proforma.valid_until, net_minor=proforma.net_minor, charges=proforma.charges,
        taxes=proforma.taxes, note=proforma.note,
    ))
    notice = _("This proforma is cancelled: %(reason)s", reason=paper.withdrawal.reason) if paper.withdrawal else None
    return {
        **words, "title": _("Proforma invoice"), "address_heading": _("For"),
        "facts": [fact for fact in facts if fact[1]],
        "watermark": _("CANCELLED") if paper.withdrawal else None, "notice": notice,
        "headline": _("%(total)s, valid until %(day)s", total=total, day=long_date(proforma.valid_until)),
        "grand": (_("Total"), total),
        "legal": "\n".join(filter(None, (NO_INVOICE, SUPPLEMENTARY_WORDS.get(paper.currency, "")))),
    }

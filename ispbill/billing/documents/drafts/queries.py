"""Reads everything that the draft of an invoice prints: what it would say if it were issued today."""
from __future__ import annotations

from ispbill.billing.documents.policy import Charge, InvoicePaper, Paper, Party, TaxShare
from ispbill.billing.documents.queries import seller_party
from ispbill.billing.drafts import queries as drafts
from ispbill.billing.drafts import service
from ispbill.billing.invoices.buyers import buyer_of
from ispbill.billing.invoices.policy import TaxDraft, due_day, tax_words
from ispbill.billing.lines.policy import LineDraft
from ispbill.company import queries as company
from ispbill.company.logo import queries as logo
from ispbill.core.current import current


def draft_paper(draft_id: int) -> InvoicePaper | None:
    """What a draft would say as an invoice of today; None where there is none, or it was issued: read the invoice."""
    row = drafts.detail(draft_id)
    if row is None or row.invoice_id is not None:
        return None
    made, settings, today = service.foreseen(row), company.settings(), current.today()
    return InvoicePaper(
        paper=Paper(
            number="", issued_on=today, seller=seller_party(company.identity()),
            buyer=Party(*buyer_of(row.customer_id)), account_number=row.customer.account_number,
            currency=current.tenant.currency, accent=settings.accent_colour,
            total_minor=made.total_minor, settlements=(), withdrawal=None, logo=logo.on_papers(),
        ),
        due_on=row.due_on or due_day(today, due_days=settings.due_days), net_minor=made.net_minor,
        charges=tuple(map(_charge, made.lines)), taxes=tuple(map(_share, made.taxes)), note=settings.invoice_note,
        reason=row.note,
    )


def _charge(line: LineDraft) -> Charge:
    includes_tax = line.tax_minor != 0 and line.amount_minor == line.net_minor + line.tax_minor
    return Charge(line.description, line.arithmetic, None, line.quantity, line.unit_price_minor, line.amount_minor,
                  includes_tax)


def _share(part: TaxDraft) -> TaxShare:
    tax = part.tax
    return TaxShare(tax_words(tax.name, tax.rate_percent, tax.exemption), part.base_minor, part.tax_minor)

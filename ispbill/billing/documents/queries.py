"""Reads everything that a paper prints, in a constant number of statements."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from ispbill.areas import queries as areas
from ispbill.billing.documents.policy import (
    Charge,
    InvoicePaper,
    LoadPaper,
    Paper,
    Party,
    ReceiptPaper,
    Settlement,
    TaxShare,
    Withdrawal,
)
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.payments import queries as payments
from ispbill.billing.payments.models import METHOD_LABELS, Payment, PaymentAllocation
from ispbill.billing.prepaid import queries as prepaid
from ispbill.billing.prepaid.models import PrepaidLoad
from ispbill.billing.prepaid.policy import in_days
from ispbill.company import queries as company
from ispbill.company.logo import queries as logo
from ispbill.company.models import CompanyIdentity
from ispbill.core import formats
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.core.periods import Period
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer


def invoice_paper(invoice_id: int) -> InvoicePaper | None:
    """What an invoice says, with the money that has settled it since."""
    return next(iter(invoice_papers([invoice_id])), None)


def invoice_papers(invoice_ids: Collection[int]) -> list[InvoicePaper]:
    """The same of many invoices, by their ids, in a constant number of statements."""
    documents, settings, shown = invoices.details(invoice_ids), company.settings(), logo.on_papers()
    settlements = _settlements(documents)
    corrected = _numbers({document.corrects_id for document in documents if document.corrects_id})
    return [
        InvoicePaper(
            paper=_paper_of_invoice(document, settlements.get(document.id, ()), accent=settings.accent_colour,
                                    shown=shown),
            due_on=document.due_on, net_minor=document.net_minor, charges=tuple(map(_charge, document.lines)),
            note=settings.invoice_note, kind=document.kind, corrects=corrected.get(document.corrects_id or 0, ""),
            reason=document.reason, untaxed_minor=_untaxed_minor(document),
            taxes=tuple(TaxShare(tax.display, tax.base_minor, tax.tax_minor) for tax in document.taxes),
        ) for document in documents
    ]


def receipt_paper(payment_id: int) -> ReceiptPaper | None:
    """What a receipt says, with the invoices that the money settles now."""
    payment = payments.detail(payment_id)
    if payment is None:
        return None
    return ReceiptPaper(
        paper=_paper_of_payment(payment, accent=company.settings().accent_colour),
        method=METHOD_LABELS[payment.method], reference=payment.reference, received_by=payment.recorded_by,
        note=payment.note,
    )


def load_paper(load_id: int) -> LoadPaper | None:
    """What the receipt of a prepaid load says, the line's time as it was granted."""
    load = prepaid.get_load(load_id)
    if load is None:
        return None
    zone, payment = current.tenant.zone, load.payment
    starts_at, ends_at = load.starts_at, load.starts_at + timedelta(seconds=load.seconds_granted)
    return LoadPaper(
        paper=_paper_of_load(load, accent=company.settings().accent_colour), invoice_number=load.invoice.number,
        method=METHOD_LABELS[payment.method] if payment else _("Wallet"),
        reference=payment.reference if payment else "",
        loaded_by=load.created_by, plan=load.plan.name, time=in_days(ends_at - starts_at),
        starts_at=starts_at.astimezone(zone), ends_at=ends_at.astimezone(zone), net_minor=load.net_minor,
        tax_minor=load.tax_minor, credited_minor=load.credited_minor, rounding_minor=load.rounding_minor,
    )


def _paper_of_load(load: PrepaidLoad, *, accent: str) -> Paper:
    customer = customers.get(load.subscription.customer_id)
    assert customer is not None, "a load has a customer"
    zone, stopped = current.tenant.zone, load.cancelled_at
    return Paper(
        number=(load.payment or load.invoice).number, issued_on=load.created_at.astimezone(zone).date(),
        seller=seller_party(_identity_at(load.created_at)), buyer=buyer_party(customer),
        account_number=customer.account_number, currency=current.tenant.currency, accent=accent,
        total_minor=load.total_minor, settlements=(), logo=logo.on_papers(),
        withdrawal=Withdrawal(stopped.astimezone(zone).date(), load.cancel_reason) if stopped else None,
    )


def _paper_of_invoice(
    invoice: Invoice, settlements: tuple[Settlement, ...], *, accent: str, shown: str
) -> Paper:
    withdrawal = Withdrawal(invoice.voided_on, invoice.void_reason or "") if invoice.voided_on else None
    return Paper(
        number=invoice.number, issued_on=invoice.issued_on, seller=seller_party(invoice.seller),
        buyer=Party(invoice.buyer_name, invoice.buyer_address, invoice.buyer_tax_identifier),
        account_number=invoice.customer.account_number, currency=current.tenant.currency, accent=accent,
        total_minor=invoice.total_minor, withdrawal=withdrawal, settlements=settlements, logo=shown,
    )


def _settlements(documents: Sequence[Invoice]) -> dict[int, tuple[Settlement, ...]]:
    """What settles invoices, and what credit notes settle, by document."""
    paid = payments.settlements_of([document.id for document in documents if not document.is_credit])
    notes = [document.id for document in documents if document.is_credit]
    spent = payments.spendings_of(notes) if notes else {}
    return {
        document.id: _spent(document, spent.get(document.id, [])) if document.is_credit
        else _settled(document, paid.get(document.id, [])) for document in documents
    }


def _settled(invoice: Invoice, rows: Sequence[payments.Settlement]) -> tuple[Settlement, ...]:
    verbs = {"payment_id": _("Paid"), "credit_note_id": _("Credited"), "write_off_id": _("Written off")}
    return tuple(
        Settlement(invoice.number, row.number if not row.write_off_id else "", invoice.issued_on, row.on,
                   invoice.total_minor, row.amount_minor,
                   next(verb for name, verb in verbs.items() if getattr(row, name)))
        for row in rows
    )


def _spent(note: Invoice, shares: Sequence[PaymentAllocation]) -> tuple[Settlement, ...]:
    return tuple(
        Settlement(share.invoice.number if share.invoice else "", note.number, note.issued_on, note.issued_on, 0,
                   share.amount_minor, _("Settles") if share.invoice else _("Refunded"))
        for share in shares
    )


def _numbers(invoice_ids: Collection[int]) -> dict[int, str]:
    if not invoice_ids:
        return {}
    rows = db.session.execute(select(Invoice.id, Invoice.number).where(Invoice.id == any_key(invoice_ids)))
    return {invoice_id: number for invoice_id, number in rows}


def _paper_of_payment(payment: Payment, *, accent: str) -> Paper:
    withdrawal = Withdrawal(payment.reversed_on, payment.reversal_reason or "") if payment.reversed_on else None
    customer = customers.get(payment.customer_id)
    assert customer is not None, "a payment has a customer"
    return Paper(
        number=payment.number, issued_on=payment.received_on, seller=seller_party(_identity_at(payment.recorded_at)),
        buyer=buyer_party(customer), account_number=customer.account_number, currency=current.tenant.currency,
        accent=accent, total_minor=payment.amount_minor, withdrawal=withdrawal, logo=logo.on_papers(),
        settlements=tuple(
            Settlement(share.invoice.number, payment.number, share.invoice.issued_on, payment.received_on,
                       share.invoice.total_minor, share.amount_minor)
            for share in payment.live_allocations if share.invoice is not None
        ),
    )


def _untaxed_minor(invoice: Invoice) -> int:
    return sum(line.net_minor for line in invoice.lines if line.tax_rate_id is None and not line.tax_minor)


def _charge(line: InvoiceLine) -> Charge:
    period = Period(line.period_start, line.period_end) if line.period_start and line.period_end else None
    return Charge(
        description=line.description, arithmetic=line.arithmetic, period=period, quantity=line.quantity,
        unit_price_minor=line.unit_price_minor, amount_minor=line.amount_minor, includes_tax=line.includes_tax,
    )


def seller_party(identity: CompanyIdentity) -> Party:
    """The company as it named itself."""
    country = formats.country_of(current.tenant.timezone)
    contact = tuple(filter(None, (formats.phone(identity.phone, country=country), identity.email)))
    return Party(identity.legal_name, identity.address, identity.tax_identifier, identity.registration, contact)


def buyer_party(customer: Customer) -> Party:
    """A customer as they are now."""
    return Party(customer.name, areas.address(customer.street, customer.area), customer.tax_identifier)


def _identity_at(instant: datetime) -> CompanyIdentity:
    """The company as it named itself then: a receipt printed again is the same receipt."""
    known = db.session.scalars(
        select(CompanyIdentity).where(CompanyIdentity.created_at <= instant)
        .order_by(CompanyIdentity.id.desc()).limit(1)
    ).first()
    return known or company.identity()

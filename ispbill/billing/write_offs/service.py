"""Giving up what is open of an invoice, and taking that back. The loss is booked whole: net and tax are bad debt."""
from __future__ import annotations

from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.ledger import service as ledger
from ispbill.billing.payments import queries as payments
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.payments.models import PaymentAllocation
from ispbill.billing.payments.policy import Share
from ispbill.billing.write_offs.models import WriteOff
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _


def write_off(invoice: Invoice, *, reason: str) -> WriteOff:
    """Give up what is still open of an invoice, its tax included. Money that comes in later recovers it.

    Raises Invalid without a reason, Conflict where nothing is open.
    """
    if not reason.strip():
        raise Invalid(_("Say why it is written off."), field="reason")
    ledger.hold_account(invoice.customer_id)
    open_minor = {row.id: row.open_minor for row in
                  payments.open_invoices([invoice.customer_id]).get(invoice.customer_id, [])}.get(invoice.id, 0)
    if not open_minor:
        raise Conflict(_("Nothing is open of %(number)s.", number=invoice.number))
    row = WriteOff(
        invoice_id=invoice.id, amount_minor=open_minor, written_off_on=invoice.booked_on(current.today()),
        reason=reason.strip(), created_by=current.actor.name, created_at=current.now(),
    )
    db.session.add(row)
    db.session.flush()
    allocations.write_shares([Share(None, invoice.id, open_minor, write_off_id=row.id)])
    publish(allocations.CreditSpent((invoice.customer_id,)))
    db.session.expire_all()
    return row


def take_back(invoice: Invoice) -> None:
    """Expect the money again: what was written off of an invoice and not recovered is owed. Raises Conflict."""
    ledger.hold_account(invoice.customer_id)
    if invoice.status == InvoiceStatus.VOID or not any(
        row.invoice_id == invoice.id for row in payments.written_off([invoice.customer_id])
    ):
        raise Conflict(_("Nothing of %(number)s is written off.", number=invoice.number))
    allocations.release((PaymentAllocation.invoice_id == invoice.id) & PaymentAllocation.write_off_id.is_not(None))
    allocations.settle([invoice.customer_id])
    db.session.expire_all()

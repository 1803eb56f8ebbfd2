"""Reads of opening balances."""
from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import exists, select

from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.opening.policy import ACCOUNT
from ispbill.billing.payments.models import PaymentAllocation
from ispbill.core.bulk import any_key
from ispbill.core.db import db


def standing(customer_ids: Collection[int]) -> dict[int, Invoice]:
    """The documents that brought balances over and stand, by customer."""
    is_opening = exists().where(InvoiceLine.invoice_id == Invoice.id, InvoiceLine.account == ACCOUNT)
    found = db.session.scalars(
        select(Invoice).where(Invoice.customer_id == any_key(customer_ids), Invoice.status == InvoiceStatus.ISSUED,
                              is_opening)
    )
    return {document.customer_id: document for document in found}


def is_settled_partly(invoice_id: int) -> bool:
    """Whether money stands against a document, or it stands against others as a credit."""
    used = exists().where(
        PaymentAllocation.released_at.is_(None),
        (PaymentAllocation.invoice_id == invoice_id) | (PaymentAllocation.credit_note_id == invoice_id),
    )
    return bool(db.session.scalar(select(used)))

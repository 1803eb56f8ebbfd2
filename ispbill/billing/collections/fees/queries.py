"""Reads of single late fees."""
from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ispbill.billing.collections.models import CollectionAction
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.core.db import db


def fee(action_id: int) -> CollectionAction | None:
    """A step that charged a fee, with its customer."""
    return db.session.scalars(
        select(CollectionAction).where(CollectionAction.id == action_id)
        .options(joinedload(CollectionAction.customer), joinedload(CollectionAction.step))
    ).one_or_none()


def is_credited(line_id: int) -> bool:
    """Whether a standing credit took back something of a line."""
    credit = select(InvoiceLine.id).join(Invoice, Invoice.id == InvoiceLine.invoice_id).where(
        InvoiceLine.credits_line_id == line_id, Invoice.status == InvoiceStatus.ISSUED)
    return bool(db.session.scalar(select(credit.exists())))


def billed_as(charge_id: int) -> tuple[int, int]:
    """The document that a billed fee stands on, and its line there: of one that was credited to be billed again, the
    newest.
    """
    row = db.session.execute(
        select(InvoiceLine.invoice_id, InvoiceLine.id).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(InvoiceLine.charge_id == charge_id, InvoiceLine.credits_line_id.is_(None),
               Invoice.status == InvoiceStatus.ISSUED)
        .order_by(InvoiceLine.is_live.desc(), InvoiceLine.id.desc()).limit(1)
    ).one()
    return row.invoice_id, row.id

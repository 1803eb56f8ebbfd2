"""Reads of single promises, disputes and holds, and what of an invoice can be contested."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ispbill.billing.collections.models import CollectionHold, DisputeHold, PromiseToPay
from ispbill.billing.invoices.models import InvoiceLine
from ispbill.core.db import db


def promise(promise_id: int) -> PromiseToPay | None:
    """A promise to pay."""
    return db.session.get(PromiseToPay, promise_id)


def hold(hold_id: int) -> CollectionHold | None:
    """A hold."""
    return db.session.get(CollectionHold, hold_id)


def dispute(dispute_id: int) -> DisputeHold | None:
    """A dispute with its invoice."""
    return db.session.scalars(
        select(DisputeHold).where(DisputeHold.id == dispute_id).options(joinedload(DisputeHold.invoice))
    ).one_or_none()


def lines(invoice_id: int) -> Sequence[InvoiceLine]:
    """The lines of an invoice that charge something."""
    return db.session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id, InvoiceLine.amount_minor > 0)
        .order_by(InvoiceLine.position)
    ).all()

"""Reads of drafts: those that wait, one with all that is known of it, what it comes to today."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ispbill.billing.drafts.models import DraftInvoice
from ispbill.billing.invoices.queries import customer_found
from ispbill.billing.notes.service import NewLine
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

NEWEST_FIRST = SortKey((DraftInvoice.id,), descending=True)
IS_WAITING = DraftInvoice.invoice_id.is_(None)


def listing(*, term: str = "", customer_id: int | None = None) -> AnySelect:
    """Drafts that wait to be issued with their customers, filtered; the term is what finds the customer."""
    statement = select(DraftInvoice, Customer.name, Customer.account_number).join(Customer).where(IS_WAITING)
    if term:
        statement = statement.where(customer_found(DraftInvoice.customer_id, term))
    return statement if customer_id is None else statement.where(DraftInvoice.customer_id == customer_id)


def of_customer(customer_id: int) -> Sequence[DraftInvoice]:
    """A customer's drafts that wait, the newest first."""
    return db.session.scalars(
        select(DraftInvoice).where(IS_WAITING, DraftInvoice.customer_id == customer_id).order_by(DraftInvoice.id.desc())
    ).all()


def detail(draft_id: int) -> DraftInvoice | None:
    """A draft, or what is left of one that was issued, with customer and invoice."""
    return db.session.scalars(
        select(DraftInvoice).where(DraftInvoice.id == draft_id)
        .options(joinedload(DraftInvoice.customer), joinedload(DraftInvoice.invoice))
    ).one_or_none()


def new_lines(lines: Sequence[dict[str, Any]]) -> list[NewLine]:
    """The lines of a draft as verbs take them."""
    return [NewLine(**line) for line in lines]

"""Reads of invoices."""
from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.core.db import db
from ispbill.core.pagination import SortKey
from ispbill.core.text import like_pattern
from ispbill.customers.models import Customer

NEWEST_FIRST = SortKey((Invoice.issued_on, Invoice.id), descending=True)


def listing(*, term: str = "", state: str = "", today: date, run_id: int | None = None) -> Select[Any]:
    """Invoices with their customers. `state`: open, overdue, paid or void; search finds number and customer."""
    statement = select(Invoice, Customer.name, Customer.account_number).join(Customer)
    if term:
        pattern = like_pattern(term.lower())
        statement = statement.where(Invoice.number.ilike(pattern) | Customer.search_text.like(pattern))
    if run_id is not None:
        statement = statement.where(Invoice.billing_run_id == run_id)
    is_open = (Invoice.settled_on.is_(None)) & (Invoice.status == InvoiceStatus.ISSUED)
    conditions = {
        "open": is_open, "overdue": is_open & (Invoice.due_on < today), "paid": Invoice.settled_on.is_not(None),
        "void": Invoice.status == InvoiceStatus.VOID,
    }
    return statement.where(conditions[state]) if state in conditions else statement


def detail(invoice_id: int) -> Invoice | None:
    """An invoice with everything that its document prints."""
    return db.session.scalars(
        select(Invoice).where(Invoice.id == invoice_id).options(
            joinedload(Invoice.customer), joinedload(Invoice.seller), selectinload(Invoice.lines),
            selectinload(Invoice.taxes),
        )
    ).one_or_none()


def of_customer(customer_id: int, *, limit: int = 10) -> list[Invoice]:
    """A customer's newest invoices."""
    return list(db.session.scalars(
        select(Invoice).where(Invoice.customer_id == customer_id)
        .order_by(Invoice.issued_on.desc(), Invoice.id.desc()).limit(limit)
    ))

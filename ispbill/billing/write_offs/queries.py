"""Reads of write-offs: the register."""
from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import customer_found, numbered
from ispbill.billing.write_offs.models import WriteOff
from ispbill.company.models import SeriesKind
from ispbill.core.db import AnySelect
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

NEWEST_FIRST = SortKey((WriteOff.written_off_on, WriteOff.id), descending=True)


def listing(*, term: str = "", since: date | None = None, until: date | None = None) -> AnySelect:
    """Write-offs with their invoices and customers; the term is an invoice's number, or what finds the customer."""
    statement = (
        select(WriteOff, Customer.name, Customer.account_number)
        .join(Invoice, Invoice.id == WriteOff.invoice_id).join(Customer, Customer.id == Invoice.customer_id)
        .options(joinedload(WriteOff.invoice), selectinload(WriteOff.allocations))
    )
    if term:
        statement = statement.where(or_(
            numbered(Invoice.number, term, SeriesKind.INVOICE, SeriesKind.DEBIT_NOTE),
            customer_found(Invoice.customer_id, term),
        ))
    if since:
        statement = statement.where(WriteOff.written_off_on >= since)
    return statement.where(WriteOff.written_off_on <= until) if until else statement

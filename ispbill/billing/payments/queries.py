"""Reads of payments: what is open, what is free, lists. Paid state is always derived from live allocations."""
from __future__ import annotations

import operator
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.invoices.queries import MOST_COUNTED, customer_found, numbered
from ispbill.billing.payments.models import Payment, PaymentAllocation, PaymentMethod, PaymentStatus
from ispbill.billing.payments.policy import Credit, OpenInvoice
from ispbill.company.models import SeriesKind
from ispbill.core.bulk import any_key, any_text
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

NEWEST_FIRST = SortKey((Payment.received_on, Payment.id), descending=True)


def _live_sum(condition: ColumnElement[bool]) -> Any:
    return (
        select(func.coalesce(func.sum(PaymentAllocation.amount_minor), 0))
        .where(condition, PaymentAllocation.released_at.is_(None)).scalar_subquery()
    )


ALLOCATED_TO_INVOICE = _live_sum(PaymentAllocation.invoice_id == Invoice.id).correlate(Invoice)
ALLOCATED_FROM_NOTE = _live_sum(PaymentAllocation.credit_note_id == Invoice.id).correlate(Invoice)
ALLOCATED_FROM_PAYMENT = _live_sum(PaymentAllocation.payment_id == Payment.id).correlate(Payment)


def open_invoices(customer_ids: Collection[int]) -> dict[int, list[OpenInvoice]]:
    """The open invoices of some customers, oldest first."""
    rows = db.session.execute(
        select(Invoice.customer_id, Invoice.id, Invoice.total_minor - ALLOCATED_TO_INVOICE)
        .where(Invoice.customer_id == any_key(customer_ids), Invoice.status == InvoiceStatus.ISSUED,
               Invoice.settled_on.is_(None), Invoice.kind != DocumentKind.CREDIT_NOTE)
        .order_by(Invoice.issued_on, Invoice.id)
    )
    found: dict[int, list[OpenInvoice]] = {}
    for customer_id, invoice_id, open_minor in rows:
        found.setdefault(customer_id, []).append(OpenInvoice(invoice_id, int(open_minor)))
    return found


def credits(customer_ids: Collection[int]) -> dict[int, list[Credit]]:
    """Payments and credit notes of some customers that are not spent yet, oldest first."""
    payments = db.session.execute(
        select(Payment.customer_id, Payment.received_on, Payment.id, Payment.amount_minor - ALLOCATED_FROM_PAYMENT)
        .where(Payment.customer_id == any_key(customer_ids), Payment.status == PaymentStatus.RECORDED,
               Payment.applied_on.is_(None))
    ).all()
    notes = db.session.execute(
        select(Invoice.customer_id, Invoice.issued_on, Invoice.id, -Invoice.total_minor - ALLOCATED_FROM_NOTE)
        .where(Invoice.customer_id == any_key(customer_ids), Invoice.status == InvoiceStatus.ISSUED,
               Invoice.settled_on.is_(None), Invoice.kind == DocumentKind.CREDIT_NOTE)
    ).all()
    dated = [(customer_id, day, 0, key, int(free)) for customer_id, day, key, free in notes]
    dated += [(customer_id, day, 1, key, int(free)) for customer_id, day, key, free in payments]
    found: dict[int, list[Credit]] = {}
    for customer_id, _, is_payment, key, free_minor in sorted(dated):
        credit = Credit(key, free_minor) if is_payment else Credit(None, free_minor, key)
        found.setdefault(customer_id, []).append(credit)
    return found


def listing(
    *, term: str = "", method: str = "", status: str = "", since: date | None = None, until: date | None = None,
    customer_id: int | None = None,
) -> AnySelect:
    """Payments with their customers, filtered; the term is a number, a whole reference, or what finds the customer."""
    statement = select(Payment, Customer.name, Customer.account_number).join(Customer)
    if term:
        statement = statement.where(or_(
            numbered(Payment.number, term, SeriesKind.RECEIPT), _referenced(term),
            customer_found(Payment.customer_id, term),
        ))
    for value, column, compare in (
        (method, Payment.method, operator.eq), (status, Payment.status, operator.eq),
        (since, Payment.received_on, operator.ge), (until, Payment.received_on, operator.le),
        (customer_id, Payment.customer_id, operator.eq),
    ):
        if value:
            statement = statement.where(compare(column, value))
    return statement


def _referenced(term: str) -> ColumnElement[bool]:
    # Worded as the unique index on references is, so that it serves.
    return and_(Payment.method.in_(list(PaymentMethod)), Payment.reference == term, Payment.reference != "",
                Payment.status == PaymentStatus.RECORDED)


def sums(statement: AnySelect) -> AnyRow:
    """How many payments a listing finds and what those that stand come to, counted up to MOST_COUNTED + 1."""
    found = statement.with_only_columns(Payment.amount_minor, Payment.status).limit(MOST_COUNTED + 1).subquery()
    standing = func.sum(found.c.amount_minor).filter(found.c.status == PaymentStatus.RECORDED)
    return db.session.execute(
        select(func.count().label("payments"), func.coalesce(standing, 0).label("total_minor")).select_from(found)
    ).one()


def by_number(term: str, *, limit: int) -> list[Payment]:
    """The payments whose receipt number or reference is meant, the newest first."""
    meant = or_(numbered(Payment.number, term, SeriesKind.RECEIPT), _referenced(term))
    return list(db.session.scalars(
        select(Payment).where(meant).options(joinedload(Payment.customer)).order_by(Payment.id.desc()).limit(limit)
    ))


def detail(payment_id: int) -> Payment | None:
    """A payment with its customer and what it settled."""
    return db.session.scalars(
        select(Payment).where(Payment.id == payment_id).options(
            joinedload(Payment.customer),
            selectinload(Payment.allocations).joinedload(PaymentAllocation.invoice),
        )
    ).one_or_none()


def of_customer(customer_id: int, *, limit: int = 10) -> list[Payment]:
    """A customer's newest payments."""
    return list(db.session.scalars(
        select(Payment).where(Payment.customer_id == customer_id)
        .order_by(Payment.received_on.desc(), Payment.id.desc()).limit(limit)
    ))


def allocations_to(invoice_id: int) -> list[AnyRow]:
    """The live allocations to an invoice with their payments."""
    return list(db.session.execute(
        select(PaymentAllocation.amount_minor, Payment.id, Payment.number, Payment.received_on, Payment.method)
        .join(Payment).where(PaymentAllocation.invoice_id == invoice_id, PaymentAllocation.released_at.is_(None))
        .order_by(PaymentAllocation.id)
    ))


def known_keys(keys: Sequence[str]) -> set[str]:
    """Those of the idempotency keys that a payment was recorded with."""
    known = db.session.scalars(select(Payment.idempotency_key).where(Payment.idempotency_key == any_text(keys)))
    return {key for key in known if key is not None}

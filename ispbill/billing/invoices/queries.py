"""Reads of invoices. A list stays quick however many there are: what it counts is bounded, what it finds is indexed."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.company.models import SeriesKind
from ispbill.company.policy import number_text
from ispbill.company.queries import number_series
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import AnyColumn, SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching

NEWEST_FIRST = SortKey((Invoice.issued_on, Invoice.id), descending=True)
# A list says how many and how much up to here; beyond, it says “more than”.
MOST_COUNTED = 10_000
# Worded as the partial index is, so that it serves.
IS_OPEN = and_(
    Invoice.settled_on.is_(None), Invoice.status == InvoiceStatus.ISSUED, Invoice.kind != DocumentKind.CREDIT_NOTE
)
_FEW_CUSTOMERS = 500
_LONGEST_NUMBER = 15
_DOCUMENTS = (SeriesKind.INVOICE, SeriesKind.CREDIT_NOTE, SeriesKind.DEBIT_NOTE)


def listing(
    *, term: str = "", state: str = "", today: date, run_id: int | None = None, customer_id: int | None = None,
    kind: str | None = None,
) -> AnySelect:
    """Invoices with their customers and allocations. `state`: open, overdue, paid or void; the term is the number, or
    what finds the customer.
    """
    statement = select(Invoice, Customer.name, Customer.account_number).join(Customer).options(
        selectinload(Invoice.allocations), selectinload(Invoice.spendings)
    )
    if term:
        statement = statement.where(or_(
            numbered(Invoice.number, term, *_DOCUMENTS), customer_found(Invoice.customer_id, term)
        ))
    if run_id is not None:
        statement = statement.where(Invoice.billing_run_id == run_id)
    if customer_id is not None:
        statement = statement.where(Invoice.customer_id == customer_id)
    if kind is not None:
        statement = statement.where(Invoice.kind == kind)
    is_open = IS_OPEN
    conditions = {
        "open": is_open, "overdue": is_open & (Invoice.due_on < today), "paid": Invoice.settled_on.is_not(None),
        "void": Invoice.status == InvoiceStatus.VOID,
    }
    return statement.where(conditions[state]) if state in conditions else statement


def numbered(column: AnyColumn, term: str, *kinds: SeriesKind) -> ColumnElement[bool]:
    """The condition that a document's number is meant: “INV-000042”, “inv-42” or “42”.

    Whole numbers only: what begins with a term is found by an index under some collations and under others not.
    """
    meant = {term.upper()}
    for series in number_series():
        digits = term.upper().removeprefix(series.rendered_prefix)
        if series.kind in kinds and digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER:
            meant.add(number_text(series.rendered_prefix, series.digits, int(digits)))
    return column.in_(sorted(meant))


def customer_found(column: AnyColumn, term: str) -> ColumnElement[bool]:
    """The condition that a row's customer is found by a term.

    Few customers are named by their ids, so that the row's own index finds them; many are met soon by any scan.
    """
    ids = db.session.scalars(select(Customer.id).where(matching(term)).limit(_FEW_CUSTOMERS + 1)).all()
    return column.in_(ids) if len(ids) <= _FEW_CUSTOMERS else matching(term)


def by_number(term: str, *, limit: int) -> list[Invoice]:
    """The invoices whose number is meant, the newest first."""
    return list(db.session.scalars(
        select(Invoice).where(numbered(Invoice.number, term, *_DOCUMENTS))
        .order_by(Invoice.id.desc()).limit(limit)
    ))


def sums(statement: AnySelect) -> AnyRow:
    """How many invoices a listing finds and what they come to, counted up to MOST_COUNTED + 1."""
    found = statement.with_only_columns(Invoice.total_minor).limit(MOST_COUNTED + 1).subquery()
    return db.session.execute(
        select(func.count().label("invoices"), func.coalesce(func.sum(found.c.total_minor), 0).label("total_minor"))
        .select_from(found)
    ).one()


def detail(invoice_id: int) -> Invoice | None:
    """An invoice with everything that its document prints."""
    return next(iter(details([invoice_id])), None)


def details(invoice_ids: Collection[int]) -> Sequence[Invoice]:
    """The same of many invoices, in a constant number of statements."""
    return db.session.scalars(
        select(Invoice).where(Invoice.id == any_key(invoice_ids)).options(
            joinedload(Invoice.customer), joinedload(Invoice.seller), selectinload(Invoice.lines),
            selectinload(Invoice.taxes), selectinload(Invoice.allocations), selectinload(Invoice.spendings),
        ).order_by(Invoice.id)
    ).all()


def of_customer(customer_id: int, *, limit: int = 10) -> list[Invoice]:
    """A customer's newest invoices."""
    return list(db.session.scalars(
        select(Invoice).where(Invoice.customer_id == customer_id)
        .options(selectinload(Invoice.allocations), selectinload(Invoice.spendings))
        .order_by(Invoice.issued_on.desc(), Invoice.id.desc()).limit(limit)
    ))


def open_of_customer(customer_id: int) -> list[Invoice]:
    """A customer's invoices that wait for money, oldest first: the order in which money settles them."""
    return list(db.session.scalars(
        select(Invoice).where(Invoice.customer_id == customer_id, IS_OPEN)
        .options(selectinload(Invoice.allocations)).order_by(Invoice.issued_on, Invoice.id)
    ))

"""Reads of invoices. A list stays quick however many there are: what it counts is bounded, what it finds is indexed."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby

from sqlalchemy import BigInteger, ColumnElement, Date, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import joinedload, selectinload

from ispbill.billing.charges.policy import BilledLine, CreditedPart, Review, Tax
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.company.models import SeriesKind
from ispbill.company.policy import number_text
from ispbill.company.queries import number_series
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import AnyColumn, SortKey
from ispbill.core.periods import Period
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
    *, term: str = "", state: str = "", today: date, run_id: int | None = None, customer_id: int | None = None
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
    return db.session.scalars(
        select(Invoice).where(Invoice.id == invoice_id).options(
            joinedload(Invoice.customer), joinedload(Invoice.seller), selectinload(Invoice.lines),
            selectinload(Invoice.taxes), selectinload(Invoice.allocations), selectinload(Invoice.spendings),
        )
    ).one_or_none()


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


def reviews_of(since: Mapping[int, date], taxes: Mapping[int, Tax]) -> dict[int, Review]:
    """What some components were billed beyond a day each, and what of that was credited, for billing to compare."""
    if not since:
        return {}
    news = func.unnest(literal(list(since), ARRAY(BigInteger)), literal(list(since.values()), ARRAY(Date)))
    asked = news.table_valued("component_id", "since", name="asked").render_derived()
    lines = db.session.scalars(
        select(InvoiceLine).join(asked, InvoiceLine.component_id == asked.c.component_id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(InvoiceLine.credits_line_id.is_(None), InvoiceLine.period_end > asked.c.since,
               Invoice.status == InvoiceStatus.ISSUED)
        .order_by(InvoiceLine.component_id, InvoiceLine.period_start, InvoiceLine.id)
    ).all()
    credits = _credits_of([line.id for line in lines])
    found: dict[int, list[BilledLine]] = {key: [] for key in since}
    for line in lines:
        assert line.component_id is not None, "asked for by component"
        found[line.component_id].append(_billed(line, credits.get(line.id, []), taxes))
    return {key: Review(day, found[key]) for key, day in since.items()}


def _credits_of(line_ids: list[int]) -> dict[int, list[InvoiceLine]]:
    rows = db.session.scalars(
        select(InvoiceLine).where(InvoiceLine.credits_line_id == any_key(line_ids), InvoiceLine.is_live)
        .order_by(InvoiceLine.credits_line_id, InvoiceLine.id)
    )
    return {key or 0: list(group) for key, group in groupby(rows, key=lambda row: row.credits_line_id)}


def _billed(line: InvoiceLine, credits: list[InvoiceLine], taxes: Mapping[int, Tax]) -> BilledLine:
    assert line.period_start is not None and line.period_end is not None, "a charge has a period"
    parts = tuple(
        CreditedPart(Period(credit.period_start, credit.period_end), -credit.amount_minor, -credit.tax_minor)
        for credit in credits if credit.period_start is not None and credit.period_end is not None
    )
    return BilledLine(
        line.id, Period(line.period_start, line.period_end), line.description, line.quantity, line.unit_price_minor,
        line.amount_minor, line.tax_minor, line.includes_tax, taxes.get(line.tax_rate_id or 0), line.account, parts,
        line.amount_minor + sum(credit.amount_minor for credit in credits),
        line.tax_minor + sum(credit.tax_minor for credit in credits),
    )

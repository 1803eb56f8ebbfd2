"""Reads of invoices. A list stays quick however many there are: what it counts is bounded, what it finds is indexed."""
from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ispbill.areas.policy import Place
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus, InvoiceTax
from ispbill.billing.invoices.policy import DAYS_LATE, BillWay, DocumentKind, Lateness
from ispbill.company.models import SeriesKind
from ispbill.company.policy import number_text
from ispbill.company.queries import number_series
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import AnyColumn, SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import living_in, matching

NEWEST_FIRST = SortKey((Invoice.issued_on, Invoice.id), descending=True)
# A list says how many and how much up to here; beyond, it says “more than”.
MOST_COUNTED = 10_000
# From here on, a sum over all invoices takes longer than each viewer should wait.
MANY = 50_000


def is_open(invoice: type[Invoice]) -> ColumnElement[bool]:
    """Whether an invoice has still to be paid; worded as the partial index is, so that it serves."""
    return and_(invoice.settled_on.is_(None), invoice.status == InvoiceStatus.ISSUED,
                invoice.kind != DocumentKind.CREDIT_NOTE)


IS_OPEN = is_open(Invoice)
ISSUED = Invoice.status == InvoiceStatus.ISSUED
# What a customer has to pay by a day: not what is credited, nor what comes to nothing.
FELL_DUE = and_(ISSUED, Invoice.kind != DocumentKind.CREDIT_NOTE, Invoice.total_minor > 0)
IS_TAX_FREE = and_(InvoiceLine.tax_rate_id.is_(None), InvoiceLine.tax_minor == 0)
_FEW_CUSTOMERS = 500
_LONGEST_NUMBER = 15
_DOCUMENTS = (SeriesKind.INVOICE, SeriesKind.CREDIT_NOTE, SeriesKind.DEBIT_NOTE)


class TaxShape(NamedTuple):
    """A tax as documents print it."""

    name: str
    rate_percent: Decimal
    exemption: str

    @classmethod
    def asked(cls, text: str, exemption: str = "") -> TaxShape | None:
        """The tax that a filter names by percent and name (“12 VAT”), or “none”; None where it names nothing."""
        rate, _mark, name = text.partition(" ")
        try:
            return TAX_FREE if text == "none" else cls(name, Decimal(rate), exemption) if name else None
        except InvalidOperation:
            return None


TAX_FREE = TaxShape("", Decimal(0), "")
# A class of Lateness is asked for by its name; this asks for all that fell due.
ANY_LATENESS = "any"


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """What the list of documents is narrowed to; days are both included.

    `state`: open, overdue, paid, void, or standing (not void). The term is the number, or what finds the customer.
    `since` and `until` bound the day of issue, the others the due day. `lateness` finds what fell due and was paid so,
    or ANY_LATENESS however it was paid.
    `way` is the BillWay of the customer.
    `taxed_by` are name, percent and exemption of a tax; TAX_FREE finds documents with a line that bears none.
    """

    today: date
    term: str = ""
    state: str = ""
    run_id: int | None = None
    customer_id: int | None = None
    kind: str | None = None
    place: Place | None = None
    since: date | None = None
    until: date | None = None
    due_since: date | None = None
    due_until: date | None = None
    lateness: str | None = None
    taxed_by: TaxShape | None = None
    way: str | None = None


def listing(wanted: InvoiceFilter) -> AnySelect:
    """Invoices with their customers and allocations, as the filter wants them."""
    return select(Invoice, Customer.name, Customer.account_number).join(Customer).options(
        selectinload(Invoice.allocations), selectinload(Invoice.spendings)
    ).where(*_conditions(wanted))


def paid_how(today: date) -> ColumnElement[str]:
    """The class of Lateness of a document that fell due."""
    late = Invoice.settled_on - Invoice.due_on
    return case(
        (Invoice.settled_on.is_(None), case((Invoice.due_on < today, Lateness.OVERDUE), else_=Lateness.NOT_DUE)),
        *((late <= days, lateness) for lateness, days in DAYS_LATE.items()), else_=Lateness.LONGER,
    )


def gets_bills_by_email(today: date) -> ColumnElement[bool]:
    """The condition that a customer agreed to bills by e-mail, and has an address."""
    return and_(Customer.email != "", func.coalesce(Customer.e_billing_since <= today, False))


def is_taxed_by(shape: TaxShape) -> ColumnElement[bool]:
    """The condition that a document bears a tax, or for TAX_FREE has a line without any."""
    if shape == TAX_FREE:
        return exists().where(InvoiceLine.invoice_id == Invoice.id, IS_TAX_FREE)
    return exists().where(InvoiceTax.invoice_id == Invoice.id, InvoiceTax.name == shape.name,
                          InvoiceTax.rate_percent == shape.rate_percent, InvoiceTax.exemption == shape.exemption)


def numbered(column: AnyColumn, term: str, *kinds: SeriesKind) -> ColumnElement[bool]:
    """The condition that a document's number is meant: “INV-000042”, “inv-42”, “inv 42”, “inv42” or “42”.

    Whole numbers only: what begins with a term is found by an index under some collations and under others not.
    """
    meant = {term.upper()}
    for series in number_series():
        digits = _bare(term).removeprefix(_bare(series.rendered_prefix))
        if series.kind in kinds and digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER:
            meant.add(number_text(series.rendered_prefix, series.digits, int(digits)))
    return column.in_(sorted(meant))


def customer_found(column: AnyColumn, term: str) -> ColumnElement[bool]:
    """The condition that a row's customer is found by a term, in a statement that joins the customers.

    Few customers are named by their ids, so that the row's own index finds them; many are met soon by any scan.
    """
    ids = db.session.scalars(select(Customer.id).where(matching(term)).limit(_FEW_CUSTOMERS + 1)).all()
    return column.in_(ids) if len(ids) <= _FEW_CUSTOMERS else matching(term)


def newest_id() -> int:
    """The highest id of an invoice, which tells how many there are at the most; 0 where the company never billed."""
    return db.session.scalar(select(func.max(Invoice.id))) or 0


def by_number(term: str, *, limit: int) -> list[Invoice]:
    """The invoices whose number is meant, the newest first."""
    return list(db.session.scalars(
        select(Invoice).where(numbered(Invoice.number, term, *_DOCUMENTS))
        .order_by(Invoice.id.desc()).limit(limit)
    ))


def sums(wanted: InvoiceFilter) -> AnyRow:
    """How many invoices the filter finds and what they come to, counted up to MOST_COUNTED + 1."""
    found = _narrowed(select(Invoice.total_minor), wanted).limit(MOST_COUNTED + 1).subquery()
    return db.session.execute(
        select(func.count().label("invoices"), func.coalesce(func.sum(found.c.total_minor), 0).label("total_minor"))
        .select_from(found)
    ).one()


def open_minor(wanted: InvoiceFilter, *, total_minor: int) -> int:
    """What is still to be paid of the open invoices that the filter finds, which come to `total_minor`."""
    # Payments lie above invoices: their rows are reached by the relation that they make.
    share = Invoice.allocations.property.entity.class_
    paid = select(func.coalesce(func.sum(share.amount_minor), 0)).select_from(Invoice).join(Invoice.allocations)
    rows = _narrowed(paid, wanted).where(share.released_at.is_(None))
    return total_minor - int(db.session.scalars(rows).one())


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


def of_customer(customer_id: int, *, limit: int = 6) -> list[Invoice]:
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


def _in_state(state: str, today: date) -> ColumnElement[bool]:
    return {
        "open": IS_OPEN, "overdue": IS_OPEN & (Invoice.due_on < today), "paid": Invoice.settled_on.is_not(None),
        "void": Invoice.status == InvoiceStatus.VOID, "standing": ISSUED,
    }[state]


def _narrowed(statement: AnySelect, wanted: InvoiceFilter) -> AnySelect:
    """A statement over invoices narrowed as the filter wants; a term needs the customers."""
    if wanted.term:
        statement = statement.join(Customer, Customer.id == Invoice.customer_id)
    return statement.where(*_conditions(wanted))


def _conditions(wanted: InvoiceFilter) -> list[ColumnElement[bool]]:
    compared: tuple[tuple[object, AnyColumn, Callable[[Any, Any], Any]], ...] = (
        (wanted.run_id, Invoice.billing_run_id, operator.eq), (wanted.customer_id, Invoice.customer_id, operator.eq),
        (wanted.kind, Invoice.kind, operator.eq), (wanted.since, Invoice.issued_on, operator.ge),
        (wanted.until, Invoice.issued_on, operator.le), (wanted.due_since, Invoice.due_on, operator.ge),
        (wanted.due_until, Invoice.due_on, operator.le),
    )
    conditions = [compare(column, value) for value, column, compare in compared if value is not None]
    conditions += living_in(Invoice.customer_id, wanted.place)
    if wanted.term:
        conditions.append(or_(numbered(Invoice.number, wanted.term, *_DOCUMENTS),
                              customer_found(Invoice.customer_id, wanted.term)))
    if wanted.state:
        conditions.append(_in_state(wanted.state, wanted.today))
    if wanted.lateness is not None:
        conditions.append(FELL_DUE)
    if wanted.lateness not in (None, ANY_LATENESS):
        conditions.append(paid_how(wanted.today) == wanted.lateness)
    if wanted.way is not None:
        by_email = gets_bills_by_email(wanted.today)
        so_billed = select(Customer.id).where(by_email if wanted.way == BillWay.EMAIL else ~by_email)
        conditions.append(Invoice.customer_id.in_(so_billed))
    return [*conditions, is_taxed_by(wanted.taxed_by)] if wanted.taxed_by else conditions


def _bare(text: str) -> str:
    """A number or its prefix without what stands between letters and digits."""
    return re.sub(r"[-/\s]", "", text.upper())

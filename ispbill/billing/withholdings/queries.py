"""Reads of withheld tax: what customers were to keep back of their bills, what they proved, what is outstanding.

Expected is the rate of the net of every document that was issued on days on which the customer withheld, each half up;
credit notes lessen it. Nothing is expected of what is no income: deposits, and balances brought over, whose tax nobody
knows. Proved is what was recorded as tax withheld and stands.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Numeric, ScalarSelect, Subquery, cast, func, or_, select

from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.payments.models import Payment, PaymentMethod, PaymentStatus
from ispbill.billing.taxes.models import TaxWithholding
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching


class State(StrEnum):
    """Whether certificates are still to come."""

    OUTSTANDING = "outstanding"
    PROVED = "proved"


@dataclass(frozen=True, slots=True)
class Listing:
    """Customers who withhold, and the orders in which they may be listed."""

    rows: AnySelect
    sorts: dict[str, SortKey]


def listing(*, term: str = "", state: str | None = None) -> Listing:
    """Customers who withhold or did, with what was expected, what was proved, and what is outstanding."""
    expected = _expected()
    proved = func.coalesce(_proved(), 0)
    missing = cast(expected.c.expected_minor - proved, BigInteger)
    statement = (
        select(Customer.id, Customer.name, Customer.account_number, expected.c.rate_percent, expected.c.documents,
               expected.c.first_on, expected.c.expected_minor, expected.c.no_income_minor, proved.label("proved_minor"),
               missing.label("outstanding_minor"))
        .join(expected, expected.c.customer_id == Customer.id)
    )
    if term:
        statement = statement.where(matching(term))
    if state:
        statement = statement.where(missing > 0 if state == State.OUTSTANDING else missing <= 0)
    return Listing(statement, {
        "amount": SortKey((missing, Customer.id), descending=True),
        "name": SortKey((by_letters(Customer.name), Customer.id)),
    })


def everything(found: Listing) -> Sequence[AnyRow]:
    """All rows of a listing, what is outstanding most first."""
    return db.session.execute(found.rows.order_by(*(column.desc() for column in found.sorts["amount"].columns))).all()


def of_customer(customer_id: int) -> AnyRow | None:
    """The same of one customer; None where they never withheld."""
    return db.session.execute(_EVERYBODY.where(Customer.id == customer_id)).one_or_none()


def total_outstanding() -> int:
    """What all customers still have to prove."""
    rows = listing(state=State.OUTSTANDING).rows.subquery()
    return int(db.session.execute(select(func.coalesce(func.sum(rows.c.outstanding_minor), 0))).scalar_one())


def _expected() -> Subquery:
    held = TaxWithholding
    no_income = func.coalesce(_no_income(), 0)
    income = cast(Invoice.net_minor, Numeric) - no_income
    share = func.round(income * held.rate_percent / 100)
    is_within = (Invoice.issued_on >= held.starts_on) & or_(held.ends_on.is_(None), Invoice.issued_on < held.ends_on)
    return (
        select(held.customer_id, func.max(held.rate_percent).label("rate_percent"),
               func.count(Invoice.id).filter(income != 0).label("documents"),
               func.min(Invoice.issued_on).filter(income != 0).label("first_on"),
               cast(func.coalesce(func.sum(share), 0), BigInteger).label("expected_minor"),
               cast(func.coalesce(func.sum(no_income), 0), BigInteger).label("no_income_minor"))
        .outerjoin(Invoice, (Invoice.customer_id == held.customer_id) & (Invoice.status == InvoiceStatus.ISSUED)
                   & is_within)
        .group_by(held.customer_id).subquery()
    )


def _no_income() -> ScalarSelect[Any]:
    return (
        select(func.sum(InvoiceLine.net_minor))
        .where(InvoiceLine.invoice_id == Invoice.id,
               InvoiceLine.account.in_((AccountPurpose.DEPOSITS, AccountPurpose.OPENING)))
        .correlate(Invoice).scalar_subquery()
    )


def _proved() -> ScalarSelect[Any]:
    return (
        select(cast(func.sum(Payment.amount_minor), BigInteger))
        .where(Payment.customer_id == Customer.id, Payment.method == PaymentMethod.WITHHOLDING,
               Payment.status == PaymentStatus.RECORDED)
        .correlate(Customer).scalar_subquery()
    )


# The page of every customer asks: the statement is put together once.
_EVERYBODY = listing().rows

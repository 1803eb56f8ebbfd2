"""Reads of refunds: lists, one with what it was paid from."""
from __future__ import annotations

import operator
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from ispbill.billing.invoices.queries import customer_found, numbered
from ispbill.billing.payments.models import PaymentAllocation
from ispbill.billing.refunds.models import Refund
from ispbill.company.models import SeriesKind
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

NEWEST_FIRST = SortKey((Refund.refunded_on, Refund.id), descending=True)


def listing(
    *, term: str = "", method: str = "", status: str = "", since: date | None = None, until: date | None = None,
    customer_id: int | None = None,
) -> AnySelect:
    """Refunds with their customers, filtered; the term is a number, a whole reference, or what finds the customer."""
    statement = select(Refund, Customer.name, Customer.account_number).join(Customer)
    if term:
        statement = statement.where(or_(
            numbered(Refund.number, term, SeriesKind.REFUND), Refund.reference == term,
            customer_found(Refund.customer_id, term),
        ))
    for value, column, compare in (
        (method, Refund.method, operator.eq), (status, Refund.status, operator.eq),
        (since, Refund.refunded_on, operator.ge), (until, Refund.refunded_on, operator.le),
        (customer_id, Refund.customer_id, operator.eq),
    ):
        if value:
            statement = statement.where(compare(column, value))
    return statement


def detail(refund_id: int) -> Refund | None:
    """A refund with its customer and the credit that it spent."""
    return db.session.scalars(
        select(Refund).where(Refund.id == refund_id).options(
            joinedload(Refund.customer),
            selectinload(Refund.allocations).joinedload(PaymentAllocation.payment),
            selectinload(Refund.allocations).joinedload(PaymentAllocation.credit_note),
        )
    ).one_or_none()

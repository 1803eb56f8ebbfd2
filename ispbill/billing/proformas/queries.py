"""Reads of proforma invoices."""
from __future__ import annotations

import operator
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from ispbill.billing.invoices.queries import customer_found, numbered
from ispbill.billing.proformas.models import Proforma
from ispbill.company.models import SeriesKind
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

NEWEST_FIRST = SortKey((Proforma.issued_on, Proforma.id), descending=True)


def listing(
    *, term: str = "", status: str = "", since: date | None = None, until: date | None = None,
    customer_id: int | None = None,
) -> AnySelect:
    """Proformas with their customers, filtered; the term is a number, or what finds the customer."""
    statement = select(Proforma, Customer.name, Customer.account_number).join(Customer)
    if term:
        statement = statement.where(or_(
            numbered(Proforma.number, term, SeriesKind.PROFORMA), customer_found(Proforma.customer_id, term)
        ))
    for value, column, compare in (
        (status, Proforma.status, operator.eq), (since, Proforma.issued_on, operator.ge),
        (until, Proforma.issued_on, operator.le), (customer_id, Proforma.customer_id, operator.eq),
    ):
        if value:
            statement = statement.where(compare(column, value))
    return statement


def detail(proforma_id: int) -> Proforma | None:
    """A proforma with everything that its document prints."""
    return db.session.scalars(
        select(Proforma).where(Proforma.id == proforma_id).options(
            joinedload(Proforma.customer), joinedload(Proforma.seller), joinedload(Proforma.invoice),
        )
    ).one_or_none()

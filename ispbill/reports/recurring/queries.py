"""Reads of what runs on a day and what a month of it costs: with tax as agreed, and without it, as MRR counts."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import func, select, union_all

from ispbill.areas.policy import Place
from ispbill.catalogue.models import Plan, TaxRate
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import living_in
from ispbill.reports.definitions.queries import agreed_tax
from ispbill.reports.policy import PricedUnder, monthly_revenue
from ispbill.reports.prepaid_time.queries import lines_on
from ispbill.reports.revenue.queries import components_on

_BATCH = 1000


class Kind(StrEnum):
    """How a service is paid."""

    POSTPAID = "postpaid"
    PREPAID = "prepaid"


@dataclass(frozen=True, slots=True)
class ServiceFilter:
    """What the list is narrowed to: what runs at the end of a day."""

    on: date
    kind: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The services that are found, and the order they can be paged in."""

    rows: AnySelect
    by_customer: SortKey


class Sums(NamedTuple):
    """What a listing comes to, of how many services and customers."""

    services: int
    customers: int
    a_month_minor: int
    without_tax_minor: int


def listing(wanted: ServiceFilter) -> Listing:
    """Each service with its customer, its plan, `a_month` as agreed, and the tax that it bears."""
    parts = {Kind.POSTPAID: components_on(wanted.on), Kind.PREPAID: lines_on(wanted.on)}
    found = union_all(*(part for kind, part in parts.items() if wanted.kind in (None, kind))).subquery()
    rows = (
        select(found, Customer.name, Customer.account_number, Plan.name.label("plan"), TaxRate.id.label("tax_id"),
               TaxRate.name.label("tax"), TaxRate.rate_percent, TaxRate.mode)
        .join(Customer, Customer.id == found.c.customer_id).join(Plan, Plan.id == found.c.plan_id)
        .outerjoin(TaxRate, TaxRate.id == Plan.tax_rate_id).where(*living_in(found.c.customer_id, wanted.place))
    )
    return Listing(rows, SortKey((by_letters(Customer.name), found.c.kind, found.c.id)))


def sums(found: Listing) -> Sums:
    """How many services and customers a listing has, and what a month of them costs."""
    every = found.rows.subquery()
    shape = (every.c.tax_id, every.c.tax, every.c.rate_percent, every.c.mode, every.c.a_month)
    groups = db.session.execute(select(*shape, func.count().label("services")).group_by(*shape)).all()
    customers = db.session.scalar(select(func.count(every.c.customer_id.distinct()))) or 0
    prices = [_priced(row, row.services) for row in groups]
    return Sums(sum(price.services for price in prices), customers,
                sum(price.services * price.amount_minor for price in prices), monthly_revenue(prices))


def without_tax(row: AnyRow) -> int:
    """What a month of one service costs without tax."""
    return monthly_revenue([_priced(row, 1)])


def everything(found: Listing) -> Iterator[AnyRow]:
    """All that the listing finds, by customer."""
    statement = found.rows.order_by(*found.by_customer.columns)
    yield from db.session.execute(statement.execution_options(yield_per=_BATCH))


def _priced(row: AnyRow, services: int) -> PricedUnder:
    return PricedUnder(agreed_tax(row.tax_id, row.tax, row.rate_percent, row.mode), row.a_month, services)

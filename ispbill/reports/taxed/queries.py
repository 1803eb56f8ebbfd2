"""Reads of the taxes on documents that stand, one row a document and tax; and of what they sell without tax."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Numeric, String, func, literal, select

from ispbill.areas.policy import Place
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceTax
from ispbill.billing.invoices.queries import IS_TAX_FREE, ISSUED, TAX_FREE, TaxShape
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import living_in
from ispbill.reports.definitions.queries import total

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class TaxedFilter:
    """Which taxes are wanted, on documents issued in some days, both included.

    Without a tax all of them are found; TAX_FREE finds what documents sell without any.
    """

    since: date
    until: date
    tax: TaxShape | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows that are found, and the order they can be paged in."""

    rows: AnySelect
    newest: SortKey


def listing(wanted: TaxedFilter) -> Listing:
    """Each tax with its document and customer: `name`, `rate_percent`, `exemption`, `base_minor`, `tax_minor`."""
    found = _untaxed(wanted) if wanted.tax == TAX_FREE else _taxes(wanted)
    part = found.subquery()
    rows = (
        select(part, Invoice.number, Invoice.kind, Invoice.issued_on, Invoice.buyer_name,
               Invoice.buyer_tax_identifier, Customer.account_number)
        .join(Invoice, Invoice.id == part.c.invoice_id).join(Customer, Customer.id == Invoice.customer_id)
    )
    return Listing(rows, SortKey((Invoice.issued_on, Invoice.id, part.c.id), descending=True))


def sums(found: Listing) -> AnyRow:
    """How many rows a listing has, and what they come to: `taxes`, `base_minor`, `tax_minor`."""
    every = found.rows.subquery()
    return db.session.execute(
        select(func.count().label("taxes"), total(every.c.base_minor).label("base_minor"),
               total(every.c.tax_minor).label("tax_minor")).select_from(every)
    ).one()


def everything(found: Listing) -> Iterator[AnyRow]:
    """All that the listing finds, the newest document first."""
    statement = found.rows.order_by(*(column.desc() for column in found.newest.columns))
    yield from db.session.execute(statement.execution_options(yield_per=_BATCH))


def _taxes(wanted: TaxedFilter) -> AnySelect:
    shape = () if wanted.tax is None else (
        InvoiceTax.name == wanted.tax.name, InvoiceTax.rate_percent == wanted.tax.rate_percent,
        InvoiceTax.exemption == wanted.tax.exemption)
    return select(
        InvoiceTax.id, InvoiceTax.invoice_id, InvoiceTax.name, InvoiceTax.rate_percent, InvoiceTax.exemption,
        InvoiceTax.base_minor, InvoiceTax.tax_minor,
    ).join(Invoice, Invoice.id == InvoiceTax.invoice_id).where(*_stands(wanted), *shape)


def _untaxed(wanted: TaxedFilter) -> AnySelect:
    return select(
        Invoice.id, Invoice.id.label("invoice_id"), literal("", String).label("name"),
        literal(0, Numeric).label("rate_percent"), literal("", String).label("exemption"),
        total(InvoiceLine.net_minor).label("base_minor"), literal(0).label("tax_minor"),
    ).join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id).where(*_stands(wanted), IS_TAX_FREE).group_by(Invoice.id)


def _stands(wanted: TaxedFilter) -> tuple[ColumnElement[bool], ...]:
    return (ISSUED, Invoice.issued_on.between(wanted.since, wanted.until),
            *living_in(Invoice.customer_id, wanted.place))

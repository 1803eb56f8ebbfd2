"""Reads of what is printed: the orders, their files, and in which order documents go to the printer."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.orm import undefer

from ispbill.areas import queries as areas
from ispbill.billing.documents.prints.models import PrintOrder, PrintPart, PrintSort
from ispbill.billing.invoices.models import Invoice
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import AnyColumn, SortKey
from ispbill.customers.models import Customer

NEWEST_FIRST = SortKey((PrintOrder.id,), descending=True)


class Progress(NamedTuple):
    """How far an order has come: files, those that are made, and documents that could not be set."""

    total: int
    done: int
    left_out: int


def get(order_id: int) -> PrintOrder | None:
    """An order."""
    return db.session.get(PrintOrder, order_id)


def orders() -> AnySelect:
    """Every order, and whether its files are still there."""
    return select(PrintOrder, exists().where(PrintPart.order_id == PrintOrder.id).label("is_kept"))


def parts(order_id: int) -> Sequence[PrintPart]:
    """The files of an order without what is in them, in their order; none once they are forgotten."""
    return db.session.scalars(
        select(PrintPart).where(PrintPart.order_id == order_id).order_by(PrintPart.ordinal)
    ).all()


def whole(part_id: int) -> PrintPart | None:
    """A file with what is in it."""
    return db.session.scalars(
        select(PrintPart).where(PrintPart.id == part_id)
        .options(undefer(PrintPart.content)).execution_options(populate_existing=True)
    ).one_or_none()


def progress(parts: Sequence[PrintPart]) -> Progress:
    """How far an order with these files has come."""
    return Progress(len(parts), sum(part.made_at is not None for part in parts),
                    sum(len(part.left_out_ids) for part in parts))


def pending_part_ids(order_id: int) -> list[int]:
    """The files of an order that are still to be made."""
    return list(db.session.scalars(
        select(PrintPart.id).where(PrintPart.order_id == order_id, PrintPart.made_at.is_(None))
        .order_by(PrintPart.ordinal)
    ))


def at_work() -> Sequence[PrintOrder]:
    """The orders that are not made yet."""
    return db.session.scalars(select(PrintOrder).where(PrintOrder.made_at.is_(None)).order_by(PrintOrder.id)).all()


def older_than(instant: datetime) -> AnySelect:
    """The files of orders from before an instant."""
    return select(PrintPart.id).join(PrintOrder, PrintOrder.id == PrintPart.order_id).where(
        PrintOrder.ordered_at < instant)


def left_out_invoices(parts: Sequence[PrintPart]) -> Sequence[AnyRow]:
    """The invoices that could not be set: id and number."""
    keys = [key for part in parts for key in part.left_out_ids]
    return db.session.execute(
        select(Invoice.id, Invoice.number).where(Invoice.id == any_key(keys)).order_by(Invoice.id)
    ).all()


def left_out_customers(parts: Sequence[PrintPart]) -> Sequence[AnyRow]:
    """The customers whose statements could not be set: id and account number."""
    keys = [key for part in parts for key in part.left_out_ids]
    return db.session.execute(
        select(Customer.id, Customer.account_number.label("number")).where(Customer.id == any_key(keys))
        .order_by(Customer.id)
    ).all()


def invoice_keys(listing: AnySelect, sorted_by: PrintSort, *, most: int) -> list[int]:
    """The ids of a list of invoices in the order in which they are printed, up to one more than `most`."""
    return _keys(listing, Invoice.id, Invoice.number, sorted_by, most=most)


def customer_keys(listing: AnySelect, sorted_by: PrintSort, *, most: int) -> list[int]:
    """The ids of a list of customers in the order in which their papers are printed, up to one more than `most`."""
    return _keys(select(Customer.id).where(Customer.id.in_(listing.with_only_columns(Customer.id).order_by(None))),
                 Customer.id, Customer.account_number, sorted_by, most=most)


def _keys(listing: AnySelect, key: AnyColumn, number: AnyColumn, sorted_by: PrintSort, *, most: int) -> list[int]:
    statement, order = listing.with_only_columns(key).order_by(None), _order(number, sorted_by)
    if sorted_by == PrintSort.AREA:
        statement = areas.with_path(statement, Customer.area_id)
    return list(db.session.scalars(statement.order_by(*order, key).limit(most + 1)))


def _order(number: AnyColumn, sorted_by: PrintSort) -> list[AnyColumn]:
    name = func.lower(Customer.name)
    if sorted_by == PrintSort.AREA:
        return [*areas.path_columns(), name]
    return [name] if sorted_by == PrintSort.NAME else [number]

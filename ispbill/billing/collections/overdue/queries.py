"""Reads of who owes: customers with late invoices, and what was done about each."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, case, cast, exists, func, select, tuple_
from sqlalchemy.orm import aliased, joinedload

from ispbill.areas import queries as areas
from ispbill.billing.collections.models import (
    CollectionAction,
    CollectionCutoff,
    CollectionEpisode,
    CollectionHold,
    DisputeHold,
    PromiseStatus,
    PromiseToPay,
)
from ispbill.billing.collections.overdue.policy import AGE_LIMITS, AGES, State, days_of
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import IS_OPEN, is_open
from ispbill.billing.payments.queries import ALLOCATED_TO_INVOICE
from ispbill.core.db import AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import Edge, SortKey, earlier
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching

Figure = TypeVar("Figure")
_HISTORY = 50
# What is still to be paid of the invoices of a query.
OPEN_MINOR = cast(func.sum(Invoice.total_minor - ALLOCATED_TO_INVOICE), BigInteger)
# The invoice by which a customer is in the list: the oldest of those that are late.
_Oldest = aliased(Invoice, name="oldest")


@dataclass(frozen=True, slots=True)
class OverdueFilter:
    """What the list of who owes is narrowed to."""

    term: str = ""
    age: str | None = None
    state: str | None = None
    area_id: int | None = None


class Listing(NamedTuple):
    """Customers who owe, and the orders in which they may be listed."""

    rows: AnySelect
    sorts: dict[str, SortKey]


class Bucket(NamedTuple):
    """How many customers are late by a class of age, and what they owe."""

    customers: int
    open_minor: int


class History(NamedTuple):
    """What collections have on record of a customer, the newest first."""

    actions: Sequence[CollectionAction]
    promises: Sequence[PromiseToPay]
    disputes: Sequence[DisputeHold]
    holds: Sequence[CollectionHold]
    cutoffs: Sequence[CollectionCutoff]


def listing(wanted: OverdueFilter, *, today: date) -> Listing:
    """Customers with what is late of their invoices, as the filter wants them.

    They are found by their oldest late invoice, along its index; the sums are made for those who are shown.
    """
    is_late = Invoice.due_on < today
    open_minor = of_open(OPEN_MINOR, is_late)
    statement = (
        select(Customer.id, Customer.name, Customer.account_number, Customer.phone, Customer.status,
               open_minor.label("open_minor"), _Oldest.due_on.label("oldest_on"),
               of_open(func.count(), is_late).label("invoices"), promised_until().label("promised_until"),
               _trouble().label("trouble"))
        .join(_Oldest, _Oldest.customer_id == Customer.id)
        .where(is_open(_Oldest), _Oldest.due_on < today, ~_has_older(), *_conditions(wanted, today))
    )
    return Listing(statement, {
        "oldest": SortKey((_Oldest.due_on, _Oldest.customer_id)),
        "name": SortKey((by_letters(Customer.name), Customer.id)),
        "amount": SortKey((open_minor, Customer.id), descending=True),
    })


def buckets(today: date) -> dict[str, Bucket]:
    """Who owes, by the age of their oldest late invoice."""
    owed = (
        select(OPEN_MINOR.label("open_minor"), func.min(Invoice.due_on).label("oldest_on"))
        .where(IS_OPEN, Invoice.due_on < today).group_by(Invoice.customer_id).subquery()
    )
    days = today - owed.c.oldest_on
    place = case(*((days <= limit, number) for number, limit in enumerate(AGE_LIMITS)), else_=len(AGE_LIMITS))
    rows = db.session.execute(
        select(place, func.count(), cast(func.sum(owed.c.open_minor), BigInteger)).group_by(place)
    )
    found = {number: Bucket(customers, open_minor) for number, customers, open_minor in rows}
    return {age: found.get(number, Bucket(0, 0)) for number, age in enumerate(AGES)}


def promised_by(day: date) -> Bucket:
    """How many promises are to be kept by a day, that day included, and what they come to."""
    count, total = db.session.execute(
        select(func.count(), func.coalesce(func.sum(PromiseToPay.amount_minor), 0))
        .where(PromiseToPay.status == PromiseStatus.OPEN, PromiseToPay.until_on <= day)
    ).one()
    return Bucket(int(count), int(total))


def moments(customer_id: int, edge: Edge | None, limit: int) -> Sequence[CollectionAction]:
    """The steps taken towards a customer before an edge of their timeline, the newest first."""
    statement = select(CollectionAction).where(CollectionAction.customer_id == customer_id).options(
        joinedload(CollectionAction.step), joinedload(CollectionAction.invoice))
    return db.session.scalars(
        earlier(statement, (CollectionAction.done_at, CollectionAction.id), edge, limit=limit)
    ).all()


def history(customer_id: int) -> History:
    """What was done towards a customer, and what held it off."""
    return History(
        db.session.scalars(
            select(CollectionAction).where(CollectionAction.customer_id == customer_id)
            .options(joinedload(CollectionAction.step), joinedload(CollectionAction.invoice))
            .options(joinedload(CollectionAction.charge))
            .order_by(CollectionAction.id.desc()).limit(_HISTORY)
        ).all(),
        db.session.scalars(select(PromiseToPay).where(PromiseToPay.customer_id == customer_id)
                           .order_by(PromiseToPay.id.desc()).limit(_HISTORY)).all(),
        db.session.scalars(select(DisputeHold).where(DisputeHold.customer_id == customer_id)
                           .options(joinedload(DisputeHold.invoice)).order_by(DisputeHold.id.desc())
                           .limit(_HISTORY)).all(),
        db.session.scalars(select(CollectionHold).where(CollectionHold.customer_id == customer_id)
                           .order_by(CollectionHold.id.desc()).limit(_HISTORY)).all(),
        db.session.scalars(select(CollectionCutoff).where(CollectionCutoff.customer_id == customer_id)
                           .order_by(CollectionCutoff.id.desc()).limit(_HISTORY)).all(),
    )


def of_open(figure: ColumnElement[Figure], *conditions: ColumnElement[bool]) -> ScalarSelect[Figure]:
    """A figure of those open invoices of the enclosing query's customer that fulfil conditions."""
    return select(figure).where(
        Invoice.customer_id == Customer.id, IS_OPEN, *conditions
    ).correlate(Customer).scalar_subquery()


def promised_until() -> ScalarSelect[date]:
    """Until when the enclosing query's customer has promised to pay."""
    return select(PromiseToPay.until_on).where(
        PromiseToPay.customer_id == Customer.id, PromiseToPay.status == PromiseStatus.OPEN
    ).correlate(Customer).scalar_subquery()


def _has_older() -> ColumnElement[bool]:
    return exists().where(
        Invoice.customer_id == _Oldest.customer_id, IS_OPEN,
        tuple_(Invoice.due_on, Invoice.id) < tuple_(_Oldest.due_on, _Oldest.id),
    )


def _conditions(wanted: OverdueFilter, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.term:
        conditions.append(matching(wanted.term))
    if wanted.area_id is not None:
        conditions.append(Customer.area_id.in_(areas.inside(wanted.area_id)))
    if wanted.age:
        first, last = days_of(wanted.age)
        conditions.append(_Oldest.due_on <= today - timedelta(days=first))
        if last is not None:
            conditions.append(_Oldest.due_on >= today - timedelta(days=last))
    if wanted.state:
        conditions.append(_is_in(State(wanted.state), today))
    return conditions


def _is_in(state: State, today: date) -> ColumnElement[bool]:
    hold, dispute, episode = CollectionHold, DisputeHold, CollectionEpisode
    return {
        State.PROMISE: exists().where(PromiseToPay.customer_id == Customer.id,
                                      PromiseToPay.status == PromiseStatus.OPEN),
        State.HOLD: exists().where(hold.customer_id == Customer.id, hold.from_on <= today, hold.until_on >= today,
                                   hold.lifted_on.is_(None)),
        State.DISPUTE: exists().where(dispute.customer_id == Customer.id, dispute.closed_on.is_(None),
                                      dispute.ends_on > today),
        State.SUSPENDED: Customer.status == "suspended",
        State.TROUBLE: exists().where(episode.customer_id == Customer.id, episode.ended_on.is_(None),
                                      episode.trouble != ""),
    }[state]


def _trouble() -> ScalarSelect[str]:
    return select(CollectionEpisode.trouble).where(
        CollectionEpisode.customer_id == Customer.id, CollectionEpisode.ended_on.is_(None)
    ).correlate(Customer).scalar_subquery()

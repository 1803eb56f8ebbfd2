"""What is due, read once per chunk in a constant number of statements, and what became of it."""
from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from ispbill.areas.models import Area
from ispbill.billing.invoices.policy import BillableSubscription, Component, Tax
from ispbill.billing.invoices.service import Buyer
from ispbill.billing.runs.models import BillingRun, BillingRunChunk, BillingRunException
from ispbill.catalogue.models import Plan, TaxMode, TaxRate
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.core.periods import BillingSchedule
from ispbill.customers.models import Customer
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionStatus

NEWEST_FIRST = SortKey((BillingRun.billing_on,), descending=True)


class DueCustomer(NamedTuple):
    """A customer with everything of theirs that may be due."""

    id: int
    buyer: Buyer
    subscriptions: list[BillableSubscription]


def is_due(on: date) -> ColumnElement[bool]:
    """Active subscriptions with a period that has begun by the day and is not billed."""
    return and_(
        Subscription.status == SubscriptionStatus.ACTIVE, Subscription.billed_until <= on,
        or_(Subscription.end_on.is_(None), Subscription.end_on > Subscription.billed_until),
    )


def due_customers(on: date, *, first: int, last: int, lock: bool) -> list[DueCustomer]:
    """The due customers whose ids lie between `first` and `last`; with `lock`, held until the transaction ends."""
    statement = (
        select(
            Customer.id, Customer.name, Customer.street, Customer.area_id, Customer.tax_identifier,
            Subscription.id.label("subscription_id"), Subscription.start_on, Subscription.anchor_day,
            Subscription.billed_until, Subscription.end_on, SubscriptionComponent.id.label("component_id"),
            SubscriptionComponent.quantity, SubscriptionComponent.unit_price_minor, Plan.name.label("plan_name"),
            Plan.tax_rate_id,
        )
        .join(Subscription, Subscription.customer_id == Customer.id)
        .outerjoin(SubscriptionComponent, SubscriptionComponent.subscription_id == Subscription.id)
        .outerjoin(Plan, Plan.id == SubscriptionComponent.plan_id)
        .where(is_due(on), Customer.id.between(first, last))
        .order_by(Customer.id, Subscription.id, SubscriptionComponent.id)
    )
    if lock:
        statement = statement.with_for_update(key_share=True, of=(Customer, Subscription))
    rows = db.session.execute(statement).all()
    taxes, areas = _taxes(), _area_paths({row.area_id for row in rows if row.area_id})
    return [_due_customer(list(group), taxes, areas) for _, group in groupby(rows, key=lambda row: row.id)]


def due_ranges(on: date, *, size: int) -> Sequence[AnyRow]:
    """Ranges of customer ids that hold `size` due customers each: (first, last, customers, subscriptions)."""
    due = (
        select(Subscription.customer_id, func.count().label("subscriptions"),
               ((func.row_number().over(order_by=Subscription.customer_id) - 1) // size).label("chunk"))
        .where(is_due(on)).group_by(Subscription.customer_id).subquery()
    )
    return db.session.execute(
        select(func.min(due.c.customer_id), func.max(due.c.customer_id), func.count(), func.sum(due.c.subscriptions))
        .group_by(due.c.chunk).order_by(due.c.chunk)
    ).all()


def billed_ahead_count(on: date) -> int:
    """Subscriptions that have begun by the day and are billed beyond it: nothing is due from them."""
    return db.session.execute(
        select(func.count()).select_from(Subscription).where(
            Subscription.status == SubscriptionStatus.ACTIVE, Subscription.start_on <= on,
            Subscription.billed_until > on,
        )
    ).scalar_one()


def not_billed(on: date) -> Sequence[AnyRow]:
    """Suspended subscriptions whose next period has begun: they are skipped, each for a reason."""
    return db.session.execute(
        select(Subscription.id, Customer.account_number, Customer.name, Subscription.status).join(Customer)
        .where(Subscription.status == SubscriptionStatus.SUSPENDED, Subscription.billed_until <= on)
        .order_by(Subscription.id)
    ).all()


def exceptions_of(run_id: int) -> Sequence[AnyRow]:
    """The customers a run parked, with the reasons."""
    return db.session.execute(
        select(BillingRunException.customer_id, Customer.account_number, Customer.name, BillingRunException.reason)
        .join(Customer).where(BillingRunException.run_id == run_id).order_by(Customer.account_number)
    ).all()


def named(customer_ids: Collection[int]) -> Sequence[AnyRow]:
    """Account numbers and names of some customers."""
    return db.session.execute(
        select(Customer.id, Customer.account_number, Customer.name).where(Customer.id == any_key(customer_ids))
        .order_by(Customer.account_number)
    ).all()


def chunk_totals(chunk_ids: Collection[int]) -> AnyRow:
    """The sums over some chunks: subscriptions, invoices, lines, money; and how many are still pending."""
    return db.session.execute(_totals().where(BillingRunChunk.id.in_(chunk_ids))).one()


def run_totals(run_id: int) -> AnyRow:
    """The sums over all chunks of a run."""
    return db.session.execute(_totals().where(BillingRunChunk.run_id == run_id)).one()


def listing() -> AnySelect:
    """Runs with their sums, for paging."""
    totals = _totals().add_columns(BillingRunChunk.run_id).group_by(BillingRunChunk.run_id).subquery()
    return select(
        BillingRun, func.coalesce(totals.c.invoices, 0).label("invoices"),
        func.coalesce(totals.c.total_minor, 0).label("total_minor"),
        select(func.count()).where(BillingRunException.run_id == BillingRun.id).scalar_subquery().label("parked"),
    ).outerjoin(totals, totals.c.run_id == BillingRun.id)


def detail(run_id: int) -> BillingRun | None:
    """A run."""
    return db.session.get(BillingRun, run_id)


def of_day(day: date) -> BillingRun | None:
    """The run of a day, where there is one."""
    return db.session.scalars(select(BillingRun).where(BillingRun.billing_on == day)).one_or_none()


def running() -> list[BillingRun]:
    """Approved runs with chunks still to bill."""
    return list(db.session.scalars(
        select(BillingRun).where(BillingRun.status == "running").order_by(BillingRun.billing_on)
    ))


def pending_chunk_ids(run_id: int) -> list[int]:
    """The chunks of a run that are still to be billed."""
    return list(db.session.scalars(
        select(BillingRunChunk.id).where(BillingRunChunk.run_id == run_id, BillingRunChunk.status == "pending")
        .order_by(BillingRunChunk.ordinal)
    ))


def _totals() -> AnySelect:
    def total(column: Any) -> Any:
        return func.coalesce(func.sum(column), 0)

    return select(
        total(BillingRunChunk.subscription_count).label("subscriptions"),
        total(BillingRunChunk.invoice_count).label("invoices"), total(BillingRunChunk.line_count).label("lines"),
        total(BillingRunChunk.total_minor).label("total_minor"), func.count().label("chunks"),
        func.count().filter(BillingRunChunk.status == "pending").label("pending"),
    )


def _due_customer(rows: list[AnyRow], taxes: dict[int, Tax], areas: dict[int, str]) -> DueCustomer:
    head = rows[0]
    address = ", ".join(filter(None, (head.street, areas.get(head.area_id))))
    return DueCustomer(
        id=head.id, buyer=Buyer(head.name, address, head.tax_identifier), subscriptions=list(_billable(rows, taxes))
    )


def _billable(rows: list[AnyRow], taxes: dict[int, Tax]) -> Iterator[BillableSubscription]:
    for key, group in groupby(rows, key=lambda row: row.subscription_id):
        parts = list(group)
        head = parts[0]
        yield BillableSubscription(
            id=key, schedule=BillingSchedule(start_on=head.start_on, anchor_day=head.anchor_day),
            billed_until=head.billed_until, end_on=head.end_on,
            components=[
                Component(row.component_id, row.plan_name, row.quantity, row.unit_price_minor,
                          taxes.get(row.tax_rate_id))
                for row in parts if row.component_id is not None
            ],
        )


def _taxes() -> dict[int, Tax]:
    rows = db.session.execute(select(TaxRate.id, TaxRate.name, TaxRate.rate_percent, TaxRate.mode))
    return {key: Tax(key, name, rate, mode == TaxMode.INCLUSIVE) for key, name, rate, mode in rows}


def _area_paths(area_ids: set[int]) -> dict[int, str]:
    if not area_ids:
        return {}
    middle, top = aliased(Area), aliased(Area)
    rows = db.session.execute(
        select(Area.id, Area.name, middle.name, top.name)
        .outerjoin(middle, middle.id == Area.parent_id).outerjoin(top, top.id == middle.parent_id)
        .where(Area.id.in_(area_ids))
    )
    return {key: ", ".join(filter(None, names)) for key, *names in rows}

"""Reads of prepaid subscriptions and their loads. What runs out is found by an index, however many there are."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments.models import Payment
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidStatus, PrepaidSubscription
from ispbill.catalogue.models import Plan, PlanKind, PlanStatus
from ispbill.core.current import current
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionStatus

SORTS = {
    "newest": SortKey((PrepaidSubscription.created_at, PrepaidSubscription.id), descending=True),
    "expiry": SortKey((PrepaidSubscription.expires_at, PrepaidSubscription.id)),
}


@dataclass(frozen=True, slots=True)
class PrepaidFilter:
    """What the list of prepaid subscriptions is narrowed to; `expires_by` finds active ones that run out by then."""

    term: str = ""
    status: str | None = None
    customer_id: int | None = None
    plan_id: int | None = None
    expires_by: datetime | None = None


def listing(wanted: PrepaidFilter) -> AnySelect:
    """Prepaid subscriptions with their customer and plan, as the filter wants them."""
    return (
        select(
            PrepaidSubscription.id, PrepaidSubscription.status, PrepaidSubscription.expires_at,
            PrepaidSubscription.created_at, PrepaidSubscription.installation_id, PrepaidSubscription.plan_id,
            Plan.name.label("plan_name"), Customer.id.label("customer_id"), Customer.name.label("customer_name"),
            Customer.account_number, _goes_on(current.today()).label("goes_on"),
        )
        .join(Customer, PrepaidSubscription.customer_id == Customer.id)
        .join(Plan, PrepaidSubscription.plan_id == Plan.id).where(*conditions(wanted))
    )


def conditions(wanted: PrepaidFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter; a term needs the customer to be joined."""
    given: list[ColumnElement[bool]] = []
    if wanted.term:
        given.append(matching(wanted.term))
    if wanted.expires_by is not None:
        given.append(and_(PrepaidSubscription.status == PrepaidStatus.ACTIVE,
                          PrepaidSubscription.expires_at <= wanted.expires_by))
    for value, column in (
        (wanted.status, PrepaidSubscription.status), (wanted.customer_id, PrepaidSubscription.customer_id),
        (wanted.plan_id, PrepaidSubscription.plan_id),
    ):
        if value is not None:
            given.append(column == value)
    return given


def get(prepaid_id: int) -> PrepaidSubscription | None:
    """A prepaid subscription with its customer, line, plan, and its loads with their plans, invoices and payments."""
    loads = selectinload(PrepaidSubscription.loads)
    return db.session.scalars(
        select(PrepaidSubscription).where(PrepaidSubscription.id == prepaid_id).options(
            joinedload(PrepaidSubscription.customer), joinedload(PrepaidSubscription.installation),
            joinedload(PrepaidSubscription.plan), loads.joinedload(PrepaidLoad.invoice),
            loads.joinedload(PrepaidLoad.credit_note), loads.joinedload(PrepaidLoad.plan),
            loads.joinedload(PrepaidLoad.payment),
        )
    ).one_or_none()


def came_minor(load: PrepaidLoad) -> int:
    """The money that came in with a load; nothing where the wallet paid."""
    payment = db.session.get(Payment, load.payment_id) if load.payment_id else None
    return payment.amount_minor if payment else 0


def get_load(load_id: int) -> PrepaidLoad | None:
    """A load with its plan, invoice, payment and the subscription it gave time to, with its customer and line."""
    subscription = joinedload(PrepaidLoad.subscription)
    return db.session.scalars(
        select(PrepaidLoad).where(PrepaidLoad.id == load_id).options(
            joinedload(PrepaidLoad.plan), joinedload(PrepaidLoad.invoice), joinedload(PrepaidLoad.payment),
            subscription.joinedload(PrepaidSubscription.customer),
            subscription.joinedload(PrepaidSubscription.installation),
        )
    ).one_or_none()


def is_loaded_between(start: datetime, end: datetime, *, postpaid: Subscription) -> bool:
    """Whether the line of a postpaid subscription has prepaid time that begins from an instant to before another."""
    line = PrepaidSubscription
    return bool(db.session.scalar(select(exists().where(
        PrepaidLoad.subscription_id == line.id, PrepaidLoad.cancelled_at.is_(None),
        PrepaidLoad.starts_at >= start, PrepaidLoad.starts_at < end,
        line.customer_id == postpaid.customer_id, line.installation_id.is_not_distinct_from(postpaid.installation_id),
    ))))


def load_of_key(idempotency_key: str) -> PrepaidLoad | None:
    """The load that was made under a key, with its subscription."""
    return db.session.scalars(
        select(PrepaidLoad).where(PrepaidLoad.idempotency_key == idempotency_key)
        .options(joinedload(PrepaidLoad.subscription))
    ).one_or_none()


def load_of_invoice(invoice_id: int) -> PrepaidLoad | None:
    """The load that an invoice billed, where it billed one."""
    return db.session.scalars(select(PrepaidLoad).where(PrepaidLoad.invoice_id == invoice_id)).one_or_none()


def load_of_credit_note(invoice_id: int) -> PrepaidLoad | None:
    """The load whose unused part a credit note gave back, where it is such a note."""
    return db.session.scalars(select(PrepaidLoad).where(PrepaidLoad.credit_note_id == invoice_id)).one_or_none()


def with_time(prepaid_id: int, *, after: datetime, lock: bool = False) -> Sequence[PrepaidLoad]:
    """The loads of a subscription that stand and last beyond an instant, the earliest first."""
    statement = select(PrepaidLoad).where(
        PrepaidLoad.subscription_id == prepaid_id, PrepaidLoad.cancelled_at.is_(None), PrepaidLoad.ends_at > after
    ).order_by(PrepaidLoad.starts_at)
    return db.session.scalars(statement.with_for_update() if lock else statement).all()


def unpaid_with_time(customer_id: int, *, after: datetime) -> Sequence[PrepaidLoad]:
    """A customer's loads that last beyond an instant and whose invoice is not settled, locked, the latest first."""
    return db.session.scalars(
        select(PrepaidLoad).join(Invoice, PrepaidLoad.invoice_id == Invoice.id).where(
            Invoice.customer_id == customer_id, Invoice.settled_on.is_(None), PrepaidLoad.cancelled_at.is_(None),
            PrepaidLoad.ends_at > after,
        ).order_by(PrepaidLoad.starts_at.desc()).with_for_update(of=PrepaidLoad)
    ).all()


def deferred(*, begun_by: datetime) -> Sequence[AnyRow]:
    """What is still owed of the loads that had begun by an instant, locked: those somebody holds wait for a day."""
    return db.session.execute(
        select(PrepaidLoad.id, PrepaidLoad.net_minor, PrepaidLoad.recognised_minor, PrepaidLoad.starts_at,
               PrepaidLoad.ends_at)
        .where(PrepaidLoad.recognised_minor < PrepaidLoad.net_minor, PrepaidLoad.cancelled_at.is_(None),
               PrepaidLoad.starts_at < begun_by)
        .order_by(PrepaidLoad.id).with_for_update(skip_locked=True)
    ).all()


def plan_of(plan_id: int) -> Plan:
    """A plan with its tax."""
    return db.session.scalars(
        select(Plan).where(Plan.id == plan_id).options(joinedload(Plan.tax_rate))
    ).one()


def of_line(installation_id: int) -> PrepaidSubscription | None:
    """The prepaid subscription of an installation that is not cancelled."""
    return db.session.scalars(
        select(PrepaidSubscription).where(
            PrepaidSubscription.installation_id == installation_id,
            PrepaidSubscription.status != PrepaidStatus.CANCELLED,
        )
    ).one_or_none()


def latest_of_line(installation_id: int) -> PrepaidSubscription | Subscription | None:
    """What an installation has: a subscription that is served rather than one that was, then the newest."""
    prepaid = db.session.scalars(
        select(PrepaidSubscription).where(PrepaidSubscription.installation_id == installation_id)
        .options(joinedload(PrepaidSubscription.plan), selectinload(PrepaidSubscription.loads))
    ).all()
    plan = selectinload(Subscription.components).joinedload(SubscriptionComponent.plan)
    postpaid = db.session.scalars(
        select(Subscription).where(Subscription.installation_id == installation_id).options(plan)
    ).all()
    known: list[PrepaidSubscription | Subscription] = [*prepaid, *postpaid]
    return max(known, key=lambda one: (one.status == "active", one.created_at), default=None)


def of_customer(customer_id: int) -> Sequence[AnyRow]:
    """A customer's prepaid subscriptions, those that are served first."""
    statement = listing(PrepaidFilter(customer_id=customer_id))
    return db.session.execute(
        statement.order_by(PrepaidSubscription.status, PrepaidSubscription.expires_at.desc(), PrepaidSubscription.id)
    ).all()


def goes_on_as(prepaid: PrepaidSubscription, *, on: date) -> Subscription | None:
    """The postpaid subscription that a line goes on as; None where it has ended by a day, or never begins."""
    if prepaid.successor_id is None:
        return None
    return db.session.scalars(
        select(Subscription).where(Subscription.id == prepaid.successor_id, _lasts_beyond(on))
    ).one_or_none()


def _goes_on(on: date) -> ColumnElement[bool]:
    return exists().where(Subscription.id == PrepaidSubscription.successor_id, _lasts_beyond(on))


def _lasts_beyond(day: date) -> ColumnElement[bool]:
    return or_(Subscription.end_on.is_(None), Subscription.end_on > func.greatest(Subscription.start_on, day))


def is_postpaid(installation_id: int, plan_id: int) -> bool:
    """Whether a postpaid subscription that is not about to end has the same plan on the line."""
    running = exists().where(
        Subscription.installation_id == installation_id, Subscription.status != SubscriptionStatus.ENDED,
        Subscription.end_on.is_(None),
        SubscriptionComponent.subscription_id == Subscription.id, SubscriptionComponent.plan_id == plan_id,
    )
    return bool(db.session.execute(select(running)).scalar_one())


def has_time(customer_id: int, *, at: datetime) -> bool:
    """Whether a customer has prepaid time left."""
    running = exists().where(
        PrepaidSubscription.customer_id == customer_id, PrepaidSubscription.status == PrepaidStatus.ACTIVE,
        PrepaidSubscription.expires_at > at,
    )
    return bool(db.session.execute(select(running)).scalar_one())


def running_out(*, by: datetime, limit: int) -> Sequence[PrepaidSubscription]:
    """Active subscriptions whose time is over by an instant, locked; others that somebody holds are left for later."""
    return db.session.scalars(
        select(PrepaidSubscription)
        .where(PrepaidSubscription.status == PrepaidStatus.ACTIVE, PrepaidSubscription.expires_at <= by)
        .order_by(PrepaidSubscription.expires_at, PrepaidSubscription.id).limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def to_remind(*, at: datetime, limit: int) -> Sequence[PrepaidSubscription]:
    """Subscriptions whose reminder is due, with plan and customer, locked."""
    return db.session.scalars(
        select(PrepaidSubscription).where(PrepaidSubscription.remind_at <= at)
        .options(joinedload(PrepaidSubscription.plan), joinedload(PrepaidSubscription.customer))
        .order_by(PrepaidSubscription.remind_at, PrepaidSubscription.id).limit(limit)
        .with_for_update(skip_locked=True, of=PrepaidSubscription)
    ).all()


def plan_names(*, offered_only: bool = False) -> list[tuple[int, str]]:
    """Ids and names of the plans that can be loaded, by name."""
    lasting = Plan.kind.not_in((PlanKind.ADDON, PlanKind.ONE_TIME))
    statement = select(Plan.id, Plan.name).where(lasting).order_by(by_letters(Plan.name), Plan.id)
    if offered_only:
        statement = statement.where(Plan.status == PlanStatus.ACTIVE)
    return [(plan_id, name) for plan_id, name in db.session.execute(statement)]


"""Reads of subscriptions: the list, one with its parts, a customer's own, who pays which price of a plan."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Numeric,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased, joinedload, selectinload

from ispbill.catalogue.models import Plan
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.core.periods import LAST_DAY, BillingSchedule, Period
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionPause, SubscriptionStatus
from ispbill.subscriptions.policy import ComponentDates, Pause

SORTS = {
    "newest": SortKey((Subscription.id,), descending=True),
    "customer": SortKey((by_letters(Customer.name), Subscription.id)),
}
_IS_TO_BE_BILLED = or_(SubscriptionComponent.replaced_on.is_(None), and_(
    SubscriptionComponent.due_on.is_not(None), SubscriptionComponent.billed_until < SubscriptionComponent.replaced_on
))
_PERIOD_MINOR = SubscriptionComponent.quantity * SubscriptionComponent.unit_price_minor
# What a component costs in a month of an ordinary year, half up, in minor units.
MONTHLY_MINOR = cast(case(
    (SubscriptionComponent.period_unit == "day",
     func.round(cast(_PERIOD_MINOR, Numeric) * 365 / (12 * SubscriptionComponent.period_count))),
    else_=func.round(cast(_PERIOD_MINOR, Numeric) / SubscriptionComponent.period_count),
), BigInteger)


@dataclass(frozen=True, slots=True)
class SubscriptionFilter:
    """What the list of subscriptions is narrowed to."""

    term: str = ""
    status: str | None = None
    plan_id: int | None = None
    customer_id: int | None = None


def listing(wanted: SubscriptionFilter) -> AnySelect:
    """Subscriptions with their customer, their plans and what a full month costs, as the filter wants."""
    return select(
        Subscription.id, Subscription.status, Subscription.start_on, Subscription.end_on,
        Subscription.anchor_day, Subscription.suspended_on, Subscription.external_reference,
        _billed_until().label("billed_until"),
        Customer.id.label("customer_id"), Customer.name.label("customer_name"), Customer.account_number,
        _plan_names().label("plan_names"), _monthly(current.today()).label("monthly_minor"),
    ).join(Customer, Subscription.customer_id == Customer.id).where(*_conditions(wanted))


def charged_on(day: date | ColumnElement[Any]) -> ColumnElement[bool]:
    """Components that are charged on a day; where none of a subscription is yet, those that are charged first."""
    part, other = SubscriptionComponent, aliased(SubscriptionComponent)
    first_on = (
        select(func.min(other.start_on)).where(other.subscription_id == part.subscription_id, _lasts(other, day))
        .correlate(part).scalar_subquery()
    )
    return and_(_lasts(part, day), or_(part.start_on <= day, part.start_on == first_on))


def monthly_minor(subscription_id: int, *, on: date) -> int:
    """What a subscription costs a month on a day, before tax that is added, in minor units."""
    return db.session.execute(
        select(func.coalesce(_monthly(on), 0)).select_from(Subscription).where(Subscription.id == subscription_id)
    ).scalar_one()


def component(component_id: int) -> SubscriptionComponent | None:
    """A component with its plan."""
    return db.session.scalars(
        select(SubscriptionComponent).where(SubscriptionComponent.id == component_id)
        .options(joinedload(SubscriptionComponent.plan))
    ).one_or_none()


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, the newest first."""
    return db.session.execute(statement.order_by(Subscription.id.desc())).all()


def count(wanted: SubscriptionFilter) -> int:
    """How many subscriptions the filter finds."""
    statement = select(func.count()).select_from(Subscription)
    if wanted.term:
        statement = statement.join(Customer, Subscription.customer_id == Customer.id)
    return db.session.execute(statement.where(*_conditions(wanted))).scalar_one()


def get(subscription_id: int) -> Subscription | None:
    """A subscription with its customer, installation and components with their plans and taxes."""
    components = selectinload(Subscription.components).joinedload(SubscriptionComponent.plan)
    return db.session.scalars(
        select(Subscription).where(Subscription.id == subscription_id)
        .options(joinedload(Subscription.customer), joinedload(Subscription.installation),
                 components.joinedload(Plan.tax_rate), selectinload(Subscription.pauses))
    ).one_or_none()


def of_customer(customer_id: int, *, status: str) -> Sequence[Subscription]:
    """A customer's subscriptions of a status, oldest first."""
    return db.session.scalars(
        select(Subscription).where(Subscription.customer_id == customer_id, Subscription.status == status)
        .order_by(Subscription.id)
    ).all()


def first_taken(customer_id: int) -> dict[int, date]:
    """The day on which a customer first subscribed to each plan they ever had, by plan."""
    rows = db.session.execute(
        select(SubscriptionComponent.plan_id, func.min(Subscription.start_on))
        .join(Subscription, Subscription.id == SubscriptionComponent.subscription_id)
        .where(Subscription.customer_id == customer_id).group_by(SubscriptionComponent.plan_id)
    )
    return {plan_id: on for plan_id, on in rows}


def next_bill(customer_id: int) -> AnyRow | None:
    """On which day billing has something to do for a customer, how many charges, and what their full periods cost.

    Discounts, tax that is added and days that are left out come off or on when it is billed.
    """
    due_on = SubscriptionComponent.due_on
    return db.session.execute(
        select(due_on, func.count().label("charge_count"),
               cast(func.sum(_PERIOD_MINOR), BigInteger).label("full_minor"))
        .join(Subscription, SubscriptionComponent.subscription_id == Subscription.id)
        .where(Subscription.customer_id == customer_id, due_on.is_not(None))
        .group_by(due_on).order_by(due_on).limit(1)
    ).one_or_none()


def dates_of(part: SubscriptionComponent, pauses: Iterable[SubscriptionPause]) -> ComponentDates:
    """When a component is charged, as the rules see it."""
    return ComponentDates(
        schedule=BillingSchedule(part.aligned_on, part.anchor_day, part.period_count, part.period_unit),
        start_on=part.start_on, end_on=part.end_on, in_arrears=part.timing == "arrears",
        merges_stub=part.merges_stub, pauses=unbilled(pauses),
    )


def unbilled(pauses: Iterable[SubscriptionPause]) -> tuple[Pause, ...]:
    """The pauses that take days off the bill."""
    return tuple(
        Pause(Period(pause.start_on, pause.end_on or LAST_DAY), pause.billing == PauseBilling.CREDIT)
        for pause in pauses if pause.billing != PauseBilling.BILL
    )


def pauses_of(subscription_ids: Collection[int]) -> dict[int, tuple[Pause, ...]]:
    """The pauses that take days off the bills of some subscriptions, by subscription."""
    rows = db.session.scalars(
        select(SubscriptionPause).where(SubscriptionPause.subscription_id == any_key(subscription_ids),
                                        SubscriptionPause.billing != PauseBilling.BILL)
        .order_by(SubscriptionPause.subscription_id, SubscriptionPause.start_on)
    )
    return {key: unbilled(group) for key, group in groupby(rows, key=lambda row: row.subscription_id)}


def count_running(customer_id: int) -> int:
    """How many subscriptions of a customer have not ended."""
    return db.session.execute(
        select(func.count()).where(
            Subscription.customer_id == customer_id, Subscription.status != SubscriptionStatus.ENDED
        )
    ).scalar_one()


def awaiting_end(*, by: date) -> Sequence[Subscription]:
    """Subscriptions whose end has come and that are billed up to it, locked."""
    return db.session.scalars(_awaiting_end(), {"by": by}).all()


@cache
def _awaiting_end() -> Select[Subscription]:
    return (
        select(Subscription).where(
            Subscription.status != SubscriptionStatus.ENDED, Subscription.end_on <= bindparam("by", type_=Date),
            ~exists().where(SubscriptionComponent.subscription_id == Subscription.id,
                            SubscriptionComponent.due_on.is_not(None)),
        ).order_by(Subscription.id).with_for_update(skip_locked=True)
    )


def holders_by_price(plan_id: int) -> Sequence[AnyRow]:
    """How many running subscriptions hold a plan at each price agreed, the dearest first."""
    return db.session.execute(
        select(SubscriptionComponent.unit_price_minor, func.count().label("subscription_count"),
               cast(func.sum(SubscriptionComponent.quantity), BigInteger).label("quantity"),
               func.min(SubscriptionComponent.start_on).label("first_on"),
               func.max(SubscriptionComponent.start_on).label("last_on"))
        .join(Subscription, SubscriptionComponent.subscription_id == Subscription.id)
        .where(SubscriptionComponent.plan_id == plan_id, Subscription.status != SubscriptionStatus.ENDED,
               charged_on(current.today()))
        .group_by(SubscriptionComponent.unit_price_minor).order_by(SubscriptionComponent.unit_price_minor.desc())
    ).all()


def count_by_plan(plan_ids: Sequence[int]) -> dict[int, int]:
    """How many running subscriptions hold each of the plans; plans without any are left out."""
    rows = db.session.execute(
        select(SubscriptionComponent.plan_id, func.count())
        .join(Subscription, SubscriptionComponent.subscription_id == Subscription.id)
        .where(SubscriptionComponent.plan_id.in_(plan_ids), Subscription.status != SubscriptionStatus.ENDED,
               charged_on(current.today()))
        .group_by(SubscriptionComponent.plan_id)
    )
    return {plan_id: held for plan_id, held in rows}


def _lasts(part: type[SubscriptionComponent], day: date | ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(part.replaced_on.is_(None), part.replaced_on > func.greatest(day, part.start_on))


def _plan_names() -> ScalarSelect[str]:
    names = func.string_agg(Plan.name, aggregate_order_by(literal(", "), SubscriptionComponent.id))
    return (
        select(names).select_from(SubscriptionComponent)
        .join(Plan, SubscriptionComponent.plan_id == Plan.id)
        .where(SubscriptionComponent.subscription_id == Subscription.id, charged_on(current.today()))
        .correlate(Subscription).scalar_subquery()
    )


def _monthly(day: date) -> ScalarSelect[int]:
    return (
        select(cast(func.coalesce(func.sum(MONTHLY_MINOR), 0), BigInteger))
        .where(SubscriptionComponent.subscription_id == Subscription.id, charged_on(day))
        .correlate(Subscription).scalar_subquery()
    )


def _billed_until() -> ScalarSelect[date]:
    return (
        select(func.coalesce(func.min(SubscriptionComponent.billed_until), Subscription.start_on))
        .where(SubscriptionComponent.subscription_id == Subscription.id, _IS_TO_BE_BILLED)
        .correlate(Subscription).scalar_subquery()
    )


def _conditions(wanted: SubscriptionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.term:
        conditions.append(matching(wanted.term))
    if wanted.status is not None:
        conditions.append(Subscription.status == wanted.status)
    if wanted.customer_id is not None:
        conditions.append(Subscription.customer_id == wanted.customer_id)
    if wanted.plan_id is not None:
        held = (SubscriptionComponent.subscription_id == Subscription.id) & (
            SubscriptionComponent.plan_id == wanted.plan_id
        ) & charged_on(current.today())
        conditions.append(exists().where(held))
    return conditions

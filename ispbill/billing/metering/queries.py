"""Reads of metered usage: the list, a subscription's periods, and what has to be rated, in few statements."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Subquery, and_, exists, func, or_, select, union
from sqlalchemy.orm import aliased, joinedload, selectinload

from ispbill.billing.metering.models import UsageRating, UsageRecord
from ispbill.billing.metering.policy import UsagePrices
from ispbill.catalogue.models import Plan
from ispbill.catalogue.usage import queries as prices
from ispbill.catalogue.usage.models import UsagePrice
from ispbill.core.bulk import any_key, any_text
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching
from ispbill.subscriptions.models import Subscription, SubscriptionComponent

SORTS = {
    "newest": SortKey((UsageRecord.id,), descending=True), "day": SortKey((UsageRecord.used_on, UsageRecord.id)),
}
Customers = tuple[int, int]
"""Those whose ids lie between two, both included."""
_IS_METERED = exists().where(UsagePrice.plan_id == SubscriptionComponent.plan_id)


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """What the list is narrowed to; `state`: rated or open."""

    term: str = ""
    state: str | None = None
    subscription_id: int | None = None


def listing(wanted: UsageFilter) -> AnySelect:
    """Records with their customers and plans, as the filter wants."""
    statement = select(
        UsageRecord, SubscriptionComponent.subscription_id, Customer.id.label("customer_id"),
        Customer.name.label("customer_name"), Customer.account_number, Plan.name.label("plan_name"),
    ).join(SubscriptionComponent, SubscriptionComponent.id == UsageRecord.component_id)
    statement = statement.join(Subscription, Subscription.id == SubscriptionComponent.subscription_id)
    statement = statement.join(Customer, Customer.id == Subscription.customer_id)
    return statement.join(Plan, Plan.id == SubscriptionComponent.plan_id).where(*_conditions(wanted))


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, the newest first."""
    return db.session.execute(statement.order_by(UsageRecord.id.desc())).all()


def known_sources(sources: Collection[str]) -> set[str]:
    """Which of the sources were recorded before."""
    return set(db.session.scalars(select(UsageRecord.source).where(UsageRecord.source == any_text(sources))))


def metered_parts(subscription_ids: Collection[int]) -> dict[int, list[SubscriptionComponent]]:
    """The components of some subscriptions whose usage has a price, each with its subscription, by its id."""
    parts: dict[int, list[SubscriptionComponent]] = defaultdict(list)
    rows = db.session.scalars(
        select(SubscriptionComponent)
        .where(SubscriptionComponent.subscription_id == any_key(subscription_ids), _IS_METERED)
        .options(joinedload(SubscriptionComponent.subscription)).order_by(SubscriptionComponent.id)
    )
    for row in rows:
        parts[row.subscription_id].append(row)
    return parts


def periods_of(subscription_id: int, *, limit: int = 12) -> Sequence[AnyRow]:
    """The newest rated periods of a subscription: (UsageRating, plan_name)."""
    return db.session.execute(
        select(UsageRating, Plan.name.label("plan_name"))
        .join(SubscriptionComponent, SubscriptionComponent.id == UsageRating.component_id)
        .join(Plan, Plan.id == SubscriptionComponent.plan_id)
        .where(SubscriptionComponent.subscription_id == subscription_id)
        .order_by(UsageRating.period_start.desc(), UsageRating.id.desc()).limit(limit)
    ).all()


def open_quantities(subscription_id: int) -> Sequence[AnyRow]:
    """What was used since the last rated period, by plan: (plan_name, quantity)."""
    return db.session.execute(
        select(Plan.name.label("plan_name"), func.sum(UsageRecord.quantity).label("quantity"))
        .join(SubscriptionComponent, SubscriptionComponent.id == UsageRecord.component_id)
        .join(Plan, Plan.id == SubscriptionComponent.plan_id)
        .where(SubscriptionComponent.subscription_id == subscription_id, UsageRecord.rating_id.is_(None))
        .group_by(Plan.name).order_by(by_letters(Plan.name))
    ).all()


def is_anything_metered() -> bool:
    """Whether the use of any plan has, or ever had, a price."""
    return db.session.execute(select(exists(select(UsagePrice.id)))).scalar_one()


def due_parts(by: date, customers: Customers | None = None) -> Sequence[AnyRow]:
    """Components whose usage has a price and is not rated up to a day: (SubscriptionComponent, rated_until)."""
    part = SubscriptionComponent
    rated = (
        select(UsageRating.component_id, func.max(UsageRating.period_end).label("until"))
        .group_by(UsageRating.component_id).subquery()
    )
    priced_from = (
        select(func.min(UsagePrice.valid_from)).where(UsagePrice.plan_id == part.plan_id).scalar_subquery()
    )
    until = func.greatest(func.coalesce(rated.c.until, part.start_on), priced_from)
    return db.session.execute(
        select(part, until.label("rated_until")).outerjoin(rated, rated.c.component_id == part.id)
        .where(_IS_METERED, until < by, or_(part.end_on.is_(None), until < part.end_on), *_only_of(customers))
        .order_by(part.id)
    ).all()


def misplaced(customers: Customers | None = None) -> Subquery:
    """Readings of a day on which what they are a use of is not charged, not rated or since changed: (id, component_id),
    the component of that day, where there is one.
    """
    part, other = SubscriptionComponent, aliased(SubscriptionComponent)
    charged_then = (
        select(func.min(other.id)).where(
            other.subscription_id == part.subscription_id, exists().where(UsagePrice.plan_id == other.plan_id),
            other.start_on <= UsageRecord.used_on, or_(other.end_on.is_(None), UsageRecord.used_on < other.end_on),
        ).scalar_subquery()
    )
    found = select(UsageRecord.id, charged_then.label("component_id")).join(
        part, part.id == UsageRecord.component_id).where(*_only_of(customers))
    is_outside = or_(UsageRecord.used_on < part.start_on, UsageRecord.used_on >= part.end_on)
    return union(found.where(UsageRecord.rating_id.is_(None), is_outside),
                 found.where(part.review_from.is_not(None), UsageRecord.used_on >= part.end_on)).subquery()


def used_before_charged(customers: Customers | None = None) -> AnySelect:
    """Components of which use is recorded, and not rated, before the first day that is charged: (component_id, first
    day of the subscription, first day charged).
    """
    part = SubscriptionComponent
    used = exists().where(UsageRecord.component_id == part.id, UsageRecord.rating_id.is_(None),
                          UsageRecord.used_on < part.start_on)
    return select(part.id, Subscription.start_on, part.start_on).join(
        Subscription, Subscription.id == part.subscription_id).where(used, *_only_of(customers))


def open_ratings(customers: Customers | None = None) -> Sequence[UsageRating]:
    """Rated periods into which usage came since, and those of which days are to be looked at again, as what was billed
    for them is; locked until the transaction ends.
    """
    part = SubscriptionComponent
    of_parts = select(UsageRating.id).join(part).where(*_only_of(customers))
    late = exists().where(lies_in(), UsageRecord.rating_id.is_(None)).correlate(UsageRating, part)
    found = union(of_parts.where(late), of_parts.where(part.review_from < UsageRating.period_end))
    return db.session.scalars(
        select(UsageRating).where(UsageRating.id.in_(found)).order_by(UsageRating.id).with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def lies_in() -> ColumnElement[bool]:
    """Readings in a rated period of their component, of days on which it is charged or before it first is."""
    return and_(
        UsageRecord.component_id == UsageRating.component_id, UsageRecord.used_on >= UsageRating.period_start,
        UsageRecord.used_on < UsageRating.period_end, SubscriptionComponent.id == UsageRating.component_id,
        or_(SubscriptionComponent.end_on.is_(None), UsageRecord.used_on < SubscriptionComponent.end_on),
    )


def quantities(rating_ids: Collection[int]) -> dict[int, Decimal]:
    """All that is rated in some periods, by rating."""
    is_rated = and_(UsageRecord.component_id == UsageRating.component_id, UsageRecord.rating_id == UsageRating.id,
                    UsageRecord.used_on >= UsageRating.period_start)
    rows = db.session.execute(
        select(UsageRating.id, func.sum(UsageRecord.quantity)).join(UsageRecord, is_rated)
        .where(UsageRating.id == any_key(rating_ids)).group_by(UsageRating.id)
    )
    return {key: quantity for key, quantity in rows}


def parts_of(component_ids: Collection[int]) -> dict[int, AnyRow]:
    """Components with whom they bill: (SubscriptionComponent, customer_id, plan_name, tax_rate_id) by id."""
    rows = db.session.execute(
        select(SubscriptionComponent, Subscription.customer_id, Plan.name.label("plan_name"), Plan.tax_rate_id)
        .join(Subscription, Subscription.id == SubscriptionComponent.subscription_id)
        .join(Plan, Plan.id == SubscriptionComponent.plan_id)
        .where(SubscriptionComponent.id == any_key(component_ids))
    ).all()
    return {row.SubscriptionComponent.id: row for row in rows}


def price_lists(plan_ids: Collection[int]) -> dict[int, list[UsagePrices]]:
    """All price lists of some plans, by plan."""
    lists: dict[int, list[UsagePrices]] = defaultdict(list)
    rows = db.session.scalars(
        select(UsagePrice).where(UsagePrice.plan_id == any_key(plan_ids)).options(selectinload(UsagePrice.tiers))
    )
    for row in rows:
        lists[row.plan_id].append(UsagePrices(row.valid_from, prices.prices_of(row), row.unit, row.minimum_minor))
    return lists


def _only_of(customers: Customers | None) -> list[ColumnElement[bool]]:
    """What keeps components to those of some customers."""
    if customers is None:
        return []
    theirs = select(Subscription.id).where(Subscription.customer_id.between(*customers))
    return [SubscriptionComponent.subscription_id.in_(theirs)]


def _conditions(wanted: UsageFilter) -> list[ColumnElement[bool]]:
    states = {"open": UsageRecord.rating_id.is_(None), "rated": UsageRecord.rating_id.is_not(None)}
    conditions: list[ColumnElement[bool]] = [states[wanted.state]] if wanted.state in states else []
    if wanted.subscription_id is not None:
        conditions.append(SubscriptionComponent.subscription_id == wanted.subscription_id)
    return [*conditions, matching(wanted.term)] if wanted.term else conditions

"""Reads of discounts: the catalogue, who has which, and what billing needs to know of many customers at once."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ispbill.billing.discounts.models import Discount, DiscountGrant, DiscountPlan, DiscountStatus, DiscountUse
from ispbill.billing.discounts.policy import Grant, UseKey
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.core.text import like_pattern
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching

SORTS = {"name": SortKey((by_letters(Discount.name), Discount.id)), "newest": SortKey((Discount.id,), descending=True)}
GRANT_SORTS = {
    "newest": SortKey((DiscountGrant.id,), descending=True),
    "since": SortKey((DiscountGrant.starts_on, DiscountGrant.id)),
}
_ACCOUNT = 0


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """What the list of granted discounts is narrowed to; `state`: active or ended, as of a day."""

    today: date
    term: str = ""
    state: str | None = None
    discount_id: int | None = None
    customer_id: int | None = None


def listing(*, term: str = "", status: str | None = None) -> AnySelect:
    """Discounts with the number of customers' grants."""
    granted = select(func.count()).where(DiscountGrant.discount_id == Discount.id).scalar_subquery()
    statement = select(Discount, granted.label("granted"))
    if term:
        statement = statement.where(Discount.name.ilike(like_pattern(term)))
    return statement.where(Discount.status == status) if status else statement


def everything(statement: AnySelect, sort: SortKey) -> Sequence[AnyRow]:
    """All rows of a listing in an order."""
    order = [column.desc() if sort.descending else column.asc() for column in sort.columns]
    return db.session.execute(statement.order_by(*order)).all()


def get(discount_id: int) -> Discount | None:
    """A discount with its plans."""
    return db.session.scalars(
        select(Discount).where(Discount.id == discount_id)
        .options(selectinload(Discount.plans).joinedload(DiscountPlan.plan))
    ).one_or_none()


def on_offer(today: date) -> Sequence[Discount]:
    """The discounts that can be granted on a day, by name."""
    return db.session.scalars(
        select(Discount).where(
            Discount.status == DiscountStatus.ACTIVE,
            or_(Discount.offered_from.is_(None), Discount.offered_from <= today),
            or_(Discount.offered_until.is_(None), Discount.offered_until > today),
        ).order_by(by_letters(Discount.name))
    ).all()


def grant(grant_id: int) -> DiscountGrant | None:
    """A granted discount with what it is and whose."""
    return db.session.scalars(
        select(DiscountGrant).where(DiscountGrant.id == grant_id)
        .options(joinedload(DiscountGrant.discount), joinedload(DiscountGrant.customer))
    ).one_or_none()


def granted(wanted: GrantFilter) -> AnySelect:
    """Granted discounts with their customers and what they took off so far, as the filter wants."""
    taken = (
        select(func.coalesce(func.sum(DiscountUse.amount_minor), 0))
        .where(DiscountUse.grant_id == DiscountGrant.id, DiscountUse.is_live).scalar_subquery()
    )
    statement = select(
        DiscountGrant, Discount.name.label("discount_name"), Discount.kind, Discount.rate_percent,
        Discount.amount_minor, Discount.periods, Customer.name.label("customer_name"), Customer.account_number,
        taken.label("taken_minor"),
    ).join(Discount, Discount.id == DiscountGrant.discount_id).join(Customer, Customer.id == DiscountGrant.customer_id)
    return statement.where(*_conditions(wanted))


def grants_of(customer_ids: Collection[int], *, on: date) -> dict[int, list[Grant]]:
    """What customers have that may still apply on a day or before it, with what is used of it, by customer.

    A constant number of statements for any number of customers: one where nobody has a discount.
    """
    rows = db.session.execute(
        select(DiscountGrant, Discount)
        .join(Discount, Discount.id == DiscountGrant.discount_id)
        .where(DiscountGrant.customer_id == any_key(customer_ids), DiscountGrant.starts_on <= on,
               or_(DiscountGrant.ends_on.is_(None), DiscountGrant.ends_on > DiscountGrant.starts_on))
        .order_by(DiscountGrant.id)
    ).all()
    if not rows:
        return {}
    used = _used([grant.id for grant, _ in rows])
    plans = _plans([discount.id for _, discount in rows])
    found: dict[int, list[Grant]] = defaultdict(list)
    for row, discount in rows:
        found[row.customer_id].append(_as_grant(row, discount, used.get(row.id, {}), plans.get(discount.id, ())))
    return dict(found)


def _used(grant_ids: Collection[int]) -> dict[int, dict[UseKey, int]]:
    rows = db.session.execute(
        select(DiscountUse.grant_id, DiscountUse.subscription_id, DiscountUse.begins_on,
               func.sum(DiscountUse.amount_minor))
        .where(DiscountUse.grant_id == any_key(grant_ids), DiscountUse.is_live)
        .group_by(DiscountUse.grant_id, DiscountUse.subscription_id, DiscountUse.begins_on)
        .having(func.sum(DiscountUse.amount_minor) != 0)
    )
    used: dict[int, dict[UseKey, int]] = defaultdict(dict)
    for grant_id, subscription_id, begins_on, amount_minor in rows:
        used[grant_id][UseKey(subscription_id or _ACCOUNT, begins_on)] = int(amount_minor)
    return used


def _plans(discount_ids: Collection[int]) -> dict[int, list[int]]:
    plans: dict[int, list[int]] = defaultdict(list)
    rows = db.session.execute(
        select(DiscountPlan.discount_id, DiscountPlan.plan_id).where(DiscountPlan.discount_id == any_key(discount_ids))
    )
    for discount_id, plan_id in rows:
        plans[discount_id].append(plan_id)
    return plans


def _as_grant(row: DiscountGrant, discount: Discount, used: dict[UseKey, int], plans: Iterable[int]) -> Grant:
    return Grant(
        id=row.id, name=discount.name, kind=discount.kind, starts_on=row.starts_on, ends_on=row.ends_on,
        rate_percent=discount.rate_percent, amount_minor=discount.amount_minor, periods=discount.periods,
        rank=discount.rank, subscription_id=row.subscription_id,
        plan_ids=frozenset([row.plan_id] if row.plan_id else plans), used=used,
    )


def _conditions(wanted: GrantFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.term:
        conditions.append(matching(wanted.term))
    if wanted.discount_id is not None:
        conditions.append(DiscountGrant.discount_id == wanted.discount_id)
    if wanted.customer_id is not None:
        conditions.append(DiscountGrant.customer_id == wanted.customer_id)
    is_open = or_(DiscountGrant.ends_on.is_(None), DiscountGrant.ends_on > wanted.today)
    states = {"active": is_open, "ended": ~is_open}
    return [*conditions, states[wanted.state]] if wanted.state in states else conditions

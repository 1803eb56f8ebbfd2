"""Reads of the one list: first the keys in order, then what is shown of those on the page, kind by kind."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, DateTime, String, cast, func, literal, select, union_all

from ispbill.billing.prepaid import queries as prepaid
from ispbill.billing.prepaid.models import PrepaidStatus, PrepaidSubscription
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching
from ispbill.subscriptions import queries as postpaid
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionStatus

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_BATCH = 1000


class Kind(StrEnum):
    """How a subscription is paid."""

    PREPAID = "prepaid"
    POSTPAID = "postpaid"


class Status(StrEnum):
    """Every status that either kind can have."""

    ACTIVE = "active"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; `within` finds what is active and runs out in so many days."""

    term: str = ""
    kind: str | None = None
    status: str | None = None
    plan_id: int | None = None
    customer_id: int | None = None
    within: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A subscription as the list shows it; `until` is None where it goes on. What `renews` can be given more time."""

    kind: Kind
    id: int
    customer_id: int
    customer_name: str
    account_number: str
    plans: str
    status: str
    begun_on: date
    until: datetime | None
    monthly_minor: int | None
    renews: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The keys of the list, and the orders it can be paged in."""

    keys: AnySelect
    orders: dict[str, SortKey]


def listing(wanted: Wanted) -> Listing:
    """The keys of both kinds that are wanted."""
    parts = [part for kind, part in ((Kind.PREPAID, _prepaid(wanted)), (Kind.POSTPAID, _postpaid(wanted)))
             if wanted.kind in (None, kind)]
    rows = union_all(*parts).subquery()
    return Listing(select(rows), {
        "newest": SortKey((rows.c.created_at, rows.c.id, rows.c.kind), descending=True),
        "until": SortKey((rows.c.until, rows.c.id, rows.c.kind)),
    })


def count(found: Listing) -> int:
    """How many subscriptions the listing finds."""
    return db.session.execute(select(func.count()).select_from(found.keys.subquery())).scalar_one()


def count_running_out(*, by: datetime) -> int:
    """How many prepaid lines that are served now run out by an instant."""
    statement = select(func.count()).select_from(PrepaidSubscription)
    conditions = prepaid.conditions(prepaid.PrepaidFilter(expires_by=by))
    return db.session.execute(statement.where(PrepaidSubscription.expires_at > current.now(), *conditions)).scalar_one()


def shown(keys: Sequence[AnyRow]) -> list[Listed]:
    """What the list shows of some keys, in their order, in two statements."""
    known: dict[tuple[str, int], Listed] = {}
    by_kind = {kind: [row.id for row in keys if row.kind == kind] for kind in Kind}
    if by_kind[Kind.PREPAID]:
        statement = prepaid.listing(prepaid.PrepaidFilter())
        for row in db.session.execute(statement.where(PrepaidSubscription.id == any_key(by_kind[Kind.PREPAID]))):
            known[Kind.PREPAID, row.id] = _listed_prepaid(row)
    if by_kind[Kind.POSTPAID]:
        statement = postpaid.listing(postpaid.SubscriptionFilter())
        for row in db.session.execute(statement.where(Subscription.id == any_key(by_kind[Kind.POSTPAID]))):
            known[Kind.POSTPAID, row.id] = _listed_postpaid(row)
    return [known[row.kind, row.id] for row in keys]


def everything(found: Listing) -> list[Listed]:
    """All that the listing finds, the newest first."""
    newest = found.orders["newest"].columns
    keys = db.session.execute(found.keys.order_by(*(column.desc() for column in newest))).all()
    return [row for first in range(0, len(keys), _BATCH) for row in shown(keys[first:first + _BATCH])]


def _prepaid(wanted: Wanted) -> AnySelect:
    expires_by = None if wanted.within is None else current.now() + timedelta(days=wanted.within)
    conditions = prepaid.conditions(prepaid.PrepaidFilter(
        term=wanted.term, status=wanted.status, customer_id=wanted.customer_id, plan_id=wanted.plan_id,
        expires_by=expires_by,
    ))
    return _keys(Kind.PREPAID, PrepaidSubscription, PrepaidSubscription.expires_at, wanted.term).where(*conditions)


def _postpaid(wanted: Wanted) -> AnySelect:
    until = func.coalesce(cast(Subscription.end_on, DateTime(timezone=True)), literal(_NEVER))
    statement = _keys(Kind.POSTPAID, Subscription, until, wanted.term)
    conditions: list[ColumnElement[bool]] = [matching(wanted.term)] if wanted.term else []
    if wanted.within is not None:
        last = current.today() + timedelta(days=wanted.within)
        conditions += [Subscription.end_on <= last, Subscription.status != SubscriptionStatus.ENDED]
    if wanted.plan_id is not None:
        conditions.append(Subscription.components.any(SubscriptionComponent.plan_id == wanted.plan_id))
    for value, column in ((wanted.status, Subscription.status), (wanted.customer_id, Subscription.customer_id)):
        if value is not None:
            conditions.append(column == value)
    return statement.where(*conditions)


def _keys(kind: Kind, model: type[PrepaidSubscription] | type[Subscription], until: Any, term: str) -> AnySelect:
    columns = (literal(str(kind), String).label("kind"), model.id.label("id"), model.created_at.label("created_at"),
               until.label("until"))
    statement: AnySelect = select(*columns)
    return statement.join(Customer, model.customer_id == Customer.id) if term else statement


def _listed_prepaid(row: AnyRow) -> Listed:
    until, zone = row.expires_at, current.tenant.zone
    over = row.status == PrepaidStatus.ACTIVE and until <= current.now()
    return Listed(
        kind=Kind.PREPAID, id=row.id, customer_id=row.customer_id, customer_name=row.customer_name,
        account_number=row.account_number, plans=row.plan_name, status=Status.EXPIRED if over else row.status,
        begun_on=row.created_at.astimezone(zone).date(), until=until, monthly_minor=None,
        renews=row.status != PrepaidStatus.CANCELLED and not row.goes_on,
    )


def _listed_postpaid(row: AnyRow) -> Listed:
    until = None if row.end_on is None else datetime.combine(row.end_on, datetime.min.time(), current.tenant.zone)
    return Listed(
        kind=Kind.POSTPAID, id=row.id, customer_id=row.customer_id, customer_name=row.customer_name,
        account_number=row.account_number, plans=row.plan_names or "", status=row.status, begun_on=row.start_on,
        until=until, monthly_minor=row.monthly_minor,
    )

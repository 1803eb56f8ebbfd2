"""Reads of installations: the list by status, one, those that stand, who can be sent."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from ispbill.accounts.models import User, UserStatus
from ispbill.accounts.queries import holds
from ispbill.areas.policy import Place
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.core.text import like_pattern
from ispbill.customers.models import Customer
from ispbill.customers.queries import living_in, matching
from ispbill.plant.models import Nap, NapPort
from ispbill.subscriptions.connections import queries as connections
from ispbill.subscriptions.models import (
    GONE,
    TO_BE_MADE,
    Installation,
    InstallationStatus,
    Subscription,
    SubscriptionStatus,
)

SOMEBODY = -1
SORTS = {
    "scheduled": SortKey((Installation.scheduled_on, Installation.id)),
    "customer": SortKey((by_letters(Customer.name), Installation.id)),
    "newest": SortKey((Installation.id,), descending=True),
}


@dataclass(frozen=True, slots=True)
class InstallationFilter:
    """What the list of installations is narrowed to.

    `technician_id` SOMEBODY finds those with any technician. `due_by` finds those planned up to a day and not done;
    `since` and `until`, both included, those installed then.
    """

    term: str = ""
    statuses: tuple[str, ...] = ()
    technician_id: int | None = None
    customer_id: int | None = None
    due_by: date | None = None
    since: date | None = None
    until: date | None = None
    place: Place | None = None
    planned_from: date | None = None
    planned_until: date | None = None


def listing(wanted: InstallationFilter) -> AnySelect:
    """Installations with their customer and technician, as the filter wants them."""
    return connections.with_port(
        select(
            Installation.id, Installation.address, Installation.status, Installation.scheduled_on,
            Installation.installed_on, Installation.terminated_on, Installation.status_reason,
            User.full_name.label("technician"),
            Customer.id.label("customer_id"), Customer.name.label("customer_name"), Customer.account_number,
            Customer.phone, Nap.id.label("nap_id"), Nap.code.label("nap_code"), NapPort.number.label("port_number"),
        )
        .join(Customer, Installation.customer_id == Customer.id)
        .outerjoin(User, Installation.technician_id == User.id)
    ).where(*_conditions(wanted))


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, the latest planned first."""
    key = (Installation.scheduled_on.desc(), Installation.id.desc())
    return db.session.execute(statement.order_by(*key)).all()


def count(wanted: InstallationFilter) -> int:
    """How many installations the filter finds."""
    statement = select(func.count()).select_from(Installation)
    if wanted.term:
        statement = statement.join(Customer, Installation.customer_id == Customer.id)
    return db.session.execute(statement.where(*_conditions(wanted))).scalar_one()


def get(installation_id: int) -> Installation | None:
    """An installation with its customer loaded."""
    return db.session.scalars(
        select(Installation).where(Installation.id == installation_id)
        .options(joinedload(Installation.customer))
    ).one_or_none()


def technician_of(installation: Installation) -> str | None:
    """The name of who makes an installation; None where nobody is named."""
    if installation.technician_id is None:
        return None
    return db.session.execute(select(User.full_name).where(User.id == installation.technician_id)).scalar_one()


@dataclass(frozen=True, slots=True)
class Tallies:
    """How many installations wait: due today or earlier, for one person, and after a visit that failed."""

    due: int
    mine: int
    failed: int


def tallies(today: date, user_id: int | None) -> Tallies:
    """What waits, in one reading of what is still to be made."""
    counted = select(
        func.count().filter(Installation.scheduled_on <= today),
        func.count().filter(Installation.technician_id == user_id),
        func.count().filter(Installation.status == InstallationStatus.FAILED),
    ).where(Installation.status.in_(TO_BE_MADE))
    return Tallies(*db.session.execute(counted).one())


def standing(customer_id: int) -> Sequence[Installation]:
    """A customer's installations that are planned or work, oldest first."""
    return db.session.scalars(
        select(Installation).where(
            Installation.customer_id == customer_id, Installation.status.not_in(GONE)
        ).order_by(Installation.id)
    ).all()


def is_in_use(installation_id: int) -> bool:
    """Whether a subscription that has not ended runs on the line."""
    running = exists().where(
        Subscription.installation_id == installation_id, Subscription.status != SubscriptionStatus.ENDED
    )
    return bool(db.session.execute(select(running)).scalar_one())


def technicians(*, including: int | None = None) -> list[tuple[int, str]]:
    """Ids and names of the staff who may complete installations, by name; `including` who is named already."""
    may_go = and_(User.status == UserStatus.ACTIVE, or_(User.is_owner, holds(User.id, "change_installation_status")))
    rows = db.session.execute(
        select(User.id, User.full_name).where(or_(may_go, User.id == including))
        .order_by(by_letters(User.full_name), User.id)
    )
    return [(user_id, full_name) for user_id, full_name in rows]


def _conditions(wanted: InstallationFilter) -> list[ColumnElement[bool]]:
    conditions = living_in(Installation.customer_id, wanted.place)
    if wanted.term:
        conditions.append(or_(matching(wanted.term), Installation.address.ilike(like_pattern(wanted.term))))
    if wanted.statuses:
        conditions.append(Installation.status.in_(wanted.statuses))
    if wanted.technician_id == SOMEBODY:
        conditions.append(Installation.technician_id.is_not(None))
    elif wanted.technician_id is not None:
        conditions.append(Installation.technician_id == wanted.technician_id)
    if wanted.customer_id is not None:
        conditions.append(Installation.customer_id == wanted.customer_id)
    if wanted.due_by is not None:
        conditions += [Installation.status.in_(TO_BE_MADE), Installation.scheduled_on <= wanted.due_by]
    return [*conditions, *_between(Installation.scheduled_on, wanted.planned_from, wanted.planned_until),
            *_between(Installation.installed_on, wanted.since, wanted.until)]


def _between(
    day: InstrumentedAttribute[Any], first: date | None, last: date | None
) -> Iterator[ColumnElement[bool]]:
    if first is not None:
        yield day >= first
    if last is not None:
        yield day <= last

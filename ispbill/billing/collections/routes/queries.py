"""Reads of routes: who collects where, and who owes there, in the order in which one walks."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import exists, func, or_, select

from ispbill.accounts.models import User, UserStatus
from ispbill.accounts.queries import holds
from ispbill.areas import queries as areas
from ispbill.billing.collections.overdue.queries import OPEN_MINOR, of_open, promised_until
from ispbill.billing.collections.routes.models import CollectorArea
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import IS_OPEN
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching

_MAY_COLLECT = (User.status == UserStatus.ACTIVE, or_(holds(User.id, "collect_in_field"), User.is_owner))
# Area after area as the tree has them, in each street by street.
AS_ONE_WALKS = SortKey((*areas.TREE_ORDER.columns, by_letters(Customer.street), Customer.id))


def collectors() -> Sequence[User]:
    """Who may collect at the door, by name."""
    return db.session.scalars(
        select(User).where(*_MAY_COLLECT).order_by(by_letters(User.full_name), User.id)
    ).all()


def collector(user_id: int) -> User | None:
    """A user who may collect at the door; None for anybody else."""
    return db.session.scalars(select(User).where(User.id == user_id, *_MAY_COLLECT)).one_or_none()


def area_ids(user_id: int) -> list[int]:
    """The areas of a collector."""
    return list(db.session.scalars(
        select(CollectorArea.area_id).where(CollectorArea.user_id == user_id).order_by(CollectorArea.area_id)
    ))


def areas_by_collector() -> dict[int, list[int]]:
    """The areas of all collectors, by user."""
    found: dict[int, list[int]] = {}
    for user_id, area_id in db.session.execute(
        select(CollectorArea.user_id, CollectorArea.area_id).order_by(CollectorArea.area_id)
    ):
        found.setdefault(user_id, []).append(area_id)
    return found


def listing(user_id: int, *, today: date, term: str = "", late_only: bool = False) -> AnySelect:
    """Customers on a collector's route who have something to pay, with what, since when and until when promised."""
    of_route = areas.inside_each(area_ids(user_id)).subquery()
    due = Invoice.due_on < today if late_only else Invoice.due_on.is_not(None)
    statement = areas.with_path(
        select(
            Customer.id, Customer.name, Customer.account_number, Customer.phone, Customer.street, Customer.landmark,
            Customer.latitude, Customer.longitude, of_open(OPEN_MINOR, due).label("open_minor"),
            of_open(func.min(Invoice.due_on), due).label("oldest_on"), promised_until().label("promised_until"),
            *areas.path_columns(),
        ), Customer.area_id,
    ).where(
        Customer.area_id.in_(select(of_route.c.inner_id)),
        exists().where(Invoice.customer_id == Customer.id, IS_OPEN, due),
    )
    return statement.where(matching(term)) if term else statement


def sums(statement: AnySelect) -> AnyRow:
    """How many customers a listing has, and what they owe."""
    listed = statement.subquery()
    return db.session.execute(
        select(func.count().label("customers"), func.coalesce(func.sum(listed.c.open_minor), 0).label("open_minor"))
        .select_from(listed)
    ).one()

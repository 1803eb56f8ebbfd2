"""Reads of routes: who collects where, and who owes there, in the order in which one walks."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, cast, exists, func, or_, select

from ispbill.accounts.models import User, UserStatus
from ispbill.accounts.queries import holds
from ispbill.areas import queries as areas
from ispbill.billing.collections.models import PromiseStatus, PromiseToPay
from ispbill.billing.collections.routes.models import CollectorArea
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import IS_OPEN
from ispbill.billing.payments.queries import ALLOCATED_TO_INVOICE
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching

RIGHT = "collect_in_field"
# Area after area as the tree has them, in each street by street.
AS_ONE_WALKS = SortKey((*areas.TREE_ORDER.columns, by_letters(Customer.street), Customer.id))
_OPEN_MINOR = cast(func.sum(Invoice.total_minor - ALLOCATED_TO_INVOICE), BigInteger)


def collectors() -> Sequence[User]:
    """Who may collect at the door, by name."""
    return db.session.scalars(
        select(User).where(User.status == UserStatus.ACTIVE, or_(holds(User.id, RIGHT), User.is_owner))
        .order_by(by_letters(User.full_name), User.id)
    ).all()


def collector(user_id: int) -> User | None:
    """A user who may collect at the door; None for anybody else."""
    return next((user for user in collectors() if user.id == user_id), None)


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
            Customer.latitude, Customer.longitude, _of_open(_OPEN_MINOR, due).label("open_minor"),
            _of_open(func.min(Invoice.due_on), due).label("oldest_on"), _promised_until().label("promised_until"),
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


def _of_open(figure: ColumnElement[int] | ColumnElement[date], due: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(figure).where(Invoice.customer_id == Customer.id, IS_OPEN, due).correlate(Customer).scalar_subquery()


def _promised_until() -> ScalarSelect[date]:
    return select(PromiseToPay.until_on).where(
        PromiseToPay.customer_id == Customer.id, PromiseToPay.status == PromiseStatus.OPEN
    ).correlate(Customer).scalar_subquery()

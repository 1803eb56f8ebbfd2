"""Reads of customers by when their first service began and their last one ended."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, or_, select, union

from ispbill.areas import queries as areas
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.reports import queries as dashboard
from ispbill.reports.definitions.policy import Scope
from ispbill.reports.growth import queries as growth

SORTS = {"name": SortKey((by_letters(Customer.name), Customer.id))}


class What(StrEnum):
    """Who is wanted: those who began in the days asked for, those who left in them, those served on the last.

    Active are those of the served who are online by rights today: suspended ones are not.
    """

    BEGAN = "began"
    LEFT = "left"
    SERVED = "served"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class SubscriberFilter:
    """What the list is narrowed to."""

    what: What
    scope: Scope


def listing(wanted: SubscriberFilter) -> AnySelect:
    """Customers with the path of their area, the day on which they began and the one on which they left."""
    each, scope = growth.life_of_each(wanted.scope), wanted.scope
    began_on, left_on = each.c.began_on, each.c.left_on
    conditions = {
        What.BEGAN: began_on.between(scope.since, scope.until), What.LEFT: left_on.between(scope.since, scope.until),
        What.SERVED: (began_on <= scope.until) & or_(left_on.is_(None), left_on > scope.until),
        What.ACTIVE: Customer.id.in_(union(*dashboard.active_customers(scope.today))),
    }
    statement = select(Customer.id, Customer.name, Customer.account_number, Customer.phone, Customer.status,
                       began_on.label("began_on"), left_on.label("left_on"), *areas.path_columns())
    joined = statement.select_from(Customer).join(each, each.c.customer_id == Customer.id)
    return areas.with_path(joined, Customer.area_id).where(conditions[wanted.what])


def count(statement: AnySelect) -> int:
    """How many customers a listing finds."""
    found = statement.with_only_columns(Customer.id).subquery()
    return db.session.execute(select(func.count()).select_from(found)).scalar_one()


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, by name."""
    return db.session.execute(statement.order_by(*SORTS["name"].columns)).all()

"""Conditions and columns that the reads of several reports share."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, and_, cast, func, or_

from ispbill.areas.policy import Place
from ispbill.billing.lines.policy import Tax
from ispbill.catalogue.models import TaxMode
from ispbill.core.current import current
from ispbill.core.pagination import AnyColumn
from ispbill.customers.queries import living_in
from ispbill.reports.definitions.policy import Scope


def in_days(day: AnyColumn, scope: Scope) -> ColumnElement[bool]:
    """The condition that a day lies in the period."""
    return day.between(scope.since, scope.until)


def in_time(instant: AnyColumn, scope: Scope) -> ColumnElement[bool]:
    """The condition that an instant lies in the period, by the company's clock."""
    return (instant >= midnight(scope.since)) & (instant < midnight(scope.until + timedelta(days=1)))


def midnight(day: date) -> datetime:
    """When a local day begins."""
    return datetime.combine(day, time(), current.tenant.zone)


def lives_in(customer_id: AnyColumn, scope: Scope) -> list[ColumnElement[bool]]:
    """The condition that a row's customer lives in the area that is asked for; none where none is."""
    return living_in(customer_id, None if scope.area_id is None else Place(scope.area_id))


def lasts(spanned: Any, on: AnyColumn | date) -> ColumnElement[bool]:
    """The condition that what has days, half-open, has begun by a day and not ended."""
    return and_(spanned.start_on <= on, or_(spanned.end_on.is_(None), spanned.end_on > on))


def agreed_tax(key: int | None, name: str, rate_percent: Decimal, mode: str) -> Tax | None:
    """The tax of a plan, of the columns of its rate; None where it has none."""
    return Tax(key, name, rate_percent, mode == TaxMode.INCLUSIVE) if key else None


def step_of(day: AnyColumn, scope: Scope) -> ColumnElement[date]:
    """The step of the period in which a day lies."""
    return cast(func.date_trunc("day" if scope.by_day else "month", day), Date)


def local_day(instant: AnyColumn) -> ColumnElement[date]:
    """The company's day of an instant."""
    return cast(func.timezone(current.tenant.timezone, instant), Date)


def total(column: AnyColumn, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """A sum in minor units, of the rows that meet the conditions; 0 of none."""
    added: Any = func.sum(column)
    return cast(func.coalesce(added.filter(*conditions) if conditions else added, 0), BigInteger)


def by_step(rows: Iterable[tuple[date, int]], scope: Scope) -> list[int]:
    """Amounts in the order of the period's steps, 0 where there is none."""
    found = dict(rows)
    return [found.get(step, 0) for step in scope.steps()]

"""Reads of prepaid lines as recurring revenue: what a month of their plans costs, for as long as they have time left.

A plan's price buys thirty days, so an ordinary year has more than twelve of them: a month is 365 ÷ 360 of the price.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Date, DateTime, Numeric, Subquery, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidStatus, PrepaidSubscription
from ispbill.billing.prepaid.policy import DAYS_OF_PRICE
from ispbill.catalogue.models import Plan, PlanPrice, TaxRate
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import AnyColumn
from ispbill.reports.definitions.policy import Scope
from ispbill.reports.definitions.queries import agreed_tax, lives_in, midnight
from ispbill.reports.policy import PricedUnder

# A line whose time ran out, or was cancelled: for every screen that counts who left.
RAN_OUT = PrepaidSubscription.status != PrepaidStatus.ACTIVE


def prices_now(today: date) -> list[PricedUnder]:
    """What a month of all lines that have time left costs, by the tax it bears."""
    lines = (
        select(cast(literal(today), Date).label("on"), PrepaidSubscription.plan_id, func.count().label("lines"))
        .where(PrepaidSubscription.status == PrepaidStatus.ACTIVE, PrepaidSubscription.expires_at > current.now())
        .group_by(PrepaidSubscription.plan_id).subquery()
    )
    return [price for _, price in _monthly(lines)]


def prices_on(days: Sequence[date], scope: Scope) -> Iterator[tuple[date, PricedUnder]]:
    """The same at the end of each of some days, or now where a day has not ended."""
    ends = [_end_of(day) for day in days]
    day = func.unnest(
        literal(list(days), ARRAY(Date)), literal(ends, ARRAY(DateTime(timezone=True)))
    ).table_valued(column("on", Date), column("ended_at", DateTime(timezone=True)), name="days").render_derived()
    lines = (
        select(day.c.on, PrepaidLoad.plan_id, func.count().label("lines")).select_from(day)
        .join(PrepaidLoad, (PrepaidLoad.starts_at <= day.c.ended_at) & (PrepaidLoad.ends_at > day.c.ended_at))
        .join(PrepaidSubscription, PrepaidSubscription.id == PrepaidLoad.subscription_id)
        .where(*lives_in(PrepaidSubscription.customer_id, scope)).group_by(day.c.on, PrepaidLoad.plan_id).subquery()
    )
    return _monthly(lines)


def lines_on(day: date) -> AnySelect:
    """The lines that have time left at the end of a day, or now: `kind`, `id`, `customer_id`, `service_id`,
    `plan_id`, `a_month`.
    """
    ended_at = _end_of(day)
    return (
        select(literal("prepaid").label("kind"), PrepaidLoad.id.label("id"),
               PrepaidSubscription.customer_id.label("customer_id"), PrepaidSubscription.id.label("service_id"),
               PrepaidLoad.plan_id.label("plan_id"),
               _a_month(PrepaidLoad.plan_id, literal(day, Date)).label("a_month"))
        .join(PrepaidSubscription, PrepaidSubscription.id == PrepaidLoad.subscription_id)
        .where(PrepaidLoad.starts_at <= ended_at, PrepaidLoad.ends_at > ended_at)
    )


def _end_of(day: date) -> datetime:
    return min(midnight(day + timedelta(days=1)), current.now())


def _a_month(plan_id: AnyColumn, on: AnyColumn) -> ColumnElement[int]:
    price = (
        select(PlanPrice.amount_minor).where(PlanPrice.plan_id == plan_id, PlanPrice.valid_from <= on)
        .order_by(PlanPrice.valid_from.desc()).limit(1).scalar_subquery()
    )
    month = func.round(cast(price, Numeric) * 365 / (12 * DAYS_OF_PRICE))
    return cast(func.coalesce(month, 0), BigInteger)


def _monthly(lines: Subquery) -> Iterator[tuple[date, PricedUnder]]:
    rows = db.session.execute(
        select(lines.c.on, TaxRate.id, TaxRate.name, TaxRate.rate_percent, TaxRate.mode,
               _a_month(lines.c.plan_id, lines.c.on), lines.c.lines)
        .join(Plan, Plan.id == lines.c.plan_id).outerjoin(TaxRate, TaxRate.id == Plan.tax_rate_id)
    )
    for on, key, name, rate, mode, amount_minor, services in rows:
        yield on, PricedUnder(agreed_tax(key, name, rate, mode), amount_minor, services)

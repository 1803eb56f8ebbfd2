"""Reads of plans and their prices."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import joinedload, selectinload

from ispbill.catalogue.models import Plan, PlanKind, PlanPrice, PlanStatus, TaxRate
from ispbill.catalogue.policy import Fee
from ispbill.core.bulk import any_text
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters, mentioned
from ispbill.core.pagination import SortKey

SORTS = {
    "name": SortKey((by_letters(Plan.name), Plan.id)),
    "code": SortKey((Plan.code,)),
    "newest": SortKey((Plan.id,), descending=True),
}


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """What the list of plans is narrowed to."""

    term: str = ""
    status: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A plan on sale with the price asked on a day (None before its first), as a form offers it."""

    id: int
    code: str
    name: str
    kind: str
    amount_minor: int | None
    period_unit: str
    period_count: int


def listing(wanted: PlanFilter, *, on: date) -> AnySelect:
    """Plans with their tax and the price in force on a day, as the filter wants them."""
    statement = select(
        Plan.id, Plan.code, Plan.name, Plan.kind, Plan.status, Plan.download_mbps, Plan.upload_mbps,
        Plan.description, Plan.period_unit, Plan.period_count, Plan.timing, Plan.trial_days,
        TaxRate.name.label("tax_name"), TaxRate.rate_percent, TaxRate.mode,
        _price(on).label("amount_minor"),
    ).outerjoin(TaxRate, Plan.tax_rate_id == TaxRate.id)
    return statement.where(*_conditions(wanted))


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, by name."""
    return db.session.execute(statement.order_by(*SORTS["name"].columns)).all()


def count(wanted: PlanFilter) -> int:
    """How many plans the filter finds."""
    return db.session.execute(select(func.count()).select_from(Plan).where(*_conditions(wanted))).scalar_one()


def get(plan_id: int) -> Plan | None:
    """A plan with its tax and all its prices loaded."""
    return db.session.scalars(
        select(Plan).where(Plan.id == plan_id).options(joinedload(Plan.tax_rate), selectinload(Plan.prices))
    ).one_or_none()


def by_code(code: str) -> Plan | None:
    """The plan with a code, however it is capitalised."""
    return db.session.scalars(select(Plan).where(Plan.code == code.strip().upper())).one_or_none()


def by_codes(codes: Sequence[str]) -> Sequence[Plan]:
    """The plans that have one of the codes, with their prices."""
    return db.session.scalars(
        select(Plan).where(Plan.code == any_text(codes)).options(selectinload(Plan.prices))
    ).all()


def price_in_force(plan_id: int, *, on: date) -> int | None:
    """The amount asked of subscriptions that begin on a day, in minor units; None before the first price."""
    return db.session.execute(
        select(PlanPrice.amount_minor).where(PlanPrice.plan_id == plan_id, PlanPrice.valid_from <= on)
        .order_by(PlanPrice.valid_from.desc()).limit(1)
    ).scalar_one_or_none()


def offers(*, on: date) -> list[PlanOffer]:
    """Every plan that can be subscribed to with the price asked on a day, by kind and name."""
    rows = db.session.execute(
        select(Plan.id, Plan.code, Plan.name, Plan.kind, _price(on).label("amount_minor"), Plan.period_unit,
               Plan.period_count)
        .where(Plan.status == PlanStatus.ACTIVE, Plan.kind != PlanKind.ONE_TIME)
        .order_by(Plan.kind.desc(), by_letters(Plan.name), Plan.id)
    )
    return [PlanOffer(**row._mapping) for row in rows]


def fees(*, on: date) -> list[Fee]:
    """What can be charged once, with the price asked on a day, by name; without a price it is not offered."""
    rows = db.session.execute(
        select(Plan.id, Plan.name, _price(on).label("amount_minor"), Plan.tax_rate_id)
        .where(Plan.status == PlanStatus.ACTIVE, Plan.kind == PlanKind.ONE_TIME)
        .order_by(by_letters(Plan.name), Plan.id)
    )
    return [Fee(*row) for row in rows if row.amount_minor is not None]


def names() -> list[tuple[int, str]]:
    """Ids and names of all plans, retired ones included, by name, for a filter."""
    rows = db.session.execute(select(Plan.id, Plan.name).order_by(by_letters(Plan.name), Plan.id))
    return [(plan_id, name) for plan_id, name in rows]


def _price(on: date) -> ScalarSelect[int]:
    return (
        select(PlanPrice.amount_minor).where(PlanPrice.plan_id == Plan.id, PlanPrice.valid_from <= on)
        .order_by(PlanPrice.valid_from.desc()).limit(1).correlate(Plan).scalar_subquery()
    )


def _conditions(wanted: PlanFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.term:
        conditions.append(mentioned(wanted.term, Plan.name, Plan.code))
    if wanted.status is not None:
        conditions.append(Plan.status == wanted.status)
    if wanted.kind is not None:
        conditions.append(Plan.kind == wanted.kind)
    return conditions

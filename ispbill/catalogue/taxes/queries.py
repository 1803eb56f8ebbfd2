"""Reads of taxes and their versions."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from ispbill.catalogue.models import Plan, TaxMode, TaxRate
from ispbill.catalogue.taxes.models import TaxRatePart, TaxRateVersion
from ispbill.catalogue.taxes.policy import TaxComponent, TaxVersion
from ispbill.core.db import AnyRow, db
from ispbill.core.matching import by_letters


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax with all its versions, the oldest first, as prices are found with it."""

    id: int
    name: str
    versions: tuple[TaxVersion, ...]


class Offered(NamedTuple):
    """The taxes of a line written by hand: the id of the usual one, those in use, and the retired ones by id."""

    usual_id: int | None
    in_use: tuple[tuple[int, str], ...]
    retired: Mapping[int, str]


def listing() -> Sequence[AnyRow]:
    """Every tax with the number of plans that have it and of its versions, those in use first."""
    plan_count = select(func.count()).where(Plan.tax_rate_id == TaxRate.id).scalar_subquery()
    version_count = select(func.count()).where(TaxRateVersion.tax_rate_id == TaxRate.id).scalar_subquery()
    return db.session.execute(
        select(TaxRate.id, TaxRate.name, TaxRate.rate_percent, TaxRate.mode, TaxRate.is_active,
               plan_count.label("plan_count"), version_count.label("version_count"))
        .order_by(TaxRate.is_active.desc(), by_letters(TaxRate.name))
    ).all()


def active() -> Sequence[TaxRate]:
    """The taxes a plan can be given, by name."""
    return db.session.scalars(select(TaxRate).where(TaxRate.is_active).order_by(by_letters(TaxRate.name))).all()


def usual() -> TaxRate | None:
    """The tax that lines written by hand bear unless somebody chooses another; None where the company named none."""
    return db.session.scalars(select(TaxRate).where(TaxRate.is_usual)).one_or_none()


def by_hand() -> Offered:
    """What lines written by hand may bear: the usual tax first, then the others in use by name, and the retired ones,
    which only a line keeps that has one.
    """
    rows = db.session.execute(select(TaxRate.id, TaxRate.name, TaxRate.is_active, TaxRate.is_usual)
                              .order_by(TaxRate.is_usual.desc(), by_letters(TaxRate.name))).all()
    return Offered(
        next((row.id for row in rows if row.is_usual), None),
        tuple((row.id, row.name) for row in rows if row.is_active),
        {row.id: row.name for row in rows if not row.is_active},
    )


def names() -> list[tuple[int, str]]:
    """Ids and names of all taxes, by name."""
    rows = db.session.execute(select(TaxRate.id, TaxRate.name).order_by(by_letters(TaxRate.name)))
    return [(key, name) for key, name in rows]


def get(tax_rate_id: int) -> TaxRate | None:
    """A tax by its id."""
    return db.session.get(TaxRate, tax_rate_id)


def versions_of(tax_rate_id: int) -> tuple[TaxVersion, ...]:
    """What a tax consists of, the oldest version first."""
    rows = db.session.scalars(
        select(TaxRateVersion).where(TaxRateVersion.tax_rate_id == tax_rate_id)
        .order_by(TaxRateVersion.valid_from).options(selectinload(TaxRateVersion.parts))
        .execution_options(populate_existing=True)
    )
    return tuple(TaxVersion(row.valid_from, tuple(map(_component, row.parts))) for row in rows)


def everything() -> dict[int, Tax]:
    """All taxes with all their versions by id, in one statement: few rows, read once for many bills."""
    rows = db.session.execute(
        select(TaxRate.id, TaxRate.name, TaxRateVersion.valid_from, TaxRatePart)
        .join(TaxRateVersion, TaxRateVersion.tax_rate_id == TaxRate.id)
        .join(TaxRatePart, TaxRatePart.version_id == TaxRateVersion.id)
        .order_by(TaxRate.id, TaxRateVersion.valid_from, TaxRatePart.position)
    ).all()
    taxes: dict[int, Tax] = {}
    for key, name, valid_from, part in rows:
        known = taxes.get(key, Tax(key, name, ()))
        taxes[key] = Tax(key, name, _extended(known.versions, TaxVersion(valid_from, (_component(part),))))
    return taxes


def mode_of(*, is_inclusive: bool) -> TaxMode:
    """The word for whether prices contain a tax."""
    return TaxMode.INCLUSIVE if is_inclusive else TaxMode.EXCLUSIVE


def _extended(versions: tuple[TaxVersion, ...], further: TaxVersion) -> tuple[TaxVersion, ...]:
    if not versions or versions[-1].valid_from != further.valid_from:
        return (*versions, further)
    last = versions[-1]
    return (*versions[:-1], last._replace(components=(*last.components, *further.components)))


def _component(part: TaxRatePart) -> TaxComponent:
    return TaxComponent(
        name=part.name, kind=part.kind, rate_percent=part.rate_percent, amount_minor=part.amount_minor,
        is_inclusive=part.is_inclusive, raises_next=part.raises_next, ignores_previous=part.ignores_previous,
    )

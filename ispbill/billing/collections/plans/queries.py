"""Reads of the plan's parts, and of the days kept free."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from ispbill.areas import queries as areas
from ispbill.billing.collections.models import CollectionStep, NoCutDay
from ispbill.core.db import AnyRow, db


def step(step_id: int) -> CollectionStep | None:
    """A step of the plan."""
    return db.session.get(CollectionStep, step_id)


def day_kept_free(no_cut_day_id: int) -> NoCutDay | None:
    """A day on which nobody is cut off."""
    return db.session.get(NoCutDay, no_cut_day_id)


def days_kept_free(since: date) -> Sequence[AnyRow]:
    """The days on which nobody is cut off, from one on, with the path of their area."""
    statement = select(NoCutDay.id, NoCutDay.day, NoCutDay.name, NoCutDay.area_id, *areas.path_columns())
    return db.session.execute(
        areas.with_path(statement, NoCutDay.area_id).where(NoCutDay.day >= since).order_by(NoCutDay.day, NoCutDay.id)
    ).all()

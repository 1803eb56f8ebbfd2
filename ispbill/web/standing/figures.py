"""Figures over a whole company: reckoned for each viewer while there is little to read, once a minute when much."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.web.standing.models import StandingFigures

STAND_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """Figures, and since when they stand; None where they were reckoned for this viewer."""

    figures: dict[str, Any]
    since: datetime | None = None


def standing(name: str, reckon: Callable[[], dict[str, Any]], *, is_large: bool) -> Standing:
    """The figures of a name, as `reckon` gives them (values that JSON knows) or gave them less than a minute ago.

    `is_large` tells that `reckon` reads much: else keeping would save nothing, and a cashier sees each payment at once.
    While one viewer reckons anew, the others get those of before.
    """
    if not is_large:
        return Standing(reckon())
    former = db.session.scalars(_of(name)).one_or_none()
    if former is not None and former.day == current.today():
        is_fresh = current.now() - former.reckoned_at < STAND_FOR
        if is_fresh or db.session.scalars(_of(name).with_for_update(skip_locked=True)).one_or_none() is None:
            return Standing(former.figures, former.reckoned_at)
    return _reckoned(name, reckon)


def _reckoned(name: str, reckon: Callable[[], dict[str, Any]]) -> Standing:
    made = Standing(reckon(), current.now())
    values = {"day": current.today(), "reckoned_at": made.since, "figures": made.figures}
    db.session.execute(insert(StandingFigures).values(name=name, **values).on_conflict_do_update(
        index_elements=[StandingFigures.name], set_=values))
    return made


def _of(name: str) -> Select[StandingFigures]:
    return select(StandingFigures).where(StandingFigures.name == name)

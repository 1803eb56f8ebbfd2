"""Verbs of number series: take numbers, change how they read. A next number only ever grows within its year."""
from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, case, func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from ispbill.company.models import NumberSeries, SeriesKind
from ispbill.company.numbers.policy import SeriesFacts, checked
from ispbill.company.policy import SERIES_LABELS, NumberBlock, rendered_prefix
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _


def take_numbers(kind: SeriesKind, count: int, *, on: date | None = None) -> NumberBlock:
    """The next `count` numbers of a series, gapless: they return if the transaction does not commit.

    The series stays locked until then, so take numbers last. A series that begins anew each year does so with the
    first number taken `on` a day of a later year (today where not given); it never goes back to an earlier one.
    Raises Conflict where the series ends before.
    """
    assert count > 0, "at least one number"
    row = db.session.execute(
        _taking(), {"taken_of": kind, "taken": count, "taken_in": (on or current.today()).year},
        execution_options={"synchronize_session": False},
    ).one()
    if row.range_end is not None and row.next_number - 1 > row.range_end:
        raise Conflict(_("There are no numbers left in this series. Enter the new range under Settings › Numbers."))
    return NumberBlock(
        prefix=rendered_prefix(row.prefix, branch=row.branch, year=row.year), digits=row.digits,
        first=row.next_number - count, count=count,
    )


def change(kind: SeriesKind, facts: SeriesFacts) -> NumberSeries:
    """Number otherwise from now on; counting goes on where it was, and what is issued keeps its number.

    Raises Invalid; Conflict for another first number once one was taken.
    """
    known = checked(facts)
    series = db.session.scalars(select(NumberSeries).where(NumberSeries.kind == kind).with_for_update()).one()
    _refuse_prefix_of_another(series, known)
    _begin(series, known.first_number)
    if known.range_end is not None and known.range_end < series.next_number - 1:
        raise Invalid(_("Number %(next_number)s is taken already.", next_number=series.next_number - 1),
                      field="range_end")
    if known.resets_yearly and not series.resets_yearly:
        series.year = current.today().year
    series.prefix, series.branch, series.digits = known.pattern, known.branch, known.digits
    series.resets_yearly, series.range_end, series.warn_below = known.resets_yearly, known.range_end, known.warn_below
    db.session.flush()
    return series


@cache
def _taking() -> ReturningUpdate[*tuple[Any, ...]]:
    count, year = bindparam("taken", type_=BigInteger), bindparam("taken_in", type_=BigInteger)
    is_new_year = NumberSeries.resets_yearly & (func.coalesce(NumberSeries.year, 0) < year)
    return (
        update(NumberSeries).where(NumberSeries.kind == bindparam("taken_of"))
        .values(next_number=case((is_new_year, 1), else_=NumberSeries.next_number) + count,
                year=func.greatest(func.coalesce(NumberSeries.year, year), year))
        .returning(NumberSeries.prefix, NumberSeries.branch, NumberSeries.year, NumberSeries.digits,
                   NumberSeries.next_number, NumberSeries.range_end)
    )


def _refuse_prefix_of_another(series: NumberSeries, facts: SeriesFacts) -> None:
    """Two documents of one number could not be told apart."""
    wanted = _prefixes(facts.pattern, facts.branch)
    for other in db.session.scalars(select(NumberSeries).where(NumberSeries.kind != series.kind)):
        if wanted & _prefixes(other.prefix, other.branch):
            label = SERIES_LABELS[other.kind]
            message = _("%(label)s are numbered like this already. Choose another pattern.", label=label)
            raise Invalid(message, field="pattern")


def _prefixes(pattern: str, branch: str) -> set[tuple[int, str]]:
    """How a pattern reads, year by year, for as long as anybody will number by it."""
    first = current.today().year
    return {(year, rendered_prefix(pattern, branch=branch, year=year)) for year in range(first, first + 30)}


def _begin(series: NumberSeries, first_number: int | None) -> None:
    if first_number is None or first_number == series.next_number:
        return
    if series.next_number > 1:
        raise Conflict(_("Numbers were taken already, so counting goes on where it is."), field="first_number")
    series.next_number = first_number

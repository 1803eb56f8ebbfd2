"""Reads of number series."""
from __future__ import annotations

from sqlalchemy import select

from ispbill.company.models import NumberSeries
from ispbill.company.numbers.policy import remaining
from ispbill.company.queries import number_series
from ispbill.core.db import db


def of_kind(kind: str | None) -> NumberSeries | None:
    """The series that numbers something; None where there is none."""
    return db.session.scalars(select(NumberSeries).where(NumberSeries.kind == kind)).one_or_none()


def running_low() -> list[NumberSeries]:
    """The series of which fewer numbers are left than the company wants."""
    low = []
    for series in number_series():
        left = remaining(next_number=series.next_number, range_end=series.range_end, warn_below=series.warn_below)
        if left is not None and left.is_low:
            low.append(series)
    return low

"""Verbs of the company: adopt it, take numbers. The next number of a series only ever grows."""
from __future__ import annotations

from sqlalchemy import select, update

from ispbill.company.models import CompanyIdentity, CompanySettings, NumberSeries, SeriesKind
from ispbill.company.policy import NumberBlock
from ispbill.company.queries import identity, newest_identity, settings
from ispbill.core.current import current
from ispbill.core.db import db

__all__ = ["adopt", "identity", "settings", "take_numbers"]


def adopt(name: str) -> CompanyIdentity:
    """Give a new-born tenant its first legal identity; a company that has one keeps it."""
    db.session.execute(select(CompanySettings.id).with_for_update())
    known = newest_identity()
    if known is not None:
        return known
    first = CompanyIdentity(legal_name=name, created_at=current.now())
    db.session.add(first)
    db.session.flush()
    return first


def take_numbers(kind: SeriesKind, count: int) -> NumberBlock:
    """The next `count` numbers of a series, gapless: they return if the transaction does not commit.

    The series stays locked until then, so take numbers last.
    """
    assert count > 0, "at least one number"
    row = db.session.execute(
        update(NumberSeries).where(NumberSeries.kind == kind)
        .values(next_number=NumberSeries.next_number + count)
        .returning(NumberSeries.prefix, NumberSeries.digits, NumberSeries.next_number)
        .execution_options(synchronize_session=False)
    ).one()
    return NumberBlock(prefix=row.prefix, digits=row.digits, first=row.next_number - count, count=count)

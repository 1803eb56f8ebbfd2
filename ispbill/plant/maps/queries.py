"""Reads of the map: the parts of the plant whose place is known, and how many there are."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from ispbill.core.db import AnyRow, db
from ispbill.plant.lcps.queries import IS_FREE, LcpFilter
from ispbill.plant.lcps.queries import listing as lcps
from ispbill.plant.models import Lcp, Nap, NapPort

_MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class Located:
    """How many of something there are, and of how many the place is known."""

    known: int
    total: int


def located_lcps() -> Sequence[AnyRow]:
    """The LCPs whose place is known."""
    return db.session.execute(
        select(Lcp.id, Lcp.code, Lcp.name, Lcp.latitude, Lcp.longitude, Lcp.accuracy)
        .where(Lcp.latitude.is_not(None)).order_by(Lcp.id)
    ).all()


def located_naps() -> Sequence[AnyRow]:
    """The NAPs whose place is known, with their reach and their ports counted in one pass."""
    free = (
        select(NapPort.nap_id, func.count().label("free_count")).where(IS_FREE).group_by(NapPort.nap_id).subquery()
    )
    return db.session.execute(
        select(Nap.id, Nap.code, Nap.latitude, Nap.longitude, Nap.accuracy, Nap.port_count, Nap.max_drop_metres,
               func.coalesce(free.c.free_count, 0).label("free_count"))
        .outerjoin(free, free.c.nap_id == Nap.id).where(Nap.latitude.is_not(None)).order_by(Nap.id)
    ).all()


def count_lcps() -> Located:
    """How many LCPs have coordinates."""
    return Located(*db.session.execute(select(func.count(Lcp.latitude), func.count()).select_from(Lcp)).one())


def count_naps() -> Located:
    """How many NAPs have coordinates."""
    return Located(*db.session.execute(select(func.count(Nap.latitude), func.count()).select_from(Nap)).one())


def listed_lcps() -> Sequence[AnyRow]:
    """The first LCPs by code, for who has no map."""
    return db.session.execute(lcps(LcpFilter()).order_by(Lcp.code).limit(_MOST_LISTED)).all()

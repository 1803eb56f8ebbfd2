"""Reads of NAPs and ports: the list, one with its way up to the LCP, its ports, and those nearest to a place."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from ispbill.areas import queries as areas
from ispbill.areas.models import Area
from ispbill.areas.policy import Place as AreaPlace
from ispbill.core.bulk import any_key, any_text
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import mentioned
from ispbill.core.pagination import SortKey
from ispbill.core.places import Box, Place, box_around, distance_metres
from ispbill.plant.lcps.queries import IS_FREE
from ispbill.plant.models import Lcp, Nap, NapPort, Splitter

SEARCHED_METRES = 2000
SORTS = {
    "code": SortKey((Nap.code,)),
    "lcp": SortKey((Lcp.code, Nap.code)),
    "newest": SortKey((Nap.id,), descending=True),
}


@dataclass(frozen=True, slots=True)
class NapFilter:
    """What the list of NAPs is narrowed to; `has_free` leaves out those without a free port."""

    term: str = ""
    lcp_id: int | None = None
    splitter_id: int | None = None
    place: AreaPlace | None = None
    has_free: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """A NAP with a free port, and how far it is."""

    nap: AnyRow
    metres: int

    @property
    def is_in_reach(self) -> bool:
        """Whether a drop may be that long."""
        reach: int = self.nap.max_drop_metres
        return self.metres <= reach


@dataclass(frozen=True, slots=True)
class PortTotals:
    """All ports of the plant, and those of them that can be given to a line."""

    ports: int
    free: int


def listing(wanted: NapFilter) -> AnySelect:
    """NAPs with what feeds them, their place, and how many of their ports are used and free."""
    columns = (
        Nap.id, Nap.code, Nap.port_count, Nap.max_drop_metres, Nap.address, Nap.latitude, Nap.longitude, Nap.accuracy,
        Nap.splitter_id, Splitter.code.label("splitter_code"), Splitter.output_count, Lcp.id.label("lcp_id"),
        Lcp.code.label("lcp_code"), *_counted(), *areas.path_columns(),
    )
    return areas.with_path(_fed(select(*columns)), Nap.area_id).where(*_conditions(wanted))


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, by LCP and code."""
    return db.session.execute(statement.order_by(Lcp.code, Nap.code)).all()


def count(wanted: NapFilter) -> int:
    """How many NAPs the filter finds."""
    found: int = db.session.execute(_fed(select(func.count(Nap.id))).where(*_conditions(wanted))).scalar_one()
    return found


def of_splitters(splitter_ids: Sequence[int]) -> Sequence[AnyRow]:
    """The NAPs that splitters feed, by splitter and code, with their ports counted."""
    return db.session.execute(
        select(
            Nap.id, Nap.splitter_id, Nap.code, Nap.port_count, Nap.address, Nap.max_drop_metres, Nap.latitude,
            Nap.longitude, *_counted(),
        ).where(Nap.splitter_id == any_key(splitter_ids)).order_by(Nap.splitter_id, Nap.code)
    ).all()


def get(nap_id: int) -> Nap | None:
    """A NAP with its splitter, LCP, area and the area's parents."""
    area = joinedload(Nap.area).joinedload(Area.parent).joinedload(Area.parent)
    above = joinedload(Nap.splitter).joinedload(Splitter.lcp)
    return db.session.scalars(select(Nap).where(Nap.id == nap_id).options(above, area)).one_or_none()


def by_codes(codes: Sequence[str]) -> dict[str, Nap]:
    """The NAPs that have one of the codes, by code."""
    return {nap.code: nap for nap in db.session.scalars(select(Nap).where(Nap.code == any_text(codes)))}


def ports_of(nap_id: int) -> Sequence[NapPort]:
    """The ports of a NAP, by number."""
    return db.session.scalars(select(NapPort).where(NapPort.nap_id == nap_id).order_by(NapPort.number)).all()


def get_port(port_id: int) -> NapPort | None:
    """A port with its NAP and what feeds it."""
    above = joinedload(NapPort.nap).joinedload(Nap.splitter).joinedload(Splitter.lcp)
    return db.session.scalars(select(NapPort).where(NapPort.id == port_id).options(above)).one_or_none()


def nearest(place: Place, *, limit: int) -> list[Near]:
    """The NAPs with a free port within SEARCHED_METRES of a place, the nearest first."""
    statement = listing(NapFilter(has_free=True)).where(*_inside(box_around(place, metres=SEARCHED_METRES)))
    rows = db.session.execute(statement.order_by(_apartness(place), Nap.id).limit(limit))
    return [Near(row, distance_metres(place, Place(row.latitude, row.longitude))) for row in rows]


def totals() -> PortTotals:
    """How many ports the plant has, and how many are free."""
    ports, free = db.session.execute(select(func.count(), func.count().filter(IS_FREE)).select_from(NapPort)).one()
    return PortTotals(ports, free)


def splitter_choices() -> list[tuple[int, str]]:
    """Ids and names of all splitters with their LCP, for a form."""
    rows = db.session.execute(
        select(Splitter.id, Splitter.code, Splitter.output_count, Lcp.code.label("lcp_code"))
        .join(Lcp, Splitter.lcp_id == Lcp.id).order_by(Lcp.code, Splitter.code)
    )
    return [(row.id, f"{row.lcp_code} › {row.code} (1:{row.output_count})") for row in rows]


def _conditions(wanted: NapFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.term:
        conditions.append(mentioned(wanted.term, Nap.code, Nap.address, Lcp.code))
    if wanted.lcp_id is not None:
        conditions.append(Splitter.lcp_id == wanted.lcp_id)
    if wanted.splitter_id is not None:
        conditions.append(Nap.splitter_id == wanted.splitter_id)
    if wanted.place is not None:
        conditions.append(areas.lies_in(Nap.area_id, wanted.place))
    if wanted.has_free:
        conditions.append(select(NapPort.id).where(NapPort.nap_id == Nap.id, IS_FREE).correlate(Nap).exists())
    return conditions


def _fed(statement: AnySelect) -> AnySelect:
    return statement.join(Splitter, Nap.splitter_id == Splitter.id).join(Lcp, Splitter.lcp_id == Lcp.id)


def _counted() -> tuple[ColumnElement[int], ...]:
    used, free = _ports(NapPort.is_used.is_(True)), _ports(IS_FREE)
    return used.label("used_count"), free.label("free_count")


def _ports(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    counted: Select[int] = select(func.count()).where(NapPort.nap_id == Nap.id, *conditions)
    return counted.correlate(Nap).scalar_subquery()


def _inside(box: Box) -> tuple[ColumnElement[bool], ...]:
    return Nap.latitude.between(box.south, box.north), Nap.longitude.between(box.west, box.east)


def _apartness(place: Place) -> ColumnElement[Any]:
    """Grows with the distance as long as that is short: enough to put neighbours into order."""
    up, right = Nap.latitude - place.latitude, (Nap.longitude - place.longitude) * cos(radians(place.latitude))
    return up * up + right * right

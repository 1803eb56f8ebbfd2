"""Reads of LCPs and splitters: the list with what is free in each, one, the splitters of one or of several."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import joinedload

from ispbill.areas import queries as areas
from ispbill.areas.models import Area
from ispbill.core.bulk import any_key, any_text
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters, mentioned
from ispbill.core.pagination import SortKey
from ispbill.plant.models import Lcp, Nap, NapPort, PortCondition, Splitter

SORTS = {
    "code": SortKey((Lcp.code,)),
    "name": SortKey((by_letters(Lcp.name), Lcp.id)),
    "newest": SortKey((Lcp.id,), descending=True),
}
IS_FREE = and_(NapPort.condition == PortCondition.GOOD, NapPort.is_used.is_(False))
"""The condition that a port can be given to a line."""


@dataclass(frozen=True, slots=True)
class LcpFilter:
    """What the list of LCPs is narrowed to; `has_free` leaves out those without a free port."""

    term: str = ""
    area_id: int | None = None
    has_free: bool = False


def listing(wanted: LcpFilter) -> AnySelect:
    """LCPs with the path of their area, and how much of each is taken."""
    columns = (
        Lcp.id, Lcp.code, Lcp.name, Lcp.splitter_capacity, Lcp.address, Lcp.latitude, Lcp.longitude, Lcp.accuracy,
        _splitters().label("splitter_count"), _naps().label("nap_count"),
        _ports().label("port_count"), _ports(IS_FREE).label("free_count"), *areas.path_columns(),
    )
    return areas.with_path(select(*columns), Lcp.area_id).where(*_conditions(wanted))


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, by code."""
    return db.session.execute(statement.order_by(Lcp.code)).all()


def count(wanted: LcpFilter) -> int:
    """How many LCPs the filter finds."""
    return db.session.execute(select(func.count()).select_from(Lcp).where(*_conditions(wanted))).scalar_one()


def get(lcp_id: int) -> Lcp | None:
    """An LCP with its area and the area's parents."""
    area = joinedload(Lcp.area).joinedload(Area.parent).joinedload(Area.parent)
    return db.session.scalars(select(Lcp).where(Lcp.id == lcp_id).options(area)).one_or_none()


def get_splitter(splitter_id: int) -> Splitter | None:
    """A splitter with its LCP."""
    return db.session.scalars(
        select(Splitter).where(Splitter.id == splitter_id).options(joinedload(Splitter.lcp))
    ).one_or_none()


def by_codes(codes: Sequence[str]) -> dict[str, Lcp]:
    """The LCPs that have one of the codes, by code."""
    return {lcp.code: lcp for lcp in db.session.scalars(select(Lcp).where(Lcp.code == any_text(codes)))}


def splitters_in(lcp_ids: Sequence[int]) -> dict[tuple[int, str], Splitter]:
    """The splitters in some LCPs, by LCP and code."""
    found = db.session.scalars(select(Splitter).where(Splitter.lcp_id == any_key(lcp_ids)))
    return {(splitter.lcp_id, splitter.code): splitter for splitter in found}


def splitters_of(lcp_ids: Sequence[int]) -> Sequence[AnyRow]:
    """The splitters of LCPs with their NAPs and ports counted, by LCP and code."""
    naps = select(func.count()).where(Nap.splitter_id == Splitter.id).scalar_subquery()
    return db.session.execute(
        select(
            Splitter.id, Splitter.lcp_id, Splitter.code, Splitter.output_count, Splitter.notes,
            naps.label("nap_count"), _splitter_ports().label("port_count"),
            _splitter_ports(IS_FREE).label("free_count"),
        ).where(Splitter.lcp_id == any_key(lcp_ids)).order_by(Splitter.lcp_id, Splitter.code)
    ).all()


def choices() -> list[tuple[int, str]]:
    """Ids and names of all LCPs, by code, for a form."""
    rows = db.session.execute(select(Lcp.id, Lcp.code, Lcp.name).order_by(Lcp.code))
    return [(row.id, f"{row.code} · {row.name}") for row in rows]


def count_splitters(lcp_id: int) -> int:
    """How many splitters an LCP holds."""
    return db.session.execute(
        select(func.count()).select_from(Splitter).where(Splitter.lcp_id == lcp_id)
    ).scalar_one()


def count_naps(splitter_id: int) -> int:
    """How many NAPs a splitter feeds."""
    return db.session.execute(
        select(func.count()).select_from(Nap).where(Nap.splitter_id == splitter_id)
    ).scalar_one()


def held_splitters(splitter_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """How many outputs each of some splitters has, and how many NAPs it feeds; held until the transaction ends."""
    held = db.session.execute(
        select(Splitter.id, Splitter.output_count).where(Splitter.id == any_key(splitter_ids)).order_by(Splitter.id)
        .with_for_update()
    ).all()
    feeding = select(Nap.splitter_id, func.count()).where(Nap.splitter_id == any_key(splitter_ids))
    taken = {splitter_id: count for splitter_id, count in db.session.execute(feeding.group_by(Nap.splitter_id))}
    return {splitter_id: (output_count, taken.get(splitter_id, 0)) for splitter_id, output_count in held}


def count_by_area(area_ids: Sequence[int]) -> dict[int, int]:
    """How many LCPs stand in each of the areas, all that lies inside included; none are left out."""
    pairs = areas.inside_each(area_ids).subquery()
    rows = db.session.execute(
        select(pairs.c.outer_id, func.count()).join(Lcp, Lcp.area_id == pairs.c.inner_id).group_by(pairs.c.outer_id)
    )
    return {area_id: standing for area_id, standing in rows}


def _conditions(wanted: LcpFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.term:
        conditions.append(mentioned(wanted.term, Lcp.code, Lcp.name, Lcp.address))
    if wanted.area_id is not None:
        conditions.append(Lcp.area_id.in_(areas.inside(wanted.area_id)))
    if wanted.has_free:
        conditions.append(_ports_below().where(IS_FREE).exists())
    return conditions


def _splitters() -> ColumnElement[int]:
    return select(func.count()).where(Splitter.lcp_id == Lcp.id).correlate(Lcp).scalar_subquery()


def _naps() -> ColumnElement[int]:
    naps = select(func.count()).select_from(Nap).join(Splitter, Nap.splitter_id == Splitter.id)
    return naps.where(Splitter.lcp_id == Lcp.id).correlate(Lcp).scalar_subquery()


def _ports(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return _ports_below().where(*conditions).with_only_columns(func.count()).scalar_subquery()


def _ports_below() -> Select[int]:
    return (
        select(NapPort.id).join(Nap, NapPort.nap_id == Nap.id).join(Splitter, Nap.splitter_id == Splitter.id)
        .where(Splitter.lcp_id == Lcp.id).correlate(Lcp)
    )


def _splitter_ports(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    ports = select(func.count()).select_from(NapPort).join(Nap, NapPort.nap_id == Nap.id)
    return ports.where(Nap.splitter_id == Splitter.id, *conditions).correlate(Splitter).scalar_subquery()

"""Reads of areas: the list in the order of the tree, one area with its parents, the choices of a form."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Text, case, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from ispbill.areas.models import Area
from ispbill.areas.policy import ALONE, NO_AREA, Place, path_key, path_text
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.matching import by_letters, mentioned
from ispbill.core.pagination import AnyColumn, SortKey
from ispbill.core.text import folded

_Parent, _Grandparent = aliased(Area, name="parent"), aliased(Area, name="grandparent")
_SHORTEST_WORD, _MOST_NAMED = 3, 50
_NOTHING = literal("", Text)
_WIDEST = case((Area.level == 1, Area.name), (Area.level == 2, _Parent.name), else_=_Grandparent.name)
_MIDDLE = case((Area.level == 1, _NOTHING), (Area.level == 2, Area.name), else_=_Parent.name)
_NARROWEST = case((Area.level == 3, Area.name), else_=_NOTHING)
_PATH: tuple[ColumnElement[str], ...] = (_WIDEST, _MIDDLE, _NARROWEST)
TREE_ORDER = SortKey((*(by_letters(name) for name in _PATH), Area.id))


@dataclass(frozen=True, slots=True)
class AreaFilter:
    """What the list of areas is narrowed to: part of the name, and everything inside one area."""

    term: str = ""
    inside: int | None = None


def listing(wanted: AreaFilter) -> AnySelect:
    """Areas with the names on their path, as the filter wants them."""
    statement = _with_path(select(Area.id, Area.level, Area.name, *_labelled_path()))
    if wanted.term:
        statement = statement.where(mentioned(wanted.term, Area.name))
    if wanted.inside is not None:
        statement = statement.where(Area.id.in_(inside(wanted.inside)))
    return statement


def in_tree_order(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, each parent before its children."""
    return db.session.execute(statement.order_by(*TREE_ORDER.columns)).all()


def inside(area_id: int) -> Select[int]:
    """The ids of an area and of all areas that lie in it."""
    parent = aliased(Area)
    return select(Area.id).outerjoin(parent, Area.parent_id == parent.id).where(
        or_(Area.id == area_id, Area.parent_id == area_id, parent.parent_id == area_id)
    )


def inside_each(area_ids: Sequence[int]) -> Select[int, int]:
    """Pairs of each of the areas and an area that lies in it, itself included: `outer_id`, `inner_id`."""
    outer, parent = aliased(Area), aliased(Area)
    within = or_(Area.id == outer.id, Area.parent_id == outer.id, parent.parent_id == outer.id)
    return (
        select(outer.id.label("outer_id"), Area.id.label("inner_id"))
        .select_from(Area).outerjoin(parent, Area.parent_id == parent.id).join(outer, within)
        .where(outer.id.in_(area_ids))
    )


def lies_in(area_id: AnyColumn, place: Place) -> ColumnElement[bool]:
    """The condition that an area's id is of a place."""
    if place.area_id is None:
        return area_id.is_(None)
    return area_id == place.area_id if place.is_alone else area_id.in_(inside(place.area_id))


def place_choices(asked: str) -> list[tuple[str, str]]:
    """The places that a list can be narrowed to; an area alone only where it is asked for."""
    known = [(str(area_id), path) for area_id, path in choices()]
    alone = [(asked, _("%(area)s, not what lies in it", area=path)) for area_id, path in known
             if asked == f"{area_id}{ALONE}"]
    return [("", _("Any area")), *known, (NO_AREA, _("No area")), *alone] if known else []


def ids_named(words: Sequence[str]) -> dict[str, list[int]]:
    """By each folded word that is part of an area's name: that area and all that lie in it.

    Words of very many areas name none.
    """
    telling = [word for word in words if len(word) >= _SHORTEST_WORD]
    if not telling:
        return {}
    named = db.session.execute(
        select(Area.id, Area.name).where(or_(*(mentioned(word, Area.name) for word in telling))).limit(_MOST_NAMED + 1)
    ).all()
    if not named or len(named) > _MOST_NAMED:
        return {}
    return _within({word: {area_id for area_id, name in named if word in folded(name)} for word in telling})


def get(area_id: int) -> Area | None:
    """An area with its parents loaded."""
    return db.session.scalars(
        select(Area).where(Area.id == area_id).options(joinedload(Area.parent).joinedload(Area.parent))
    ).one_or_none()


def children(area_id: int | None) -> Sequence[Area]:
    """The areas directly in one area, or those of the first level, by name."""
    return db.session.scalars(
        select(Area).where(Area.parent_id.is_not_distinct_from(area_id)).order_by(by_letters(Area.name))
    ).all()


def choices() -> list[tuple[int, str]]:
    """Ids and paths of all areas, in the order of the tree, for a form."""
    rows = in_tree_order(listing(AreaFilter()))
    return [(row.id, path_text(_names(row)).replace(" > ", " › ")) for row in rows]


def ids_by_path() -> dict[tuple[str, ...], int]:
    """Every area's id by its path as it is compared."""
    rows = db.session.execute(listing(AreaFilter())).all()
    return {path_key(path_text(_names(row))): row.id for row in rows}


def path_of(area: Area | None) -> str:
    """“Metro Manila › Makati › Poblacion” of an area whose parents are loaded; empty for none."""
    return " › ".join(reversed(_names_upwards(area)))


def address(street: str, area: Area | None) -> str:
    """Where somebody lives as an envelope has it: the street, then the area from the narrowest place."""
    return ", ".join(filter(None, (street, *_names_upwards(area))))


def postal_by_id() -> dict[int, str]:
    """“Poblacion, Makati, Metro Manila” of all areas, by their ids."""
    rows = db.session.execute(listing(AreaFilter()))
    return {row.id: ", ".join(filter(None, reversed(_names(row)))) for row in rows}


def path_columns() -> tuple[ColumnElement[str], ...]:
    """The three names of an area's path, for statements that joined through `with_path`."""
    return _labelled_path()


def with_path(statement: AnySelect, area_id: AnyColumn) -> AnySelect:
    """Join a statement, whose rows carry an area's id or none, to the area and its parents."""
    return _with_path(statement.outerjoin(Area, area_id == Area.id))


def _with_path(statement: AnySelect) -> AnySelect:
    return statement.outerjoin(_Parent, Area.parent_id == _Parent.id).outerjoin(
        _Grandparent, _Parent.parent_id == _Grandparent.id
    )


def _labelled_path() -> tuple[ColumnElement[str], ...]:
    return _WIDEST.label("area_1"), _MIDDLE.label("area_2"), _NARROWEST.label("area_3")


def _names_upwards(area: Area | None) -> list[str]:
    names: list[str] = []
    while area is not None:
        names.append(area.name)
        area = area.parent if area.parent_id is not None else None
    return names


def _names(row: AnyRow) -> tuple[str, str, str]:
    return row.area_1, row.area_2, row.area_3


def _within(outer: Mapping[str, set[int]]) -> dict[str, list[int]]:
    """The areas of each word, with those that lie in them; words without any are left out."""
    pairs = db.session.execute(inside_each(sorted(set().union(*outer.values())))).all()
    return {word: sorted({inner for area_id, inner in pairs if area_id in ids}) for word, ids in outer.items() if ids}

"""Verbs of areas. A name stands once under its parent; an area that is used stays."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ispbill.areas import queries
from ispbill.areas.models import Area
from ispbill.areas.policy import area_name, child_level, path_key, path_text, read_list
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _
from ispbill.core.tables import RowError, read_table


@dataclass(frozen=True, slots=True)
class AreaImport:
    """What came of a list: nothing was added where it has errors."""

    created: int
    unchanged: int
    errors: Sequence[RowError]


def add(name: str, *, parent: Area | None = None) -> Area:
    """Add an area, in `parent` or at the first level.

    Raises Invalid for a bad name or below the last level.
    """
    area = Area(
        name=area_name(name), level=child_level(parent.level if parent else None),
        parent_id=parent.id if parent else None,
    )
    db.session.add(area)
    db.session.flush()
    return area


def rename(area: Area, *, name: str) -> Area:
    """Give an area another name; who lives there stays there."""
    area.name = area_name(name)
    db.session.flush()
    return area


def remove(area: Area) -> Area:
    """Take an area away.

    Raises Conflict while areas lie in it or, from the database, while anything refers to it.
    """
    if queries.children(area.id):
        raise Conflict(_("“%(name)s” still contains areas. Remove those first.", name=area.name))
    db.session.delete(area)
    db.session.flush()
    return area


def import_list(content: bytes) -> AreaImport:
    """Add the areas of a list (CSV: region, city, barangay) not there yet; nothing if a line is wrong."""
    paths, errors = read_list(read_table(content))
    if errors:
        return AreaImport(created=0, unchanged=0, errors=errors)
    db.session.execute(select(Area.id).where(Area.level == 1).with_for_update()).all()
    known = queries.ids_by_path()
    before = len(known)
    listed = {path_key(path_text(path)) for path in paths}
    unchanged = len(listed & known.keys())
    for path in paths:
        _make(path, known)
    return AreaImport(created=len(known) - before, unchanged=unchanged, errors=())


def _make(path: tuple[str, ...], known: dict[tuple[str, ...], int]) -> None:
    parent_id = None
    for level, name in enumerate(path, start=1):
        key = path_key(path_text(path[:level]))
        if key not in known:
            area = Area(name=name, level=level, parent_id=parent_id)
            db.session.add(area)
            db.session.flush()
            known[key] = area.id
        parent_id = known[key]

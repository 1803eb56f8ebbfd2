"""Areas as a kind of import: each line is a path, and the levels of it that are not there are added."""
from __future__ import annotations

from collections.abc import Sequence

from ispbill.areas import queries
from ispbill.areas.models import Area
from ispbill.areas.policy import area_name, path_key, path_text, read_path
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.tables import Row, Table
from ispbill.imports.kinds import Kind, Terms
from ispbill.imports.policy import Column, Effect, Loaded, Step, Total

COLUMNS = (
    Column("region", lazy("The widest level"), is_required=True, example="Cavite",
           also=("province", "level 1", "state")),
    Column("city", lazy("Inside the region"), example="Bacoor", also=("municipality", "town", "level 2")),
    Column("barangay", lazy("Inside the city"), example="Molino III", also=("village", "district", "area", "level 3")),
)


def load(table: Table, terms: Terms) -> Loaded:
    """Each line as a path of names."""
    known = queries.ids_by_path()
    steps = [step for row in table.rows if (step := _step(row, known)) is not None]
    errors = [error for row in table.rows for error in row.errors]
    return Loaded(steps, errors, [Total(_("Areas in the file"), len(steps))])


def write(steps: Sequence[Step], terms: Terms) -> list[Effect]:
    """Add the areas that are missing, the widest first."""
    known = queries.ids_by_path()
    return [effect for step in steps for effect in _add(step, known)]


def _step(row: Row, known: dict[tuple[str, ...], int]) -> Step | None:
    names = [_name(row, column.name) for column in COLUMNS]
    if row.errors:
        return None
    try:
        path = read_path(names)
    except Invalid as refusal:
        row.refuse(COLUMNS[names.index("")].name, refusal.message,
                   _("Region, city, barangay, from the widest to the narrowest."))
        return None
    if not path:
        row.refuse("region", _("Nothing stands here."), _("Every line needs a region."))
        return None
    return Step(row.line, path, known=known.get(path_key(path_text(path))))


def _name(row: Row, column: str) -> str:
    name = row.text(column)
    try:
        return area_name(name) if name else ""
    except Invalid as refusal:
        row.refuse(column, refusal.message, _("Mend the value."))
        return ""


def _add(step: Step, known: dict[tuple[str, ...], int]) -> list[Effect]:
    parent_id, effects = None, []
    for level, name in enumerate(step.facts, start=1):
        key = path_key(path_text(step.facts[:level]))
        if key not in known:
            area = Area(name=name, level=level, parent_id=parent_id)
            db.session.add(area)
            db.session.flush()
            known[key] = area.id
            effects.append(Effect(step.line, Area.__tablename__, area.id))
        parent_id = known[key]
    return effects


KIND = Kind(
    code="areas", label=lazy("Areas"), permission="add_barangay",
    undo_permission="delete_barangay", columns=lambda: COLUMNS, load=load, write=write,
    models=(Area,), key="its path of names",
)

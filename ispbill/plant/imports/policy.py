"""The columns of the plant in files, and how a place and an area are read from them. Pure."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from ispbill.areas.policy import path_key
from ispbill.core.errors import DomainError
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.tables import Row
from ispbill.imports.policy import NUMBER, Column
from ispbill.plant.policy import ACCURACIES

Facts = TypeVar("Facts")
_PLACE = (
    Column("area", lazy("Path of an area that exists"), example="Cavite > Bacoor > Molino III", also=("barangay",)),
    Column("address", lazy("Street and number"), example="12 Mabini St"),
    Column("latitude", lazy("Degrees, both or neither"), example="14.4067", also=("lat",), holds=NUMBER),
    Column("longitude", "", example="120.9733", also=("lon", "lng", "long"), holds=NUMBER),
    Column("accuracy", lazy("exact, approximate, address or manual"), example="exact"),
    Column("notes", lazy("For staff"), also=("remarks",)),
)
LCP_COLUMNS = (
    Column("code", lazy("It is known by this"), is_required=True, example="LCP-01", also=("lcp", "lcp code")),
    Column("name", lazy("What staff call it"), is_required=True, example="Molino junction", also=("lcp name",)),
    Column("splitter_capacity", lazy("How many splitters it holds"), example="8", also=("capacity",)),
    *_PLACE,
)
NAP_COLUMNS = (
    Column("code", lazy("It is known by this"), is_required=True, example="NAP-01-04",
           also=("nap", "nap code", "name")),
    Column("lcp", lazy("Code of an LCP that is there"), is_required=True, example="LCP-01", also=("lcp code",)),
    Column("splitter", lazy("Code of the splitter that feeds it; mounted where it is not there"), is_required=True,
           example="S1", also=("splitter code",)),
    Column("splitter_outputs", lazy("Of a splitter to be mounted: 2, 4, 8, 16, 32 or 64"), example="8",
           also=("split", "ratio")),
    Column("port_count", lazy("How many ports"), example="8", also=("ports", "port capacity", "capacity")),
    Column("max_drop_metres", lazy("How far a drop may be"), example="100", also=("max distance", "reach")),
    *_PLACE,
)


def place_of(row: Row, area_ids: Mapping[tuple[str, ...], int]) -> dict[str, Any]:
    """What a line says of where a part is."""
    path = row.text("area")
    area_id = area_ids.get(path_key(path)) if path else None
    if path and area_id is None:
        row.refuse("area", _("There is no such area."), _("Bring the areas in first."))
    return {
        "area_id": area_id, "address": row.text("address"), "latitude": row.decimal("latitude"),
        "longitude": row.decimal("longitude"), "accuracy": row.choice("accuracy", ACCURACIES, default="exact"),
        "notes": row.text("notes"),
    }


def judged(
    row: Row, facts: Facts, check: Callable[[Facts], Facts], *, columns: Mapping[str, str] = MappingProxyType({})
) -> Facts | None:
    """The facts as they are stored; None, with the reason noted, where they break a rule.

    `columns` names those that are called otherwise in files.
    """
    if row.errors:
        return None
    try:
        return check(facts)
    except DomainError as refusal:
        field = refusal.field or "code"
        row.refuse(columns.get(field, field), refusal.message, _("Mend the value."))
        return None

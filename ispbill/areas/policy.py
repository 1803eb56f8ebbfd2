"""Rules of the area tree: three levels, names as people write them, paths as files carry them."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.tables import RowError, Table

LEVELS = 3
LONGEST_NAME = 100
SEPARATOR = " > "
# How a filter names those who live in no area, and, behind an id, those who live in an area but in none inside it.
NO_AREA, ALONE = "none", "-alone"
_LONGEST_ID = 18
_LAYOUT = lazy("Region, City, Barangay")


def area_name(text: str) -> str:
    """A name with single blanks.

    Raises Invalid when it is empty, too long, or holds the sign that parts a path.
    """
    name = " ".join(text.split())
    if not name:
        raise Invalid(_("Give the area a name."), field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(_("An area's name has at most %(longest_name)s characters.", longest_name=LONGEST_NAME),
                      field="name")
    if ">" in name:
        raise Invalid(_("A name cannot contain “>”: it parts the levels in lists."), field="name")
    return name


def child_level(parent_level: int | None) -> int:
    """The level of an area below one of `parent_level`, or of one without a parent.

    Raises Invalid below the last.
    """
    level = (parent_level or 0) + 1
    if level > LEVELS:
        raise Invalid(_("Areas have %(levels)s levels; nothing can lie below this one.", levels=LEVELS), field="parent")
    return level


def path_text(names: Iterable[str | None]) -> str:
    """“Metro Manila > Makati > Poblacion”, from the widest to the narrowest; missing levels are left out."""
    return SEPARATOR.join(name for name in names if name)


def path_key(path: str) -> tuple[str, ...]:
    """A path as it is compared: by level, whatever the capitals and blanks."""
    return tuple(" ".join(name.split()).lower() for name in path.split(">") if name.strip())


def read_path(cells: Sequence[str]) -> tuple[str, ...]:
    """The names of one line of a list. Raises Invalid where a narrower area stands below an empty one."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > LEVELS:
        raise Invalid(_("A line has at most %(levels)s areas, from the widest to the narrowest.", levels=LEVELS))
    if "" in names:
        raise Invalid(_("A level is missing: an area must lie in one of the level above."))
    return tuple(area_name(name) for name in names)


def read_list(table: Table) -> tuple[list[tuple[str, ...]], list[RowError]]:
    """The paths of a table of one to three columns, from the widest to the narrowest, and what is wrong."""
    errors = list(table.errors)
    if not errors and len(table.header) > LEVELS:
        errors.append(RowError(1, table.header[LEVELS], "", _("There are too many columns."), _LAYOUT))
    paths: list[tuple[str, ...]] = []
    for row in () if errors else table.rows:
        try:
            paths.append(read_path([row.text(column) for column in table.header]))
        except Invalid as refusal:
            errors.append(RowError(row.line, table.header[0], "", refusal.message, _LAYOUT))
    return paths, errors


class Place(NamedTuple):
    """Where somebody lives: in an area or what lies in it, in an area alone, or (without an id) in none."""

    area_id: int | None
    is_alone: bool = False


def place_named(text: str) -> Place | None:
    """The place that a filter names: “12”, “12-alone” or “none”; None for anything else."""
    if text == NO_AREA:
        return Place(None)
    digits = text.removesuffix(ALONE)
    is_id = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_ID
    return Place(int(digits), is_alone=digits != text) if is_id else None

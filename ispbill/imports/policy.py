"""Rules of imports: columns, how those of a file are taken for ours, what a line would do. Pure."""
from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ispbill.core.i18n import gettext as _
from ispbill.core.notations import Notation, Told, dates_told, decimals_told
from ispbill.core.tables import Row, RowError, Table

CHUNK_ROWS = 500
DAY, NUMBER = "day", "number"
Key = tuple[int, str, str]
"""A line, and by which column and value it stands for something: no other line of a file may."""
_SIGNS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a kind knows: its name in files, what stands in it, and by which other names it goes.

    It `holds` a day or a number where files write them in different ways.
    """

    name: str
    hint: str
    is_required: bool = False
    example: str = ""
    also: tuple[str, ...] = ()
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """A figure of a file to compare with the source it came from; money where `is_money`, in minor units."""

    label: str
    value: int
    is_money: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What a line would do: make something (`known` is None), change it by `changes`, or nothing."""

    line: int
    facts: Any
    known: Any = None
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """`created`, `updated` or `unchanged`."""
        if self.known is None:
            return "created"
        return "updated" if self.changes else "unchanged"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Lines held against the books: what each in order would do, all that is wrong with the others, and their keys.

    The totals of a file are the sums of those of its parts.
    """

    steps: Sequence[Step]
    errors: Sequence[RowError] = ()
    totals: Sequence[Total] = ()
    keys: Sequence[Key] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """A row that a line made, or changed: then `before` and `after` hold the columns that differ."""

    line: int
    table_name: str
    row_id: int
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def guessed(header: Sequence[str], columns: Sequence[Column], *, remembered: Mapping[str, str]) -> dict[str, str]:
    """Which column of a file stands for which of ours: as said last time, else by name. Our name → theirs."""
    theirs = {_plain(name): name for name in reversed(header)}
    exact = {name.lower(): name for name in header}
    found: dict[str, str] = {}
    for column in columns:
        last_time = remembered.get(column.name, "").lower()
        if last_time in exact:
            found[column.name] = exact[last_time]
            continue
        names = [theirs[_plain(name)] for name in (column.name, *column.also) if _plain(name) in theirs]
        if names:
            found[column.name] = names[0]
    return _once(found)


def told(table: Table, columns: Iterable[Column], mapping: Mapping[str, str], *, usual: Notation) -> tuple[Told, Told]:
    """What the cells of a table tell of how it writes days, and numbers."""
    theirs: dict[str, list[str]] = {DAY: [], NUMBER: []}
    for column in columns:
        if column.holds and mapping.get(column.name):
            theirs[column.holds].append(mapping[column.name])
    days, numbers = ([row.text(name) for name in names for row in table.rows] for names in theirs.values())
    return dates_told(filter(None, days), usual=usual.dates), decimals_told(filter(None, numbers), usual=usual.decimals)


def missing(mapping: Mapping[str, str], columns: Iterable[Column]) -> list[str]:
    """The columns that a kind must have and a mapping does not give."""
    return [column.name for column in columns if column.is_required and not mapping.get(column.name)]


def cells_of(row: Row, mapping: Mapping[str, str]) -> dict[str, str]:
    """The cells of a line under our names, without empty ones; columns that stand for nothing are left out."""
    return {ours: cell for ours, theirs in mapping.items() if (cell := row.cells.get(theirs.lower(), ""))}


def differing(known: Any, values: Mapping[str, Any], *, given: Collection[str]) -> dict[str, Any]:
    """Which of the values a known row has otherwise. A column that the file does not fill says nothing."""
    return {name: value for name, value in values.items() if name in given and getattr(known, name) != value}


def given_in(row: Row) -> set[str]:
    """The columns that a line fills."""
    return {name for name in row.cells if row.text(name)}


def storable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Column values as JSON can hold them."""
    return {name: _storable(value) for name, value in values.items()}


def restored(value: Any, kind: type) -> Any:
    """A value as its column holds it, from how it was stored."""
    if value is None or not isinstance(value, str):
        return value
    if kind is Decimal:
        return Decimal(value)
    return date.fromisoformat(value) if kind is date else value


def repeated(keys: Iterable[Key]) -> list[RowError]:
    """What is wrong with each line whose key stood in an earlier one."""
    first: dict[tuple[str, str], int] = {}
    errors = []
    for line, column, value in keys:
        before = first.setdefault((column, value), line)
        if value and before != line:
            problem = _("This stands in line %(line)s already.", line=before)
            errors.append(RowError(line, column, value, problem, _("Each has one line.")))
    return errors


def summed(before: Sequence[Mapping[str, Any]], totals: Sequence[Total]) -> list[dict[str, Any]]:
    """The totals of the parts looked at so far, with those of the next."""
    had = [total["value"] for total in before] or [0] * len(totals)
    return [{**asdict(total), "value": total.value + value} for total, value in zip(totals, had, strict=True)]


def _once(found: Mapping[str, str]) -> dict[str, str]:
    """Each of their columns for one of ours, the first that takes it."""
    taken: set[str] = set()
    kept: dict[str, str] = {}
    for ours, theirs in found.items():
        if theirs not in taken:
            kept[ours] = theirs
            taken.add(theirs)
    return kept


def _plain(name: str) -> str:
    return _SIGNS.sub("", name.lower())


def _storable(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value

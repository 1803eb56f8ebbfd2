"""Keyset paging: a page is found by the sort key of the row before it, so page 1,000 costs what page 1 costs."""
from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Date, DateTime, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.text import is_storable

Edge: TypeAlias = tuple[datetime, int]
"""Where a stretch of a timeline ends: the instant and the key of its last row."""
AnyColumn: TypeAlias = ColumnElement[Any] | InstrumentedAttribute[Any]
PAGE_SIZE = 25
MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class SortKey:
    """The columns a list is ordered by; the last one must be unique. All ascend or all descend."""

    columns: tuple[AnyColumn, ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, and the cursors of its neighbours (None at either end)."""

    rows: Sequence[AnyRow]
    next_cursor: str | None
    previous_cursor: str | None


def paginate(statement: AnySelect, sort: SortKey, *, cursor: str | None, size: int = PAGE_SIZE) -> Page:
    """Run the statement for the page at the cursor; the sort columns must be among what it may order by.

    Raises Invalid for a cursor that this list did not make.
    """
    backwards, edge = _read_cursor(cursor, sort)
    size = max(1, min(size, MAX_PAGE_SIZE))
    found = db.session.execute(_window(statement, sort, edge, backwards=backwards, size=size + 1)).all()
    more, rows = len(found) > size, list(found[:size])
    if backwards:
        rows.reverse()
    has_previous, has_next = (more, True) if backwards else (edge is not None, more)
    return Page(
        rows=rows,
        next_cursor=_make_cursor(rows[-1], sort, "n") if rows and has_next else None,
        previous_cursor=_make_cursor(rows[0], sort, "p") if rows and has_previous else None,
    )


def packed(values: Sequence[Any]) -> str:
    """Values as a cursor carries them in an address."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def unpacked(cursor: str) -> Any:
    """What a cursor carries. Raises ValueError for what cannot be one."""
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except RecursionError:
        raise ValueError("it is nested deeper than any cursor") from None


def earlier(
    statement: Select[Any], key: tuple[AnyColumn, AnyColumn], edge: Edge | None, *, limit: int
) -> Select[Any]:
    """The newest rows of a statement, by an instant and a key, that lie before an edge."""
    at, row_id = key
    if edge is not None:
        bound = tuple_(literal(edge[0], DateTime(timezone=True)), literal(edge[1], BigInteger))
        statement = statement.where(tuple_(at, row_id) < bound)
    return statement.order_by(at.desc(), row_id.desc()).limit(limit)


def _window(
    statement: AnySelect, sort: SortKey, edge: list[Any] | None, *, backwards: bool, size: int
) -> AnySelect:
    descending = sort.descending != backwards
    key = tuple_(*sort.columns)
    if edge is not None:
        bound = tuple_(*(literal(value, column.type) for value, column in zip(edge, sort.columns, strict=True)))
        statement = statement.where(key < bound if descending else key > bound)
    order = [column.desc() if descending else column.asc() for column in sort.columns]
    labelled = [column.label(f"sort_key_{i}") for i, column in enumerate(sort.columns)]
    return statement.add_columns(*labelled).order_by(None).order_by(*order).limit(size)


def _make_cursor(row: AnyRow, sort: SortKey, direction: str) -> str:
    values = [getattr(row, f"sort_key_{i}") for i in range(len(sort.columns))]
    plain = [value.isoformat() if isinstance(value, (date, datetime)) else value for value in values]
    return packed([direction, *plain])


def _read_cursor(cursor: str | None, sort: SortKey) -> tuple[bool, list[Any] | None]:
    if not cursor:
        return False, None
    try:
        direction, *values = unpacked(cursor)
        edge = [_typed(value, column) for value, column in zip(values, sort.columns, strict=True)]
    except (ValueError, TypeError):
        raise Invalid(_("This page's address is not valid. Start again from the first page."), field="cursor") from None
    return direction == "p", edge


def _typed(value: Any, column: AnyColumn) -> Any:
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    if type(value) is not column.type.python_type or (isinstance(value, str) and not is_storable(value)):
        raise TypeError("a cursor value of another type")
    return value

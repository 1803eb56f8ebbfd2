"""Verbs of looking: a file is read into lines once, which are held against the books part by part, each by one job.

Nothing is written but what was found: what each line would do is counted, and what is wrong with it noted at the line.
"""
from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from typing import Any

from sqlalchemy import Integer, column, delete, func, literal, update
from sqlalchemy.dialects.postgresql import JSONB

from ispbill.core.bulk import copy_rows
from ispbill.core.db import db
from ispbill.core.events import publish
from ispbill.core.formats import long_date
from ispbill.core.notations import YEAR_FIRST
from ispbill.core.spreadsheets import read_file
from ispbill.core.tables import RowError, Table
from ispbill.imports import queries
from ispbill.imports.kinds import named
from ispbill.imports.models import ImportBatch, ImportRow, ImportStatus, RowStatus
from ispbill.imports.policy import Key, cells_of, repeated, summed, told
from ispbill.imports.service import BatchWaits, against_books, notation_of

LOOK_ROWS = 2_500
_ROW_COLUMNS = ("batch_id", "line", "cells", "errors", "status")
_OUTCOMES = ("created", "updated", "unchanged")


def look_on(batch_id: int) -> None:
    """Read a file, or look at its next lines, or end where there are none; may be asked as often as one likes."""
    batch = queries.held(batch_id, ImportStatus.LOOKING)
    if batch is None:
        return
    if batch.report is None:
        _read(batch)
    elif rows := queries.rows_after(batch_id, batch.report["line"], limit=LOOK_ROWS):
        _look_at(batch, rows)
    else:
        _compare(batch)
    db.session.flush()
    if batch.status == ImportStatus.LOOKING:
        publish(BatchWaits(batch.id, batch.looked_count))


def _read(batch: ImportBatch) -> None:
    """Keep the lines of the file, or what is wrong where it cannot be read as a table."""
    assert batch.content is not None and batch.mapping is not None, "a file that waits keeps its content"
    table, mapping = read_file(batch.content), batch.mapping
    errors, rows = _by_line(table.errors, batch), {row.line: row for row in table.rows}
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    copy_rows(ImportRow, _ROW_COLUMNS, (
        (batch.id, line, json.dumps(cells_of(rows[line], mapping) if line in rows else {}),
         json.dumps(errors.get(line, ())), RowStatus.WAITING)
        for line in sorted({*rows, *errors})
    ))
    batch.row_count = len(table.rows)
    batch.report = {"line": 0, "looked": 0, "error_count": len(table.errors), "totals": [],
                    "doubts": _doubts(batch, table), **dict.fromkeys(_OUTCOMES, 0)}
    if table.errors:
        batch.status = ImportStatus.CHECKED


def _doubts(batch: ImportBatch, table: Table) -> list[tuple[str, str]]:
    """A date, and a number, that can be read in two ways where nothing in the file tells, and how each is read."""
    notation = notation_of(batch)
    dates, decimals = told(table, named(batch.kind).columns(), batch.mapping or {}, usual=notation)
    doubts = []
    if dates.doubtful and notation.dates != YEAR_FIRST:
        doubts.append((dates.doubtful, long_date(notation.day(dates.doubtful))))
    if decimals.doubtful:
        doubts.append((decimals.doubtful, notation.number(decimals.doubtful)))
    return doubts


def _look_at(batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
    assert batch.report is not None, "the file was read"
    loaded = against_books(batch, rows)
    _note(batch, loaded.keys, loaded.errors)
    outcomes = Counter(step.outcome for step in loaded.steps)
    batch.report = {
        **batch.report, "line": rows[-1].line, "looked": batch.looked_count + len(rows),
        "totals": summed(batch.report["totals"], loaded.totals),
        **{outcome: batch.report[outcome] + outcomes[outcome] for outcome in _OUTCOMES},
    }


def _compare(batch: ImportBatch) -> None:
    """End the look: no two lines may stand for the same."""
    _note(batch, (), repeated(queries.keys_of(batch.id)))
    batch.status = ImportStatus.CHECKED


def _note(batch: ImportBatch, keys: Iterable[Key], errors: Sequence[RowError]) -> None:
    assert batch.report is not None, "the file was read"
    kept: dict[int, list[Sequence[str]]] = defaultdict(list)
    for line, *key in keys:
        if key[-1]:
            kept[line].append(key)
    wrong = _by_line(errors, batch)
    _add(batch, [{"line": line, "keys": kept.get(line, ()), "errors": wrong.get(line, ())} for line in {*kept, *wrong}])
    batch.report = {**batch.report, "error_count": batch.report["error_count"] + len(errors)}


def _add(batch: ImportBatch, said: Sequence[Mapping[str, Any]]) -> None:
    """Add keys and errors to those of their lines, all in one statement."""
    given = func.jsonb_to_recordset(literal(said, JSONB)).table_valued(
        column("line", Integer), column("keys", JSONB), column("errors", JSONB)
    ).render_derived(with_types=True)
    db.session.execute(
        update(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.line == given.c.line)
        .values(keys=ImportRow.keys.op("||")(given.c["keys"]), errors=ImportRow.errors.op("||")(given.c["errors"]))
        .execution_options(synchronize_session=False)
    )


def _by_line(errors: Iterable[RowError], batch: ImportBatch) -> dict[int, list[Sequence[str]]]:
    """What is wrong, by line, under the names that the file's own columns have."""
    found: dict[int, list[Sequence[str]]] = defaultdict(list)
    for error in errors:
        line, ours, *rest = astuple(error)
        found[line].append(((batch.mapping or {}).get(ours, ours), *rest))
    return found

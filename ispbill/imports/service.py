"""Verbs of imports: receive a file, say what its columns are, bring it in chunk by chunk once it was looked at.

Nothing is written while a line is wrong. A line that has become wrong by the time it is brought in is refused with its
reason, and the others are brought in all the same: so a run can be resumed, and the refused lines are a file again.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from ispbill.audit import service as audit
from ispbill.core.bulk import copy_rows
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, DomainError, Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy, word
from ispbill.core.notations import Notation, Told, usual
from ispbill.core.spreadsheets import read_file
from ispbill.core.tables import Row, Table
from ispbill.imports import queries
from ispbill.imports.kinds import Kind, Terms, named
from ispbill.imports.models import ImportBatch, ImportEffect, ImportMapping, ImportRow, ImportStatus, RowStatus
from ispbill.imports.policy import CHUNK_ROWS, Effect, Loaded, Step, guessed, missing, storable, told

MOST_BYTES = 30 * 1024 * 1024
KEPT_FOR = timedelta(days=1)
SAMPLE_ROWS = 1_000
REFUSED_BY_DATABASE = lazy("The books refuse it: it is there already, or what it needs is gone.")
_ROW_COLUMNS = ("batch_id", "line", "cells", "status")
_EFFECT_COLUMNS = ("batch_id", "line", "table_name", "row_id", "before", "after")
Refusals = dict[int, tuple[str, str]]
"""By line: the column, and what is wrong."""


@dataclass(frozen=True, slots=True)
class BatchWaits:
    """A batch has lines to be worked on; `done` says how far it is, so that each chunk is a nudge of its own."""

    batch_id: int
    done: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The first lines of a file, and what their cells tell of its days and numbers."""

    table: Table
    dates: Told
    decimals: Told


def receive(kind: Kind, *, content: bytes, file_name: str, day: date | None) -> ImportBatch:
    """Keep an uploaded file for a day, with its columns guessed, and how it writes days and numbers.

    Raises Invalid when it is too large or no table, and what the kind raises for a day that cannot be.
    """
    current.require(kind.permission)
    if len(content) > MOST_BYTES:
        raise Invalid(_("The file is larger than %(most_bytes)s MB. Split it.", most_bytes=MOST_BYTES // 1024 // 1024),
                      field="file")
    begin = day or kind.default_day(current.today())
    kind.check_day(begin)
    table = _sample(content)
    mapping = guessed(table.header, kind.columns(), remembered=queries.remembered(kind.code))
    dates, decimals = told(table, kind.columns(), mapping, usual=_usual_notation(kind))
    forgotten = ImportBatch.created_at < current.now() - KEPT_FOR
    db.session.execute(delete(ImportBatch).where(ImportBatch.status == ImportStatus.CHECKED, forgotten))
    batch = ImportBatch(
        kind=kind.code, file_name=file_name, file_digest=hashlib.sha256(content).hexdigest(), content=content,
        mapping=mapping, notation=asdict(Notation(dates.choice, decimals.choice)), file_format=kind.code,
        start_on=begin, status=ImportStatus.CHECKED, row_count=0, created_count=0, unchanged_count=0,
        imported_by=current.actor.name, created_at=current.now(),
        head=_head(table),
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def sample_of(batch: ImportBatch) -> Sample:
    """The first lines of a file that waits, and what they tell of how it writes days and numbers."""
    kind, (header, *lines) = named(batch.kind), batch.head or _head(_sample(batch.content or b""))
    names = [name.lower() for name in header]
    rows = [Row(line, dict(zip(names, cells, strict=True)), []) for line, cells in enumerate(lines, start=2)]
    table = Table(tuple(header), rows)
    return Sample(table, *told(table, kind.columns(), batch.mapping or {}, usual=notation_of(batch)))


def say_columns(batch: ImportBatch, *, mapping: Mapping[str, str], notation: Notation) -> ImportBatch:
    """Say which of the file's columns stands for which of ours and how it writes days and numbers, to be remembered.

    Then workers look at the file. One column may stand for several of ours. Raises Invalid where one that must be there
    is not.
    """
    kind, chosen = named(batch.kind), {ours: theirs for ours, theirs in mapping.items() if theirs}
    for name in missing(chosen, kind.columns()):
        raise Invalid(_("Say which column holds %(column)s.", column=word(name).lower()), field=name)
    batch.mapping, batch.notation = chosen, asdict(notation)
    batch.status, batch.report, batch.row_count = ImportStatus.LOOKING, None, 0
    _remember(kind.code, chosen, batch.notation)
    publish(BatchWaits(batch.id, -1))
    return batch


def run(batch_id: int) -> ImportBatch:
    """Begin to bring a file in that was looked at. Raises Conflict where it is not to be, or has errors."""
    batch = queries.held(batch_id, ImportStatus.CHECKED)
    if batch is None or batch.report is None:
        raise Conflict(_("This file was brought in already, or was dropped."))
    current.require(named(batch.kind).permission)
    if batch.report["error_count"]:
        raise Conflict(_("The file has errors. Mend it and upload it again."))
    batch.status, batch.content, batch.head = ImportStatus.RUNNING, None, None
    db.session.flush()
    publish(BatchWaits(batch.id, 0))
    return batch


def go_on(batch_id: int) -> None:
    """Bring the next lines in, or end where there are none; may be asked as often as one likes."""
    batch = queries.held(batch_id, ImportStatus.RUNNING)
    if batch is None:
        return
    rows = queries.waiting_rows(batch_id, limit=CHUNK_ROWS)
    if not rows:
        _finish(batch)
        return
    _bring_in(batch, rows)
    publish(BatchWaits(batch.id, batch.done_count))


def discard(batch: ImportBatch) -> None:
    """Drop an uploaded file that is not to be imported."""
    db.session.delete(batch)
    db.session.flush()


def note_effects(batch: ImportBatch, effects: Sequence[Effect]) -> None:
    """Keep what a batch touched that was brought in at once, so that it can be taken back as any other."""
    lines = sorted({effect.line for effect in effects})
    copy_rows(ImportRow, _ROW_COLUMNS, ((batch.id, line, None, RowStatus.CREATED) for line in lines))
    _note(batch, effects)


def notation_of(batch: ImportBatch) -> Notation:
    """How a file writes days and numbers."""
    return Notation(**(batch.notation or {}))


def against_books(batch: ImportBatch, rows: Sequence[ImportRow]) -> Loaded:
    """Kept lines of a file, held against the books as they stand."""
    notation = notation_of(batch)
    lines = [Row(row.line, dict(row.cells or {}), [], notation) for row in rows]
    return named(batch.kind).load(Table(header=tuple(batch.mapping or ()), rows=lines), _terms(batch))


def _terms(batch: ImportBatch) -> Terms:
    return Terms(day=batch.start_on or current.today(), batch_id=batch.id)


def _sample(content: bytes) -> Table:
    """The head of a file. Raises Invalid where it is no table."""
    table = read_file(content, most_rows=SAMPLE_ROWS)
    unreadable = next((error for error in table.errors if error.line == 1 or not table.header), None)
    if unreadable is not None:
        said = f"{unreadable.problem} {unreadable.hint}"
        raise Invalid(said if unreadable.line == 1 else _("Line %(line)s: %(problem)s", line=unreadable.line,
                                                          problem=said), field="file")
    if not table.rows:
        raise Invalid(_("The file has a heading, and nothing below it."), field="file")
    if len(table.header) == 1 and len(table.errors) == len(table.rows):
        raise Invalid(_("The first line names one column, and every line below has more values. If the names stand "
                        "further down, delete what is above them."), field="file")
    return table


def _head(table: Table) -> list[list[str]]:
    """The columns of a table, then the cells of each line."""
    return [list(table.header), *([row.cells.get(name.lower(), "") for name in table.header] for row in table.rows)]


def _usual_notation(kind: Kind) -> Notation:
    remembered = queries.notation_of(kind.code)
    return Notation(**remembered) if remembered else usual(current.tenant.locale)


def _remember(kind: str, columns: dict[str, str], notation: dict[str, str]) -> None:
    known = queries.mapping_of(kind)
    if known is None:
        db.session.add(ImportMapping(kind=kind, columns=columns, notation=notation))
    else:
        known.columns, known.notation = columns, notation
    db.session.flush()


def _bring_in(batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
    loaded = against_books(batch, rows)
    refused: Refusals = {error.line: (error.column, error.problem) for error in reversed(loaded.errors)}
    steps = [step for step in loaded.steps if step.line not in refused]
    _note(batch, _written(named(batch.kind), steps, _terms(batch), refused))
    outcomes = {step.line: step.outcome for step in steps if step.line not in refused}
    _close(rows, outcomes, refused)
    counted = list(outcomes.values())
    batch.created_count += counted.count(RowStatus.CREATED)
    batch.updated_count += counted.count(RowStatus.UPDATED)
    batch.unchanged_count += counted.count(RowStatus.UNCHANGED)
    batch.refused_count += len(rows) - len(counted)
    db.session.flush()


def _written(kind: Kind, steps: Sequence[Step], terms: Terms, refused: Refusals) -> list[Effect]:
    """What the steps touched: all at once, or line by line where one of them is refused."""
    todo = [step for step in steps if step.outcome != RowStatus.UNCHANGED]
    try:
        with db.session.begin_nested():
            return list(kind.write(todo, terms)) if todo else []
    except (DomainError, DBAPIError):
        return [effect for step in todo for effect in _written_alone(kind, step, terms, refused)]


def _written_alone(kind: Kind, step: Step, terms: Terms, refused: Refusals) -> Sequence[Effect]:
    try:
        with db.session.begin_nested():
            return kind.write([step], terms)
    except DomainError as refusal:
        refused[step.line] = (refusal.field or "", refusal.message)
    except DBAPIError:
        refused[step.line] = ("", REFUSED_BY_DATABASE)
    return ()


def _note(batch: ImportBatch, effects: Sequence[Effect]) -> None:
    copy_rows(ImportEffect, _EFFECT_COLUMNS, (
        (batch.id, effect.line, effect.table_name, effect.row_id, _json(effect.before), _json(effect.after))
        for effect in effects
    ))


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else json.dumps(storable(values))


def _close(rows: Sequence[ImportRow], outcomes: Mapping[int, str], refused: Refusals) -> None:
    """Note what came of each line; the cells of one that is refused stay, so that they can be mended."""
    db.session.execute(update(ImportRow), [
        {"id": row.id, "status": outcomes[row.line], "cells": None, "keys": []} if row.line in outcomes else
        {"id": row.id, "status": RowStatus.REFUSED, "cells": row.cells, "keys": [],
         **dict(zip(("column_name", "problem"), refused.get(row.line, ("", "")), strict=True))}
        for row in rows
    ])


def _finish(batch: ImportBatch) -> None:
    batch.status, batch.finished_at = ImportStatus.IMPORTED, current.now()
    db.session.flush()
    audit.note("import", entity="import", entity_id=batch.id, label=batch.file_name, after={
        "kind": batch.kind, "rows": batch.row_count, "created": batch.created_count, "updated": batch.updated_count,
        "unchanged": batch.unchanged_count, "refused": batch.refused_count, "by": batch.imported_by,
        "file_digest": batch.file_digest,
    })

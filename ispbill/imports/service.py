"""Verbs of imports: receive a file, say what its columns are, look at it, bring it in chunk by chunk.

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
from ispbill.core.spreadsheets import read_file
from ispbill.core.tables import Row, Table
from ispbill.imports import queries
from ispbill.imports.kinds import Kind, Terms, named
from ispbill.imports.models import ImportBatch, ImportEffect, ImportMapping, ImportRow, ImportStatus, RowStatus
from ispbill.imports.policy import CHUNK_ROWS, Effect, Loaded, Step, guessed, mapped, missing, storable

MOST_BYTES = 30 * 1024 * 1024
KEPT_FOR = timedelta(days=1)
SHOWN_ERRORS = 100
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


def receive(kind: Kind, *, content: bytes, file_name: str, day: date | None) -> ImportBatch:
    """Keep an uploaded file for a day, with its columns guessed. Raises Invalid when it is too large or no table."""
    current.require(kind.permission)
    if len(content) > MOST_BYTES:
        raise Invalid(_("The file is larger than %(most_bytes)s MB. Split it.", most_bytes=MOST_BYTES // 1024 // 1024),
                      field="file")
    table = read_file(content)
    unreadable = next((error for error in table.errors if error.line == 1 or not table.header), None)
    if unreadable is not None:
        raise Invalid(f"{unreadable.problem} {unreadable.hint}", field="file")
    if not table.rows:
        raise Invalid(_("The file has a heading, and nothing below it."), field="file")
    forgotten = ImportBatch.created_at < current.now() - KEPT_FOR
    db.session.execute(delete(ImportBatch).where(ImportBatch.status == ImportStatus.CHECKED, forgotten))
    batch = ImportBatch(
        kind=kind.code, file_name=file_name, file_digest=hashlib.sha256(content).hexdigest(), content=content,
        mapping=guessed(table.header, kind.columns(), remembered=queries.remembered(kind.code)),
        file_format=kind.code, start_on=day or kind.default_day(current.today()), status=ImportStatus.CHECKED,
        row_count=len(table.rows), created_count=0, unchanged_count=0, imported_by=current.actor.name,
        created_at=current.now(),
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def say_columns(batch: ImportBatch, *, mapping: Mapping[str, str]) -> ImportBatch:
    """Say which of the file's columns stands for which of ours, remember it for next time, and look at the file.

    Raises Invalid where one that must be there is not, or one stands for two.
    """
    kind, chosen = named(batch.kind), {ours: theirs for ours, theirs in mapping.items() if theirs}
    for name in missing(chosen, kind.columns()):
        raise Invalid(_("Say which column holds %(column)s.", column=word(name).lower()), field=name)
    for name, theirs in chosen.items():
        if list(chosen.values()).count(theirs) > 1:
            raise Invalid(_("“%(theirs)s” is chosen twice.", theirs=theirs), field=name)
    batch.mapping = chosen
    _remember(kind.code, chosen)
    look(batch)
    return batch


def look(batch: ImportBatch) -> Loaded:
    """Look at a file: the batch keeps the figures of what it would do, and the first errors."""
    loaded = load(batch)
    outcomes = [step.outcome for step in loaded.steps]
    batch.report = {
        **{outcome: outcomes.count(outcome) for outcome in ("created", "updated", "unchanged")},
        "error_count": len(loaded.errors), "errors": [asdict(error) for error in loaded.errors[:SHOWN_ERRORS]],
        "totals": [asdict(total) for total in loaded.totals],
    }
    db.session.flush()
    return loaded


def load(batch: ImportBatch) -> Loaded:
    """What a file would do now, or what is wrong with it; changes nothing."""
    table = _table(batch)
    if table.errors:
        return Loaded([], table.errors)
    loaded = named(batch.kind).load(table, _terms(batch))
    return Loaded(loaded.steps, sorted(loaded.errors, key=lambda error: error.line), loaded.totals)


def run(batch_id: int) -> ImportBatch:
    """Begin to bring a file in that was looked at. Raises Conflict where it is not to be, or has errors by now."""
    batch = queries.held(batch_id, ImportStatus.CHECKED)
    if batch is None or batch.report is None:
        raise Conflict(_("This file was brought in already, or was dropped."))
    current.require(named(batch.kind).permission)
    if load(batch).errors:
        raise Conflict(_("The books have changed since you looked: the file has errors now. Look at it again."))
    rows = _table(batch).rows
    copy_rows(ImportRow, _ROW_COLUMNS, (
        (batch.id, row.line, json.dumps({name: cell for name, cell in row.cells.items() if cell}), RowStatus.WAITING)
        for row in rows
    ))
    batch.status, batch.content, batch.row_count = ImportStatus.RUNNING, None, len(rows)
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


def _table(batch: ImportBatch) -> Table:
    assert batch.content is not None and batch.mapping is not None, "a file that waits keeps its content"
    return mapped(read_file(batch.content), batch.mapping)


def _terms(batch: ImportBatch) -> Terms:
    return Terms(day=batch.start_on or current.today(), batch_id=batch.id)


def _remember(kind: str, columns: dict[str, str]) -> None:
    known = queries.mapping_of(kind)
    if known is None:
        db.session.add(ImportMapping(kind=kind, columns=columns))
    else:
        known.columns = columns
    db.session.flush()


def _bring_in(batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
    kind, terms = named(batch.kind), _terms(batch)
    lines = [Row(row.line, dict(row.cells or {}), []) for row in rows]
    loaded = kind.load(Table(header=tuple(batch.mapping or ()), rows=lines), terms)
    refused: Refusals = {error.line: (error.column, error.problem) for error in reversed(loaded.errors)}
    steps = [step for step in loaded.steps if step.line not in refused]
    _note(batch, _written(kind, steps, terms, refused))
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
        {"id": row.id, "status": outcomes[row.line], "cells": None} if row.line in outcomes else
        {"id": row.id, "status": RowStatus.REFUSED, "cells": row.cells,
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

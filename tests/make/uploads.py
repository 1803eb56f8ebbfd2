"""Builders of imports: a file goes the whole way, as the wizard lets it."""
from __future__ import annotations

from datetime import date

from ispbill.core.unit_of_work import unit_of_work
from ispbill.imports import kinds, queries
from ispbill.imports import service as imports
from ispbill.imports.models import ImportBatch
from ispbill.imports.policy import Loaded
from ispbill.imports.undoing import service as undoing
from tests.make.bills import jobs_done


def uploaded(kind: str, content: str | bytes, *, day: date | None = None, mapping: dict[str, str] | None = None) -> int:
    """A file that was looked at, with its columns as guessed unless said; the batch's id."""
    text = content.encode() if isinstance(content, str) else content
    with unit_of_work():
        batch = imports.receive(kinds.named(kind), content=text, file_name=f"{kind}.csv", day=day)
        imports.say_columns(batch, mapping=mapping or batch.mapping or {})
        return batch.id


def looked_at(kind: str, content: str | bytes, *, day: date | None = None) -> Loaded:
    """What a file would do."""
    batch_id = uploaded(kind, content, day=day)
    with unit_of_work():
        batch = queries.held(batch_id, *imports.ImportStatus)
        assert batch is not None
        return imports.look(batch)


def brought_in(kind: str, content: str | bytes, *, day: date | None = None) -> ImportBatch:
    """A file brought in by the workers; the batch."""
    batch_id = uploaded(kind, content, day=day)
    with jobs_done(), unit_of_work():
        imports.run(batch_id)
    return _batch(batch_id)


def taken_back(batch_id: int) -> ImportBatch:
    """A batch taken back by the workers."""
    with jobs_done(), unit_of_work():
        undoing.undo(batch_id)
    return _batch(batch_id)


def _batch(batch_id: int) -> ImportBatch:
    with unit_of_work():
        batch = queries.get(batch_id)
        assert batch is not None
        return batch

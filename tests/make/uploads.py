"""Builders of imports: a file goes the whole way, as the wizard lets it."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ispbill.core.tables import RowError
from ispbill.core.unit_of_work import unit_of_work
from ispbill.imports import kinds, queries
from ispbill.imports import service as imports
from ispbill.imports.models import ImportBatch, ImportStatus
from ispbill.imports.policy import Total
from ispbill.imports.undoing import service as undoing
from tests.make.bills import jobs_done


def uploaded(kind: str, content: str | bytes, *, day: date | None = None, mapping: dict[str, str] | None = None) -> int:
    """A file that the workers looked at, with its columns as guessed unless said; the batch's id."""
    text = content.encode() if isinstance(content, str) else content
    with jobs_done(), unit_of_work():
        batch = imports.receive(kinds.named(kind), content=text, file_name=f"{kind}.csv", day=day)
        imports.say_columns(batch, mapping=mapping or batch.mapping or {}, notation=imports.notation_of(batch))
        return batch.id


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found."""

    totals: Sequence[Total]
    errors: Sequence[RowError]


def looked_at(kind: str, content: str | bytes, **facts: Any) -> Found:
    """What a file would do."""
    batch_id = uploaded(kind, content, **facts)
    with unit_of_work():
        batch = queries.get(batch_id)
        assert batch is not None and batch.report is not None and batch.status == ImportStatus.CHECKED
        errors = queries.errors_of(batch_id)
        assert len(errors) == batch.report["error_count"]
        return Found([Total(**total) for total in batch.report["totals"]], errors)


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

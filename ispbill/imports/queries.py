"""Reads of imports: batches, their lines, what a batch touched, and who uses what it made."""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import Column, Table, exists, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, TenantModel, db
from ispbill.core.i18n import word
from ispbill.core.pagination import SortKey
from ispbill.core.tables import RowError
from ispbill.imports.kinds import Kind
from ispbill.imports.models import ImportBatch, ImportEffect, ImportMapping, ImportRow, ImportStatus, RowStatus
from ispbill.imports.policy import Key

_NOTHING = literal([], JSONB)
NEWEST = SortKey((ImportBatch.id,), descending=True)


def listing(kinds: Collection[str]) -> AnySelect:
    """The files of these kinds: those that wait, those that are worked on, and those that were brought in."""
    return select(
        ImportBatch.id, ImportBatch.kind, ImportBatch.file_name, ImportBatch.status, ImportBatch.row_count,
        ImportBatch.created_count, ImportBatch.updated_count, ImportBatch.refused_count, ImportBatch.imported_by,
        ImportBatch.created_at,
    ).where(ImportBatch.kind.in_(kinds))


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, the newest first."""
    return db.session.execute(statement.order_by(ImportBatch.id.desc())).all()


def get(batch_id: int) -> ImportBatch | None:
    """A batch; of its file nothing is read before it is asked for."""
    return db.session.scalars(select(ImportBatch).where(ImportBatch.id == batch_id)).one_or_none()


def held(batch_id: int, *statuses: ImportStatus) -> ImportBatch | None:
    """A batch of one of the statuses, held until the transaction ends."""
    return db.session.scalars(
        select(ImportBatch).where(ImportBatch.id == batch_id, ImportBatch.status.in_(statuses))
        .with_for_update().execution_options(populate_existing=True)
    ).one_or_none()


def working() -> Sequence[ImportBatch]:
    """The batches that are being looked at, brought in or taken back."""
    at_work = (ImportStatus.LOOKING, ImportStatus.RUNNING, ImportStatus.UNDOING)
    return db.session.scalars(
        select(ImportBatch).where(ImportBatch.status.in_(at_work)).order_by(ImportBatch.id)
    ).all()


def remembered(kind: str) -> Mapping[str, str]:
    """Which columns stood for which when a kind was last mapped."""
    found = db.session.scalars(select(ImportMapping.columns).where(ImportMapping.kind == kind)).one_or_none()
    return found or {}


def notation_of(kind: str) -> Mapping[str, str]:
    """How the last file of a kind wrote days and numbers."""
    found = db.session.scalars(select(ImportMapping.notation).where(ImportMapping.kind == kind)).one_or_none()
    return found or {}


def mapping_of(kind: str) -> ImportMapping | None:
    """The row that remembers the columns of a kind."""
    return db.session.scalars(select(ImportMapping).where(ImportMapping.kind == kind)).one_or_none()


def rows_after(batch_id: int, line: int, *, limit: int) -> Sequence[ImportRow]:
    """The next lines of a file."""
    return db.session.scalars(
        select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.line > line)
        .order_by(ImportRow.line).limit(limit)
    ).all()


def keys_of(batch_id: int) -> Iterator[Key]:
    """By which columns and values the lines of a file stand for something, line by line."""
    noted = select(ImportRow.line, ImportRow.keys).where(ImportRow.batch_id == batch_id, ImportRow.keys != _NOTHING)
    for line, keys in db.session.execute(noted.order_by(ImportRow.line)):
        yield from ((line, column, value) for column, value in keys)


def errors_of(batch_id: int, *, limit: int | None = None) -> list[RowError]:
    """What is wrong with a file, line by line; so many of it."""
    noted = select(ImportRow.line, ImportRow.errors).where(ImportRow.batch_id == batch_id, ImportRow.errors != _NOTHING)
    rows = db.session.execute(noted.order_by(ImportRow.line).limit(limit))
    return [RowError(line, *error) for line, errors in rows for error in errors][:limit]


def waiting_rows(batch_id: int, *, limit: int) -> Sequence[ImportRow]:
    """The next lines that nothing has come of."""
    return db.session.scalars(
        select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.status == RowStatus.WAITING)
        .order_by(ImportRow.line).limit(limit)
    ).all()


def done_rows(batch_id: int, *, limit: int) -> Sequence[ImportRow]:
    """The last lines that something was made or changed by, the last first."""
    done = ImportRow.status.in_((RowStatus.CREATED, RowStatus.UPDATED))
    return db.session.scalars(
        select(ImportRow).where(ImportRow.batch_id == batch_id, done).order_by(ImportRow.line.desc()).limit(limit)
    ).all()


def rows_with(batch_id: int, status: RowStatus, *, limit: int | None = None) -> Sequence[ImportRow]:
    """The lines of a batch that came to this."""
    return db.session.scalars(
        select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.status == status)
        .order_by(ImportRow.line).limit(limit)
    ).all()


def count_by_status(batch_id: int) -> dict[str, int]:
    """How many lines of a batch came to what."""
    rows = db.session.execute(
        select(ImportRow.status, func.count()).where(ImportRow.batch_id == batch_id).group_by(ImportRow.status)
    )
    return {status: number for status, number in rows}


def effects_of(batch_id: int, lines: Collection[int]) -> dict[int, list[ImportEffect]]:
    """What some lines touched, by line, the last first."""
    found: dict[int, list[ImportEffect]] = {}
    for effect in db.session.scalars(
        select(ImportEffect).where(ImportEffect.batch_id == batch_id, ImportEffect.line == any_key(lines))
        .order_by(ImportEffect.id.desc())
    ):
        found.setdefault(effect.line, []).append(effect)
    return found


def users_of(model: type[TenantModel], row_ids: Collection[int], *, kind: Kind, batch_id: int) -> dict[int, set[str]]:
    """Which tables refer to the rows, but for what the same batch made and what goes along with them."""
    users: dict[int, set[str]] = {}
    for table, column in _referring(model):
        if table.name in kind.owned:
            continue
        same_batch = exists().where(
            ImportEffect.batch_id == batch_id, ImportEffect.table_name == table.name, ImportEffect.row_id == table.c.id,
            ImportEffect.before.is_(None),
        )
        used = select(column).where(column == any_key(row_ids), ~same_batch).distinct()
        for row_id in db.session.scalars(used):
            users.setdefault(row_id, set()).add(word(table.name).lower())
    return users


def owned_by(model: type[TenantModel], kind: Kind) -> list[tuple[Table, Column[int]]]:
    """The tables whose rows go along with those of a model, and by which column."""
    return [(table, column) for table, column in _referring(model) if table.name in kind.owned]


def _referring(model: type[TenantModel]) -> Iterator[tuple[Table, Column[int]]]:
    for table in TenantModel.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table is model.__table__:
                yield table, key.parent

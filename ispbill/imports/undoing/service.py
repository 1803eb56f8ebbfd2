"""Verbs of taking back: line by line from the last, all that a line touched or nothing of it.

What was made and is used by now stays, with the reason; what was changed and has been changed again stays too.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from ispbill.audit import service as audit
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import TenantModel, db
from ispbill.core.errors import Conflict, DomainError
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.imports import queries
from ispbill.imports.kinds import Kind, named
from ispbill.imports.models import ImportBatch, ImportEffect, ImportRow, ImportStatus, RowStatus
from ispbill.imports.policy import CHUNK_ROWS, restored, storable
from ispbill.imports.service import BatchWaits

Uses = dict[tuple[str, int], set[str]]
"""By table and row: the tables that refer to it."""


def undo(batch_id: int) -> ImportBatch:
    """Begin to take a batch back. Raises Conflict for one that is not brought in, or is taken back already,
    Forbidden for who may not remove such things one by one.
    """
    batch = queries.held(batch_id, ImportStatus.IMPORTED)
    if batch is None:
        raise Conflict(_("Only what is brought in can be taken back, and only once."))
    current.require(named(batch.kind).undo_permission)
    batch.status, batch.undone_by, batch.undone_at = ImportStatus.UNDOING, current.actor.name, current.now()
    db.session.flush()
    publish(BatchWaits(batch.id, batch.row_count))
    return batch


def go_back(batch_id: int) -> None:
    """Take the next lines back, the last first, or end where there are none; may be asked as often as one likes."""
    batch = queries.held(batch_id, ImportStatus.UNDOING)
    if batch is None:
        return
    rows = queries.done_rows(batch_id, limit=CHUNK_ROWS)
    if not rows:
        _finish(batch)
        return
    _take_back(batch, rows)
    publish(BatchWaits(batch.id, batch.row_count + rows[-1].line))


def _take_back(batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
    kind = named(batch.kind)
    effects = queries.effects_of(batch.id, [row.line for row in rows])
    uses = _uses(kind, batch.id, [effect for part in effects.values() for effect in part])
    at_once = _removed_at_once(kind, effects, uses)
    reasons = {row.line: "" if row.line in at_once else _undone(kind, effects.get(row.line, []), uses) for row in rows}
    db.session.execute(update(ImportRow), [
        {"id": row.id, "status": RowStatus.KEPT if reasons[row.line] else RowStatus.UNDONE,
         "problem": reasons[row.line]}
        for row in rows
    ])
    db.session.expire_all()


def _uses(kind: Kind, batch_id: int, effects: Sequence[ImportEffect]) -> Uses:
    if kind.revert is not None:
        return {}
    uses: Uses = {}
    for model in kind.models:
        made = [effect.row_id for effect in effects
                if effect.table_name == model.__tablename__ and effect.before is None]
        for row_id, users in queries.users_of(model, made, kind=kind, batch_id=batch_id).items():
            uses[model.__tablename__, row_id] = users
    return uses


def _removed_at_once(kind: Kind, effects: Mapping[int, list[ImportEffect]], uses: Uses) -> set[int]:
    """The lines that only made things nobody uses, taken back together; none where the database objects."""
    lines = {
        line for line, part in effects.items() if kind.revert is None and all(
            effect.before is None and (effect.table_name, effect.row_id) not in uses for effect in part
        )
    }
    try:
        with db.session.begin_nested():
            for model in reversed(kind.models):
                keys = [effect.row_id for line in lines for effect in effects[line]
                        if effect.table_name == model.__tablename__]
                _remove(kind, model, keys)
    except DBAPIError:
        return set()
    return lines


def _remove(kind: Kind, model: type[TenantModel], keys: Sequence[int]) -> None:
    if keys:
        for table, column in queries.owned_by(model, kind):
            db.session.execute(delete(table).where(column == any_key(keys)))
        db.session.execute(
            delete(model).where(model.id == any_key(keys)).execution_options(synchronize_session=False)
        )


def _undone(kind: Kind, effects: Sequence[ImportEffect], uses: Uses) -> str:
    """Take back all that a line touched; why not, where it cannot be."""
    users = {user for effect in effects for user in uses.get((effect.table_name, effect.row_id), ())}
    if users:
        return _("It is used by now: %(users)s.", users=", ".join(sorted(users)))
    try:
        with db.session.begin_nested():
            for effect in effects:
                _revert(kind, effect)
    except DomainError as refusal:
        return refusal.message
    except DBAPIError:
        return _("It is used by now.")
    return ""


def _revert(kind: Kind, effect: ImportEffect) -> None:
    if kind.revert is not None:
        kind.revert(effect.row_id, _("Import %(batch_id)s taken back", batch_id=effect.batch_id))
        return
    model = next(model for model in kind.models if model.__tablename__ == effect.table_name)
    if effect.before is None:
        _remove(kind, model, [effect.row_id])
    else:
        _put_back(model, effect.row_id, effect.before, effect.after or {})


def _put_back(
    model: type[TenantModel], row_id: int, before: Mapping[str, object], after: Mapping[str, object]
) -> None:
    row = db.session.get(model, row_id)
    if row is None:
        raise Conflict(_("It is gone by now."))
    if storable({name: getattr(row, name) for name in after}) != after:
        raise Conflict(_("It has been changed since."))
    for name, value in before.items():
        setattr(row, name, restored(value, model.__table__.c[name].type.python_type))
    db.session.flush()


def _finish(batch: ImportBatch) -> None:
    batch.status, batch.finished_at = ImportStatus.UNDONE, current.now()
    db.session.flush()
    counts = queries.count_by_status(batch.id)
    audit.note("undo_import", entity="import", entity_id=batch.id, label=batch.file_name, after={
        "kind": batch.kind, "undone": counts.get(RowStatus.UNDONE, 0), "kept": counts.get(RowStatus.KEPT, 0),
        "by": batch.undone_by,
    })

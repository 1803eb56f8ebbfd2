"""The automatic recorder: what a flush inserts, changes or deletes leaves an entry in the same transaction.

It reads only what is loaded already, writes once per flush, and never stops for a table it does not know.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import InstanceState, LoaderCallableStatus, Session

from ispbill.audit.policy import entity_name, label_of, recordable
from ispbill.audit.service import Happening, write
from ispbill.core.db import TenantModel

_FORMER = "audit_former_values"
Values = dict[str, Any]


def attach(session_class: type[Session]) -> None:
    """Record every flush of sessions of this class; safe to call again."""
    if not event.contains(session_class, "after_flush", _record):
        event.listen(session_class, "before_flush", _read_former_values)
        event.listen(session_class, "after_flush", _record)


def _read_former_values(session: Session, *_: object) -> None:
    # The former value of what was set without being loaded is nowhere in memory; after the flush it is gone.
    former = session.info.setdefault(_FORMER, {})
    for row in filter(_is_audited, session.dirty):
        state: InstanceState[Any] = inspect(row)
        columns = [state.mapper.columns[key].label(key) for key, old in state.committed_state.items()
                   if old is LoaderCallableStatus.NO_VALUE and key in state.mapper.columns]
        if columns:
            (key,), (row_id,) = state.mapper.primary_key, state.identity or (None,)
            former[state] = dict(session.execute(select(*columns).where(key == row_id)).mappings().one())


def _record(session: Session, *_: object) -> None:
    former = session.info.pop(_FORMER, {})
    happenings = [
        *(_made(row) for row in session.new if _is_audited(row)),
        *(entry for row in session.dirty if _is_audited(row) for entry in _changed(row, former)),
        *(_removed(row) for row in session.deleted if _is_audited(row)),
    ]
    if happenings:
        write(happenings)


def _made(row: TenantModel) -> Happening:
    after = {key: value for key, value in _loaded(row).items() if value is not None}
    return _happening(row, "created", before=None, after=after)


def _changed(row: TenantModel, former: dict[InstanceState[Any], Values]) -> Iterator[Happening]:
    state: InstanceState[Any] = inspect(row)
    before, after = {}, {}
    for column in state.mapper.column_attrs:
        key, history = column.key, state.attrs[column.key].history
        old = history.deleted[0] if history.deleted else former.get(state, {}).get(key)
        new = history.added[0] if history.added else None
        if history.has_changes() and old != new:
            before[key], after[key] = old, new
    if before:
        yield _happening(row, "changed", before=before, after=after)


def _removed(row: TenantModel) -> Happening:
    return _happening(row, "removed", before=_loaded(row), after=None)


def _happening(row: TenantModel, action: str, *, before: Values | None, after: Values | None) -> Happening:
    known = _loaded(row)
    return Happening(
        action=action, entity=entity_name(type(row).__name__), entity_id=known.get("id"),
        label=label_of(known), before=_recordable(before), after=_recordable(after),
    )


def _recordable(values: Values | None) -> Values | None:
    return None if values is None else {key: recordable(key, value) for key, value in values.items()}


def _loaded(row: TenantModel) -> Values:
    """What is in memory of a row, but for what the database makes of its other columns: that tells a reader nothing."""
    state: InstanceState[Any] = inspect(row)
    return {key: state.dict[key] for key in state.mapper.column_attrs.keys()
            if key in state.dict and state.mapper.columns[key].computed is None}


def _is_audited(row: object) -> bool:
    return isinstance(row, TenantModel) and row.__audited__

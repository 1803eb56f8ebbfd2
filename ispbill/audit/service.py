"""Verbs of the audit: note what leaves no trace in a row. Entries are only ever added."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from ispbill.audit.models import AuditEntry
from ispbill.audit.policy import recordable
from ispbill.core.current import current
from ispbill.core.db import db

_LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to what; the values are ready for JSON."""

    action: str
    entity: str
    entity_id: int | None = None
    label: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def note(
    action: str, *, entity: str, entity_id: int | None = None, label: str = "",
    before: Mapping[str, object] | None = None, after: Mapping[str, object] | None = None,
) -> None:
    """Record what the automatic recorder cannot see: a sign-in, a set of roles, an import, a billing run."""
    write([Happening(action, entity, entity_id, label, _recordable(before), _recordable(after))])


def write(happenings: Iterable[Happening]) -> None:
    """Add the entries in one statement, with who acts now, when and from where."""
    actor = current.actor
    circumstances = {
        "created_at": current.now(), "actor_kind": actor.kind, "actor_id": actor.user_id,
        "actor_name": actor.name, "ip_address": actor.ip_address,
        "user_agent": (actor.user_agent or "")[:_LONGEST_AGENT] or None,
    }
    rows = [{**circumstances, **_row(happening)} for happening in happenings]
    db.session.connection().execute(insert(AuditEntry), rows)


def _row(happening: Happening) -> dict[str, Any]:
    return {
        "action": happening.action, "entity": happening.entity, "entity_id": happening.entity_id,
        "label": happening.label, "before": happening.before, "after": happening.after,
    }


def _recordable(values: Mapping[str, object] | None) -> dict[str, Any] | None:
    return None if values is None else {key: recordable(key, value) for key, value in values.items()}

"""Reads of the audit: the newest entries first, filtered; who has ever acted; what is recorded."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased

from ispbill.audit.models import AuditEntry
from ispbill.audit.policy import entity_name
from ispbill.core.current import current
from ispbill.core.db import TenantModel, db
from ispbill.core.pagination import Edge, SortKey, earlier
from ispbill.core.text import like_pattern

NEWEST_FIRST = SortKey((AuditEntry.__table__.c.id,), descending=True)
# Entities that are noted by a verb rather than by the recorder.
_NOTED_ENTITIES = ("import", "message", "payment_list", "session")
LONGEST_EXPORT = 50_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader looks for, if it matters. `who` is a user's id, or the kind of another actor."""

    term: str = ""
    who: str | None = None
    record: int | None = None
    entity: str | None = None
    action: str | None = None
    since: date | None = None
    until: date | None = None


def entries(filters: Filters) -> Select[Any]:
    """The entries that fit, in no order yet."""
    statement = select(AuditEntry)
    if filters.term:
        names = (AuditEntry.label, AuditEntry.actor_name)
        statement = statement.where(or_(*(name.ilike(like_pattern(filters.term)) for name in names)))
    if filters.who:
        by_id = filters.who.isdecimal()
        statement = statement.where(
            AuditEntry.actor_id == int(filters.who[:18]) if by_id else AuditEntry.actor_kind == filters.who
        )
    if filters.entity:
        statement = statement.where(AuditEntry.entity == filters.entity)
    if filters.record:
        statement = statement.where(AuditEntry.entity_id == filters.record)
    if filters.action:
        statement = statement.where(AuditEntry.action == filters.action)
    return _within(statement, filters)


def _within(statement: Select[Any], filters: Filters) -> Select[Any]:
    if filters.since:
        statement = statement.where(AuditEntry.created_at >= _midnight(filters.since))
    if filters.until:
        statement = statement.where(AuditEntry.created_at < _midnight(filters.until + timedelta(days=1)))
    return statement


def newest(filters: Filters, *, limit: int = LONGEST_EXPORT) -> Sequence[AuditEntry]:
    """The newest entries that fit, for an export."""
    return db.session.scalars(entries(filters).order_by(AuditEntry.id.desc()).limit(limit)).all()


def entry(entry_id: int) -> AuditEntry | None:
    """One entry."""
    return db.session.get(AuditEntry, entry_id)


def touching(
    entity: str, ids: Select[int] | Sequence[int], *, column: str, edge: Edge | None, limit: int,
    beginnings: bool = True,
) -> Sequence[AuditEntry]:
    """The newest entries before an edge in which a column of some rows changed, and in which the rows were made."""
    told = and_(AuditEntry.action == "changed", AuditEntry.after.has_key(column))
    if beginnings:
        told = or_(told, AuditEntry.action == "created")
    statement = select(AuditEntry).where(AuditEntry.entity == entity, AuditEntry.entity_id.in_(ids), told)
    return db.session.scalars(
        earlier(statement, (AuditEntry.created_at, AuditEntry.id), edge, limit=limit)
    ).all()


def entity_names() -> list[str]:
    """Every kind of thing that entries are about, in alphabetical order."""
    recorded = {entity_name(mapper.class_.__name__) for mapper in TenantModel.registry.mappers
                if mapper.class_.__audited__}
    return sorted(recorded.union(_NOTED_ENTITIES))


def users_who_acted() -> list[tuple[int, str]]:
    """Id and latest name of every user in the audit: one step in the index each, however many entries."""
    first = select(AuditEntry.actor_id).where(AuditEntry.actor_id.is_not(None)) \
        .order_by(AuditEntry.actor_id).limit(1).subquery()
    seen = select(first.c.actor_id).cte("seen", recursive=True)
    following = select(AuditEntry.actor_id).where(AuditEntry.actor_id > seen.c.actor_id) \
        .order_by(AuditEntry.actor_id).limit(1).scalar_subquery()
    seen = seen.union_all(select(following).where(seen.c.actor_id.is_not(None)))
    latest = aliased(AuditEntry)
    name = select(latest.actor_name).where(latest.actor_id == seen.c.actor_id) \
        .order_by(latest.id.desc()).limit(1).scalar_subquery()
    rows = db.session.execute(select(seen.c.actor_id, name).where(seen.c.actor_id.is_not(None)))
    return [(actor_id, actor_name) for actor_id, actor_name in rows]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=current.tenant.zone)

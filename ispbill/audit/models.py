"""Audit entries: append-only (the tenant's role may neither change nor delete them)."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class AuditEntry(TenantModel):
    """One change: who, when, from where, and what stood there before and after."""

    __tablename__ = "audit_entries"
    __audited__ = False
    __table_args__ = (
        Index("ix_audit_entries_created_at", "created_at", "id"),
        Index("ix_audit_entries_entity", "entity", "entity_id", "id"),
        Index("ix_audit_entries_actor_id", "actor_id", "id"),
    )

    created_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[int | None]
    label: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

"""Idempotency keys: what was answered to a request, kept so that the same one again gets the same answer."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class IdempotencyKey(TenantModel):
    """A key a client sent, what it asked, and what it was answered."""

    __tablename__ = "idempotency_keys"
    __audited__ = False
    __table_args__ = (UniqueConstraint("key"),)

    key: Mapped[str]
    request_digest: Mapped[str]
    response_status: Mapped[int]
    response_body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]

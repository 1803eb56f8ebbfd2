"""The preview of a day that is too large to be made while somebody waits: made part by part, kept until made anew."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column

from ispbill.core.db import TenantModel


class RunPreview(TenantModel):
    """What a run for a day would come to, as it was when it was made; one row a day. Until `made_at` it is at work."""

    __tablename__ = "billing_run_previews"
    __audited__ = False
    __table_args__ = (UniqueConstraint("billing_on"),)

    billing_on: Mapped[date]
    ordered_by: Mapped[str]
    ordered_at: Mapped[datetime]
    made_at: Mapped[datetime | None]


class RunPreviewPart(TenantModel):
    """A range of customers that was looked at in one transaction: what they come to, and each one's bill."""

    __tablename__ = "billing_run_preview_parts"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("preview_id", "ordinal"),
        Index("ix_billing_run_preview_parts_pending", "preview_id", postgresql_where=text("outcome IS NULL")),
    )

    preview_id: Mapped[int] = mapped_column(ForeignKey("billing_run_previews.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    first_customer_id: Mapped[int]
    last_customer_id: Mapped[int]
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    bills: Mapped[list[Any] | None] = deferred(mapped_column(JSONB(none_as_null=True)))

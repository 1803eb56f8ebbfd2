"""Reasons of suspensions. One is retired, never removed: suspensions of the past keep it."""
from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel
from ispbill.customers.suspension_reasons.policy import Cause, PauseBilling


class SuspensionReason(TenantModel):
    """Why service stops, and what the days without it mean for the bill. A retired one is not offered any more."""

    __tablename__ = "suspension_reasons"
    __table_args__ = (
        CheckConstraint("billing IN ('bill', 'skip', 'credit')", name="billing"),
        Index("uq_suspension_reasons_name", text("lower(name)"), unique=True),
    )

    name: Mapped[str]
    billing: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))

    def with_note(self, note: str) -> Cause:
        """The reason as it stands with a suspension from then on, with what somebody noted besides."""
        words = f"{self.name}: {note.strip()}" if note.strip() else self.name
        return Cause(words, PauseBilling(self.billing), self.id)

"""Notes about customers. They are only ever added: what somebody knew on a day stays readable."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class CustomerNote(TenantModel):
    """One note; the words and the author of a note never change."""

    __tablename__ = "customer_notes"
    __table_args__ = (Index("ix_customer_notes_customer_id", "customer_id", "created_at", "id"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    body: Mapped[str]
    author: Mapped[str]
    created_at: Mapped[datetime]

"""What each proof of the books found, append-only."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class BooksCheck(TenantModel):
    """One proof: how many findings, and for each invariant its count and the first of them as they were then."""

    __tablename__ = "books_checks"
    __audited__ = False
    __table_args__ = (CheckConstraint("finding_count >= 0", name="finding_count"),)

    checked_on: Mapped[date]
    checked_at: Mapped[datetime]
    checked_by: Mapped[str]
    finding_count: Mapped[int]
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    @property
    def is_clean(self) -> bool:
        """Whether everything held."""
        return self.finding_count == 0

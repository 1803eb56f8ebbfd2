"""When the books were closed and opened, append-only. What is in force stands in `company_settings`."""
from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class BooksClosing(TenantModel):
    """A move of the line: every day before it is closed. Moving it back opens days again and has a reason."""

    __tablename__ = "books_closings"
    __table_args__ = (
        CheckConstraint("closed_until IS DISTINCT FROM closed_until_before", name="moved"),
        CheckConstraint("closed_until > closed_until_before OR closed_until_before IS NULL OR reason <> ''",
                        name="reason"),
    )

    closed_until_before: Mapped[date | None]
    closed_until: Mapped[date]
    reason: Mapped[str] = mapped_column(server_default=text("''"))
    closed_by: Mapped[str]
    closed_at: Mapped[datetime]

    @property
    def is_reopening(self) -> bool:
        """Whether days became open again."""
        return self.closed_until_before is not None and self.closed_until < self.closed_until_before

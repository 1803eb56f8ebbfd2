"""What figures over the whole company came to last, and when."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class StandingFigures(TenantModel):
    """The figures of one name; `day` is the company's day in which they were reckoned."""

    __tablename__ = "standing_figures"
    __audited__ = False
    __table_args__ = (UniqueConstraint("name"),)

    name: Mapped[str]
    day: Mapped[date]
    reckoned_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)

"""The areas that a collector goes through."""
from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class CollectorArea(TenantModel):
    """An area, with all that lie in it, is on a collector's route. Several collectors may share one."""

    __tablename__ = "collector_areas"
    __table_args__ = (UniqueConstraint("user_id", "area_id"), Index("ix_collector_areas_area_id", "area_id"))

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"))

"""Areas: a tree of three levels, such as region > city > barangay."""
from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel


class Area(TenantModel):
    """A place.

    Level 1 has no parent; level n lies in one of level n − 1. Names are unique within the parent.
    """

    __tablename__ = "areas"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        CheckConstraint("(level = 1) = (parent_id IS NULL)", name="parent"),
        Index("uq_areas_parent_name", text("coalesce(parent_id, 0)"), text("lower(name)"), unique=True),
    )

    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="RESTRICT"))
    level: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]

    parent: Mapped[Area | None] = relationship(remote_side="Area.id", lazy="raise")

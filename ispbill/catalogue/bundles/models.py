"""Bundles and their parts. A bundle is a way to sell: a subscription keeps its plans and prices, not the bundle."""
from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.catalogue.models import Plan
from ispbill.core.db import TenantModel


class BundleStatus(StrEnum):
    """Whether it is sold."""

    ACTIVE = "active"
    RETIRED = "retired"


class Bundle(TenantModel):
    """Plans that are sold together under one name."""

    __tablename__ = "bundles"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("status IN ('active', 'retired')", name="status"),
    )

    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    description: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

    parts: Mapped[list[BundlePart]] = relationship(lazy="raise", order_by="BundlePart.position")


class BundlePart(TenantModel):
    """One plan of a bundle: how many, and at which price (none: what the plan costs on the day it is sold)."""

    __tablename__ = "bundle_parts"
    __table_args__ = (
        UniqueConstraint("bundle_id", "position"),
        CheckConstraint("quantity BETWEEN 1 AND 1000", name="quantity"),
        CheckConstraint("unit_price_minor >= 0", name="unit_price_minor"),
        Index("ix_bundle_parts_plan_id", "plan_id"),
    )

    bundle_id: Mapped[int] = mapped_column(ForeignKey("bundles.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="RESTRICT"))
    quantity: Mapped[int] = mapped_column(server_default=text("1"))
    unit_price_minor: Mapped[int | None]

    plan: Mapped[Plan] = relationship(lazy="raise")

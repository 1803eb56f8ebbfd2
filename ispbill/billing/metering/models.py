"""Metered usage and the periods it was rated in. A record is never changed: a correction is another record."""
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.catalogue.usage.models import QUANTITY
from ispbill.core.db import TenantModel
from ispbill.subscriptions.models import SubscriptionComponent


class UsageRating(TenantModel):
    """What a component's period of usage comes to, in minor units before tax; `charge_count` charges carried it."""

    __tablename__ = "usage_ratings"
    __table_args__ = (
        UniqueConstraint("component_id", "period_start"),
        CheckConstraint("period_end > period_start", name="period_end"),
    )

    component_id: Mapped[int] = mapped_column(ForeignKey("subscription_components.id", ondelete="RESTRICT"))
    period_start: Mapped[date]
    period_end: Mapped[date]
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, server_default=text("0"))
    amount_minor: Mapped[int] = mapped_column(server_default=text("0"))
    charge_count: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))

    component: Mapped[SubscriptionComponent] = relationship(lazy="raise")


class UsageRecord(TenantModel):
    """So many units used on a day. `source` names where it comes from, and stands once; below zero it corrects."""

    __tablename__ = "usage_records"
    __table_args__ = (
        UniqueConstraint("source"),
        CheckConstraint("quantity <> 0", name="quantity"),
        Index("ix_usage_records_component_id", "component_id", "used_on"),
        Index("ix_usage_records_used_on", "used_on", "id"),
        Index("ix_usage_records_unrated", "component_id", postgresql_where=text("rating_id IS NULL")),
    )

    component_id: Mapped[int] = mapped_column(ForeignKey("subscription_components.id", ondelete="RESTRICT"))
    used_on: Mapped[date]
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    source: Mapped[str]
    rating_id: Mapped[int | None] = mapped_column(ForeignKey("usage_ratings.id", ondelete="RESTRICT"))
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]

    component: Mapped[SubscriptionComponent] = relationship(lazy="raise")

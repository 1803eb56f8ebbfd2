"""What was agreed when a subscription began. A plan's contract may change since: this one stays."""
from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class SubscriptionContract(TenantModel):
    """Until which day a subscription is promised (half-open), and what ending it before costs, in minor units."""

    __tablename__ = "subscription_contracts"
    __table_args__ = (
        UniqueConstraint("subscription_id"),
        CheckConstraint("end_on > starts_on", name="end_on"),
    )

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="RESTRICT"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="RESTRICT"))
    starts_on: Mapped[date]
    end_on: Mapped[date]
    months: Mapped[int] = mapped_column(SmallInteger)
    fixed_minor: Mapped[int] = mapped_column(server_default=text("0"))
    is_declining: Mapped[bool] = mapped_column(server_default=text("false"))
    remaining_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), server_default=text("0"))
    most_minor: Mapped[int | None]

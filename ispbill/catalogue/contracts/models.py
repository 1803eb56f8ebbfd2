"""Contracts of plans. A change is for subscriptions that begin from then on: what was agreed is kept with each."""
from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class PlanContract(TenantModel):
    """How many months a subscriber of a plan promises to stay, and what leaving before costs (minor units)."""

    __tablename__ = "plan_contracts"
    __table_args__ = (
        UniqueConstraint("plan_id"),
        CheckConstraint("months BETWEEN 1 AND 120", name="months"),
        CheckConstraint("fixed_minor >= 0", name="fixed_minor"),
        CheckConstraint("remaining_percent >= 0 AND remaining_percent <= 100", name="remaining_percent"),
        CheckConstraint("most_minor >= 0", name="most_minor"),
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"))
    months: Mapped[int] = mapped_column(SmallInteger)
    fixed_minor: Mapped[int] = mapped_column(server_default=text("0"))
    is_declining: Mapped[bool] = mapped_column(server_default=text("false"))
    remaining_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), server_default=text("0"))
    most_minor: Mapped[int | None]

"""Usage prices of plans. A price list is never edited: another begins on a day."""
from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel

QUANTITY = Numeric(18, 6)


class UsagePrice(TenantModel):
    """How a plan's usage is charged from a day on: the unit, what is included, how tiers are read, and a minimum."""

    __tablename__ = "usage_prices"
    __table_args__ = (
        UniqueConstraint("plan_id", "valid_from"),
        CheckConstraint("model IN ('graduated', 'volume')", name="model"),
        CheckConstraint("included >= 0", name="included"),
        CheckConstraint("minimum_minor >= 0", name="minimum_minor"),
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"))
    valid_from: Mapped[date]
    unit: Mapped[str]
    model: Mapped[str] = mapped_column(server_default=text("'graduated'"))
    included: Mapped[Decimal] = mapped_column(QUANTITY, server_default=text("0"))
    minimum_minor: Mapped[int] = mapped_column(server_default=text("0"))

    tiers: Mapped[list[UsageTier]] = relationship(lazy="raise", order_by="UsageTier.position")


class UsageTier(TenantModel):
    """Units up to a bound, which belongs to the tier: a block's price in minor units, and a fee for reaching it."""

    __tablename__ = "usage_tiers"
    __table_args__ = (
        UniqueConstraint("usage_price_id", "position"),
        CheckConstraint("up_to > 0", name="up_to"),
        CheckConstraint("price_minor >= 0", name="price_minor"),
        CheckConstraint("flat_minor >= 0", name="flat_minor"),
        CheckConstraint("block > 0", name="block"),
    )

    usage_price_id: Mapped[int] = mapped_column(ForeignKey("usage_prices.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    up_to: Mapped[Decimal | None] = mapped_column(QUANTITY)
    price_minor: Mapped[Decimal] = mapped_column(QUANTITY)
    flat_minor: Mapped[int] = mapped_column(server_default=text("0"))
    block: Mapped[Decimal] = mapped_column(QUANTITY, server_default=text("1"))
    whole_blocks: Mapped[bool] = mapped_column(server_default=text("false"))

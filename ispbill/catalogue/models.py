"""Plans, their price versions, and taxes. A price is never edited: a new version begins on a day.

What a tax consists of stands in `taxes/models.py`.
"""
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel


class PlanKind(StrEnum):
    """What is sold: internet, a telephone line, another service, an extra beside one, or something billed once."""

    INTERNET = "internet"
    VOICE = "voice"
    OTHER = "other"
    ADDON = "addon"
    ONE_TIME = "one_time"


class PlanStatus(StrEnum):
    """Whether new subscriptions may take the plan; existing ones keep it when it retires."""

    ACTIVE = "active"
    RETIRED = "retired"


class PeriodUnit(StrEnum):
    """What the length of a billing period is counted in; a quarter is 3 months, a week 7 days."""

    MONTH = "month"
    DAY = "day"


class Timing(StrEnum):
    """When a period is billed: on its first day, or on the day after its last."""

    ADVANCE = "advance"
    ARREARS = "arrears"


class TaxMode(StrEnum):
    """Whether prices contain the tax or it is added."""

    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"


class TaxRate(TenantModel):
    """A tax, such as VAT. Its rate and mode here are the headline of its newest version, as lists print them.

    The one that `is_usual` is preselected on lines that people write by hand; at most one is, and it is in use.
    """

    __tablename__ = "tax_rates"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("mode IN ('inclusive', 'exclusive')", name="mode"),
        CheckConstraint("rate_percent >= 0 AND rate_percent < 100", name="rate_percent"),
        CheckConstraint("is_active OR NOT is_usual", name="is_usual"),
        Index("uq_tax_rates_usual", "is_usual", unique=True, postgresql_where=text("is_usual")),
    )

    name: Mapped[str]
    rate_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    mode: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    is_usual: Mapped[bool] = mapped_column(server_default=text("false"))


class Plan(TenantModel):
    """Something a customer can subscribe to: its price is for a period of `period_count` months or days.

    One of the kind `one_time` is a fee or a sale: nobody subscribes to it, it is charged once at the price of the day.
    Who takes it for the first time is not charged for the first `trial_days`.
    """

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("kind IN ('internet', 'voice', 'other', 'addon', 'one_time')", name="kind"),
        CheckConstraint("status IN ('active', 'retired')", name="status"),
        CheckConstraint("period_unit IN ('month', 'day') AND period_count BETWEEN 1 AND 366", name="period"),
        CheckConstraint("timing IN ('advance', 'arrears')", name="timing"),
        CheckConstraint("trial_days BETWEEN 0 AND 366", name="trial_days"),
    )

    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    download_mbps: Mapped[int | None]
    upload_mbps: Mapped[int | None]
    tax_rate_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rates.id", ondelete="RESTRICT"))
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    description: Mapped[str] = mapped_column(server_default=text("''"))
    period_unit: Mapped[str] = mapped_column(server_default=text("'month'"))
    period_count: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    timing: Mapped[str] = mapped_column(server_default=text("'advance'"))
    trial_days: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    created_at: Mapped[datetime]

    tax_rate: Mapped[TaxRate | None] = relationship(lazy="raise")
    prices: Mapped[list[PlanPrice]] = relationship(
        lazy="raise", order_by="PlanPrice.valid_from", passive_deletes="all"
    )


class PlanPrice(TenantModel):
    """A plan's price for subscriptions that begin on or after a day; older ones keep theirs."""

    __tablename__ = "plan_prices"
    __table_args__ = (
        UniqueConstraint("plan_id", "valid_from"),
        CheckConstraint("amount_minor >= 0", name="amount_minor"),
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"))
    amount_minor: Mapped[int]
    valid_from: Mapped[date]

"""Discounts, who has them, and what they took off. What a discount gives is final: other terms are another discount."""
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.catalogue.models import Plan
from ispbill.core.db import TenantModel
from ispbill.customers.models import Customer


class DiscountStatus(StrEnum):
    """Whether it can be granted; who has it keeps it when it retires."""

    ACTIVE = "active"
    RETIRED = "retired"


class Discount(TenantModel):
    """A part of the price, an amount each period, or a voucher; for some plans or all; may be granted between days."""

    __tablename__ = "discounts"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("kind IN ('percent', 'amount', 'voucher')", name="kind"),
        CheckConstraint("status IN ('active', 'retired')", name="status"),
        CheckConstraint("rate_percent >= 0 AND rate_percent <= 100", name="rate_percent"),
        CheckConstraint("amount_minor >= 0", name="amount_minor"),
        CheckConstraint("periods > 0", name="periods"),
        CheckConstraint("offered_until > offered_from", name="offered_until"),
    )

    name: Mapped[str]
    kind: Mapped[str]
    rate_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), server_default=text("0"))
    amount_minor: Mapped[int] = mapped_column(server_default=text("0"))
    periods: Mapped[int | None] = mapped_column(SmallInteger)
    rank: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    offered_from: Mapped[date | None]
    offered_until: Mapped[date | None]
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    description: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

    plans: Mapped[list[DiscountPlan]] = relationship(lazy="raise", order_by="DiscountPlan.plan_id")


class DiscountPlan(TenantModel):
    """A plan that a discount is limited to."""

    __tablename__ = "discount_plans"
    __table_args__ = (UniqueConstraint("discount_id", "plan_id"), Index("ix_discount_plans_plan_id", "plan_id"))

    discount_id: Mapped[int] = mapped_column(ForeignKey("discounts.id", ondelete="CASCADE"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="RESTRICT"))

    plan: Mapped[Plan] = relationship(lazy="raise")


class DiscountGrant(TenantModel):
    """A discount given to a customer: for the account, one subscription, or one plan of that. Days half-open."""

    __tablename__ = "discount_grants"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_on"),
        CheckConstraint("plan_id IS NULL OR subscription_id IS NOT NULL", name="plan_id"),
        Index("ix_discount_grants_customer_id", "customer_id", "id"),
        Index("ix_discount_grants_discount_id", "discount_id", "id"),
        Index("ix_discount_grants_starts_on", "starts_on", "id"),
    )

    discount_id: Mapped[int] = mapped_column(ForeignKey("discounts.id", ondelete="RESTRICT"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="RESTRICT"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id", ondelete="RESTRICT"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

    discount: Mapped[Discount] = relationship(lazy="raise")
    customer: Mapped[Customer] = relationship(lazy="raise")


class DiscountUse(TenantModel):
    """What a grant took off one line of an issued invoice; below zero on one that takes it back. Void, it counts not.

    A line of several periods has one row for each. `subscription_id` and `begins_on` name the period it counts for: of
    a subscription, or a month of the account.
    """

    __tablename__ = "discount_uses"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position", "grant_id", "begins_on"),
        Index("ix_discount_uses_grant_id", "grant_id", postgresql_where=text("is_live")),
    )

    grant_id: Mapped[int] = mapped_column(ForeignKey("discount_grants.id", ondelete="RESTRICT"))
    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", ondelete="RESTRICT", deferrable=True, initially="DEFERRED")
    )
    position: Mapped[int] = mapped_column(SmallInteger)
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="RESTRICT"))
    begins_on: Mapped[date]
    amount_minor: Mapped[int]
    is_live: Mapped[bool] = mapped_column(server_default=text("true"))

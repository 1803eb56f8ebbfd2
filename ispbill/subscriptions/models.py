"""Installations and subscriptions.

`billed_until` is the first day not billed yet: issuing and voiding move it, and resuming moves it past the
days
that were suspended. `end_on` is the first day no longer served; a subscription stays active until then.
"""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.catalogue.models import Plan
from ispbill.core.db import TenantModel
from ispbill.customers.models import Customer


class InstallationStatus(StrEnum):
    """The life of an installation."""

    SCHEDULED = "scheduled"
    ACTIVE = "active"
    TERMINATED = "terminated"


class SubscriptionStatus(StrEnum):
    """The life of a subscription."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Installation(TenantModel):
    """A line at an address: planned for a day, then installed, at last terminated."""

    __tablename__ = "installations"
    __table_args__ = (
        CheckConstraint("status IN ('scheduled', 'active', 'terminated')", name="status"),
        Index("ix_installations_customer_id", "customer_id"),
        Index("ix_installations_status", "status", "scheduled_on", "id"),
        Index("ix_installations_scheduled_on", "scheduled_on", "id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    address: Mapped[str]
    status: Mapped[str]
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    scheduled_on: Mapped[date]
    installed_on: Mapped[date | None]
    terminated_on: Mapped[date | None]
    notes: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")


class Subscription(TenantModel):
    """A postpaid subscription, billed every month in advance on its anchor day."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("external_reference"),
        CheckConstraint("status IN ('active', 'suspended', 'ended')", name="status"),
        CheckConstraint("anchor_day BETWEEN 1 AND 31", name="anchor_day"),
        CheckConstraint("billed_until >= start_on", name="billed_until"),
        CheckConstraint("end_on >= start_on", name="end_on"),
        CheckConstraint("status <> 'suspended' OR suspended_on IS NOT NULL", name="suspended_on"),
        Index("ix_subscriptions_customer_id", "customer_id"),
        Index("ix_subscriptions_end_on", "end_on",
              postgresql_where=text("end_on IS NOT NULL AND status <> 'ended'")),
        Index("ix_subscriptions_due", "billed_until", "customer_id",
              postgresql_where=text("status = 'active'")),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    installation_id: Mapped[int | None] = mapped_column(ForeignKey("installations.id", ondelete="RESTRICT"))
    status: Mapped[str]
    status_reason: Mapped[str] = mapped_column(server_default=text("''"))
    start_on: Mapped[date]
    suspended_on: Mapped[date | None]
    end_on: Mapped[date | None]
    anchor_day: Mapped[int] = mapped_column(SmallInteger)
    billed_until: Mapped[date]
    external_reference: Mapped[str | None]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")
    installation: Mapped[Installation | None] = relationship(lazy="raise")
    components: Mapped[list[SubscriptionComponent]] = relationship(
        lazy="raise", order_by="SubscriptionComponent.id", back_populates="subscription"
    )


class SubscriptionComponent(TenantModel):
    """One thing a subscription is charged for each period: its plan, or an add-on, at the price agreed."""

    __tablename__ = "subscription_components"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price_minor >= 0", name="unit_price_minor"),
        Index("ix_subscription_components_subscription_id", "subscription_id"),
        Index("ix_subscription_components_plan_id", "plan_id", "unit_price_minor"),
    )

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="RESTRICT"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="RESTRICT"))
    quantity: Mapped[int] = mapped_column(server_default=text("1"))
    unit_price_minor: Mapped[int]

    subscription: Mapped[Subscription] = relationship(lazy="raise", back_populates="components")
    plan: Mapped[Plan] = relationship(lazy="raise")

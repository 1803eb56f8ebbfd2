"""Installations and subscriptions.

What is billed is a component: a plan at a price, from a day to a day. A change of plan, quantity or billing day ends
one component and begins another, so what was agreed when stays readable. `end_on` is the first day no longer served.
"""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.catalogue.models import Plan
from ispbill.core.db import TenantModel
from ispbill.core.periods import LAST_DAY, Period
from ispbill.customers.models import Customer


class InstallationStatus(StrEnum):
    """The life of an installation: failed is a visit that came to nothing, to be planned anew."""

    SCHEDULED = "scheduled"
    FAILED = "failed"
    ACTIVE = "active"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"


TO_BE_MADE = (InstallationStatus.SCHEDULED, InstallationStatus.FAILED)
GONE = (InstallationStatus.CANCELLED, InstallationStatus.TERMINATED)


class SubscriptionStatus(StrEnum):
    """The life of a subscription."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Installation(TenantModel):
    """A line at an address: planned for a day, then installed, at last terminated; or cancelled before that.

    `given_at` is when somebody else chose the technician; None where they chose themselves.
    """

    __tablename__ = "installations"
    __table_args__ = (
        CheckConstraint("status IN ('scheduled', 'failed', 'active', 'cancelled', 'terminated')", name="status"),
        Index("ix_installations_customer_id", "customer_id"),
        Index("ix_installations_status", "status", "scheduled_on", "id"),
        Index("ix_installations_scheduled_on", "scheduled_on", "id"),
        Index("ix_installations_installed_on", "installed_on", "id", postgresql_where=text("installed_on IS NOT NULL")),
        Index("ix_installations_given_at", "technician_id", "given_at", postgresql_where=text("given_at IS NOT NULL")),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    address: Mapped[str]
    status: Mapped[str]
    status_reason: Mapped[str] = mapped_column(server_default=text("''"))
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    given_at: Mapped[datetime | None]
    scheduled_on: Mapped[date]
    installed_on: Mapped[date | None]
    terminated_on: Mapped[date | None]
    notes: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")

    @property
    def is_gone(self) -> bool:
        """Whether nothing is put there any more."""
        return self.status in GONE

    @property
    def is_to_be_made(self) -> bool:
        """Whether somebody still has to go there."""
        return self.status in TO_BE_MADE


class Subscription(TenantModel):
    """What a customer is served and billed for at one line: its components, and when it pauses.

    `status_reason` says why it has its status; `end_reason` why it is to end, which becomes the other when it has.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("external_reference"),
        CheckConstraint("status IN ('active', 'suspended', 'ended')", name="status"),
        CheckConstraint("anchor_day BETWEEN 1 AND 31", name="anchor_day"),
        CheckConstraint("end_on >= start_on", name="end_on"),
        CheckConstraint("status <> 'suspended' OR suspended_on IS NOT NULL", name="suspended_on"),
        Index("ix_subscriptions_customer_id", "customer_id"),
        Index("ix_subscriptions_created_at", "created_at", "id"),
        Index("ix_subscriptions_start_on", "start_on", "customer_id"),
        Index("ix_subscriptions_end_on", "end_on",
              postgresql_where=text("end_on IS NOT NULL AND status <> 'ended'")),
        Index("ix_subscriptions_suspended", "id", postgresql_where=text("status = 'suspended'")),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    installation_id: Mapped[int | None] = mapped_column(ForeignKey("installations.id", ondelete="RESTRICT"))
    status: Mapped[str]
    status_reason: Mapped[str] = mapped_column(server_default=text("''"))
    start_on: Mapped[date]
    suspended_on: Mapped[date | None]
    end_on: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(server_default=text("''"))
    anchor_day: Mapped[int] = mapped_column(SmallInteger)
    external_reference: Mapped[str | None]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")
    installation: Mapped[Installation | None] = relationship(lazy="raise")
    components: Mapped[list[SubscriptionComponent]] = relationship(
        lazy="raise", order_by="SubscriptionComponent.id", back_populates="subscription", cascade="all, delete-orphan",
        passive_deletes=True,
    )
    pauses: Mapped[list[SubscriptionPause]] = relationship(lazy="raise", order_by="SubscriptionPause.start_on")

    @property
    def running(self) -> list[SubscriptionComponent]:
        """The components that are charged until the subscription ends: all that are not replaced or removed."""
        return [part for part in self.components if part.replaced_on is None]

    def charged_on(self, day: date) -> list[SubscriptionComponent]:
        """The components that are charged on a day; where none is yet, those that are charged first after it."""
        lasting = [part for part in self.components if part.lasts(day)]
        first_on = min((part.start_on for part in lasting), default=day)
        return [part for part in lasting if part.start_on <= max(day, first_on)]

    @property
    def billed_until(self) -> date:
        """The first day that is not billed yet of what runs, or of what runs until it is replaced."""
        return min((part.billed_until for part in self.components if part.is_to_be_billed), default=self.start_on)

    def serves(self, day: date) -> bool:
        """Whether a day lies between its beginning and its end, paused or not."""
        return self.start_on <= day and (self.end_on is None or day < self.end_on)

    def day_of_service(self, today: date) -> date:
        """The day that its status is about: today, or its first day where that is to come."""
        return max(today, self.start_on)


class SubscriptionComponent(TenantModel):
    """One thing a subscription is charged for: a plan, how many, at the price agreed, from a day to a day.

    Periods have `period_count` months or days (`period_unit`) and are counted from `aligned_on`. `billed_until` is the
    first day not billed yet; `due_on` the day on which billing has something to do, None where nothing more is to come.
    From `review_from` on, what was billed may have to be billed otherwise; the next billing compares and clears it.
    From `replaced_on` on something else is charged instead, or nothing; without it, it ends with its subscription only.
    """

    __tablename__ = "subscription_components"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price_minor >= 0", name="unit_price_minor"),
        CheckConstraint("period_unit IN ('month', 'day') AND period_count > 0", name="period"),
        CheckConstraint("timing IN ('advance', 'arrears')", name="timing"),
        CheckConstraint("anchor_day BETWEEN 1 AND 31", name="anchor_day"),
        CheckConstraint("end_on >= start_on", name="end_on"),
        CheckConstraint("billed_until >= start_on", name="billed_until"),
        CheckConstraint("replaced_on IS NULL OR (end_on IS NOT NULL AND end_on <= replaced_on)", name="replaced_on"),
        Index("ix_subscription_components_subscription_id", "subscription_id"),
        Index("ix_subscription_components_plan_id", "plan_id", "unit_price_minor"),
        Index("ix_subscription_components_due", "due_on", "subscription_id",
              postgresql_where=text("due_on IS NOT NULL")),
    )

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="RESTRICT"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="RESTRICT"))
    quantity: Mapped[int] = mapped_column(server_default=text("1"))
    unit_price_minor: Mapped[int]
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    replaced_on: Mapped[date | None]
    period_unit: Mapped[str] = mapped_column(server_default=text("'month'"))
    period_count: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    timing: Mapped[str] = mapped_column(server_default=text("'advance'"))
    anchor_day: Mapped[int] = mapped_column(SmallInteger)
    aligned_on: Mapped[date]
    merges_stub: Mapped[bool] = mapped_column(server_default=text("false"))
    billed_until: Mapped[date]
    due_on: Mapped[date | None]
    review_from: Mapped[date | None]

    subscription: Mapped[Subscription] = relationship(lazy="raise", back_populates="components")
    plan: Mapped[Plan] = relationship(lazy="raise")

    def lasts(self, day: date) -> bool:
        """Whether it is charged on a day or after it, whenever its subscription ends."""
        return self.replaced_on is None or self.replaced_on > max(day, self.start_on)

    def is_left_from(self, day: date) -> bool:
        """Whether it is billed beyond a change that comes after a day, and nothing before that day is to be mended."""
        return (self.replaced_on is not None and day < self.replaced_on < self.billed_until
                and (self.review_from or day) >= day)

    @property
    def is_to_be_billed(self) -> bool:
        """Whether billing still has to come to its last day."""
        return self.replaced_on is None or (self.due_on is not None and self.billed_until < self.replaced_on)


class SubscriptionPause(TenantModel):
    """Days on which a subscription is not served, and what they mean for its bill.

    One that `follows_customer` came with the suspension of the customer, and goes with it.
    """

    __tablename__ = "subscription_pauses"
    __table_args__ = (
        CheckConstraint("billing IN ('bill', 'skip', 'credit')", name="billing"),
        CheckConstraint("end_on >= start_on", name="end_on"),
        Index("ix_subscription_pauses_subscription_id", "subscription_id", "start_on"),
        Index("ix_subscription_pauses_days", "start_on", "end_on"),
        Index("uq_subscription_pauses_open", "subscription_id", "follows_customer", unique=True,
              postgresql_where=text("end_on IS NULL")),
    )

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="RESTRICT"))
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    billing: Mapped[str]
    reason: Mapped[str]
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("suspension_reasons.id", ondelete="RESTRICT"))
    follows_customer: Mapped[bool] = mapped_column(server_default=text("false"))
    created_by: Mapped[str]
    created_at: Mapped[datetime]

    @property
    def period(self) -> Period:
        """Its days; one that nobody has ended yet goes on for ever."""
        return Period(self.start_on, self.end_on or LAST_DAY)

    def covers(self, day: date) -> bool:
        """Whether there is no service on a day."""
        return self.period.start <= day < self.period.end

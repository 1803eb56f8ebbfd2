"""Prepaid subscriptions and the loads that give them time. A load is never edited: it is cancelled.

Instants are exact: a load runs from `starts_at` to `ends_at`, half-open. `amount_minor` is the price of its time before
discounts, `net_minor` what of it becomes revenue as the time passes, `recognised_minor` what has become so already.
"""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments.models import Payment
from ispbill.billing.prepaid.policy import Cost
from ispbill.catalogue.models import Plan
from ispbill.core.db import TenantModel
from ispbill.core.i18n import lazy
from ispbill.customers.models import Customer
from ispbill.subscriptions.models import Installation


class PrepaidStatus(StrEnum):
    """The life of a prepaid subscription; an expired one can be renewed at any time."""

    ACTIVE = "active"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class LoadKind(StrEnum):
    """How much time a load buys: thirty days, fifteen, or what an amount pays for."""

    ONE_MONTH = "one_month"
    FIFTEEN_DAYS = "fifteen_days"
    CUSTOM = "custom"


KIND_LABELS: dict[str, str] = {
    LoadKind.ONE_MONTH: lazy("One month (30 days)"), LoadKind.FIFTEEN_DAYS: lazy("15 days, half the price"),
    LoadKind.CUSTOM: lazy("Any amount"),
}


class PrepaidSubscription(TenantModel):
    """A line that is served up to `expires_at`; at most one for an installation that is not cancelled.

    `remind_at` is when the customer is next told that it runs out; None where they have been told all. A successor
    is the postpaid subscription that it goes on as.
    """

    __tablename__ = "prepaid_subscriptions"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'expired', 'cancelled')", name="status"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        Index("uq_prepaid_subscriptions_line", "installation_id", unique=True,
              postgresql_where=text("status <> 'cancelled'")),
        Index("ix_prepaid_subscriptions_customer_id", "customer_id"),
        Index("ix_prepaid_subscriptions_plan_id", "plan_id"),
        Index("ix_prepaid_subscriptions_running", "expires_at", "id", postgresql_where=text("status = 'active'")),
        Index("ix_prepaid_subscriptions_remind_at", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
        Index("ix_prepaid_subscriptions_status", "status", "created_at", "id"),
        Index("ix_prepaid_subscriptions_created_at", "created_at", "id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    installation_id: Mapped[int | None] = mapped_column(ForeignKey("installations.id", ondelete="RESTRICT"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="RESTRICT"))
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="RESTRICT"))
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    expires_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")
    installation: Mapped[Installation | None] = relationship(lazy="raise")
    plan: Mapped[Plan] = relationship(lazy="raise")
    loads: Mapped[list[PrepaidLoad]] = relationship(
        lazy="raise", order_by="PrepaidLoad.id", back_populates="subscription"
    )


class PrepaidLoad(TenantModel):
    """Time bought once. `seconds_granted` is what was bought; a cancelled load ends where its time stopped."""

    __tablename__ = "prepaid_loads"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        UniqueConstraint("invoice_id"),
        UniqueConstraint("credit_note_id"),
        CheckConstraint("kind IN ('one_month', 'fifteen_days', 'custom')", name="kind"),
        CheckConstraint("amount_minor > 0 AND seconds_granted > 0", name="amount_minor"),
        CheckConstraint("ends_at >= starts_at", name="ends_at"),
        CheckConstraint("recognised_minor BETWEEN 0 AND net_minor", name="recognised_minor"),
        CheckConstraint("credited_minor BETWEEN 0 AND net_minor + tax_minor + rounding_minor", name="credited_minor"),
        Index("ix_prepaid_loads_subscription_id", "subscription_id", "id"),
        Index("ix_prepaid_loads_payment_id", "payment_id"),
        Index("ix_prepaid_loads_deferred", "id",
              postgresql_where=text("recognised_minor < net_minor AND cancelled_at IS NULL")),
    )

    subscription_id: Mapped[int] = mapped_column(ForeignKey("prepaid_subscriptions.id", ondelete="RESTRICT"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="RESTRICT"))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    credit_note_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    amount_minor: Mapped[int]
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    rounding_minor: Mapped[int] = mapped_column(server_default=text("0"))
    seconds_granted: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    recognised_minor: Mapped[int] = mapped_column(server_default=text("0"))
    idempotency_key: Mapped[str | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(server_default=text("''"))
    credited_minor: Mapped[int] = mapped_column(server_default=text("0"))

    subscription: Mapped[PrepaidSubscription] = relationship(lazy="raise", back_populates="loads")
    plan: Mapped[Plan] = relationship(lazy="raise")
    invoice: Mapped[Invoice] = relationship(lazy="raise", foreign_keys=[invoice_id])
    credit_note: Mapped[Invoice | None] = relationship(lazy="raise", foreign_keys=[credit_note_id])
    payment: Mapped[Payment | None] = relationship(lazy="raise")

    @property
    def cost(self) -> Cost:
        """What it cost once discounts were off."""
        return Cost(self.net_minor, self.tax_minor, self.rounding_minor)

    @property
    def total_minor(self) -> int:
        """What was asked for it: what its invoice comes to."""
        return self.cost.total_minor

    @property
    def deferred_minor(self) -> int:
        """What of it is still owed in service: nothing once it is cancelled."""
        return 0 if self.cancelled_at else self.net_minor - self.recognised_minor


class PrepaidRecognition(TenantModel):
    """The prepaid time that passed up to the beginning of `through_on`, as far as no earlier one had it."""

    __tablename__ = "prepaid_recognitions"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("through_on"),
        CheckConstraint("amount_minor > 0 AND load_count > 0", name="amount_minor"),
    )

    through_on: Mapped[date]
    load_count: Mapped[int]
    amount_minor: Mapped[int]
    created_at: Mapped[datetime]

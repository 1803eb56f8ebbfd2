"""Refunds. A refund is never edited: it is cancelled, and the credit it had spent is there again."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.billing.payments.models import PaymentAllocation
from ispbill.core.db import TenantModel
from ispbill.customers.models import Customer


class RefundStatus(StrEnum):
    """Whether the refund stands."""

    RECORDED = "recorded"
    CANCELLED = "cancelled"


class Refund(TenantModel):
    """Money paid back to a customer. Its allocations say from which payments and credit notes it comes."""

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("idempotency_key"),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("status IN ('recorded', 'cancelled')", name="status"),
        CheckConstraint("method IN ('cash', 'bank', 'e_wallet', 'card', 'cheque')", name="method"),
        Index("ix_refunds_customer_id", "customer_id", "id"),
        Index("ix_refunds_refunded_on", "refunded_on", "id"),
    )

    number: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    amount_minor: Mapped[int]
    method: Mapped[str]
    reference: Mapped[str]
    refunded_on: Mapped[date]
    reason: Mapped[str]
    status: Mapped[str]
    idempotency_key: Mapped[str | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    cancelled_on: Mapped[date | None]
    cancel_reason: Mapped[str | None]

    customer: Mapped[Customer] = relationship(lazy="raise")
    allocations: Mapped[list[PaymentAllocation]] = relationship(lazy="raise", order_by=PaymentAllocation.id)

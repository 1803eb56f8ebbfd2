"""One-time charges that wait for the customer's next bill: fees, deposits, usage, adjustments."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel
from ispbill.customers.models import Customer


class ChargeKind(StrEnum):
    """What a one-time charge is for; it decides the account of the books."""

    ONE_TIME = "one_time"
    DEPOSIT = "deposit"
    DEPOSIT_RETURN = "deposit_return"
    USAGE = "usage"
    LATE_FEE = "late_fee"
    EARLY_TERMINATION = "early_termination"
    ADJUSTMENT = "adjustment"


class ChargeStatus(StrEnum):
    """Whether a charge waits, stands on a document, or was withdrawn."""

    PENDING = "pending"
    BILLED = "billed"
    CANCELLED = "cancelled"


class Charge(TenantModel):
    """Something to be billed once, from a day on. Below zero it is given back.

    `source` names what it comes from, such as “late_fee:17:2”, and stands once: whoever adds it twice adds it once.
    `returns_id` is the deposit that it gives back; where a credit note did so, that is the source.
    """

    __tablename__ = "charges"
    __table_args__ = (
        UniqueConstraint("source"),
        CheckConstraint("kind IN ('one_time', 'deposit', 'deposit_return', 'usage', 'late_fee', 'early_termination', "
                        "'adjustment')", name="kind"),
        CheckConstraint("status IN ('pending', 'billed', 'cancelled')", name="status"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price_minor <> 0 AND (unit_price_minor > 0) = (kind <> 'deposit_return') "
                        "OR unit_price_minor < 0 AND kind IN ('adjustment', 'usage', 'late_fee')",
                        name="unit_price_minor"),
        CheckConstraint("(returns_id IS NOT NULL) = (kind = 'deposit_return')", name="returns_id"),
        Index("ix_charges_customer_id", "customer_id", "id"),
        Index("ix_charges_bill_on", "bill_on", "id"),
        Index("ix_charges_subscription_id", "subscription_id", "kind"),
        Index("ix_charges_returns_id", "returns_id", postgresql_where=text("returns_id IS NOT NULL")),
        Index("ix_charges_pending", "customer_id", "bill_on", postgresql_where=text("status = 'pending'")),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    description: Mapped[str]
    quantity: Mapped[int] = mapped_column(server_default=text("1"))
    unit_price_minor: Mapped[int]
    returns_id: Mapped[int | None] = mapped_column(ForeignKey("charges.id", ondelete="RESTRICT"))
    tax_rate_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rates.id", ondelete="RESTRICT"))
    bill_on: Mapped[date]
    status: Mapped[str] = mapped_column(server_default=text("'pending'"))
    source: Mapped[str | None]
    status_reason: Mapped[str] = mapped_column(server_default=text("''"))
    created_by: Mapped[str]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")

    @property
    def amount_minor(self) -> int:
        """What it comes to."""
        return self.quantity * self.unit_price_minor

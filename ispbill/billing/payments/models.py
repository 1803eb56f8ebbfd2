"""Payments and their allocations. A payment is never edited: it is reversed, and its allocations are released."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from ispbill.billing.invoices.models import Invoice
from ispbill.core.db import TenantModel
from ispbill.core.i18n import lazy
from ispbill.customers.models import Customer


class PaymentMethod(StrEnum):
    """How a customer's debt became less: money, or tax that they withheld and prove by certificate."""

    CASH = "cash"
    BANK = "bank"
    E_WALLET = "e_wallet"
    CARD = "card"
    CHEQUE = "cheque"
    WITHHOLDING = "withholding"


# How money comes in; tax that a customer kept back settles invoices too, but is no money (BIR form 2307).
MONEY_METHODS: dict[str, str] = {
    PaymentMethod.CASH: lazy("Cash"), PaymentMethod.BANK: lazy("Bank transfer"),
    PaymentMethod.E_WALLET: lazy("E-wallet"),
    PaymentMethod.CARD: lazy("Card"), PaymentMethod.CHEQUE: lazy("Cheque"),
}
METHOD_LABELS: dict[str, str] = {**MONEY_METHODS, PaymentMethod.WITHHOLDING: lazy("Tax withheld")}


class PaymentStatus(StrEnum):
    """Whether the payment stands."""

    RECORDED = "recorded"
    REVERSED = "reversed"


class Payment(TenantModel):
    """Money received from a customer, under a receipt number. A reference counts once per method while it stands.

    `applied_on` is the day on which the last of it was allocated; None while some of it is still credit.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("idempotency_key"),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("status IN ('recorded', 'reversed')", name="status"),
        CheckConstraint("method IN ('cash', 'bank', 'e_wallet', 'card', 'cheque', 'withholding')", name="method"),
        Index("uq_payments_reference", "method", "reference", unique=True,
              postgresql_where=text("reference <> '' AND status = 'recorded'")),
        Index("ix_payments_customer_id", "customer_id", "received_on", "id"),
        Index("ix_payments_received_on", "received_on", "id"),
        Index("ix_payments_reversed_on", "reversed_on", postgresql_where=text("reversed_on IS NOT NULL")),
        Index("ix_payments_unapplied", "customer_id",
              postgresql_where=text("applied_on IS NULL AND status = 'recorded'")),
    )

    number: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    amount_minor: Mapped[int]
    method: Mapped[str]
    reference: Mapped[str]
    received_on: Mapped[date]
    status: Mapped[str] = mapped_column(server_default=text("'recorded'"))
    note: Mapped[str] = mapped_column(server_default=text("''"))
    idempotency_key: Mapped[str | None]
    applied_on: Mapped[date | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    reversed_on: Mapped[date | None]
    reversal_reason: Mapped[str | None]

    customer: Mapped[Customer] = relationship(lazy="raise")
    allocations: Mapped[list[PaymentAllocation]] = relationship(
        lazy="raise", order_by="PaymentAllocation.id", back_populates="payment"
    )

    @property
    def live_allocations(self) -> list[PaymentAllocation]:
        """What it settles now."""
        return [share for share in self.allocations if share.released_at is None and share.invoice_id is not None]

    @property
    def refunded_minor(self) -> int:
        """How much of it was paid back."""
        return sum(share.amount_minor for share in self.allocations if share.released_at is None and share.refund_id)

    @property
    def allocated_minor(self) -> int:
        """How much of it settles invoices."""
        return sum(share.amount_minor for share in self.live_allocations)

    @property
    def unapplied_minor(self) -> int:
        """What of it is still credit; nothing of a reversed payment is."""
        return 0 if self.status == PaymentStatus.REVERSED else (
            self.amount_minor - self.allocated_minor - self.refunded_minor
        )


class PaymentAllocation(TenantModel):
    """The part of a payment, a credit note or a write-off that settles an invoice or is refunded, until it is released.
    """

    __tablename__ = "payment_allocations"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("num_nonnulls(payment_id, credit_note_id, write_off_id) = 1", name="source"),
        CheckConstraint("num_nonnulls(invoice_id, refund_id) = 1 AND (refund_id IS NULL OR write_off_id IS NULL)",
                        name="target"),
        Index("ix_payment_allocations_payment_id", "payment_id"),
        Index("ix_payment_allocations_credit_note_id", "credit_note_id",
              postgresql_where=text("credit_note_id IS NOT NULL")),
        Index("ix_payment_allocations_invoice_id", "invoice_id"),
        Index("ix_payment_allocations_write_off_id", "write_off_id", postgresql_where=text("write_off_id IS NOT NULL")),
        Index("ix_payment_allocations_refund_id", "refund_id", postgresql_where=text("refund_id IS NOT NULL")),
    )

    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id", ondelete="RESTRICT"))
    credit_note_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    write_off_id: Mapped[int | None] = mapped_column(ForeignKey("write_offs.id", ondelete="RESTRICT"))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id", ondelete="RESTRICT"))
    amount_minor: Mapped[int]
    allocated_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    payment: Mapped[Payment | None] = relationship(lazy="raise", back_populates="allocations")
    invoice: Mapped[Invoice | None] = relationship(
        lazy="raise", foreign_keys=[invoice_id],
        backref=backref("allocations", lazy="raise", order_by="PaymentAllocation.id"),
    )
    credit_note: Mapped[Invoice | None] = relationship(
        lazy="raise", foreign_keys=[credit_note_id],
        backref=backref("spendings", lazy="raise", order_by="PaymentAllocation.id"),
    )

"""Write-offs, append-only. What of one still stands is the sum of its live allocations."""
from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments.models import PaymentAllocation
from ispbill.core.db import TenantModel


class WriteOff(TenantModel):
    """What was open of an invoice and is not expected any more. Its allocation settles the invoice."""

    __tablename__ = "write_offs"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        Index("ix_write_offs_invoice_id", "invoice_id"),
        Index("ix_write_offs_written_off_on", "written_off_on", "id"),
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    amount_minor: Mapped[int]
    written_off_on: Mapped[date]
    reason: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]

    invoice: Mapped[Invoice] = relationship(lazy="raise")
    allocations: Mapped[list[PaymentAllocation]] = relationship(lazy="raise", order_by=PaymentAllocation.id)

    @property
    def standing_minor(self) -> int:
        """What of it is still given up: the rest was recovered, or taken back."""
        return sum(share.amount_minor for share in self.allocations if share.released_at is None)

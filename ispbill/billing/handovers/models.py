"""Invoices handed over on paper. One that went by e-mail has its message instead, under the key `invoice:{id}`."""
from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel

MESSAGE_KEY = "invoice:{}"


class InvoiceHandover(TenantModel):
    """The day on which somebody put an invoice into the customer's hands; said once, never changed."""

    __tablename__ = "invoice_handovers"
    __table_args__ = (UniqueConstraint("invoice_id"),)

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    handed_on: Mapped[date]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]

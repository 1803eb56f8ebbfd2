"""Drafts of invoices. One that was issued stays as a trace; until then it may be changed or deleted."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.billing.invoices.models import Invoice
from ispbill.core.db import TenantModel
from ispbill.customers.models import Customer


class DraftInvoice(TenantModel):
    """An invoice to be: no number, in no book. `due_on` is the last day to pay, None for the company's terms.

    `lines` are as people wrote them (description, unit_price_minor, quantity, tax_rate_id, kind). The amounts, in minor
    units, are what they came to when the draft was saved; issuing finds them anew.
    """

    __tablename__ = "draft_invoices"
    __table_args__ = (
        UniqueConstraint("invoice_id"),
        CheckConstraint("total_minor = net_minor + tax_minor", name="total_minor"),
        Index("ix_draft_invoices_customer_id", "customer_id", "id"),
        Index("ix_draft_invoices_waiting", "id", postgresql_where=text("invoice_id IS NULL")),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    due_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    total_minor: Mapped[int]
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")
    invoice: Mapped[Invoice | None] = relationship(lazy="raise")

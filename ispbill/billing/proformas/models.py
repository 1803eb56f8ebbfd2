"""Proforma invoices. A trigger freezes them, but for what became of them."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.billing.invoices.models import Invoice
from ispbill.company.models import CompanyIdentity
from ispbill.core.db import TenantModel
from ispbill.customers.models import Customer


class ProformaStatus(StrEnum):
    """What became of a proforma."""

    OPEN = "open"
    INVOICED = "invoiced"
    CANCELLED = "cancelled"


class Proforma(TenantModel):
    """An offer in the shape of an invoice: number, buyer and seller as of issue, lines, total. It is in no book.

    `lines` are the new lines it was made of (description, unit_price_minor, quantity, tax_rate_id, kind), with what
    each came to (amount_minor, net_minor, tax_minor); `taxes` the sums by rate. Amounts in minor units.
    """

    __tablename__ = "proformas"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("status IN ('open', 'invoiced', 'cancelled')", name="status"),
        CheckConstraint("(status = 'invoiced') = (invoice_id IS NOT NULL)", name="invoice_id"),
        CheckConstraint("total_minor = net_minor + tax_minor", name="total_minor"),
        Index("ix_proformas_customer_id", "customer_id", "id"),
        Index("ix_proformas_issued_on", "issued_on", "id"),
    )

    number: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("company_identities.id", ondelete="RESTRICT"))
    issued_on: Mapped[date]
    valid_until: Mapped[date]
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    total_minor: Mapped[int]
    buyer_name: Mapped[str]
    buyer_address: Mapped[str]
    buyer_tax_identifier: Mapped[str]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    taxes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    status: Mapped[str]
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id", ondelete="RESTRICT"))
    cancel_reason: Mapped[str | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")
    seller: Mapped[CompanyIdentity] = relationship(lazy="raise")
    invoice: Mapped[Invoice | None] = relationship(lazy="raise")

"""Customers whom the law treats otherwise: exempt from a tax, or bound to withhold. Days are half-open."""
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.catalogue.models import TaxRate
from ispbill.core.db import TenantModel
from ispbill.customers.models import Customer


class TaxExemption(TenantModel):
    """A customer owes no tax, or not a certain one, for a reason that a certificate proves."""

    __tablename__ = "tax_exemptions"
    __table_args__ = (
        CheckConstraint("ends_on > starts_on", name="ends_on"),
        Index("ix_tax_exemptions_customer_id", "customer_id", "starts_on", "id"),
        Index("ix_tax_exemptions_ends_on", "ends_on", "id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    tax_rate_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rates.id", ondelete="RESTRICT"))
    reason: Mapped[str]
    certificate: Mapped[str] = mapped_column(server_default=text("''"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")
    tax_rate: Mapped[TaxRate | None] = relationship(lazy="raise")


class TaxWithholding(TenantModel):
    """A customer keeps a part of each bill's net back, pays it to the state, and proves it by certificate."""

    __tablename__ = "tax_withholdings"
    __table_args__ = (
        CheckConstraint("rate_percent > 0 AND rate_percent < 100", name="rate_percent"),
        CheckConstraint("ends_on > starts_on", name="ends_on"),
        Index("ix_tax_withholdings_customer_id", "customer_id", "starts_on", "id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    rate_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")

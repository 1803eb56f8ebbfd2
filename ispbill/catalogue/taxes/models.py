"""Versions of taxes. A version is never edited: another begins on a day, documents keep what they were issued with."""
from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel


class TaxRateVersion(TenantModel):
    """What a tax consists of from a day on."""

    __tablename__ = "tax_rate_versions"
    __table_args__ = (UniqueConstraint("tax_rate_id", "valid_from"),)

    tax_rate_id: Mapped[int] = mapped_column(ForeignKey("tax_rates.id", ondelete="CASCADE"))
    valid_from: Mapped[date]

    parts: Mapped[list[TaxRatePart]] = relationship(lazy="raise", order_by="TaxRatePart.position")


class TaxRatePart(TenantModel):
    """One part of a version, in the order in which it is found: a rate, or an amount in minor units."""

    __tablename__ = "tax_rate_parts"
    __table_args__ = (
        UniqueConstraint("version_id", "position"),
        CheckConstraint("kind IN ('percent', 'division', 'per_unit', 'per_document')", name="kind"),
        CheckConstraint("rate_percent >= 0 AND rate_percent < 100", name="rate_percent"),
        CheckConstraint("amount_minor >= 0", name="amount_minor"),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("tax_rate_versions.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default=text("'percent'"))
    rate_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), server_default=text("0"))
    amount_minor: Mapped[int] = mapped_column(server_default=text("0"))
    is_inclusive: Mapped[bool] = mapped_column(server_default=text("false"))
    raises_next: Mapped[bool] = mapped_column(server_default=text("false"))
    ignores_previous: Mapped[bool] = mapped_column(server_default=text("false"))

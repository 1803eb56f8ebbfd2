"""Customers. What a caller says is found through the generated search text."""
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.areas.models import Area
from ispbill.core.db import TenantModel
from ispbill.core.text import folded_sql


class CustomerStatus(StrEnum):
    """The life of a customer."""

    LEAD = "lead"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class Customer(TenantModel):
    """A person or company the ISP serves. The account number is what they quote; it never changes.

    `contact_text` is by what their contacts are found; who turned out to be another was merged into that one.
    """

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("account_number"),
        UniqueConstraint("external_reference"),
        CheckConstraint("status IN ('lead', 'active', 'suspended', 'terminated')", name="status"),
        CheckConstraint("kind IN ('person', 'company')", name="kind"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="coordinates"),
        CheckConstraint("location_accuracy IN ('exact', 'approximate', 'address')", name="location_accuracy"),
        CheckConstraint("merged_into_id <> id", name="merged_into_id"),
        Index("ix_customers_search_text", "search_text", postgresql_using="gin",
              postgresql_ops={"search_text": "extensions.gin_trgm_ops"}),
        Index("ix_customers_name", text(folded_sql("name")), "id"),
        Index("ix_customers_status", "status", "id"),
        Index("ix_customers_area_id", "area_id", "merged_into_id"),
        Index("ix_customers_phone", "phone", "id", postgresql_where=text("phone <> ''")),
        Index("ix_customers_email", text("lower(email)"), "id", postgresql_where=text("email <> ''")),
        Index("ix_customers_merged_into_id", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
    )

    account_number: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default=text("'person'"))
    name: Mapped[str]
    email: Mapped[str] = mapped_column(server_default=text("''"))
    phone: Mapped[str] = mapped_column(server_default=text("''"))
    tax_identifier: Mapped[str] = mapped_column(server_default=text("''"))
    status: Mapped[str]
    status_since: Mapped[date]
    status_reason: Mapped[str] = mapped_column(server_default=text("''"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="RESTRICT"))
    street: Mapped[str] = mapped_column(server_default=text("''"))
    landmark: Mapped[str] = mapped_column(server_default=text("''"))
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    location_accuracy: Mapped[str | None]
    notes: Mapped[str] = mapped_column(server_default=text("''"))
    e_billing_since: Mapped[date | None]
    custom_values: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    contact_text: Mapped[str] = mapped_column(server_default=text("''"))
    external_reference: Mapped[str | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batches.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    search_text: Mapped[str] = mapped_column(
        Computed(
            folded_sql("account_number || ' ' || name || ' ' || phone || ' ' || email || ' ' || street"
                       " || ' ' || landmark || ' ' || coalesce(external_reference, '') || ' ' || contact_text"),
            persisted=True,
        ),
        deferred=True,
    )

    area: Mapped[Area | None] = relationship(lazy="raise")

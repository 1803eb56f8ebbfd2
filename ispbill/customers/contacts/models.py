"""Contacts of customers, besides the phone and e-mail address of the customer's own row."""
from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class ContactRole(StrEnum):
    """What a contact is asked about."""

    OWNER = "owner"
    BILLING = "billing"
    TECHNICAL = "technical"
    HOUSEHOLD = "household"
    OTHER = "other"


class CustomerContact(TenantModel):
    """A person or number through which a customer is reached: a name, and a phone or an e-mail address, or both."""

    __tablename__ = "customer_contacts"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'billing', 'technical', 'household', 'other')", name="role"),
        CheckConstraint("phone <> '' OR email <> ''", name="reachable"),
        Index("ix_customer_contacts_customer_id", "customer_id", "id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    name: Mapped[str]
    role: Mapped[str]
    phone: Mapped[str] = mapped_column(server_default=text("''"))
    email: Mapped[str] = mapped_column(server_default=text("''"))

"""Definitions of custom fields. The values stand in the customer's own row, by the key of their field."""
from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class FieldKind(StrEnum):
    """What can stand in a custom field."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


class CustomField(TenantModel):
    """Something the company wants to know of each customer. The key never changes, so values stay with their field."""

    __tablename__ = "custom_fields"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("kind IN ('text', 'number', 'date', 'choice')", name="kind"),
        Index("uq_custom_fields_label", text("lower(label)"), unique=True),
    )

    key: Mapped[str]
    label: Mapped[str]
    kind: Mapped[str]
    choices: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    is_required: Mapped[bool] = mapped_column(server_default=text("false"))
    is_in_use: Mapped[bool] = mapped_column(server_default=text("true"))

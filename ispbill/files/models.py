"""Stored files. Which thing a file belongs to is said by the feature that owns the thing, with a row of its own."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class StoredFile(TenantModel):
    """One uploaded file. Its type is what its content says, never what the browser said; it does not change."""

    __tablename__ = "stored_files"
    __table_args__ = (
        CheckConstraint("size_bytes BETWEEN 1 AND 5242880", name="size_bytes"),
        CheckConstraint("octet_length(content) = size_bytes", name="content"),
    )

    name: Mapped[str]
    content_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True, deferred_raiseload=True)
    uploaded_by: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

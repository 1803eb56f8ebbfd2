"""Documents of customers: which stored file is whose, and what it is."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel
from ispbill.files.models import StoredFile


class CustomerDocument(TenantModel):
    """A paper of a customer, such as a signed contract."""

    __tablename__ = "customer_documents"
    __table_args__ = (
        Index("ix_customer_documents_customer_id", "customer_id", "id"),
        Index("ix_customer_documents_file_id", "file_id"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id", ondelete="RESTRICT"))
    title: Mapped[str]
    added_by: Mapped[str]
    created_at: Mapped[datetime]

    file: Mapped[StoredFile] = relationship(lazy="raise")

"""Which photo shows which installation; the picture itself is a stored file."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel
from ispbill.files.models import StoredFile
from ispbill.subscriptions.models import Installation


class InstallationPhoto(TenantModel):
    """A picture of an installation, with what it shows."""

    __tablename__ = "installation_photos"
    __table_args__ = (
        UniqueConstraint("file_id"),
        Index("ix_installation_photos_installation_id", "installation_id", "id"),
    )

    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id", ondelete="RESTRICT"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id", ondelete="RESTRICT"))
    caption: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

    installation: Mapped[Installation] = relationship(lazy="raise")
    file: Mapped[StoredFile] = relationship(lazy="raise")

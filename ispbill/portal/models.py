"""The links by which customers see their accounts."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class PortalLink(TenantModel):
    """The one link of a customer. The seed is a half of it: the other is signed with the installation's key."""

    __tablename__ = "portal_links"
    __table_args__ = (UniqueConstraint("customer_id"), UniqueConstraint("token_seed"))

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    token_seed: Mapped[str]
    given_by: Mapped[str]
    given_at: Mapped[datetime]

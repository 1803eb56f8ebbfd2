"""Connections of installations to ports. One that ends is closed, never removed: they are a port's history."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel
from ispbill.plant.models import NapPort
from ispbill.subscriptions.models import Installation

_LASTS = text("released_at IS NULL")


class PortConnection(TenantModel):
    """An installation on a port, from `connected_at` until `released_at`; `drop_metres` is unknown without places."""

    __tablename__ = "port_connections"
    __table_args__ = (
        CheckConstraint("released_at >= connected_at", name="released_at"),
        CheckConstraint("drop_metres >= 0", name="drop_metres"),
        Index("uq_port_connections_live_port", "port_id", unique=True, postgresql_where=_LASTS),
        Index("uq_port_connections_live_installation", "installation_id", unique=True, postgresql_where=_LASTS),
        Index("ix_port_connections_port_id", "port_id", "id"),
        Index("ix_port_connections_installation_id", "installation_id", "id"),
    )

    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id", ondelete="RESTRICT"))
    port_id: Mapped[int] = mapped_column(ForeignKey("nap_ports.id", ondelete="RESTRICT"))
    drop_metres: Mapped[int | None]
    override_reason: Mapped[str] = mapped_column(server_default=text("''"))
    connected_by: Mapped[str] = mapped_column(server_default=text("''"))
    connected_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    installation: Mapped[Installation] = relationship(lazy="raise")
    port: Mapped[NapPort] = relationship(lazy="raise")

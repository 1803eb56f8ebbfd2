"""Routers and at which lines they stood. A router stands at one line at a time: a unique index keeps it so."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel
from ispbill.subscriptions.models import Installation


class RouterStatus(StrEnum):
    """Where a router is in its life. Only assigning and taking back lead to and from `assigned`."""

    IN_STOCK = "in_stock"
    ASSIGNED = "assigned"
    RETURNED = "returned"
    FAULTY = "faulty"
    RETIRED = "retired"


class Router(TenantModel):
    """A device that is put at a customer's place. MAC addresses are written AA:BB:CC:DD:EE:FF."""

    __tablename__ = "routers"
    __table_args__ = (
        UniqueConstraint("serial_number"),
        UniqueConstraint("mac_address"),
        CheckConstraint("status IN ('in_stock', 'assigned', 'returned', 'faulty', 'retired')", name="status"),
        Index("ix_routers_search_text", "search_text", postgresql_using="gin",
              postgresql_ops={"search_text": "extensions.gin_trgm_ops"}),
        Index("ix_routers_status", "status", "id"),
        Index("ix_routers_brand", "brand", "model", "id"),
    )

    brand: Mapped[str]
    model: Mapped[str]
    serial_number: Mapped[str]
    mac_address: Mapped[str | None]
    status: Mapped[str]
    status_since: Mapped[date]
    status_reason: Mapped[str] = mapped_column(server_default=text("''"))
    notes: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]
    search_text: Mapped[str] = mapped_column(
        Computed(
            "lower(brand || ' ' || model || ' ' || serial_number"
            " || ' ' || coalesce(replace(mac_address, ':', ''), ''))",
            persisted=True,
        ),
        deferred=True,
    )

    assignments: Mapped[list[RouterAssignment]] = relationship(
        lazy="raise", order_by="RouterAssignment.id.desc()", back_populates="router"
    )


class RouterAssignment(TenantModel):
    """A router stands at a line from a day on; `returned_on` is the first day it does not any more."""

    __tablename__ = "router_assignments"
    __table_args__ = (
        CheckConstraint("returned_on >= assigned_on", name="returned_on"),
        Index("uq_router_assignments_live", "router_id", unique=True,
              postgresql_where=text("returned_on IS NULL")),
        Index("ix_router_assignments_router_id", "router_id", "id"),
        Index("ix_router_assignments_installation_id", "installation_id", "id"),
    )

    router_id: Mapped[int] = mapped_column(ForeignKey("routers.id", ondelete="RESTRICT"))
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id", ondelete="RESTRICT"))
    assigned_on: Mapped[date]
    assigned_by: Mapped[str]
    returned_on: Mapped[date | None]
    returned_by: Mapped[str | None]
    return_note: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[datetime]

    router: Mapped[Router] = relationship(lazy="raise", back_populates="assignments")
    installation: Mapped[Installation] = relationship(lazy="raise")

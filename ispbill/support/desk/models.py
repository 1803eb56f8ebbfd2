"""How the desk is set up: categories, promises by priority, canned answers. A category is retired, never removed."""
from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class Priority(StrEnum):
    """How much it hurts, the worst first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class TicketCategory(TenantModel):
    """What a ticket is about. A retired one is not offered any more."""

    __tablename__ = "ticket_categories"
    __table_args__ = (Index("uq_ticket_categories_name", text("lower(name)"), unique=True),)

    name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))


class ServiceTarget(TenantModel):
    """What is promised for a priority: hours by the calendar until the first response and until it is resolved."""

    __tablename__ = "service_targets"
    __table_args__ = (
        UniqueConstraint("priority"),
        CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name="priority"),
        CheckConstraint("response_hours BETWEEN 1 AND 2000", name="response_hours"),
        CheckConstraint("resolution_hours BETWEEN response_hours AND 2000", name="resolution_hours"),
    )

    priority: Mapped[str]
    response_hours: Mapped[int]
    resolution_hours: Mapped[int]


class CannedAnswer(TenantModel):
    """A text that is ready to be sent, for what is asked every day."""

    __tablename__ = "canned_answers"
    __table_args__ = (Index("uq_canned_answers_title", text("lower(title)"), unique=True),)

    title: Mapped[str]
    body: Mapped[str]

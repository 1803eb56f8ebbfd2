"""Tickets, what was said about them and what happened to them. A number is never given away again."""
from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    Index,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.accounts.models import User
from ispbill.core.db import TenantModel
from ispbill.core.text import folded_sql
from ispbill.customers.models import Customer
from ispbill.files.models import StoredFile
from ispbill.plant.models import Nap
from ispbill.support.desk.models import TicketCategory
from ispbill.support.tickets.policy import UNRESOLVED, Clock


class TicketStatus(StrEnum):
    """The life of a ticket."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REMOVED = "removed"


class TicketSource(StrEnum):
    """How the customer came to us."""

    PHONE = "phone"
    MESSENGER = "messenger"
    WALK_IN = "walk_in"
    SMS = "sms"
    PORTAL = "portal"
    EMAIL = "email"


class EventKind(StrEnum):
    """What can happen to a ticket besides comments."""

    OPENED = "opened"
    MOVED = "moved"
    ASSIGNED = "assigned"
    CHANGED = "changed"
    MERGED = "merged"
    LATE = "late"


_UNRESOLVED = text("status IN ('open', 'in_progress', 'waiting')")
_LATE = text("response_late_at IS NOT NULL OR resolution_late_at IS NOT NULL")


class Ticket(TenantModel):
    """Something a customer wants done, under a number such as TKT-2026-0042.

    `response_due_at` and `resolution_due_at` already contain the time spent waiting for the customer; while it waits,
    the clock stands at `paused_at`. A late mark is set once, when a target is missed. `given_at` is when somebody else
    put it on the assignee's desk; None where they took it themselves.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("status IN ('open', 'in_progress', 'waiting', 'resolved', 'closed', 'removed')", name="status"),
        CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name="priority"),
        CheckConstraint("source IN ('phone', 'messenger', 'walk_in', 'sms', 'portal', 'email')", name="source"),
        CheckConstraint("(status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)", name="resolved_at"),
        CheckConstraint("(status = 'waiting') = (paused_at IS NOT NULL)", name="paused_at"),
        CheckConstraint("merged_into_id <> id", name="merged_into_id"),
        Index("ix_tickets_search_text", "search_text", postgresql_using="gin",
              postgresql_ops={"search_text": "extensions.gin_trgm_ops"}),
        Index("ix_tickets_status", "status", "id"),
        Index("ix_tickets_priority", "priority", "id"),
        Index("ix_tickets_category_id", "category_id", "id"),
        Index("ix_tickets_assignee_id", "assignee_id", "id"),
        Index("ix_tickets_given_at", "assignee_id", "given_at", postgresql_where=text("given_at IS NOT NULL")),
        Index("ix_tickets_resolved_by_id", "resolved_by_id", "resolved_at",
              postgresql_where=text("resolved_by_id IS NOT NULL")),
        Index("ix_tickets_customer_id", "customer_id", "id"),
        Index("ix_tickets_nap_id", "nap_id", "id", postgresql_where=text("nap_id IS NOT NULL")),
        Index("ix_tickets_merged_into_id", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
        Index("ix_tickets_opened_at", "opened_at", "id"),
        Index("ix_tickets_resolved_at", "resolved_at", "id"),
        Index("ix_tickets_unresolved", "id", postgresql_where=_UNRESOLVED),
        Index("ix_tickets_unassigned", "id", postgresql_where=text(
            "assignee_id IS NULL AND status IN ('open', 'in_progress', 'waiting')")),
        Index("ix_tickets_late", "id", postgresql_where=_LATE),
        Index("ix_tickets_response_coming", "response_due_at", postgresql_where=text(
            "first_response_at IS NULL AND response_late_at IS NULL AND status IN ('open', 'in_progress', 'waiting')")),
        Index("ix_tickets_resolution_coming", "resolution_due_at", postgresql_where=text(
            "resolution_late_at IS NULL AND status IN ('open', 'in_progress', 'waiting')")),
    )

    number: Mapped[str]
    subject: Mapped[str]
    description: Mapped[str] = mapped_column(server_default=text("''"))
    contact: Mapped[str] = mapped_column(server_default=text("''"))
    category_id: Mapped[int] = mapped_column(ForeignKey("ticket_categories.id", ondelete="RESTRICT"))
    priority: Mapped[str]
    source: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'open'"))
    status_since: Mapped[datetime]
    status_reason: Mapped[str] = mapped_column(server_default=text("''"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    nap_id: Mapped[int | None] = mapped_column(ForeignKey("naps.id", ondelete="RESTRICT"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    given_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="RESTRICT"))
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    first_response_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    reopened_count: Mapped[int] = mapped_column(server_default=text("0"))
    response_hours: Mapped[int]
    resolution_hours: Mapped[int]
    paused_at: Mapped[datetime | None]
    paused_seconds: Mapped[int] = mapped_column(server_default=text("0"))
    response_due_at: Mapped[datetime]
    resolution_due_at: Mapped[datetime]
    response_late_at: Mapped[datetime | None]
    resolution_late_at: Mapped[datetime | None]
    search_text: Mapped[str] = mapped_column(
        Computed(folded_sql("number || ' ' || subject || ' ' || contact"), persisted=True), deferred=True
    )

    category: Mapped[TicketCategory] = relationship(lazy="raise")
    customer: Mapped[Customer | None] = relationship(lazy="raise")
    nap: Mapped[Nap | None] = relationship(lazy="raise")
    assignee: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[assignee_id])
    merged_into: Mapped[Ticket | None] = relationship(lazy="raise", remote_side="Ticket.id")

    @property
    def clock(self) -> Clock:
        """What its targets are reckoned from."""
        return Clock(
            self.opened_at, self.response_hours, self.resolution_hours, paused_seconds=self.paused_seconds,
            paused_at=self.paused_at, first_response_at=self.first_response_at, resolved_at=self.resolved_at,
        )

    @property
    def is_unresolved(self) -> bool:
        """Whether somebody still has something to do about it."""
        return self.status in UNRESOLVED


# Written as the database writes it, or the models would not be equal to what is installed.
_NEXT_TARGET = """CASE
        WHEN tickets.first_response_at IS NULL THEN tickets.response_due_at
        ELSE tickets.resolution_due_at
    END"""
DUE_AT = literal_column(_NEXT_TARGET, Ticket.resolution_due_at.type)
"""When the next target is due: that of the response until somebody answered, then that of the resolution."""
# One column of instants, for the planner judges a page by the first column of its key.
_DUE_IN_UTC = f"timezone('UTC'::text,\n    {_NEXT_TARGET})"
BY_TIME_LEFT = (literal_column(f"""(
CASE
    WHEN tickets.resolved_at IS NOT NULL THEN {_DUE_IN_UTC} + '2000 years'::interval
    WHEN tickets.paused_at IS NOT NULL THEN {_DUE_IN_UTC} + '1000 years'::interval
    ELSE {_DUE_IN_UTC}
END)""", DateTime()), Ticket.id)
"""What is due first stands first; a thousand years later what waits for the customer, then what is done."""
Index("ix_tickets_due", *BY_TIME_LEFT)


class TicketComment(TenantModel):
    """What somebody wrote: for the customer too where it is public, else for staff only. It is never changed."""

    __tablename__ = "ticket_comments"
    __table_args__ = (Index("ix_ticket_comments_ticket_id", "ticket_id", "id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="RESTRICT"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    author_name: Mapped[str]
    is_public: Mapped[bool]
    body: Mapped[str]
    created_at: Mapped[datetime]


class TicketAttachment(TenantModel):
    """A file that belongs to a ticket: a photo of a cut cable, a screenshot."""

    __tablename__ = "ticket_attachments"
    __table_args__ = (
        UniqueConstraint("file_id"),
        Index("ix_ticket_attachments_ticket_id", "ticket_id", "id"),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="RESTRICT"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id", ondelete="RESTRICT"))

    file: Mapped[StoredFile] = relationship(lazy="raise")


class TicketEvent(TenantModel):
    """What happened to a ticket: who moved, assigned, changed or merged it, from what to what."""

    __tablename__ = "ticket_events"
    __audited__ = False
    __table_args__ = (
        CheckConstraint("kind IN ('opened', 'moved', 'assigned', 'changed', 'merged', 'late')", name="kind"),
        Index("ix_ticket_events_ticket_id", "ticket_id", "id"),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    before: Mapped[str] = mapped_column(server_default=text("''"))
    after: Mapped[str] = mapped_column(server_default=text("''"))
    note: Mapped[str] = mapped_column(server_default=text("''"))
    actor_name: Mapped[str]
    happened_at: Mapped[datetime]


class TicketYear(TenantModel):
    """The next number of a year: taken last, in the transaction that opens the ticket, so none is left out."""

    __tablename__ = "ticket_years"
    __audited__ = False
    __table_args__ = (UniqueConstraint("year"), CheckConstraint("next_number > 0", name="next_number"))

    year: Mapped[int]
    next_number: Mapped[int]

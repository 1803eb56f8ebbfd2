"""Billing runs and their chunks. A chunk row is the truth about what is still to bill; a queued job only hurries it."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.core.db import TenantModel
from ispbill.customers.models import Customer


class RunStatus(StrEnum):
    """The life of a run: it waits for approval where the tenant wants that, then runs, then is completed.

    It is incomplete where a service was neither billed nor left out for a named reason.
    """

    AWAITING_APPROVAL = "awaiting_approval"
    RUNNING = "running"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"


class BillingRun(TenantModel):
    """The billing of everything due by a local day; one row a day, however often it is run.

    `held_by` keeps a run that waits from being approved by the clock. `coverage` counts, once the run is through, the
    services by what became of each.
    """

    __tablename__ = "billing_runs"
    __table_args__ = (
        UniqueConstraint("billing_on"),
        CheckConstraint("status IN ('awaiting_approval', 'running', 'completed', 'incomplete')", name="status"),
    )

    billing_on: Mapped[date]
    status: Mapped[str]
    requested_by: Mapped[str]
    approved_by: Mapped[str | None]
    created_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    held_by: Mapped[str | None]
    coverage: Mapped[dict[str, int] | None] = mapped_column(JSONB)

    chunks: Mapped[list[BillingRunChunk]] = relationship(
        lazy="raise", order_by="BillingRunChunk.ordinal", passive_deletes="all")


class BillingRunChunk(TenantModel):
    """A range of customers billed in one transaction, and what came of it."""

    __tablename__ = "billing_run_chunks"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("run_id", "ordinal"),
        CheckConstraint("status IN ('pending', 'done')", name="status"),
        Index("ix_billing_run_chunks_pending", "run_id", postgresql_where=text("status = 'pending'")),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("billing_runs.id", ondelete="RESTRICT"))
    ordinal: Mapped[int]
    first_customer_id: Mapped[int]
    last_customer_id: Mapped[int]
    status: Mapped[str] = mapped_column(server_default=text("'pending'"))
    subscription_count: Mapped[int] = mapped_column(server_default=text("0"))
    invoice_count: Mapped[int] = mapped_column(server_default=text("0"))
    line_count: Mapped[int] = mapped_column(server_default=text("0"))
    total_minor: Mapped[int] = mapped_column(server_default=text("0"))
    finished_at: Mapped[datetime | None]


class BillingRunException(TenantModel):
    """A customer that the run parked, with the reason; cleared when it bills them after all.

    Where only the amount `is_unusual`, `released_by` looked at it and lets it be billed.
    """

    __tablename__ = "billing_run_exceptions"
    __table_args__ = (
        UniqueConstraint("run_id", "customer_id"),
        Index("ix_billing_run_exceptions_customer_id", "customer_id"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("billing_runs.id", ondelete="RESTRICT"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    reason: Mapped[str]
    created_at: Mapped[datetime]
    is_unusual: Mapped[bool] = mapped_column(server_default=text("false"))
    released_by: Mapped[str | None]

    customer: Mapped[Customer] = relationship(lazy="raise")

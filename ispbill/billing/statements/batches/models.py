"""Batches of statements: which days, whose, and what became of each. A row for each customer makes it happen once."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class Outcome(StrEnum):
    """What became of one customer's statement."""

    QUEUED = "queued"
    NO_ADDRESS = "no_address"


class StatementBatch(TenantModel):
    """Statements from a day to a day, both included, for the customers that a list showed when it was ordered."""

    __tablename__ = "statement_batches"
    __table_args__ = (CheckConstraint("until >= since", name="until"),)

    since: Mapped[date]
    until: Mapped[date]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]


class StatementDelivery(TenantModel):
    """One customer's statement of a batch; without an outcome it waits."""

    __tablename__ = "statement_deliveries"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("batch_id", "customer_id"),
        CheckConstraint("outcome IN ('queued', 'no_address')", name="outcome"),
        CheckConstraint("(outcome = 'queued') = (message_id IS NOT NULL) OR outcome IS NULL AND message_id IS NULL",
                        name="message_id"),
        Index("ix_statement_deliveries_waiting", "batch_id", "id", postgresql_where=text("outcome IS NULL")),
        Index("ix_statement_deliveries_customer_id", "customer_id"),
        Index("ix_statement_deliveries_message_id", "message_id", postgresql_where=text("message_id IS NOT NULL")),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("statement_batches.id", ondelete="RESTRICT"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    outcome: Mapped[str | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="RESTRICT"))

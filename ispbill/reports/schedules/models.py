"""Schedules of reports, and a row for each time one was due: it is written once, whoever asks how often."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ispbill.accounts.models import User
from ispbill.core.db import TenantModel
from ispbill.notifications.models import Message

_RUNS = text("ended_at IS NULL")


class Outcome(StrEnum):
    """What became of a sending: a message was queued, or its reader may not have the report any more."""

    QUEUED = "queued"
    REFUSED = "refused"


class ReportSchedule(TenantModel):
    """A report that a member of the staff gets by e-mail, perhaps of one area, until it is stopped.

    The file goes with it for who may export reports.
    """

    __tablename__ = "report_schedules"
    __table_args__ = (
        CheckConstraint("rhythm IN ('daily', 'weekly', 'monthly')", name="rhythm"),
        CheckConstraint("file_format IN ('csv', 'xlsx', 'pdf')", name="file_format"),
        Index("uq_report_schedules_running", "report", "rhythm", "user_id", text("coalesce(area_id, 0)"), unique=True,
              postgresql_where=_RUNS),
        Index("ix_report_schedules_area_id", "area_id", postgresql_where=text("area_id IS NOT NULL")),
        Index("ix_report_schedules_due", "next_on", "id", postgresql_where=_RUNS),
        Index("ix_report_schedules_user_id", "user_id"),
    )

    report: Mapped[str]
    rhythm: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="RESTRICT"))
    file_format: Mapped[str] = mapped_column(server_default=text("'csv'"))
    next_on: Mapped[date]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")


class ReportSending(TenantModel):
    """One time that a schedule was due: the days that its report was about, and the message."""

    __tablename__ = "report_sendings"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("schedule_id", "due_on"),
        CheckConstraint("outcome IN ('queued', 'refused')", name="outcome"),
        CheckConstraint("(outcome = 'queued') = (message_id IS NOT NULL)", name="message_id"),
        Index("ix_report_sendings_message_id", "message_id", postgresql_where=text("message_id IS NOT NULL")),
    )

    schedule_id: Mapped[int] = mapped_column(ForeignKey("report_schedules.id", ondelete="RESTRICT"))
    due_on: Mapped[date]
    since: Mapped[date]
    until: Mapped[date]
    outcome: Mapped[str]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]

    message: Mapped[Message | None] = relationship(lazy="raise")

"""Reads of schedules: the list, one, what was sent, what is due."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ispbill.accounts.models import User, UserStatus
from ispbill.areas.models import Area
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.notifications.models import Message
from ispbill.reports.schedules.models import ReportSchedule, ReportSending

NEWEST_FIRST = SortKey((ReportSchedule.id,), descending=True)
NEWEST_SENDING_FIRST = SortKey((ReportSending.id,), descending=True)


def running() -> AnySelect:
    """Schedules that are not stopped, with who gets them and the day on which they were sent last."""
    last = (
        select(func.max(ReportSending.due_on)).where(ReportSending.schedule_id == ReportSchedule.id)
        .correlate(ReportSchedule).scalar_subquery()
    )
    return select(
        ReportSchedule.id, ReportSchedule.report, ReportSchedule.rhythm, ReportSchedule.next_on, User.full_name,
        User.email, last.label("last_on"), ReportSchedule.file_format, Area.name.label("area"),
    ).join(User, User.id == ReportSchedule.user_id).outerjoin(Area, Area.id == ReportSchedule.area_id).where(
        ReportSchedule.ended_at.is_(None))


def get(schedule_id: int) -> ReportSchedule | None:
    """A schedule with who gets it."""
    return db.session.scalars(
        select(ReportSchedule).where(ReportSchedule.id == schedule_id).options(joinedload(ReportSchedule.user))
    ).one_or_none()


def same(report: str, rhythm: str, user_id: int, area_id: int | None) -> ReportSchedule | None:
    """The running schedule by which somebody gets a report, of an area or of all, that often already."""
    return db.session.scalars(select(ReportSchedule).where(
        ReportSchedule.report == report, ReportSchedule.rhythm == rhythm, ReportSchedule.user_id == user_id,
        ReportSchedule.ended_at.is_(None), ReportSchedule.area_id.is_not_distinct_from(area_id),
    )).one_or_none()


def everything(statement: AnySelect, order: SortKey) -> Sequence[AnyRow]:
    """All rows of a list, the newest first."""
    return db.session.execute(statement.order_by(*(column.desc() for column in order.columns))).all()


def sendings(schedule_id: int) -> AnySelect:
    """What became of a schedule each time it was due, with the state of its message."""
    return select(
        ReportSending.id, ReportSending.due_on, ReportSending.since, ReportSending.until, ReportSending.outcome,
        ReportSending.message_id, Message.status.label("message_status"),
    ).outerjoin(Message, Message.id == ReportSending.message_id).where(ReportSending.schedule_id == schedule_id)


def due(today: date) -> Sequence[ReportSchedule]:
    """Schedules whose day has come, locked; one that somebody else is at is left to them."""
    return db.session.scalars(
        select(ReportSchedule).where(ReportSchedule.ended_at.is_(None), ReportSchedule.next_on <= today)
        .options(joinedload(ReportSchedule.user, innerjoin=True)).order_by(ReportSchedule.id)
        .with_for_update(of=ReportSchedule, skip_locked=True).execution_options(populate_existing=True)
    ).all()


def people() -> list[tuple[int, str]]:
    """The staff who can sign in, for a form."""
    rows = db.session.execute(
        select(User.id, User.full_name, User.email).where(User.status == UserStatus.ACTIVE)
        .order_by(by_letters(User.full_name))
    )
    return [(row.id, f"{row.full_name} ({row.email})") for row in rows]

"""Reads of what staff did: tickets by category and by who resolved them, installations by who was sent.

Removed tickets, and those merged into another, never count.
"""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from ispbill.accounts.models import User
from ispbill.core.db import AnyRow, db
from ispbill.core.i18n import gettext as _
from ispbill.core.matching import by_letters
from ispbill.core.pagination import AnyColumn
from ispbill.reports.definitions.policy import Scope
from ispbill.reports.definitions.queries import in_days, in_time, lives_in, local_day, step_of
from ispbill.subscriptions.models import Installation
from ispbill.support.desk.models import TicketCategory
from ispbill.support.tickets.models import Ticket, TicketStatus
from ispbill.support.tickets.policy import UNRESOLVED

_COUNTS = (Ticket.status != TicketStatus.REMOVED, Ticket.merged_into_id.is_(None))
_RESOLVED = Ticket.resolved_at.is_not(None)
_OPEN = Ticket.status.in_(UNRESOLVED)
_LATE = Ticket.resolution_late_at.is_not(None)


def tickets_by_category(scope: Scope) -> Sequence[AnyRow]:
    """Tickets opened in the period, by category: how many, how late, and the seconds that they took."""
    return db.session.execute(
        select(
            TicketCategory.id, TicketCategory.name, func.count().label("opened"),
            _count(_RESOLVED).label("resolved"), _count(_OPEN).label("unresolved"),
            _count(Ticket.first_response_at.is_not(None)).label("answered"),
            _count(Ticket.response_late_at.is_not(None)).label("answered_late"), _count(_LATE).label("resolved_late"),
            _count(Ticket.reopened_count > 0).label("reopened"),
            _seconds(Ticket.first_response_at - Ticket.opened_at).label("response_seconds"),
            (_seconds(Ticket.resolved_at - Ticket.opened_at)
             - func.coalesce(func.sum(Ticket.paused_seconds).filter(_RESOLVED), 0)).label("work_seconds"),
        ).join(Ticket, Ticket.category_id == TicketCategory.id)
        .where(*_COUNTS, in_time(Ticket.opened_at, scope), *_home(scope))
        .group_by(TicketCategory.id).order_by(func.count().desc(), by_letters(TicketCategory.name))
    ).all()


def tickets_by_step(scope: Scope) -> dict[str, dict[object, int]]:
    """Tickets opened and tickets resolved, by step."""
    found: dict[str, dict[object, int]] = {}
    for name, instant in ((_("Opened"), Ticket.opened_at), (_("Resolved"), Ticket.resolved_at)):
        step = step_of(local_day(instant), scope)
        rows = db.session.execute(select(step, func.count()).where(
            *_COUNTS, in_time(instant, scope), *_home(scope)).group_by(step))
        found[name] = {day: count for day, count in rows}
    return found


def resolved_by(scope: Scope) -> Sequence[AnyRow]:
    """Tickets resolved in the period by who resolved them."""
    return db.session.execute(
        select(
            Ticket.resolved_by_id.label("user_id"), func.count().label("resolved"), _count(_LATE).label("late"),
            _count(Ticket.reopened_count > 0).label("reopened"),
            (_seconds(Ticket.resolved_at - Ticket.opened_at) - func.coalesce(func.sum(Ticket.paused_seconds), 0))
            .label("work_seconds"),
        ).where(*_COUNTS, _RESOLVED, Ticket.resolved_by_id.is_not(None), in_time(Ticket.resolved_at, scope))
        .group_by(Ticket.resolved_by_id)
    ).all()


def assigned_now() -> dict[int, int]:
    """How many unresolved tickets each person has."""
    rows = db.session.execute(
        select(Ticket.assignee_id, func.count()).where(*_COUNTS, _OPEN, Ticket.assignee_id.is_not(None))
        .group_by(Ticket.assignee_id)
    )
    return {user_id: count for user_id, count in rows if user_id is not None}


def installed_by(scope: Scope) -> Sequence[AnyRow]:
    """Installations completed in the period by who was sent: how many, and how many days after the day planned."""
    late = func.greatest(Installation.installed_on - Installation.scheduled_on, 0)
    return db.session.execute(
        select(Installation.technician_id.label("user_id"), func.count().label("installed"),
               cast(func.sum(late), BigInteger).label("late_days"))
        .where(in_days(Installation.installed_on, scope), Installation.technician_id.is_not(None))
        .group_by(Installation.technician_id)
    ).all()


def names_of(user_ids: Sequence[int]) -> dict[int, str]:
    """The names of some staff."""
    some = select(User.id, User.full_name).where(User.id.in_(user_ids))
    rows = db.session.execute(some.order_by(by_letters(User.full_name)))
    return {user_id: name for user_id, name in rows}


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def _seconds(span: AnyColumn) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(func.extract("epoch", span)), 0), BigInteger)


def _home(scope: Scope) -> list[ColumnElement[bool]]:
    return lives_in(Ticket.customer_id, scope)

"""Reads of the outbox: what is due, the log."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, or_, select

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.pagination import SortKey
from ispbill.core.text import like_pattern
from ispbill.notifications.models import Message, MessageStatus

NEWEST_FIRST = SortKey((Message.__table__.c.id,), descending=True)


def due(limit: int = 200) -> Sequence[int]:
    """The ids of messages whose time has come, the longest overdue first."""
    return db.session.scalars(
        select(Message.id)
        .where(Message.status == MessageStatus.QUEUED, Message.next_attempt_at <= current.now())
        .order_by(Message.next_attempt_at).limit(limit)
    ).all()


def messages(term: str = "", *, status: str | None = None) -> Select[Any]:
    """The messages that fit."""
    statement: Select[Any] = select(Message)
    if term:
        pattern = like_pattern(term)
        statement = statement.where(or_(Message.recipient.ilike(pattern), Message.subject.ilike(pattern)))
    return statement.where(Message.status == status) if status else statement


def newest(term: str, *, status: str | None, limit: int = 50_000) -> Sequence[Message]:
    """The newest messages that fit, for an export."""
    return db.session.scalars(messages(term, status=status).order_by(Message.id.desc()).limit(limit)).all()


def message(message_id: int) -> Message | None:
    """One message."""
    return db.session.get(Message, message_id)

"""Reads of the outbox: what is due, the log."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, or_, select

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.pagination import SortKey
from ispbill.core.text import like_pattern
from ispbill.notifications.models import Message, MessageStatus

NEWEST_FIRST = SortKey((Message.__table__.c.id,), descending=True)


def due(channels: Collection[str], limit: int = 200) -> Sequence[int]:
    """The ids of messages of some channels whose time has come, the longest overdue first, then the oldest."""
    return db.session.scalars(
        select(Message.id)
        .where(Message.status == MessageStatus.QUEUED, Message.next_attempt_at <= current.now(),
               Message.channel.in_(channels))
        .order_by(Message.next_attempt_at, Message.id).limit(limit)
    ).all()


def messages(term: str = "", *, status: str | None = None, channel: str | None = None) -> Select[Any]:
    """The messages that fit."""
    statement: Select[Any] = select(Message)
    if term:
        pattern = like_pattern(term)
        statement = statement.where(or_(Message.recipient.ilike(pattern), Message.subject.ilike(pattern)))
    if channel:
        statement = statement.where(Message.channel == channel)
    return statement.where(Message.status == status) if status else statement


def newest(term: str, *, status: str | None, channel: str | None = None, limit: int = 50_000) -> Sequence[Message]:
    """The newest messages that fit, for an export."""
    found = messages(term, status=status, channel=channel)
    return db.session.scalars(found.order_by(Message.id.desc()).limit(limit)).all()


def message(message_id: int) -> Message | None:
    """One message."""
    return db.session.get(Message, message_id)

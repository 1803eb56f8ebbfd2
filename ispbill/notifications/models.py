"""The outbox. A message is a row first; sending it is a job that may run twice and sends once."""
from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class MessageStatus(StrEnum):
    """The life of a message."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"


class Message(TenantModel):
    """One e-mail or text to one recipient. `unique_key` keeps a second one for the same event out.

    `enclosure` names the paper that goes with it, such as `invoice:7`: it is made when the message is sent. `sealed` is
    what the body leaves out (a link that lets its reader in), encrypted until it is sent. Of a text the provider tells
    its id and reports how far it came (`delivery`); it is billed by `segments`.
    """

    __tablename__ = "messages"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("unique_key"),
        CheckConstraint("status IN ('queued', 'sent', 'failed')", name="status"),
        CheckConstraint("channel IN ('email', 'sms')", name="channel"),
        CheckConstraint("(channel = 'sms') = (segments IS NOT NULL)", name="segments"),
        Index("ix_messages_due", "next_attempt_at", postgresql_where=text("status = 'queued'")),
        Index("ix_messages_recipient", text("lower(recipient)"), "created_at", "id"),
    )

    channel: Mapped[str] = mapped_column(server_default=text("'email'"))
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    sealed: Mapped[str | None]
    enclosure: Mapped[str | None]
    template: Mapped[str]
    unique_key: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'queued'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    segments: Mapped[int | None] = mapped_column(SmallInteger)
    provider_id: Mapped[str | None]
    delivery: Mapped[str | None]

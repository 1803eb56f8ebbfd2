"""Reads of one-time links."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select

from ispbill.accounts.models import OneTimeToken, User, UserStatus
from ispbill.core.crypto import digest
from ispbill.core.current import current
from ispbill.core.db import db


def holder_of_link(token: str, *, lock: bool = False) -> User | None:
    """The active user whom a link lets set a password; None for a link used up, expired or unknown."""
    statement = select(User).join(OneTimeToken, OneTimeToken.user_id == User.id).where(
        OneTimeToken.token_digest == digest(token), OneTimeToken.used_at.is_(None),
        OneTimeToken.expires_at > current.now(), User.status == UserStatus.ACTIVE,
    )
    if lock:
        statement = statement.with_for_update(of=OneTimeToken)
    return db.session.scalars(statement).one_or_none()


def has_live_link(user_id: int, *, issued_after: datetime) -> bool:
    """Whether a link for the user was issued after an instant and can still be used."""
    return bool(db.session.scalar(select(exists().where(
        OneTimeToken.user_id == user_id, OneTimeToken.used_at.is_(None),
        OneTimeToken.created_at > issued_after, OneTimeToken.expires_at > current.now(),
    ))))


def invitation_of(user_id: int) -> OneTimeToken | None:
    """The invitation of a user that still works: when it was sent and until when it does."""
    return db.session.scalars(select(OneTimeToken).where(
        OneTimeToken.user_id == user_id, OneTimeToken.purpose == "invitation", OneTimeToken.used_at.is_(None),
        OneTimeToken.expires_at > current.now(),
    ).order_by(OneTimeToken.id.desc()).limit(1)).first()

"""Reads of sessions: who holds a token, with all their rights, in one query; the browsers of a user."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from ispbill.accounts.models import User, UserSession, UserStatus
from ispbill.accounts.queries import held_by_user, roles_of_user
from ispbill.accounts.second_factors.queries import lacks_second_factor
from ispbill.core.crypto import digest
from ispbill.core.current import current
from ispbill.core.db import db


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a live session belongs to."""

    session_id: int
    user_id: int
    full_name: str
    is_owner: bool
    permissions: frozenset[str]
    last_seen_at: datetime
    lacks_second_factor: bool
    roles: str = ""


@dataclass(frozen=True, slots=True)
class Half:
    """A session whose holder has given the password, and not yet the second factor."""

    session_id: int
    user_id: int
    full_name: str


# Every request asks for its holder: the statement is put together once.
_HOLDERS = (
    select(UserSession.id, User.id, User.full_name, User.is_owner, held_by_user(), UserSession.last_seen_at,
           lacks_second_factor(), roles_of_user())
    .join(User, User.id == UserSession.user_id).where(~UserSession.awaits_second_factor)
)


def holder(token: str) -> Holder | None:
    """The user of a live session of an active account; None for any other token."""
    row = db.session.execute(_HOLDERS.where(*_opened_by(token))).one_or_none()
    if row is None:
        return None
    session_id, user_id, full_name, is_owner, permissions, last_seen_at, lacks, roles = row
    return Holder(session_id, user_id, full_name, is_owner, frozenset(permissions or ()), last_seen_at, lacks,
                  roles or "")


def half(token: str) -> Half | None:
    """The session that awaits the second factor; None for any other token."""
    row = db.session.execute(
        select(UserSession.id, User.id, User.full_name).join(User, User.id == UserSession.user_id)
        .where(*_opened_by(token), UserSession.awaits_second_factor)
    ).one_or_none()
    return Half(*row) if row else None


def live_sessions(user_id: int) -> Sequence[UserSession]:
    """The browsers a user is signed in with, the one used last first."""
    return db.session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None), ~UserSession.awaits_second_factor,
               UserSession.expires_at > current.now())
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
    ).all()


def _opened_by(token: str) -> tuple[ColumnElement[bool], ...]:
    return (UserSession.token_digest == digest(token), UserSession.revoked_at.is_(None),
            UserSession.expires_at > current.now(), User.status == UserStatus.ACTIVE)

"""Verbs of sessions. A failed sign-in tells nobody why, takes as long as any other, and is counted."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update

from ispbill.accounts import policy
from ispbill.accounts.models import User, UserSession, UserStatus
from ispbill.accounts.second_factors.queries import has_second_factor
from ispbill.accounts.sessions.queries import Half
from ispbill.audit import service as audit
from ispbill.core.crypto import new_token, password_matches
from ispbill.core.current import acting_as, current
from ispbill.core.db import db
from ispbill.core.errors import Invalid, NotFound
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

_WITHOUT_TRACE = {"synchronize_session": False}
REFUSAL = Invalid(
    lazy("The e-mail address or the password is not right, or the account is locked after several failures. Wait a "
         "quarter of an hour, or set a new password.")
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session of a user: the token for its browser, and whether the second factor is still to be given."""

    user_id: int
    token: str
    awaits_second_factor: bool


def sign_in(email: str, *, password: str, lifetime: timedelta = policy.SESSION_LIFETIME) -> Opened | None:
    """A new session, or None where the credentials do not fit, or the account is locked.

    A failure must be committed too, because it counts: so it is a value, not an error.
    """
    address = policy.stored_spelling(email)
    user = db.session.scalars(select(User).where(User.email == address)).one_or_none()
    fits = password_matches(user.password_hash if user else None, password)
    if user is not None and fits and _admit(user):
        return _await(user) if has_second_factor(user.id) else _open(user, lifetime)
    audit.note("sign_in_failed", entity="session", entity_id=user.id if user else None,
               label=address[:200] if "@" in address else "")
    if user is not None and not fits:
        _count_failure(user)
    return None


def complete(half: Half, *, lifetime: timedelta = policy.SESSION_LIFETIME) -> Opened:
    """Put a session that opens everything in the place of one that awaited the second factor, which was given."""
    _end(UserSession.id == half.session_id)
    return _open(db.session.get_one(User, half.user_id), lifetime)


def revoke_half(half: Half) -> None:
    """End a session for which the second factor will not come."""
    _end(UserSession.id == half.session_id)


def sign_out(session_id: int) -> None:
    """End a session that is being used."""
    _end(UserSession.id == session_id)
    audit.note("signed_out", entity="session", entity_id=session_id, label=current.actor.name)


def revoke(session_id: int, *, user_id: int) -> None:
    """End one session of a user from elsewhere. Raises NotFound when the user has no such live session."""
    if not _end(UserSession.id == session_id, UserSession.user_id == user_id):
        raise NotFound(_("This session has ended already."))
    audit.note("revoked", entity="session", entity_id=session_id)


def revoke_all(user_id: int, *, except_id: int | None = None) -> int:
    """End every session of a user but one; returns how many ended."""
    ended = _end(UserSession.user_id == user_id, UserSession.id != (except_id or 0))
    if ended:
        audit.note("revoked", entity="session", after={"user_id": user_id, "sessions": ended})
    return ended


def note_seen(session_id: int) -> None:
    """Write down that a session was used; another request that does so at this moment is not waited for."""
    free = select(UserSession.id).where(UserSession.id == session_id).with_for_update(skip_locked=True)
    db.session.execute(
        update(UserSession).where(UserSession.id.in_(free)).values(last_seen_at=current.now())
        .execution_options(**_WITHOUT_TRACE)
    )


def forget_ended() -> None:
    """Remove the sessions that ran out or were revoked more than 30 days ago."""
    until = current.now() - policy.ENDED_KEPT
    db.session.execute(
        delete(UserSession).where(or_(UserSession.expires_at < until, UserSession.revoked_at < until))
        .execution_options(**_WITHOUT_TRACE)
    )


def _admit(user: User) -> bool:
    now = current.now()
    admitted = db.session.execute(
        update(User)
        .where(User.id == user.id, User.status == UserStatus.ACTIVE,
               or_(User.locked_until.is_(None), User.locked_until <= now))
        .values(failed_sign_in_count=0, locked_until=None)
        .returning(User.id).execution_options(**_WITHOUT_TRACE)
    )
    return admitted.one_or_none() is not None


def _count_failure(user: User) -> None:
    now = current.now()
    if user.locked_until is not None and user.locked_until > now:
        return
    failures = db.session.scalar(
        update(User).where(User.id == user.id).values(failed_sign_in_count=User.failed_sign_in_count + 1)
        .returning(User.failed_sign_in_count).execution_options(**_WITHOUT_TRACE)
    )
    lock = policy.lock_after(failures or 0)
    if lock is not None:
        db.session.execute(
            update(User).where(User.id == user.id).values(locked_until=now + lock)
            .execution_options(**_WITHOUT_TRACE)
        )
        audit.note("locked_out", entity="user", entity_id=user.id, label=user.full_name,
                   after={"failures": failures, "until": now + lock})


def _await(user: User) -> Opened:
    return Opened(user.id, _begin(user, lifetime=policy.HALF_SESSION_LIFETIME, awaits=True)[0], True)


def _open(user: User, lifetime: timedelta) -> Opened:
    token, session_id = _begin(user, lifetime=lifetime, awaits=False)
    db.session.execute(
        update(User).where(User.id == user.id).values(last_signed_in_at=current.now())
        .execution_options(**_WITHOUT_TRACE)
    )
    with acting_as(replace(current.actor, kind="user", name=user.full_name, user_id=user.id)):
        audit.note("signed_in", entity="session", entity_id=session_id, label=user.full_name)
    return Opened(user.id, token, False)


def _begin(user: User, *, lifetime: timedelta, awaits: bool) -> tuple[str, int]:
    token, now, actor = new_token("ses"), current.now(), current.actor
    row = UserSession(
        user_id=user.id, token_digest=token.digest, ip_address=actor.ip_address,
        user_agent=(actor.user_agent or "")[:300] or None, created_at=now, last_seen_at=now,
        expires_at=now + lifetime, awaits_second_factor=awaits,
    )
    db.session.add(row)
    db.session.flush()
    return token.plain, row.id


def _end(*conditions: ColumnElement[bool]) -> int:
    ended = db.session.execute(
        update(UserSession).where(*conditions, UserSession.revoked_at.is_(None))
        .values(revoked_at=current.now()).returning(UserSession.id).execution_options(**_WITHOUT_TRACE)
    )
    return len(ended.all())

"""Verbs of passwords: send a link, set by link, change. A link works once, and only a user's newest does."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import delete, or_, select, update

from ispbill import config
from ispbill.accounts import policy
from ispbill.accounts.models import OneTimeToken, User, UserStatus
from ispbill.accounts.passwords.queries import has_live_link, holder_of_link
from ispbill.accounts.sessions import service as sessions
from ispbill.core.crypto import hash_password, new_token, password_matches
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Invalid, NotFound
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _


class LinkPurpose(StrEnum):
    """Why somebody is sent a link."""

    RESET = "reset"
    INVITATION = "invitation"

    @property
    def lifetime(self) -> timedelta:
        """How long the link works."""
        return policy.RESET_LIFETIME if self is LinkPurpose.RESET else policy.INVITATION_LIFETIME


@dataclass(frozen=True, slots=True)
class LinkIssued:
    """Somebody is to be sent a link with which they set their password. The link is a secret."""

    purpose: LinkPurpose
    token_id: int
    email: str
    full_name: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """Somebody's password is a new one; they are told, in case it was not them."""

    user_id: int
    email: str
    full_name: str


def request_reset(email: str) -> None:
    """Send a link to the address if an active user has it. Whoever asks does not learn whether one has."""
    user = db.session.scalars(
        select(User).where(User.email == policy.stored_spelling(email), User.status == UserStatus.ACTIVE)
    ).one_or_none()
    if user is not None and not has_live_link(user.id, issued_after=current.now() - policy.RESET_PAUSE):
        send_link(user, LinkPurpose.RESET)


def send_link(user: User, purpose: LinkPurpose) -> str:
    """Issue a link and publish it, so that it is sent; returns its token."""
    plain, token_id = _issue(user, purpose)
    publish(LinkIssued(
        purpose=purpose, token_id=token_id, email=user.email, full_name=user.full_name,
        url=set_password_url(plain),
    ))
    return plain


def issue_token(user: User) -> str:
    """The token of a new invitation that nobody is sent: for whoever opens the company."""
    return _issue(user, LinkPurpose.INVITATION)[0]


def set_password_url(token: str) -> str:
    """The address of this company at which the holder of a token sets a password."""
    return f"{config.site()}/password/set/{token}"


def set_by_link(token: str, *, password: str) -> User:
    """Set the password of the link's holder, use the link up, and end their sessions.

    Raises NotFound for a link that does not work any more, Invalid for a poor password.
    """
    user = holder_of_link(token, lock=True)
    if user is None:
        raise NotFound(_("This link does not work any more. Ask for a new one."))
    policy.check_password(password, email=user.email)
    _store(user, password)
    sessions.revoke_all(user.id)
    return user


def change(user_id: int, *, present: str, password: str, session_id: int) -> User:
    """Change one's own password; other browsers are signed out. Raises Invalid for a wrong or poor one."""
    user = db.session.get_one(User, user_id)
    if not password_matches(user.password_hash, present):
        raise Invalid(_("This is not your present password."), field="present")
    policy.check_password(password, email=user.email)
    _store(user, password)
    sessions.revoke_all(user_id, except_id=session_id)
    return user


def cancel_links(user_id: int) -> None:
    """Make every link of a user useless."""
    db.session.execute(
        update(OneTimeToken).where(OneTimeToken.user_id == user_id, OneTimeToken.used_at.is_(None))
        .values(used_at=current.now()).execution_options(synchronize_session=False)
    )


def forget_dead_links() -> None:
    """Remove the links that ran out or were used more than 30 days ago."""
    until = current.now() - policy.ENDED_KEPT
    db.session.execute(
        delete(OneTimeToken).where(or_(OneTimeToken.expires_at < until, OneTimeToken.used_at < until))
        .execution_options(synchronize_session=False)
    )


def _issue(user: User, purpose: LinkPurpose) -> tuple[str, int]:
    cancel_links(user.id)
    token, now = new_token("set"), current.now()
    row = OneTimeToken(user_id=user.id, purpose=purpose.value, token_digest=token.digest, created_at=now,
                       expires_at=now + purpose.lifetime)
    db.session.add(row)
    db.session.flush()
    return token.plain, row.id


def _store(user: User, password: str) -> None:
    user.password_hash = hash_password(password)
    user.failed_sign_in_count, user.locked_until = 0, None
    cancel_links(user.id)
    db.session.flush()
    publish(PasswordSet(user_id=user.id, email=user.email, full_name=user.full_name))

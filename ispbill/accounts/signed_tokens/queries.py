"""Reads of signed tokens: whose session one stands for, and what it says of them."""
from __future__ import annotations

from sqlalchemy import select

from ispbill import config
from ispbill.accounts.models import Role, User, UserRole
from ispbill.accounts.sessions import queries as sessions
from ispbill.accounts.sessions.queries import Holder
from ispbill.accounts.signed_tokens import policy
from ispbill.core.crypto import derive
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.matching import by_letters

OWNER_ROLE = "Owner"


def holder(token: str) -> Holder | None:
    """The user of a token whose session lives, with all their rights as they are now; None for any other token."""
    session = policy.session_of(token, key=signing_key(), tenant=current.tenant.code, now=current.now())
    return sessions.holder(session) if session else None


def claims_of(user_id: int, *, session: str) -> policy.Claims:
    """What a token says of a user of the bound company."""
    user = db.session.get_one(User, user_id)
    return policy.Claims(sub=str(user.id), role=_role_names(user), tenant=current.tenant.code, email=user.email,
                         jti=session)


def signing_key() -> str:
    """The key of the bound company's tokens, derived from the installation's: no company's opens another."""
    return derive(config.settings().secret_key, f"signed tokens of {current.tenant.code}")


def _role_names(user: User) -> str:
    names = db.session.scalars(
        select(Role.name).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == user.id)
        .order_by(by_letters(Role.name))
    ).all()
    return ", ".join([OWNER_ROLE, *names] if user.is_owner and OWNER_ROLE not in names else names)

"""Reads of API tokens: who holds one, with the rights it gives, in one query; the list."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from ispbill.accounts.models import ApiToken, User, UserStatus
from ispbill.accounts.queries import held_by_user
from ispbill.core.crypto import digest
from ispbill.core.current import current
from ispbill.core.db import AnyRow, db
from ispbill.core.pagination import SortKey
from ispbill.core.permissions import ALL
from ispbill.core.text import like_pattern

NEWEST_FIRST = SortKey((ApiToken.__table__.c.id,), descending=True)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a live token belongs to, and what it may do: its scopes, as far as its user holds them."""

    token_id: int
    token_name: str
    user_id: int
    full_name: str
    permissions: frozenset[str]
    last_used_at: datetime | None


def bearer(plain: str) -> Bearer | None:
    """The holder of a live token of an active user; None for any other token."""
    row = db.session.execute(
        select(ApiToken.id, ApiToken.name, ApiToken.scopes, ApiToken.last_used_at, User.id, User.full_name,
               User.is_owner, held_by_user())
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_digest == digest(plain), ApiToken.revoked_at.is_(None),
               or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > current.now()),
               User.status == UserStatus.ACTIVE)
    ).one_or_none()
    if row is None:
        return None
    token_id, name, scopes, last_used_at, user_id, full_name, is_owner, held = row
    rights = ALL if is_owner else frozenset(held or ())
    return Bearer(token_id, name, user_id, full_name, rights.intersection(scopes), last_used_at)


def tokens(term: str = "") -> Select[Any]:
    """Every token of the company with the name of its user."""
    statement: Select[*tuple[Any, ...]] = select(ApiToken, User.full_name) \
        .join(User, User.id == ApiToken.user_id)
    pattern = like_pattern(term)
    return statement.where(or_(ApiToken.name.ilike(pattern), User.full_name.ilike(pattern)))


def everything(statement: Select[Any]) -> Sequence[AnyRow]:
    """All rows of a listing, the newest first."""
    return db.session.execute(statement.order_by(ApiToken.id.desc())).all()


def token(token_id: int) -> ApiToken | None:
    """One token."""
    return db.session.get(ApiToken, token_id)


def status_of(row: ApiToken) -> str:
    """Whether a token works, as a list shows it."""
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= current.now() else "active"

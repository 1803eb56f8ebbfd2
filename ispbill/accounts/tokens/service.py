"""Verbs of API tokens. A token never does more than its user; its plain text is shown once and not kept."""
from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select, update

from ispbill.accounts import policy
from ispbill.accounts.models import ApiToken
from ispbill.core.crypto import new_token
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Invalid, NotFound
from ispbill.core.i18n import gettext as _
from ispbill.core.permissions import ALL


def create(name: str, *, scopes: Collection[str], days: int | None) -> str:
    """A token for whoever is signed in; the plain text to show them, this once.

    Raises Invalid without a name or scope, Forbidden for a scope they lack themselves.
    """
    title = " ".join(name.split())
    if not 0 < len(title) <= 100:
        raise Invalid(_("Enter a name of at most 100 characters."), field="name")
    if not scopes or frozenset(scopes) - ALL:
        raise Invalid(_("Choose at least one permission of the list."), field="permissions")
    policy.check_may_give(current.actor, scopes, field="permissions")
    token, now = new_token("isp_pat"), current.now()
    db.session.add(ApiToken(
        user_id=current.actor.user_id, name=title, token_digest=token.digest, prefix=token.prefix,
        scopes=sorted(scopes), created_at=now, expires_at=now + timedelta(days=days) if days else None,
    ))
    db.session.flush()
    return token.plain


def revoke(token_id: int) -> ApiToken:
    """Make a token useless, at once. Raises NotFound for an unknown one; a revoked one stays as it is."""
    token = db.session.get(ApiToken, token_id, with_for_update=True)
    if token is None:
        raise NotFound(_("There is no such token."))
    token.revoked_at = token.revoked_at or current.now()
    db.session.flush()
    return token


def note_used(token_id: int) -> None:
    """Write down that a token was used; another request that does so at this moment is not waited for."""
    free = select(ApiToken.id).where(ApiToken.id == token_id).with_for_update(skip_locked=True)
    db.session.execute(
        update(ApiToken).where(ApiToken.id.in_(free)).values(last_used_at=current.now())
        .execution_options(synchronize_session=False)
    )

"""Who calls: a signed session cookie, or under /api/ a bearer token of either kind. A tenant refuses those of others.

The cookie carries the tenant's code beside the session's token, so a cookie of one company is void at another
even where both hold the same ids.
"""
from __future__ import annotations

from dataclasses import replace

from flask import g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import validate_csrf
from wtforms.validators import ValidationError

from ispbill.accounts import policy
from ispbill.accounts.sessions import queries as sessions
from ispbill.accounts.sessions import service as session_verbs
from ispbill.accounts.sessions.queries import Half, Holder
from ispbill.accounts.signed_tokens import queries as signed_tokens
from ispbill.accounts.tokens import queries as tokens
from ispbill.accounts.tokens import service as token_verbs
from ispbill.core.current import ANONYMOUS, Actor, current
from ispbill.core.errors import Conflict, Forbidden, SecondFactorMissing, Unauthenticated
from ispbill.core.i18n import gettext as _
from ispbill.web import guards
from ispbill.web.requests import IspbillFlask

_BEARER = "bearer "
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_HALF = "half_session"
# What somebody may still do who must set up the second factor first.
_BEFORE_SET_UP = ("accounts.set_up_second_factor", "accounts.sign_out")
login_manager = LoginManager()
login_manager.session_protection = None


class Visitor(UserMixin):
    """A signed-in browser, as Flask-Login keeps it in the session cookie."""

    def __init__(self, token: str, holder: Holder | None = None) -> None:
        self.token = token
        self.holder = holder

    def get_id(self) -> str:
        """What the cookie holds: tenant and token."""
        return f"{current.tenant.code}:{self.token}"


def register(app: IspbillFlask) -> None:
    """Install Flask-Login and make `identify` the application's way of knowing who calls."""
    login_manager.init_app(app, add_context_processor=False)
    app.identify = identify


def identify() -> Actor:
    """Who calls, with all their rights, in one query.

    Raises Unauthenticated for a token not valid here, Forbidden for a session that a page of others may have used.
    """
    if guards.is_api():
        header = request.headers.get("Authorization", "")
        if header[:len(_BEARER)].lower() == _BEARER:
            return _by_bearer(header[len(_BEARER):].strip())
        # A browser sends its cookie whoever wrote the page, so to change something the page must be ours.
        if request.method not in _SAFE_METHODS and not _sent_by_our_page():
            return _by_no_session()
    return _by_session()


def remember(token: str) -> None:
    """Make this browser the holder of a session; the session that its cookie held before ends."""
    if "session_holder" in g:
        session_verbs.sign_out(session_id())
    session.clear()
    session.permanent = True
    login_user(Visitor(token))


def remember_half(token: str) -> None:
    """Keep the token of a session that awaits the second factor; it opens nothing yet."""
    session[_HALF] = f"{current.tenant.code}:{token}"


def half_session() -> Half | None:
    """The session of this browser that awaits the second factor."""
    code, _ignored, token = session.get(_HALF, "").partition(":")
    return sessions.half(token) if code == current.tenant.code else None


def forget() -> None:
    """Empty this browser's cookie."""
    logout_user()
    session.clear()


def session_id() -> int:
    """The session that the running request came with. Raises Conflict for an API token, which is of no session."""
    holder: Holder | None = g.get("session_holder")
    if holder is None:
        raise Conflict(_("An API token is of no session. Revoke it on the page of API tokens."))
    return holder.session_id


@login_manager.user_loader
def _visitor(cookie_id: str) -> Visitor | None:
    tenant = current.tenant_or_none
    code, _ignored, token = cookie_id.partition(":")
    if tenant is None or code != tenant.code:
        return None
    holder = sessions.holder(token)
    return Visitor(token, holder) if holder else None


def _sent_by_our_page() -> bool:
    try:
        validate_csrf(request.headers.get("X-CSRFToken", ""))
    except ValidationError:
        return False
    return True


def _by_no_session() -> Actor:
    if getattr(current_user, "holder", None) is not None and _asks_for_somebody():
        raise Forbidden(_("The header X-CSRFToken is missing or wrong. Send the token of a page of this site in it, or "
                          "an API token with Authorization: Bearer."))
    return _actor("anonymous", ANONYMOUS.name)


def _by_session() -> Actor:
    holder: Holder | None = getattr(current_user, "holder", None)
    if holder is None:
        return _actor("anonymous", ANONYMOUS.name)
    return _of_session(holder)


def _of_session(holder: Holder) -> Actor:
    g.session_holder = holder
    if holder.lacks_second_factor and _asks_for_somebody() and request.endpoint not in _BEFORE_SET_UP:
        raise SecondFactorMissing(_("Your company asks you for two-factor sign-in. Set it up to go on."))
    if current.now() - holder.last_seen_at >= policy.SEEN_INTERVAL:
        session_verbs.note_seen(holder.session_id)
    actor = _actor("user", holder.full_name, user_id=holder.user_id, is_owner=holder.is_owner,
                   permissions=holder.permissions)
    return replace(actor, roles=holder.roles)


def _asks_for_somebody() -> bool:
    mark = guards.requested_mark()
    return mark is not None and mark.access in (guards.Access.PERMISSION, guards.Access.SIGNED_IN)


def _by_bearer(plain: str) -> Actor:
    # Only a signed token has two dots: header.claims.signature.
    return _by_signed_token(plain) if plain.count(".") == 2 else _by_api_token(plain)


def _by_signed_token(plain: str) -> Actor:
    holder = signed_tokens.holder(plain)
    if holder is None:
        raise Unauthenticated(_("The token is not valid here: sign in again."))
    return _of_session(holder)


def _by_api_token(plain: str) -> Actor:
    bearer = tokens.bearer(plain)
    if bearer is None:
        raise Unauthenticated(_("The token is not valid here: it is unknown, expired or revoked."))
    if bearer.last_used_at is None or current.now() - bearer.last_used_at >= policy.SEEN_INTERVAL:
        token_verbs.note_used(bearer.token_id)
    return _actor("api", f"{bearer.full_name} ({bearer.token_name})", user_id=bearer.user_id,
                  permissions=bearer.permissions)


def _actor(
    kind: str, name: str, *, user_id: int | None = None, is_owner: bool = False,
    permissions: frozenset[str] = frozenset(),
) -> Actor:
    return Actor(kind=kind, name=name, user_id=user_id, is_owner=is_owner, permissions=permissions,
                 ip_address=request.remote_addr, user_agent=request.headers.get("User-Agent") or None)

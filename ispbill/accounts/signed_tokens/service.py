"""The verb of signed tokens: sign in. Signing out and revoking are those of the session that stands behind the token.

A refusal is counted, and the count must be committed: so a refusal is a value here, not an error.
"""
from __future__ import annotations

from dataclasses import dataclass, field

from ispbill.accounts.policy import SIGNED_TOKEN_LIFETIME
from ispbill.accounts.second_factors import queries as factors
from ispbill.accounts.second_factors import service as second_factors
from ispbill.accounts.sessions import queries as session_rows
from ispbill.accounts.sessions import service as sessions
from ispbill.accounts.sessions.service import Opened
from ispbill.accounts.signed_tokens import policy, queries
from ispbill.core.current import current
from ispbill.core.errors import SecondFactorMissing, Unauthenticated
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

REFUSAL = Unauthenticated(sessions.REFUSAL.message)
CODE_REFUSED = Unauthenticated(second_factors.REFUSAL.message)
CODE_MISSING = Unauthenticated(
    lazy("This account signs in with two factors. Send the code that the app shows now as “code”."), field="code")


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A token for its holder, and for how many seconds it works."""

    lifetime_seconds: int
    plain: str = field(repr=False)


def sign_in(email: str, *, password: str, code: str = "") -> SignedToken | Unauthenticated:
    """A token for an hour; the refusal where password or code do not fit, or the account is locked.

    Raises SecondFactorMissing where the company asks the user for a second factor that they have not set up.
    """
    opened = sessions.sign_in(email, password=password, lifetime=SIGNED_TOKEN_LIFETIME)
    if opened is None:
        return REFUSAL
    if opened.awaits_second_factor:
        return _with_code(opened, code)
    if factors.must_have_second_factor(opened.user_id):
        raise SecondFactorMissing(_("Your company asks you for two-factor sign-in. Set it up on your profile page."))
    return _signed(opened)


def _with_code(opened: Opened, code: str) -> SignedToken | Unauthenticated:
    half = session_rows.half(opened.token)
    assert half is not None, "it was opened just now"
    if not code:
        sessions.revoke_half(half)
        return CODE_MISSING
    complete = second_factors.present(half, code=code, lifetime=SIGNED_TOKEN_LIFETIME)
    return _signed(complete) if complete else CODE_REFUSED


def _signed(opened: Opened) -> SignedToken:
    now = current.now()
    plain = policy.written(
        queries.claims_of(opened.user_id, session=opened.token), key=queries.signing_key(), issued_at=now,
        expires_at=now + SIGNED_TOKEN_LIFETIME,
    )
    return SignedToken(int(SIGNED_TOKEN_LIFETIME.total_seconds()), plain)

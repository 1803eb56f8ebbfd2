"""Verbs of the second factor: set up, give a code, new recovery codes, turn off, ask everybody for it.

A code that is refused is counted, and the count must be committed: so a refusal is a value there, not an error.
"""
from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
from sqlalchemy import delete, insert, select, update

from ispbill import config
from ispbill.accounts.models import RecoveryCode, SecondFactor, SignInRules, User
from ispbill.accounts.policy import SESSION_LIFETIME, lock_after
from ispbill.accounts.second_factors import policy, queries
from ispbill.accounts.sessions import service as sessions
from ispbill.accounts.sessions.queries import Half
from ispbill.accounts.sessions.service import Opened
from ispbill.audit import service as audit
from ispbill.core.crypto import derive, password_matches, seal, unseal
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

REFUSAL = Invalid(
    lazy("This code is not right, or it was used already, or too many others were tried. Wait for the next one."),
    field="code",
)


@dataclass(frozen=True, slots=True)
class SecondFactorChanged:
    """Somebody's second factor was set up or taken away; they are told, in case it was not them."""

    user_id: int
    email: str
    full_name: str
    is_set_up: bool


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that is not in use yet: `sealed` goes through the form, so that nothing is stored before a code fits."""

    sealed: str
    secret: str = field(repr=False)


def enrolment(user_id: int, *, sealed: str = "") -> Enrolment:
    """The secret that a user's form carries; a new one where it carries none that was made for them."""
    secret = _opened(sealed, user_id)
    if secret is not None:
        return Enrolment(sealed, secret)
    secret = pyotp.random_base32()
    return Enrolment(_sealed(secret, user_id), secret)


def set_up(user_id: int, *, sealed: str, code: str, password: str, session_id: int) -> list[str]:
    """Let a user sign in with the app whose code fits, from now on; their recovery codes, to be shown this once.

    Their other browsers are signed out. Raises Invalid for a wrong password or code, Conflict for whom has one.
    """
    user, now = db.session.get_one(User, user_id), current.now()
    if queries.has_second_factor(user_id):
        raise Conflict(_("Two-factor sign-in is on already."))
    if not password_matches(user.password_hash, password):
        raise Invalid(_("This is not your password."), field="password")
    secret = _opened(sealed, user_id)
    step = policy.fitting_step(secret, policy.plain(code), now=now, after=0) if secret else None
    if step is None:
        raise Invalid(_("This is not the code that the app shows now. Is the telephone's clock right?"), field="code")
    db.session.add(SecondFactor(user_id=user_id, sealed_secret=sealed, last_step=step, created_at=now))
    db.session.flush()
    sessions.revoke_all(user_id, except_id=session_id)
    _tell(user, "second_factor_set_up", is_set_up=True)
    return _new_codes(user_id)


def present(half: Half, *, code: str, lifetime: timedelta = SESSION_LIFETIME) -> Opened | None:
    """Open the session of whoever has given the password and now gives the code; None where it is refused."""
    return sessions.complete(half, lifetime=lifetime) if _accepts(half.user_id, code) else None


def renew_codes(user_id: int, *, code: str) -> list[str] | None:
    """New recovery codes, to be shown this once; former ones stop working. None where the code is refused."""
    if not _accepts(user_id, code):
        return None
    audit.note("recovery_codes_made", entity="user", entity_id=user_id, label=current.actor.name)
    return _new_codes(user_id)


def turn_off(user_id: int, *, code: str) -> bool:
    """Let a user sign in with the password alone. False where the code is refused.

    Raises Conflict where the company or a role asks for the second factor.
    """
    if queries.must_have_second_factor(user_id):
        raise Conflict(_("Your company asks you for two-factor sign-in, so you cannot turn it off."))
    if not _accepts(user_id, code):
        return False
    forget(db.session.get_one(User, user_id), action="second_factor_removed")
    return True


def forget(user: User, *, action: str) -> None:
    """Take a user's second factor and recovery codes away, noted as `action`. Nothing happens where there is none."""
    gone = db.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id).returning(SecondFactor.id))
    if gone.one_or_none() is not None:
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        _tell(user, action, is_set_up=False)


def ask_everybody(required: bool) -> SignInRules:
    """Ask everybody for a second factor, or leave it to roles. Raises Conflict for whom has none themselves."""
    if required and not queries.has_second_factor(current.actor.user_id or 0):
        raise Conflict(_("Set up two-factor sign-in for yourself first."), field="requires_second_factor")
    rules = db.session.get_one(SignInRules, 1)
    rules.requires_second_factor = required
    db.session.flush()
    return rules


def _accepts(user_id: int, code: str) -> bool:
    # The lock on the row lets codes of one user be looked at one after the other, so none is taken twice.
    factor = db.session.scalars(
        select(SecondFactor).where(SecondFactor.user_id == user_id).with_for_update()
    ).one_or_none()
    if factor is None or (factor.locked_until is not None and factor.locked_until > current.now()):
        return False
    if _fits(factor, policy.plain(code)):
        factor.failed_count, factor.locked_until = 0, None
        db.session.flush()
        return True
    _count_failure(factor)
    return False


def _fits(factor: SecondFactor, code: str) -> bool:
    secret = _opened(factor.sealed_secret, factor.user_id)
    step = policy.fitting_step(secret, code, now=current.now(), after=factor.last_step) if secret else None
    if step is not None:
        factor.last_step = step
        return True
    return _use_recovery_code(factor.user_id, code)


def _use_recovery_code(user_id: int, code: str) -> bool:
    used = db.session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.code_digest == _code_digest(user_id, code),
               RecoveryCode.used_at.is_(None))
        .values(used_at=current.now()).returning(RecoveryCode.id).execution_options(synchronize_session=False)
    ).one_or_none()
    if used is not None:
        audit.note("recovery_code_used", entity="user", entity_id=user_id, after={"left": queries.codes_left(user_id)})
    return used is not None


def _count_failure(factor: SecondFactor) -> None:
    factor.failed_count += 1
    lock = lock_after(factor.failed_count)
    factor.locked_until = current.now() + lock if lock else None
    db.session.flush()
    audit.note("second_factor_refused", entity="user", entity_id=factor.user_id,
               after={"failures": factor.failed_count, "until": factor.locked_until})


def _new_codes(user_id: int) -> list[str]:
    letters = [[secrets.choice(policy.ALPHABET) for _ in range(policy.letters_needed())]
               for _ in range(policy.CODES_AT_ONCE)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    db.session.execute(insert(RecoveryCode), [
        {"user_id": user_id, "code_digest": _code_digest(user_id, "".join(code))} for code in letters
    ])
    return [policy.recovery_code(code) for code in letters]


def _tell(user: User, action: str, *, is_set_up: bool) -> None:
    audit.note(action, entity="user", entity_id=user.id, label=user.full_name)
    publish(SecondFactorChanged(user.id, user.email, user.full_name, is_set_up))


def _code_digest(user_id: int, code: str) -> str:
    return derive(_key(), f"recovery code of {_whose(user_id)}: {code}")


def _sealed(secret: str, user_id: int) -> str:
    return seal(f"{_whose(user_id)}:{secret}", secret_key=_key())


def _opened(sealed: str, user_id: int) -> str | None:
    try:
        whose, _ignored, secret = unseal(sealed, secret_key=_key()).rpartition(":")
    except ValueError:
        return None
    return secret if whose == _whose(user_id) else None


def _whose(user_id: int) -> str:
    return f"{current.tenant.code}:{user_id}"


def _key() -> str:
    return config.settings().secret_key

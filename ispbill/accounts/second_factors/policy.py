"""Rules of the second factor: which code fits now, what a recovery code looks like, what the app is told."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyotp

STEP_SECONDS = 30
# A telephone's clock may be half a minute off (RFC 6238, section 5.2).
_TOLERANCE = 1
CODES_AT_ONCE = 10
# Without letters and digits that look alike. Twelve of them are 59 bits: not to be guessed, short enough to type.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH, _BLOCK = 12, 4


def step_of(instant: datetime) -> int:
    """The number of the half minute since 1970 that an instant lies in."""
    return int(instant.timestamp()) // STEP_SECONDS


def fitting_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The half minute whose code this is: now, one before or one behind; None for another code.

    A code of the half minute `after` or before it is not taken: it has been used.
    """
    app, present = pyotp.TOTP(secret), step_of(now)
    steps = range(present - _TOLERANCE, present + _TOLERANCE + 1)
    return next((step for step in steps if step > after and pyotp.utils.strings_equal(app.generate_otp(step), code)),
                None)


def plain(code: str) -> str:
    """What somebody typed, without blanks and dashes and in capitals."""
    return "".join(code.split()).replace("-", "").upper()


def recovery_code(letters: Sequence[str]) -> str:
    """Twelve letters of the alphabet as a person reads them: “ABCD-EFGH-JKMN”."""
    assert len(letters) == _CODE_LENGTH, "as many letters as a code has"
    return "-".join("".join(letters[at:at + _BLOCK]) for at in range(0, _CODE_LENGTH, _BLOCK))


def letters_needed() -> int:
    """How many letters a recovery code has."""
    return _CODE_LENGTH


def address(secret: str, *, account: str, company: str) -> str:
    """What the app reads from the picture: the secret, whose it is and where it is for."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=company)


def spelled(secret: str) -> str:
    """The secret for typing it into the app: in groups of four."""
    return " ".join(secret[at:at + _BLOCK] for at in range(0, len(secret), _BLOCK))

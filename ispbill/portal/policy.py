"""Rules of the portal: what a link is made of, and what a customer is told first. Pure."""
from __future__ import annotations

import hmac
from datetime import date
from enum import StrEnum

from ispbill.core.crypto import derive

_SEED_LENGTH = 32


class Standing(StrEnum):
    """What a customer wants to know first."""

    NOTHING = "nothing"
    CREDIT = "credit"
    DUE = "due"
    OVERDUE = "overdue"


def token_of(seed: str, *, key: str) -> str:
    """What the address of an account carries: the seed, and what only the holder of the key can say of it."""
    return seed + derive(key, seed)[:_SEED_LENGTH]


def seed_of(token: str, *, key: str) -> str | None:
    """The seed of a token that was made with the key; None for any other text."""
    seed = token[:_SEED_LENGTH]
    genuine = token.isascii() and hmac.compare_digest(token.encode(), token_of(seed, key=key).encode())
    return seed if genuine else None


def standing(*, open_minor: int, credit_minor: int, first_due_on: date | None, today: date) -> Standing:
    """Whether something is to be paid, and whether it is late."""
    if open_minor <= 0:
        return Standing.CREDIT if credit_minor > 0 else Standing.NOTHING
    return Standing.OVERDUE if first_due_on is not None and first_due_on < today else Standing.DUE

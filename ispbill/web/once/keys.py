"""A key is claimed in the transaction of the effect that it guards.

So a second request with the same key waits for the first to end: then it finds the answer, or nothing happened.
"""
from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.web.once.models import IdempotencyKey

_UNANSWERED = 0


def claim(key: str, digest: str) -> bool:
    """Take the key for a request of this digest; False where it was answered before."""
    claimed = db.session.execute(insert(IdempotencyKey).values(
        key=key, request_digest=digest, response_status=_UNANSWERED, response_body={}, created_at=current.now(),
    ).on_conflict_do_nothing().returning(IdempotencyKey.id))
    return claimed.one_or_none() is not None


def keep(key: str, status: int, body: dict[str, Any]) -> None:
    """Write down what a claimed key is answered."""
    db.session.execute(
        update(IdempotencyKey).where(IdempotencyKey.key == key)
        .values(response_status=status, response_body=body).execution_options(synchronize_session=False)
    )


def release(key: str) -> None:
    """Give back a claimed key: nothing came of the request."""
    db.session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.key == key).execution_options(synchronize_session=False)
    )


def answered(key: str) -> IdempotencyKey:
    """What a key that could not be claimed was asked and answered."""
    return db.session.scalars(select(IdempotencyKey).where(IdempotencyKey.key == key)).one()

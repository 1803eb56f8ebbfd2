"""Answers a repeated request like the first. The key's row is written in the transaction of the effect it guards.

So a second request with the same key waits for the first to end: then it finds the answer, or nothing happened.
"""
from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from ispbill.api.models import IdempotencyKey
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import DomainError, Invalid
from ispbill.web.rest.resources import KEY_HEADER, is_once

REPLAYED_HEADER = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_UNANSWERED = 0


class KeyMissing(DomainError):
    """The operation must not happen twice, so the client has to name it."""

    title = "The Idempotency-Key is missing"


def register(app: Flask) -> None:
    """Guard every operation that carries the mark `once`."""
    for endpoint, view in app.view_functions.items():
        required = is_once(view)
        if required is not None:
            app.view_functions[endpoint] = _answering_once(view, required=required)


def _answering_once(view: Callable[..., Any], *, required: bool) -> Callable[..., Any]:
    @wraps(view)
    def answer(**arguments: Any) -> Response:
        key = _key(required=required)
        if key is None:
            return current_app.make_response(view(**arguments))
        digest = _digest()
        if not _claim(key, digest):
            return _replay(key, digest)
        response = current_app.make_response(view(**arguments))
        _keep(key, response)
        return response

    return answer


def _key(*, required: bool) -> str | None:
    key = request.headers.get(KEY_HEADER)
    if key is None:
        if required:
            raise KeyMissing(f"Send a {KEY_HEADER} header, a new one for each operation.", field=KEY_HEADER)
        return None
    if not _KEY.fullmatch(key):
        raise Invalid("A key has 1 to 255 visible ASCII characters, such as a UUID.", field=KEY_HEADER)
    return key


def _digest() -> str:
    """What was asked and by whom: another user's key gives away nothing."""
    asked = f"{request.method}\n{request.path}\n{current.actor.user_id}\n".encode()
    return hashlib.sha256(asked + request.get_data(cache=True)).hexdigest()


def _claim(key: str, digest: str) -> bool:
    claimed = db.session.execute(insert(IdempotencyKey).values(
        key=key, request_digest=digest, response_status=_UNANSWERED, response_body={}, created_at=current.now(),
    ).on_conflict_do_nothing().returning(IdempotencyKey.id))
    return claimed.one_or_none() is not None


def _keep(key: str, response: Response) -> None:
    db.session.execute(
        update(IdempotencyKey).where(IdempotencyKey.key == key)
        .values(response_status=response.status_code, response_body=response.get_json())
        .execution_options(synchronize_session=False)
    )


def _replay(key: str, digest: str) -> Response:
    kept = db.session.scalars(select(IdempotencyKey).where(IdempotencyKey.key == key)).one()
    if kept.request_digest != digest:
        raise Invalid("This key was used for another request. Use a new one.", field=KEY_HEADER)
    response = jsonify(kept.response_body)
    response.status_code = kept.response_status
    response.headers[REPLAYED_HEADER] = "true"
    return response

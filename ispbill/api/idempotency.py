"""Answers a repeated request of a client like the first."""
from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, jsonify, request

from ispbill.core.current import current
from ispbill.core.errors import DomainError, Invalid
from ispbill.web.once import keys
from ispbill.web.rest.resources import KEY_HEADER, is_once

REPLAYED_HEADER = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


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
        if not keys.claim(key, digest):
            return _replay(key, digest)
        response = current_app.make_response(view(**arguments))
        keys.keep(key, response.status_code, response.get_json())
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


def _replay(key: str, digest: str) -> Response:
    kept = keys.answered(key)
    if kept.request_digest != digest:
        raise Invalid("This key was used for another request. Use a new one.", field=KEY_HEADER)
    response = jsonify(kept.response_body)
    response.status_code = kept.response_status
    response.headers[REPLAYED_HEADER] = "true"
    return response

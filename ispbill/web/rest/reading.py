"""Reads a request against a schema. Whatever arrives, the answer is the data or problem+json: never a fault of ours."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Request, abort
from marshmallow import RAISE, Schema, ValidationError
from webargs import core
from webargs.flaskparser import FlaskParser

from ispbill.web.errors import problem

LARGEST_BODY = 1024 * 1024


class StrictParser(FlaskParser):
    """Bodies are JSON objects of at most 1 MiB; unknown query arguments are refused like unknown fields."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The parsed body; nothing where the request has none."""
        body = _body(req)
        if not body:
            return core.missing
        if not core.is_json(req.mimetype):
            _refuse(415, "Not JSON", "Send the body as application/json.")
        try:
            return json.loads(body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            _refuse(400, "Not JSON", "The body cannot be read as JSON.")

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Every flaw at once, each with the path of its field."""
        messages = error.messages if isinstance(error.messages, dict) else {"_schema": error.messages}
        flaws = [flaw for part in messages.values() for flaw in _flaws(part, ())]
        _refuse(422, "Please check what you sent", "Some of it is not as it should be; see errors.", flaws)


def _body(req: Request) -> bytes:
    if (req.content_length or 0) > LARGEST_BODY:
        _refuse(413, "Too large", "A body has at most 1 MiB.")
    return req.get_data(cache=True)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _flaws(part: Any, path: tuple[str, ...]) -> Iterator[dict[str, str]]:
    if isinstance(part, Mapping):
        for name, inner in part.items():
            yield from _flaws(inner, path if name == "_schema" else (*path, str(name)))
        return
    for message in part if isinstance(part, list) else [part]:
        yield {**({"field": ".".join(path)} if path else {}), "message": str(message)}


def _refuse(status: int, title: str, detail: str, flaws: list[dict[str, str]] | None = None) -> NoReturn:
    abort(problem(status, title, detail, flaws))

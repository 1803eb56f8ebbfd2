"""The blueprint of a resource, and the mark of operations that must not happen twice."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask_smorest import Blueprint

from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.web.requests import found
from ispbill.web.rest.reading import StrictParser

PREFIX = "/api/v1"
KEY_HEADER = "Idempotency-Key"
_MARK = "ispbill_idempotency"
View = TypeVar("View", bound=Callable[..., Any])
Row = TypeVar("Row")


class Resource(Blueprint):
    """A noun of the API: its address, its operations and their description."""

    ARGUMENTS_PARSER = StrictParser()


def resource(noun: str, *, description: str, address: str | None = None) -> Resource:
    """The resource of a noun at /api/v1/<noun>, or at an address that was given to us."""
    return Resource(
        f"api_{noun}", __name__, url_prefix=address or f"{PREFIX}/{noun}", description=description,
    )


def once(*, required: bool = False) -> Callable[[View], View]:
    """An operation that a client may repeat under an Idempotency-Key, or must send with one."""
    def decorate(view: View) -> View:
        setattr(view, _MARK, required)
        return view

    return decorate


def is_once(view: Callable[..., Any]) -> bool | None:
    """Whether an operation requires a key; None where it knows none."""
    return getattr(view, _MARK, None)


def reread(read: Callable[[int], Row | None], row_id: int) -> Row:
    """A row as the verb before has left it, also where that verb wrote past the session. Raises NotFound."""
    db.session.expire_all()
    return found(read(row_id))


def referred(read: Callable[[int], Row | None], row_id: int, field: str) -> Row:
    """The row that a field of the body names by its id. Raises Invalid on that field where there is none."""
    row = read(row_id)
    if row is None:
        raise Invalid("There is no record with this id.", field=field)
    return row

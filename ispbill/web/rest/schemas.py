"""Shapes that all resources share: bodies that refuse what they do not know, pages, actions, problems."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from ispbill.core.db import AnyRow, AnySelect
from ispbill.core.pagination import MAX_PAGE_SIZE, SortKey, paginate
from ispbill.web.rest.fields import QueryNumber, Text

DEFAULT_PAGE_SIZE = 50
_CURSOR_HELP = "The next_cursor of the page before; empty for the first page"


class Body(Schema):
    """The base of everything a client sends: an unknown field is an error, not ignored."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE

    error_messages = {"type": "Send a JSON object.", "unknown": "There is no such field."}


class PageQuery(Body):
    """The query of every list."""

    cursor = Text(most=2000, load_default="", metadata={"description": _CURSOR_HELP})
    limit = QueryNumber(least=1, most=MAX_PAGE_SIZE, load_default=DEFAULT_PAGE_SIZE)


class Reason(Body):
    """Why something is done; the record keeps it."""

    reason = Text(most=500, required=True)


class OptionalReason(Body):
    """Why something is done, where that may go without saying."""

    reason = Text(most=500, load_default="")


class Flaw(Schema):
    """What is wrong with one field of the request."""

    field = fields.String(metadata={"description": "A path such as plans.0.quantity; absent for the whole body"})
    message = fields.String(required=True)


class Problem(Schema):
    """Every error (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(Flaw))


def sorting(orders: dict[str, SortKey], *, default: str) -> fields.String:
    """The `sort` argument of a list: a name, or `-name` for the other direction."""
    allowed = [sign + name for name in orders for sign in ("", "-")]
    return fields.String(load_default=default, validate=validate.OneOf(allowed))


def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of items."""
    return Schema.from_dict({
        "items": fields.List(fields.Nested(item), required=True),
        "next_cursor": fields.String(required=True, allow_none=True),
    }, name=f"{item.__name__}Page")


def page(
    statement: AnySelect, sort: SortKey, query: dict[str, Any], *, item: Callable[[AnyRow], Any] = lambda row: row
) -> dict[str, Any]:
    """The page of a list that the query asks for; `item` makes of a row what the item's schema shows."""
    found = paginate(statement, sort, cursor=query["cursor"], size=query["limit"])
    return {"items": [item(row) for row in found.rows], "next_cursor": found.next_cursor}


def ordered(wanted: str, orders: Mapping[str, SortKey]) -> SortKey:
    """The order that a `sort` argument names."""
    key = orders[wanted.removeprefix("-")]
    return replace(key, descending=not key.descending) if wanted.startswith("-") else key

"""Accounting periods as JSON, on the resource of the ledger: how far the books are closed, closing, re-opening."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.closing import queries
from ispbill.billing.closing import service as closing
from ispbill.billing.closing.models import BooksClosing
from ispbill.billing.closing.policy import line_after
from ispbill.billing.ledger.api import blueprint as blueprint
from ispbill.web.guards import requires
from ispbill.web.rest.fields import Day, Text
from ispbill.web.rest.resources import once
from ispbill.web.rest.schemas import Body, PageQuery, page, page_of


class CloseBody(Body):
    """The last day that is closed."""

    last_day = Day(required=True)


class ReopenBody(Body):
    """The first day that is open again, and why; the record keeps it."""

    first_day = Day(required=True)
    reason = Text(most=500, required=True)


class Closing(Schema):
    """The books were closed, or opened again: `closed_until` is the first day that is open since."""

    closed_until = fields.Date(required=True)
    closed_until_before = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True)
    closed_by = fields.String(required=True)
    closed_at = fields.AwareDateTime(required=True)


class Waiting(Schema):
    """Something that the days before a line still wait for."""

    what = fields.String(required=True)
    count = fields.Integer(required=True)
    is_blocker = fields.Boolean(required=True)


class WaitingList(Schema):
    """All of it; empty where the days are finished."""

    items = fields.List(fields.Nested(Waiting), required=True)


@blueprint.get("/closings")
@requires("view_ledger")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(Closing))
def closings(query: dict[str, Any]) -> dict[str, Any]:
    """List every closing and re-opening, the newest first: the first says how far the books are closed now."""
    return page(queries.history(), queries.NEWEST_FIRST, query, item=lambda row: row.BooksClosing)


@blueprint.get("/closings/unfinished")
@requires("view_ledger")
@blueprint.arguments(CloseBody, location="query")
@blueprint.response(200, WaitingList)
def unfinished(query: dict[str, Any]) -> dict[str, Any]:
    """List what the days up to a last day still wait for."""
    return {"items": queries.unfinished(line_after(query["last_day"]))}


@blueprint.post("/closings/close")
@requires("close_accounting_period")
@once()
@blueprint.arguments(CloseBody)
@blueprint.response(201, Closing)
def close(body: dict[str, Any]) -> BooksClosing:
    """Close the books up to and with a day."""
    return closing.close(last_day=body["last_day"])


@blueprint.post("/closings/reopen")
@requires("close_accounting_period")
@once()
@blueprint.arguments(ReopenBody)
@blueprint.response(201, Closing)
def reopen(body: dict[str, Any]) -> BooksClosing:
    """Open the books again from a day on. Only the owner may, signed in by the log-in operation."""
    return closing.reopen(first_day=body["first_day"], reason=body["reason"])

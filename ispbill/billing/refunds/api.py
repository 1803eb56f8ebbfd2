"""Refunds as JSON: list, pay back, cancel. Paying back needs an Idempotency-Key, so that a retry counts once."""
from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, fields

from ispbill.billing.payments.models import MONEY_METHODS
from ispbill.billing.refunds import queries
from ispbill.billing.refunds import service as refunds
from ispbill.billing.refunds.models import Refund, RefundStatus
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import KEY_HEADER, once, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, Reason, page, page_of

blueprint = resource("refunds", description="Credit that was paid back to customers.")
_METHODS = tuple(MONEY_METHODS)


class RefundQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Number, reference or customer"})
    customer_id = Identifier(load_default=None)
    method = Choice(_METHODS, load_default=None)
    status = Choice(RefundStatus, load_default=None)
    since = Day(load_default=None)
    until = Day(load_default=None)


class RefundBody(Body):
    """What is paid back: from the oldest credit, or from one payment or credit note."""

    customer_id = Identifier(required=True)
    amount_minor = MinorUnits(least=1, required=True)
    currency = Currency()
    method = Choice(_METHODS, required=True)
    reference = Text(most=100, load_default="", metadata={"description": "Required unless the method is cash"})
    reason = Text(most=500, required=True)
    refunded_on = Day(load_default=None, allow_none=True)
    payment_id = Identifier(load_default=None, allow_none=True)
    credit_note_id = Identifier(load_default=None, allow_none=True)


class RefundSummary(Schema):
    """A refund in a list."""

    id = Identifier(required=True)
    number = fields.String(required=True)
    customer_id = Identifier(required=True)
    amount_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    method = Choice(_METHODS, required=True)
    reference = fields.String(required=True)
    refunded_on = fields.Date(required=True)
    reason = fields.String(required=True)
    status = Choice(RefundStatus, required=True)
    recorded_by = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    cancelled_on = fields.Date(required=True, allow_none=True)
    cancel_reason = fields.String(required=True, allow_none=True)


class RefundSource(Schema):
    """A part of a payment or a credit note that was paid back."""

    payment_id = Identifier(required=True, allow_none=True)
    credit_note_id = Identifier(required=True, allow_none=True)
    amount_minor = MinorUnits(required=True)


class RefundDetail(RefundSummary):
    """A refund with the credit that it was paid from."""

    allocations = fields.List(fields.Nested(RefundSource), required=True)


@blueprint.get("")
@requires("view_payment_list")
@blueprint.arguments(RefundQuery, location="query")
@blueprint.response(200, page_of(RefundSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List refunds, the newest first."""
    statement = queries.listing(
        term=query["q"], method=query["method"] or "", status=query["status"] or "", since=query["since"],
        until=query["until"], customer_id=query["customer_id"],
    )
    return page(statement, queries.NEWEST_FIRST, query, item=lambda row: row.Refund)


@blueprint.post("")
@requires("refund_payment")
@once(required=True)
@blueprint.arguments(RefundBody)
@blueprint.response(201, RefundDetail)
def record(body: dict[str, Any]) -> Refund:
    """Pay credit back to a customer."""
    made = refunds.refund(refunds.RefundFacts(**body, idempotency_key=request.headers[KEY_HEADER]))
    return reread(queries.detail, made.id)


@blueprint.get("/<int:refund_id>")
@requires("view_payment_list")
@blueprint.response(200, RefundDetail)
def detail(refund_id: int) -> Refund:
    """Get a refund with the credit that it was paid from."""
    return reread(queries.detail, refund_id)


@blueprint.post("/<int:refund_id>/cancel")
@requires("refund_payment")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, RefundDetail)
def cancel(body: dict[str, Any], refund_id: int) -> Refund:
    """Cancel a refund; the credit is there again."""
    refunds.cancel(found(queries.detail(refund_id)), reason=body["reason"])
    return reread(queries.detail, refund_id)

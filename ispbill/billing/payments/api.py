"""Payments as JSON: list, record, reverse. Recording needs an Idempotency-Key, so that a retry counts once."""
from __future__ import annotations

from typing import Any

from flask import request, url_for
from marshmallow import Schema, fields

from ispbill.billing.payments import queries
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment, PaymentMethod, PaymentStatus
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import KEY_HEADER, once, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, Reason, page, page_of

blueprint = resource("payments", description="Money received from customers, and the invoices it settled.")


class PaymentQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Number, reference or customer"})
    customer_id = Identifier(load_default=None)
    method = Choice(PaymentMethod, load_default=None)
    status = Choice(PaymentStatus, load_default=None)
    since = Day(load_default=None)
    until = Day(load_default=None)


class ReceiptBody(Body):
    """Money that came in."""

    customer_id = Identifier(required=True)
    amount_minor = MinorUnits(least=1, required=True)
    currency = Currency()
    method = Choice(PaymentMethod, required=True)
    reference = Text(most=100, load_default="", metadata={"description": "Required unless the method is cash"})
    received_on = Day(load_default=None, allow_none=True)
    note = Text(most=1000, load_default="")


class PaymentSummary(Schema):
    """A payment in a list."""

    id = Identifier(required=True)
    number = fields.String(required=True)
    customer_id = Identifier(required=True)
    amount_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    method = Choice(PaymentMethod, required=True)
    reference = fields.String(required=True)
    received_on = fields.Date(required=True)
    status = Choice(PaymentStatus, required=True)
    note = fields.String(required=True)
    recorded_by = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    reversed_on = fields.Date(required=True, allow_none=True)
    reversal_reason = fields.String(required=True, allow_none=True)


class Allocation(Schema):
    """The part of a payment that settles an invoice."""

    invoice_id = Identifier(required=True)
    invoice_number = fields.String(attribute="invoice.number", required=True)
    amount_minor = MinorUnits(required=True)


class PaymentDetail(PaymentSummary):
    """A payment with what it settles now; the rest of it is the customer's credit."""

    allocations = fields.List(fields.Nested(Allocation), attribute="live_allocations", required=True)
    unapplied_minor = MinorUnits(required=True)
    receipt_url = fields.Function(
        lambda row: url_for("api_documents.receipt", payment_id=row.id), metadata={"type": "string"}, required=True
    )


@blueprint.get("")
@requires("view_payment_list")
@blueprint.arguments(PaymentQuery, location="query")
@blueprint.response(200, page_of(PaymentSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List payments, the newest first."""
    statement = queries.listing(queries.PaymentFilter(
        term=query["q"], method=query["method"] or "", status=query["status"] or "", since=query["since"],
        until=query["until"], customer_id=query["customer_id"],
    ))
    return page(statement, queries.NEWEST_FIRST, query, item=lambda row: row.Payment)


@blueprint.post("")
@requires("record_payment")
@once(required=True)
@blueprint.arguments(ReceiptBody)
@blueprint.response(201, PaymentDetail)
def record(body: dict[str, Any]) -> Payment:
    """Record a payment; it settles the customer's oldest invoices, and what is left stays as credit."""
    payment = payments.record(payments.Receipt(**body, idempotency_key=request.headers[KEY_HEADER]))
    return reread(queries.detail, payment.id)


@blueprint.get("/<int:payment_id>")
@requires("view_payment_list")
@blueprint.response(200, PaymentDetail)
def detail(payment_id: int) -> Payment:
    """Get a payment with the invoices it settles."""
    return reread(queries.detail, payment_id)


@blueprint.post("/<int:payment_id>/reverse")
@requires("reverse_payment")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, PaymentDetail)
def reverse(body: dict[str, Any], payment_id: int) -> Payment:
    """Reverse a payment, such as a bounced cheque; its invoices are open again."""
    payments.reverse(found(queries.detail(payment_id)), reason=body["reason"])
    return reread(queries.detail, payment_id)

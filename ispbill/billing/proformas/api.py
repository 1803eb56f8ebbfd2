"""Proforma invoices as JSON: list, issue, turn into an invoice, cancel."""
from __future__ import annotations

from typing import Any

from flask import url_for
from marshmallow import Schema, fields, validate

from ispbill.billing.notes.api import LineBody, new_lines
from ispbill.billing.proformas import queries
from ispbill.billing.proformas import service as proformas
from ispbill.billing.proformas.models import Proforma, ProformaStatus
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import once, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, Reason, page, page_of

blueprint = resource("proformas", description="What an invoice would say. Nothing is owed by one.")
_MOST_LINES = 50


class ProformaQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Number or customer"})
    customer_id = Identifier(load_default=None)
    status = Choice(ProformaStatus, load_default=None)


class ProformaBody(Body):
    """What is offered."""

    customer_id = Identifier(required=True)
    lines = fields.List(fields.Nested(LineBody), required=True, validate=validate.Length(min=1, max=_MOST_LINES))
    valid_until = Day(load_default=None, allow_none=True)
    note = Text(most=500, load_default="")


class ProformaSummary(Schema):
    """A proforma in a list."""

    id = Identifier(required=True)
    number = fields.String(required=True)
    customer_id = Identifier(required=True)
    status = Choice(ProformaStatus, required=True)
    issued_on = fields.Date(required=True)
    valid_until = fields.Date(required=True)
    currency = Currency(required=True)
    net_minor = MinorUnits(required=True)
    tax_minor = MinorUnits(required=True)
    total_minor = MinorUnits(required=True)
    invoice_id = Identifier(required=True, allow_none=True)
    cancel_reason = fields.String(required=True, allow_none=True)


class ProformaLine(Schema):
    """A line of a proforma."""

    description = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit_price_minor = MinorUnits(required=True)
    amount_minor = MinorUnits(required=True)
    net_minor = MinorUnits(required=True)
    tax_minor = MinorUnits(required=True)


class ProformaDetail(ProformaSummary):
    """A proforma with what its document prints."""

    document_url = fields.Function(
        lambda row: url_for("api_documents.proforma", proforma_id=row.id), metadata={"type": "string"}, required=True
    )
    buyer_name = fields.String(required=True)
    buyer_address = fields.String(required=True)
    buyer_tax_identifier = fields.String(required=True)
    note = fields.String(required=True)
    lines = fields.List(fields.Nested(ProformaLine), required=True)


@blueprint.get("")
@requires("view_invoice_list")
@blueprint.arguments(ProformaQuery, location="query")
@blueprint.response(200, page_of(ProformaSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List proformas, the newest first."""
    statement = queries.listing(term=query["q"], status=query["status"] or "", customer_id=query["customer_id"])
    return page(statement, queries.NEWEST_FIRST, query, item=lambda row: row.Proforma)


@blueprint.post("")
@requires("issue_invoice")
@once()
@blueprint.arguments(ProformaBody)
@blueprint.response(201, ProformaDetail)
def issue(body: dict[str, Any]) -> Proforma:
    """Issue a proforma invoice."""
    made = proformas.issue(body["customer_id"], new_lines(body["lines"]),
                           valid_until=body["valid_until"], note=body["note"])
    return reread(queries.detail, made.id)


@blueprint.get("/<int:proforma_id>")
@requires("view_invoice_list")
@blueprint.response(200, ProformaDetail)
def detail(proforma_id: int) -> Proforma:
    """Get a proforma with its lines."""
    return reread(queries.detail, proforma_id)


@blueprint.post("/<int:proforma_id>/invoice")
@requires("issue_invoice")
@once()
@blueprint.response(200, ProformaDetail)
def invoice(proforma_id: int) -> Proforma:
    """Issue the invoice that a proforma announced."""
    proformas.invoice(found(queries.detail(proforma_id)))
    return reread(queries.detail, proforma_id)


@blueprint.post("/<int:proforma_id>/cancel")
@requires("issue_invoice")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, ProformaDetail)
def cancel(body: dict[str, Any], proforma_id: int) -> Proforma:
    """Cancel a proforma."""
    proformas.cancel(found(queries.detail(proforma_id)), reason=body["reason"])
    return reread(queries.detail, proforma_id)

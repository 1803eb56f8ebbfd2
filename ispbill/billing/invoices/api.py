"""Invoices and notes as JSON: list, get, void. Runs issue invoices; corrections are added by features above."""
from __future__ import annotations

from typing import Any

from flask import url_for
from marshmallow import Schema, fields

from ispbill.billing.invoices import queries
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceStatus, Standing
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.core.current import current
from ispbill.core.money import LARGEST_MINOR
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, DecimalText, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import once, reread, resource
from ispbill.web.rest.schemas import PageQuery, Reason, page, page_of

blueprint = resource("invoices", description="Issued invoices, credit notes and debit notes. Credit is below zero.")
_STATES = ("open", "overdue", "paid", "void")


class InvoiceQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Number or customer"})
    customer_id = Identifier(load_default=None)
    state = Choice(_STATES, load_default=None)
    kind = Choice(DocumentKind, load_default=None)


class InvoiceSummary(Schema):
    """An invoice in a list. It is paid once `settled_on` is set."""

    id = Identifier(required=True)
    number = fields.String(required=True)
    kind = Choice(DocumentKind, required=True)
    corrects_id = Identifier(required=True, allow_none=True)
    customer_id = Identifier(required=True)
    status = Choice(InvoiceStatus, required=True)
    issued_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    currency = Currency(required=True)
    net_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    tax_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    total_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    settled_on = fields.Date(required=True, allow_none=True)
    voided_on = fields.Date(required=True, allow_none=True)
    void_reason = fields.String(required=True, allow_none=True)


class InvoiceLine(Schema):
    """One charge, or the credit of a part of one; its period is half-open: the end is the first day not charged."""

    id = Identifier(required=True)
    description = fields.String(required=True)
    subscription_id = Identifier(required=True, allow_none=True)
    period_start = fields.Date(required=True, allow_none=True)
    period_end = fields.Date(required=True, allow_none=True)
    arithmetic = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit_price_minor = MinorUnits(required=True)
    amount_minor = MinorUnits(required=True)
    discount_minor = MinorUnits(required=True)
    net_minor = MinorUnits(required=True)
    tax_minor = MinorUnits(required=True)


class InvoiceTax(Schema):
    """A part of a tax at one rate; with the reason where the customer is exempt."""

    name = fields.String(required=True)
    rate_percent = DecimalText(required=True)
    base_minor = MinorUnits(required=True)
    tax_minor = MinorUnits(required=True)
    exemption = fields.String(required=True)


class InvoiceDetail(InvoiceSummary):
    """An invoice with what its document prints."""

    standing = fields.Function(
        lambda invoice: invoice.standing(current.today()),
        metadata={"type": "string", "enum": [str(standing) for standing in Standing]}, required=True,
    )
    open_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    reason = fields.String(required=True)
    billing_run_id = Identifier(required=True, allow_none=True)
    document_url = fields.Function(
        lambda row: url_for("api_documents.invoice", invoice_id=row.id), metadata={"type": "string"}, required=True
    )
    seller_name = fields.String(attribute="seller.legal_name", required=True)
    buyer_name = fields.String(required=True)
    buyer_address = fields.String(required=True)
    buyer_tax_identifier = fields.String(required=True)
    lines = fields.List(fields.Nested(InvoiceLine), required=True)
    taxes = fields.List(fields.Nested(InvoiceTax), required=True)


@blueprint.get("")
@requires("view_invoice_list")
@blueprint.arguments(InvoiceQuery, location="query")
@blueprint.response(200, page_of(InvoiceSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List invoices, the newest first."""
    statement = queries.listing(queries.InvoiceFilter(
        today=current.today(), term=query["q"], state=query["state"] or "", customer_id=query["customer_id"],
        kind=query["kind"],
    ))
    return page(statement, queries.NEWEST_FIRST, query, item=lambda row: row.Invoice)


@blueprint.get("/<int:invoice_id>")
@requires("view_invoice_list")
@blueprint.response(200, InvoiceDetail)
def detail(invoice_id: int) -> Invoice:
    """Get an invoice with its lines and taxes."""
    return reread(queries.detail, invoice_id)


@blueprint.post("/<int:invoice_id>/void")
@requires("void_invoice")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, InvoiceDetail)
def void(body: dict[str, Any], invoice_id: int) -> Invoice:
    """Void an invoice; its number stays, and its periods can be billed again."""
    invoices.void(found(queries.detail(invoice_id)), reason=body["reason"])
    return reread(queries.detail, invoice_id)

"""Drafts of invoices as JSON: list, save, change, delete, issue."""
from __future__ import annotations

from typing import Any

from flask import url_for
from marshmallow import Schema, fields, validate

from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.drafts import queries
from ispbill.billing.drafts import service as drafts
from ispbill.billing.drafts.models import DraftInvoice
from ispbill.billing.drafts.service import LONGEST_NOTE, DraftFacts
from ispbill.billing.notes.api import LineBody, new_lines
from ispbill.billing.notes.service import MOST_LINES
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import PREFIX, once, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, page, page_of

blueprint = resource("invoice_drafts", address=f"{PREFIX}/invoice-drafts",
                     description="Invoices written by hand. Nothing is owed by one before it is issued.")


class DraftQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "What finds the customer"})
    customer_id = Identifier(load_default=None)


class DraftBody(Body):
    """What an invoice is to say; without `due_on` it is due by the company's terms."""

    lines = fields.List(fields.Nested(LineBody), required=True, validate=validate.Length(min=1, max=MOST_LINES))
    due_on = Day(allow_none=True)
    note = Text(most=LONGEST_NOTE)


class NewDraftBody(DraftBody):
    """A draft to save."""

    customer_id = Identifier(required=True)


class DraftedLine(Schema):
    """A line as it was written."""

    description = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit_price_minor = MinorUnits(required=True)
    tax_rate_id = Identifier(required=True, allow_none=True)
    kind = Choice(ChargeKind, required=True)


class DraftDetail(Schema):
    """A draft; the amounts are those of the day it was saved, and issuing finds them anew.

    `invoice_id` is what it became.
    """

    id = Identifier(required=True)
    customer_id = Identifier(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    note = fields.String(required=True)
    lines = fields.List(fields.Nested(DraftedLine), required=True)
    currency = Currency(required=True)
    net_minor = MinorUnits(required=True)
    tax_minor = MinorUnits(required=True)
    total_minor = MinorUnits(required=True)
    invoice_id = Identifier(required=True, allow_none=True)
    document_url = fields.Function(
        lambda row: url_for("api_documents.draft", draft_id=row.id), metadata={"type": "string"}, required=True
    )
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


@blueprint.get("")
@requires("view_invoice_list")
@blueprint.arguments(DraftQuery, location="query")
@blueprint.response(200, page_of(DraftDetail))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List the drafts that wait to be issued, the newest first."""
    statement = queries.listing(term=query["q"], customer_id=query["customer_id"])
    return page(statement, queries.NEWEST_FIRST, query, item=lambda row: row.DraftInvoice)


@blueprint.post("")
@requires("draft_invoice")
@once()
@blueprint.arguments(NewDraftBody)
@blueprint.response(201, DraftDetail)
def draft(body: dict[str, Any]) -> DraftInvoice:
    """Save the draft of an invoice to a customer."""
    return reread(queries.detail, drafts.draft(body["customer_id"], _facts(body)).id)


@blueprint.get("/<int:draft_id>")
@requires("view_invoice_list")
@blueprint.response(200, DraftDetail)
def detail(draft_id: int) -> DraftInvoice:
    """Get a draft, or what is left of one that was issued."""
    return reread(queries.detail, draft_id)


@blueprint.patch("/<int:draft_id>")
@requires("draft_invoice")
@blueprint.arguments(DraftBody(partial=True))
@blueprint.response(200, DraftDetail)
def change(body: dict[str, Any], draft_id: int) -> DraftInvoice:
    """Change what is sent of a draft; lines are replaced as a whole."""
    row = found(queries.detail(draft_id))
    drafts.change(row, _facts(body, row))
    return reread(queries.detail, draft_id)


@blueprint.post("/<int:draft_id>/delete")
@requires("draft_invoice")
@once()
@blueprint.response(204)
def delete(draft_id: int) -> None:
    """Throw a draft away."""
    drafts.delete(found(queries.detail(draft_id)))


@blueprint.post("/<int:draft_id>/issue")
@requires("issue_invoice")
@once()
@blueprint.response(200, DraftDetail)
def issue(draft_id: int) -> DraftInvoice:
    """Issue the invoice; `invoice_id` names it. A draft that is issued already stays as it is."""
    drafts.issue(found(queries.detail(draft_id)))
    return reread(queries.detail, draft_id)


def _facts(body: dict[str, Any], row: DraftInvoice | None = None) -> DraftFacts:
    """What was sent, over what the draft says already."""
    lines = new_lines(body["lines"]) if "lines" in body else queries.new_lines(row.lines if row else [])
    return DraftFacts(lines, body.get("due_on", row and row.due_on), body.get("note", row.note if row else ""))

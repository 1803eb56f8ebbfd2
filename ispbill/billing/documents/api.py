"""Documents for programs: the PDF of an invoice or receipt, the same as people download."""
from __future__ import annotations

from typing import Any

from flask import Response

from ispbill.billing.documents import papers
from ispbill.billing.statements.api import SpanQuery, span
from ispbill.notifications.enclosures import Paper
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.resources import resource

_PDF = "application/pdf"
_FILE = {"type": "string", "format": "binary"}
blueprint = resource(
    "documents", description="Invoices, notes, proformas, receipts, statements, papers of the cash desk as PDF files."
)


@blueprint.get("/invoices/<int:invoice_id>")
@requires("view_invoice_list")
@blueprint.response(200, _FILE, content_type=_PDF)
def invoice(invoice_id: int) -> Response:
    """Get an invoice as a PDF file."""
    return _file(papers.invoice(invoice_id))


@blueprint.get("/receipts/<int:payment_id>")
@requires("generate_receipt")
@blueprint.response(200, _FILE, content_type=_PDF)
def receipt(payment_id: int) -> Response:
    """Get the receipt of a payment as a PDF file."""
    return _file(papers.receipt(payment_id))


@blueprint.get("/proformas/<int:proforma_id>")
@requires("view_invoice_list")
@blueprint.response(200, _FILE, content_type=_PDF)
def proforma(proforma_id: int) -> Response:
    """Get a proforma invoice as a PDF file."""
    return _file(papers.proforma(proforma_id))


@blueprint.get("/invoice-drafts/<int:draft_id>")
@requires("view_invoice_list")
@blueprint.response(200, _FILE, content_type=_PDF)
def draft(draft_id: int) -> Response:
    """Get the draft of an invoice as a PDF file, marked as a draft."""
    return _file(papers.draft(draft_id))


@blueprint.get("/statements/<int:customer_id>")
@requires("view_invoice_list")
@blueprint.arguments(SpanQuery, location="query")
@blueprint.response(200, _FILE, content_type=_PDF)
def statement(query: dict[str, Any], customer_id: int) -> Response:
    """Get a customer's statement of account as a PDF file."""
    since, until = span(query)
    return _file(papers.statement(customer_id, since=since, until=until))


@blueprint.get("/cash-drawers/<int:drawer_id>")
@requires("open_cash_session")
@blueprint.response(200, _FILE, content_type=_PDF)
def drawer(drawer_id: int) -> Response:
    """Get the sheet of a counted drawer as a PDF file."""
    return _file(papers.drawer(drawer_id))


@blueprint.get("/cash-deposits/<int:deposit_id>")
@requires("close_cash_session")
@blueprint.response(200, _FILE, content_type=_PDF)
def deposit(deposit_id: int) -> Response:
    """Get the slip of a deposit at the bank as a PDF file."""
    return _file(papers.deposit(deposit_id))


def _file(paper: Paper | None) -> Response:
    return Response(found(paper).content, mimetype=_PDF)

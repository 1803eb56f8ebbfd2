"""Documents for programs: the PDF of an invoice or receipt, the same as people download."""
from __future__ import annotations

from typing import Any

from flask import Response

from ispbill.billing.documents import policy, queries, rendering
from ispbill.billing.documents.drafts import queries as drafts
from ispbill.billing.documents.drafts.policy import draft_words
from ispbill.billing.documents.proformas import queries as proformas
from ispbill.billing.documents.proformas.policy import proforma_words
from ispbill.billing.documents.statements import queries as statements
from ispbill.billing.documents.statements.policy import statement_words
from ispbill.billing.statements.api import SpanQuery, span
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.resources import resource

_PDF = "application/pdf"
_FILE = {"type": "string", "format": "binary"}
blueprint = resource("documents", description="Invoices, notes, proformas, receipts and statements as PDF files.")


@blueprint.get("/invoices/<int:invoice_id>")
@requires("view_invoice_list")
@blueprint.response(200, _FILE, content_type=_PDF)
def invoice(invoice_id: int) -> Response:
    """Get an invoice as a PDF file."""
    words = found(queries.invoice_paper(invoice_id))
    return Response(rendering.pdf("invoice", policy.invoice_words(words), on=words.paper.issued_on), mimetype=_PDF)


@blueprint.get("/receipts/<int:payment_id>")
@requires("generate_receipt")
@blueprint.response(200, _FILE, content_type=_PDF)
def receipt(payment_id: int) -> Response:
    """Get the receipt of a payment as a PDF file."""
    words = found(queries.receipt_paper(payment_id))
    return Response(rendering.pdf("receipt", policy.receipt_words(words), on=words.paper.issued_on), mimetype=_PDF)


@blueprint.get("/proformas/<int:proforma_id>")
@requires("view_invoice_list")
@blueprint.response(200, _FILE, content_type=_PDF)
def proforma(proforma_id: int) -> Response:
    """Get a proforma invoice as a PDF file."""
    words = found(proformas.proforma_paper(proforma_id))
    return Response(rendering.pdf("invoice", proforma_words(words), on=words.paper.issued_on), mimetype=_PDF)


@blueprint.get("/invoice-drafts/<int:draft_id>")
@requires("view_invoice_list")
@blueprint.response(200, _FILE, content_type=_PDF)
def draft(draft_id: int) -> Response:
    """Get the draft of an invoice as a PDF file, marked as a draft."""
    words = found(drafts.draft_paper(draft_id))
    return Response(rendering.pdf("invoice", draft_words(words), on=words.paper.issued_on), mimetype=_PDF)


@blueprint.get("/statements/<int:customer_id>")
@requires("view_invoice_list")
@blueprint.arguments(SpanQuery, location="query")
@blueprint.response(200, _FILE, content_type=_PDF)
def statement(query: dict[str, Any], customer_id: int) -> Response:
    """Get a customer's statement of account as a PDF file."""
    since, until = span(query)
    words = found(statements.statement_paper(customer_id, since=since, until=until))
    return Response(rendering.pdf("statement", statement_words(words), on=until), mimetype=_PDF)

"""Documents for programs: the PDF of an invoice or receipt, the same as people download."""
from __future__ import annotations

from flask import Response

from ispbill.billing.documents import policy, queries, rendering
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.resources import resource

_PDF = "application/pdf"
_FILE = {"type": "string", "format": "binary"}
blueprint = resource("documents", description="Invoices and receipts as PDF files.")


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

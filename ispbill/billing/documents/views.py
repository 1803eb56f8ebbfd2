"""Invoices and receipts as PDF files. A document is made anew on each request: the rows are the truth."""
from __future__ import annotations

from flask import Blueprint, Response

from ispbill.billing.documents import policy, queries, rendering
from ispbill.billing.documents.drafts import queries as drafts
from ispbill.billing.documents.drafts.policy import draft_words
from ispbill.billing.documents.enclosing import file_name
from ispbill.billing.documents.proformas import queries as proformas
from ispbill.billing.documents.proformas.policy import proforma_words
from ispbill.billing.documents.statements import queries as statements
from ispbill.billing.documents.statements.policy import statement_words
from ispbill.billing.statements.views import span
from ispbill.core.i18n import gettext as _
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("documents", __name__)


@blueprint.get("/invoices/<int:invoice_id>/document.pdf")
@requires("view_invoice_list")
def invoice(invoice_id: int) -> Response:
    """An invoice, as the customer gets it."""
    words = found(queries.invoice_paper(invoice_id), _("There is no such invoice."))
    made = rendering.pdf("invoice", policy.invoice_words(words), on=words.paper.issued_on)
    return _download(words.paper.number, made)


@blueprint.get("/payments/<int:payment_id>/receipt.pdf")
@requires("generate_receipt")
def receipt(payment_id: int) -> Response:
    """The receipt of a payment: supplementary to the invoice, and it says so where the law asks for it."""
    words = found(queries.receipt_paper(payment_id), _("There is no such payment."))
    made = rendering.pdf("receipt", policy.receipt_words(words), on=words.paper.issued_on)
    return _download(words.paper.number, made)


@blueprint.get("/customer-subscriptions/loads/<int:load_id>/receipt.pdf")
@requires("generate_receipt")
def load_receipt(load_id: int) -> Response:
    """The receipt of a prepaid load: how long it lasts, and what was paid."""
    words = found(queries.load_paper(load_id), _("There is no such load."))
    made = rendering.pdf("load", policy.load_words(words), on=words.paper.issued_on)
    return _download(_("Prepaid-%(number)s", number=words.paper.number), made)


@blueprint.get("/proformas/<int:proforma_id>/document.pdf")
@requires("view_invoice_list")
def proforma(proforma_id: int) -> Response:
    """A proforma invoice: it says that it is none."""
    words = found(proformas.proforma_paper(proforma_id), _("There is no such proforma."))
    made = rendering.pdf("invoice", proforma_words(words), on=words.paper.issued_on)
    return _download(words.paper.number, made)


@blueprint.get("/invoices/drafts/<int:draft_id>/document.pdf")
@requires("view_invoice_list")
def draft(draft_id: int) -> Response:
    """A draft as the invoice would read today, with DRAFT across it."""
    words = found(drafts.draft_paper(draft_id), _("There is no such draft."))
    made = rendering.pdf("invoice", draft_words(words), on=words.paper.issued_on)
    return _download(_("Draft-%(account_number)s", account_number=words.paper.account_number), made)


@blueprint.get("/customers/<int:customer_id>/statement.pdf")
@requires("view_invoice_list")
def statement(customer_id: int) -> Response:
    """A statement of account between two days."""
    since, until = span()
    words = found(statements.statement_paper(customer_id, since=since, until=until), _("There is no such customer."))
    return _download(_("Statement-%(account_number)s-%(until)s", account_number=words.account_number, until=until),
                     rendering.pdf("statement", statement_words(words), on=until))


def _download(number: str, made: bytes) -> Response:
    response = Response(made, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=file_name(number))
    response.headers["Cache-Control"] = "private, no-store"
    return response

"""Invoices and receipts as PDF files. A document is made anew on each request: the rows are the truth."""
from __future__ import annotations

from flask import Blueprint, Response

from ispbill.billing.documents import papers
from ispbill.billing.statements.views import span
from ispbill.core.i18n import gettext as _
from ispbill.notifications.enclosures import Paper
from ispbill.web.downloads import attachment
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("documents", __name__)


@blueprint.get("/invoices/<int:invoice_id>/document.pdf")
@requires("view_invoice_list")
def invoice(invoice_id: int) -> Response:
    """An invoice, as the customer gets it."""
    return _download(papers.invoice(invoice_id), _("There is no such invoice."))


@blueprint.get("/payments/<int:payment_id>/receipt.pdf")
@requires("generate_receipt")
def receipt(payment_id: int) -> Response:
    """The receipt of a payment: supplementary to the invoice, and it says so where the law asks for it."""
    return _download(papers.receipt(payment_id), _("There is no such payment."))


@blueprint.get("/customer-subscriptions/loads/<int:load_id>/receipt.pdf")
@requires("generate_receipt")
def load_receipt(load_id: int) -> Response:
    """The receipt of a prepaid load: how long it lasts, and what was paid."""
    return _download(papers.load_receipt(load_id), _("There is no such load."))


@blueprint.get("/proformas/<int:proforma_id>/document.pdf")
@requires("view_invoice_list")
def proforma(proforma_id: int) -> Response:
    """A proforma invoice: it says that it is none."""
    return _download(papers.proforma(proforma_id), _("There is no such proforma."))


@blueprint.get("/invoices/drafts/<int:draft_id>/document.pdf")
@requires("view_invoice_list")
def draft(draft_id: int) -> Response:
    """A draft as the invoice would read today, with DRAFT across it."""
    return _download(papers.draft(draft_id), _("There is no such draft."))


@blueprint.get("/customers/<int:customer_id>/statement.pdf")
@requires("view_invoice_list")
def statement(customer_id: int) -> Response:
    """A statement of account between two days."""
    since, until = span()
    return _download(papers.statement(customer_id, since=since, until=until), _("There is no such customer."))


@blueprint.get("/cash/drawers/<int:drawer_id>/sheet.pdf")
@requires("open_cash_session")
def drawer(drawer_id: int) -> Response:
    """The sheet that two sign when a counted drawer is taken over."""
    return _download(papers.drawer(drawer_id), _("There is no such drawer, or it is not counted."))


@blueprint.get("/cash/deposits/<int:deposit_id>/slip.pdf")
@requires("close_cash_session")
def deposit(deposit_id: int) -> Response:
    """The slip of a deposit at the bank."""
    return _download(papers.deposit(deposit_id), _("There is no such deposit."))


def _download(paper: Paper | None, missing: str) -> Response:
    made = found(paper, missing)
    return attachment(made.content, name=made.name)

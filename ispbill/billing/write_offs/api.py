"""Write-offs as JSON: operations on the invoice."""
from __future__ import annotations

from typing import Any

from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.api import InvoiceDetail
from ispbill.billing.invoices.api import blueprint as blueprint
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.write_offs import service as write_offs
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.resources import once, reread
from ispbill.web.rest.schemas import Reason


@blueprint.post("/<int:invoice_id>/write-off")
@requires("write_off_invoice")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, InvoiceDetail)
def write_off(body: dict[str, Any], invoice_id: int) -> Invoice:
    """Write off what is open of an invoice; money that comes in later recovers it."""
    write_offs.write_off(found(invoices.detail(invoice_id)), reason=body["reason"])
    return reread(invoices.detail, invoice_id)


@blueprint.post("/<int:invoice_id>/write-off/take-back")
@requires("write_off_invoice")
@once()
@blueprint.response(200, InvoiceDetail)
def take_back(invoice_id: int) -> Invoice:
    """Expect the money of a written-off invoice again."""
    write_offs.take_back(found(invoices.detail(invoice_id)))
    return reread(invoices.detail, invoice_id)

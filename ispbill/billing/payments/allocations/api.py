"""Allocations as JSON: operations on the payment."""
from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from ispbill.billing.payments import queries
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.payments.api import PaymentDetail
from ispbill.billing.payments.api import blueprint as blueprint
from ispbill.billing.payments.models import Payment
from ispbill.core.errors import Conflict
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Identifier, MinorUnits
from ispbill.web.rest.resources import once, reread
from ispbill.web.rest.schemas import Body

_MOST_INVOICES = 200


class ShareBody(Body):
    """How much of a payment settles an invoice."""

    invoice_id = Identifier(required=True)
    amount_minor = MinorUnits(least=1, required=True)


class ApplyBody(Body):
    """Which invoices a payment's unapplied rest settles."""

    allocations = fields.List(fields.Nested(ShareBody), required=True,
                              validate=validate.Length(min=1, max=_MOST_INVOICES))


class UnapplyBody(Body):
    """From which invoice a payment is taken off."""

    invoice_id = Identifier(required=True)


@blueprint.post("/<int:payment_id>/apply")
@requires("allocate_payment")
@once()
@blueprint.arguments(ApplyBody)
@blueprint.response(200, PaymentDetail)
def apply(body: dict[str, Any], payment_id: int) -> Payment:
    """Settle chosen invoices with what of a payment is not applied yet."""
    amounts = {share["invoice_id"]: share["amount_minor"] for share in body["allocations"]}
    allocations.apply_credit(found(queries.detail(payment_id)), amounts)
    return reread(queries.detail, payment_id)


@blueprint.post("/<int:payment_id>/unapply")
@requires("unallocate_payment")
@once()
@blueprint.arguments(UnapplyBody)
@blueprint.response(200, PaymentDetail)
def unapply(body: dict[str, Any], payment_id: int) -> Payment:
    """Take a payment off an invoice: the invoice is open again, the money is credit."""
    payment = found(queries.detail(payment_id))
    shares = [share for share in payment.live_allocations if share.invoice_id == body["invoice_id"]]
    if not shares:
        raise Conflict("The payment does not settle this invoice.")
    for share in shares:
        allocations.unapply(share)
    return reread(queries.detail, payment_id)

"""Handing invoices over, for programs: operations on the invoice."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.handovers import queries
from ispbill.billing.handovers import service as handovers
from ispbill.billing.handovers.service import LONGEST_NOTE, HandoverFacts
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.api import blueprint as blueprint
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Text
from ispbill.web.rest.resources import once
from ispbill.web.rest.schemas import Body


class HandoverBody(Body):
    """On which day the paper was handed over."""

    handed_on = fields.Date(required=True)
    note = Text(most=LONGEST_NOTE, load_default="")


class HandoverWords(Schema):
    """How an invoice reached its customer, as far as it did."""

    emailed_at = fields.AwareDateTime(required=True, allow_none=True)
    email_status = fields.String(required=True, allow_none=True)
    handed_on = fields.Date(required=True, allow_none=True)
    note = fields.String(required=True)


@blueprint.get("/<int:invoice_id>/handover")
@requires("view_invoice_list")
@blueprint.response(200, HandoverWords)
def handover(invoice_id: int) -> dict[str, Any]:
    """Get how an invoice was handed over: by e-mail, on paper, or not yet."""
    found(invoices.detail(invoice_id))
    return _words(invoice_id)


@blueprint.post("/<int:invoice_id>/handover")
@requires("send_message")
@once()
@blueprint.arguments(HandoverBody)
@blueprint.response(200, HandoverWords)
def hand_over(body: dict[str, Any], invoice_id: int) -> dict[str, Any]:
    """Note that the paper of an invoice was handed over."""
    handovers.hand_over(found(invoices.detail(invoice_id)), HandoverFacts(**body))
    return _words(invoice_id)


def _words(invoice_id: int) -> dict[str, Any]:
    way = queries.of_invoice(invoice_id)
    return {
        "emailed_at": way.message.sent_at if way.message else None,
        "email_status": way.message.status if way.message else None,
        "handed_on": way.by_hand.handed_on if way.by_hand else None, "note": way.by_hand.note if way.by_hand else "",
    }

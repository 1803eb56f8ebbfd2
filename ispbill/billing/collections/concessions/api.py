"""Promises, disputes and holds as JSON. Each takes effect at once."""
from __future__ import annotations

from typing import Any

from ispbill.billing.collections.concessions import queries
from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.collections.models import CollectionHold, DisputeHold, PromiseToPay
from ispbill.billing.collections.overdue.api import Dispute, Hold, Promise
from ispbill.billing.collections.overdue.api import blueprint as blueprint
from ispbill.customers import queries as customers
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Currency, Day, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import once, reread
from ispbill.web.rest.schemas import Body

_NO_CUSTOMER = "There is no such customer."


class PromiseBody(Body):
    """By when a customer pays, that day included, and how much: all that is overdue where no amount is sent."""

    until_on = Day(required=True)
    amount_minor = MinorUnits(least=1, load_default=None, allow_none=True)
    currency = Currency()
    note = Text(most=500, load_default="")


class DisputeBody(Body):
    """What is contested, and why: one line, or the whole invoice."""

    line_id = Identifier(load_default=None, allow_none=True)
    reason = Text(least=1, most=500, required=True)


class OutcomeBody(Body):
    """How a dispute ended."""

    outcome = Text(least=1, most=500, required=True)


class HoldBody(Body):
    """Up to which day no step is taken, that day included, and why."""

    until_on = Day(required=True)
    reason = Text(least=1, most=500, required=True)


@blueprint.post("/customers/<int:customer_id>/promises")
@requires("grant_extension")
@once()
@blueprint.arguments(PromiseBody)
@blueprint.response(201, Promise)
def promise(body: dict[str, Any], customer_id: int) -> PromiseToPay:
    """Take a promise to pay; who is cut off for money is restored."""
    found(customers.get(customer_id), _NO_CUSTOMER)
    return reread(queries.promise, concessions.promise(customer_id, **body).id)


@blueprint.post("/promises/<int:promise_id>/withdraw")
@requires("grant_extension")
@once()
@blueprint.response(200, Promise)
def withdraw(promise_id: int) -> PromiseToPay:
    """Take a promise back; steps go on the next morning."""
    concessions.withdraw(found(queries.promise(promise_id), "There is no such promise."))
    return reread(queries.promise, promise_id)


@blueprint.post("/invoices/<int:invoice_id>/disputes")
@requires("hold_dispute")
@once()
@blueprint.arguments(DisputeBody)
@blueprint.response(201, Dispute)
def dispute(body: dict[str, Any], invoice_id: int) -> DisputeHold:
    """Hold an invoice, or a line of it: not payable, no fee, no step, meanwhile."""
    opened = concessions.dispute(invoice_id, line_id=body["line_id"], reason=body["reason"])
    return reread(queries.dispute, opened.id)


@blueprint.post("/disputes/<int:dispute_id>/close")
@requires("hold_dispute")
@once()
@blueprint.arguments(OutcomeBody)
@blueprint.response(200, Dispute)
def close_dispute(body: dict[str, Any], dispute_id: int) -> DisputeHold:
    """End a dispute; steps go on from today."""
    concessions.close_dispute(found(queries.dispute(dispute_id), "There is no such dispute."), outcome=body["outcome"])
    return reread(queries.dispute, dispute_id)


@blueprint.post("/customers/<int:customer_id>/holds")
@requires("grant_extension")
@once()
@blueprint.arguments(HoldBody)
@blueprint.response(201, Hold)
def hold(body: dict[str, Any], customer_id: int) -> CollectionHold:
    """Leave a customer alone up to a day."""
    found(customers.get(customer_id), _NO_CUSTOMER)
    return reread(queries.hold, concessions.hold(customer_id, **body).id)


@blueprint.post("/holds/<int:hold_id>/lift")
@requires("grant_extension")
@once()
@blueprint.response(200, Hold)
def lift(hold_id: int) -> CollectionHold:
    """End a hold today."""
    concessions.lift(found(queries.hold(hold_id), "There is no such hold."))
    return reread(queries.hold, hold_id)

"""Prepaid subscriptions as JSON: list, get, load, renew. Loading needs an Idempotency-Key: a retry counts once."""
from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, fields

from ispbill.billing.payments.models import PaymentMethod
from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid import service as prepaid
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.models import LoadKind, PrepaidLoad, PrepaidStatus, PrepaidSubscription
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.prepaid.service import Line, Money
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import (
    Choice,
    Currency,
    Identifier,
    MinorUnits,
    Text,
)
from ispbill.web.rest.resources import KEY_HEADER, once, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, Reason, ordered, page, page_of, sorting

blueprint = resource("prepaid-subscriptions", description="Lines that are served for time paid before it is used.")


class PrepaidQuery(PageQuery):
    """What the list is narrowed to, and its order."""

    q = Text(load_default="", metadata={"description": "Words of the customer"})
    status = Choice(PrepaidStatus, load_default=None)
    customer_id = Identifier(load_default=None)
    plan_id = Identifier(load_default=None)
    expires_by = fields.AwareDateTime(load_default=None, metadata={"description": "Active ones that run out by then"})
    sort = sorting(queries.SORTS, default="newest")


class PaymentBody(Body):
    """Money that comes in with a load; exactly what the wallet lacks where no amount is sent."""

    method = Choice(PaymentMethod, required=True)
    amount_minor = MinorUnits(least=1, load_default=None, allow_none=True)
    reference = Text(most=100, load_default="")


class PurchaseBody(Body):
    """Time to buy: of a plan, for thirty days, fifteen, or what `amount_minor` pays for at the plan's price."""

    plan_id = Identifier(required=True)
    kind = Choice(LoadKind, required=True)
    amount_minor = MinorUnits(least=1, load_default=None, allow_none=True)
    currency = Currency()


class RenewBody(PurchaseBody):
    """Time to buy, and the money that comes in with it. Without `payment` the wallet pays alone."""

    payment = fields.Nested(PaymentBody)


class LoadBody(RenewBody):
    """Time to buy for a customer's line; one that has prepaid time already is renewed."""

    customer_id = Identifier(required=True)
    installation_id = Identifier(load_default=None, allow_none=True)


class PrepaidFacts(Schema):
    """What lists and details both tell."""

    id = Identifier(required=True)
    customer_id = Identifier(required=True)
    installation_id = Identifier(required=True, allow_none=True)
    plan_id = Identifier(required=True)
    status = Choice(PrepaidStatus, required=True)
    expires_at = fields.AwareDateTime(required=True)
    created_at = fields.AwareDateTime(required=True)


class PrepaidSummary(PrepaidFacts):
    """A prepaid subscription in a list."""

    customer_name = fields.String(required=True)
    account_number = fields.String(required=True)
    plan_name = fields.String(required=True)


class Load(Schema):
    """Time bought once; `deferred_minor` is what of it is still owed in service, before tax."""

    id = Identifier(required=True)
    kind = Choice(LoadKind, required=True)
    plan_id = Identifier(required=True)
    invoice_id = Identifier(required=True)
    payment_id = Identifier(required=True, allow_none=True)
    credit_note_id = Identifier(required=True, allow_none=True)
    currency = Currency(required=True)
    total_minor = MinorUnits(required=True)
    deferred_minor = MinorUnits(required=True)
    credited_minor = MinorUnits(required=True)
    seconds_granted = fields.Integer(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    cancelled_at = fields.AwareDateTime(required=True, allow_none=True)


class PrepaidDetail(PrepaidFacts):
    """A prepaid subscription with its loads, the oldest first."""

    history = fields.List(fields.Nested(Load), attribute="loads", required=True)


@blueprint.get("")
@requires("view_subscription_list")
@blueprint.arguments(PrepaidQuery, location="query")
@blueprint.response(200, page_of(PrepaidSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List prepaid subscriptions."""
    wanted = queries.PrepaidFilter(
        term=query["q"], status=query["status"], customer_id=query["customer_id"], plan_id=query["plan_id"],
        expires_by=query["expires_by"],
    )
    return page(queries.listing(wanted), ordered(query["sort"], queries.SORTS), query)


@blueprint.post("")
@requires("create_subscription")
@once(required=True)
@blueprint.arguments(LoadBody)
@blueprint.response(201, PrepaidDetail)
def load(body: dict[str, Any]) -> PrepaidSubscription:
    """Give a customer's line prepaid time: the wallet is debited, then the time is granted."""
    return _loaded(Line(body["customer_id"], installation_id=body["installation_id"]), body)


@blueprint.get("/<int:prepaid_id>")
@requires("view_subscription_list")
@blueprint.response(200, PrepaidDetail)
def detail(prepaid_id: int) -> PrepaidSubscription:
    """Get a prepaid subscription with its loads."""
    return reread(queries.get, prepaid_id)


@blueprint.post("/<int:prepaid_id>/renew")
@requires("create_subscription")
@once(required=True)
@blueprint.arguments(RenewBody)
@blueprint.response(200, PrepaidDetail)
def renew(body: dict[str, Any], prepaid_id: int) -> PrepaidSubscription:
    """Give a line more time: on the same plan behind what is left, else from now."""
    known = found(queries.get(prepaid_id))
    return _loaded(Line(known.customer_id, prepaid_id=prepaid_id), body)


@blueprint.post("/<int:prepaid_id>/cancel")
@requires("cancel_subscription")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, PrepaidDetail)
def cancel(body: dict[str, Any], prepaid_id: int) -> PrepaidSubscription:
    """Serve a line no longer; what is unused returns to the wallet."""
    found(queries.get(prepaid_id))
    cancelling.cancel(prepaid_id, reason=body["reason"])
    return reread(queries.get, prepaid_id)


@blueprint.post("/loads/<int:load_id>/cancel")
@requires("cancel_subscription")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, PrepaidDetail)
def cancel_load(body: dict[str, Any], load_id: int) -> PrepaidSubscription:
    """Take back what is unused of one load."""
    load = cancelling.cancel_load(found(queries.get_load(load_id)), reason=body["reason"])
    return reread(queries.get, load.subscription_id)


def _loaded(line: Line, body: dict[str, Any]) -> PrepaidSubscription:
    payment = body.get("payment")
    made: PrepaidLoad = prepaid.load(
        line, Purchase(body["plan_id"], body["kind"], body["amount_minor"]),
        received=Money(**payment) if payment else None, idempotency_key=request.headers[KEY_HEADER],
    )
    return reread(queries.get, made.subscription_id)

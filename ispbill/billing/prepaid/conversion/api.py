"""Converting a line as JSON: from prepaid to postpaid, and back."""
from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import fields

from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid.api import PrepaidDetail, RenewBody
from ispbill.billing.prepaid.conversion import service
from ispbill.billing.prepaid.models import PrepaidSubscription
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.prepaid.service import Money
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.api import SubscriptionDetail
from ispbill.subscriptions.models import Subscription
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.resources import KEY_HEADER, PREFIX, once, reread, resource
from ispbill.web.rest.schemas import Body

blueprint = resource("conversions", address=PREFIX, description="A line that is paid for otherwise from now on.")


class PostpaidBody(Body):
    """From when the line is billed: where its time runs out, or today, giving back the time from this morning on."""

    at_once = fields.Boolean(load_default=False)


class PrepaidBody(RenewBody):
    """The first load. The subscription ends with its period, or now, giving back the days from today on."""

    at_once = fields.Boolean(load_default=False)


@blueprint.post("/prepaid-subscriptions/<int:prepaid_id>/to-postpaid")
@requires("create_subscription")
@once()
@blueprint.arguments(PostpaidBody)
@blueprint.response(201, SubscriptionDetail)
def to_postpaid(body: dict[str, Any], prepaid_id: int) -> Subscription:
    """Bill a prepaid line's plan every month from now on."""
    begun = service.to_postpaid(found(queries.get(prepaid_id)), at_once=body["at_once"])
    return reread(subscriptions.get, begun.id)


@blueprint.post("/subscriptions/<int:subscription_id>/to-prepaid")
@requires("create_subscription")
@once(required=True)
@blueprint.arguments(PrepaidBody)
@blueprint.response(201, PrepaidDetail)
def to_prepaid(body: dict[str, Any], subscription_id: int) -> PrepaidSubscription:
    """End a subscription, and load its line from there on."""
    payment = body.get("payment")
    made = service.to_prepaid(
        found(subscriptions.get(subscription_id)), Purchase(body["plan_id"], body["kind"], body["amount_minor"]),
        at_once=body["at_once"], received=Money(**payment) if payment else None,
        idempotency_key=request.headers[KEY_HEADER],
    )
    return reread(queries.get, made.subscription_id)

"""Selling a bundle as JSON: an operation on the bundle that begins a subscription."""
from __future__ import annotations

from typing import Any

from ispbill.catalogue.bundles import queries as bundles
from ispbill.catalogue.bundles.api import blueprint as blueprint
from ispbill.customers import queries as customers
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.api import SubscriptionDetail
from ispbill.subscriptions.bundles import service as sales
from ispbill.subscriptions.installations import queries as installations
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.policy import Start
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Day, Identifier, WholeNumber
from ispbill.web.rest.resources import once, referred, reread
from ispbill.web.rest.schemas import Body


class SaleBody(Body):
    """To whom, from when, where."""

    customer_id = Identifier(required=True)
    start_on = Day(required=True)
    anchor_day = WholeNumber(least=1, most=31, load_default=None, allow_none=True)
    installation_id = Identifier(load_default=None, allow_none=True)


@blueprint.post("/<int:bundle_id>/sell")
@requires("create_subscription")
@once()
@blueprint.arguments(SaleBody)
@blueprint.response(201, SubscriptionDetail)
def sell(body: dict[str, Any], bundle_id: int) -> Subscription:
    """Subscribe a customer to all plans of a bundle; answers with the subscription."""
    line_id = body["installation_id"]
    sold = sales.sell(
        found(bundles.get(bundle_id)), customer=referred(customers.get, body["customer_id"], "customer_id"),
        start=Start(body["start_on"], body["anchor_day"]),
        installation=referred(installations.get, line_id, "installation_id") if line_id else None,
    )
    return reread(subscriptions.get, sold.id)

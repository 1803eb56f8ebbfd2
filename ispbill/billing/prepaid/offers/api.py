"""What a load would come to, as JSON, on the resource of prepaid subscriptions: asked before anything is paid."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid.api import PurchaseBody
from ispbill.billing.prepaid.api import blueprint as blueprint
from ispbill.billing.prepaid.offers.queries import Offer, Purchase, offer_for, renewed_by
from ispbill.core.money import LARGEST_MINOR
from ispbill.customers import queries as customers
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Currency, Identifier, MinorUnits
from ispbill.web.rest.resources import referred


class LoadQuestion(PurchaseBody):
    """Time that a customer's line might get; one that has prepaid time already would be renewed."""

    customer_id = Identifier(required=True)
    installation_id = Identifier(load_default=None, allow_none=True)


class LoadOffer(Schema):
    """What a load comes to now: `price_minor` less `discount_minor`, with tax and the rounding of cash, is the total.

    `given_back_minor` is what returns of the former plan first, `missing_minor` what the wallet then lacks.
    """

    display = fields.String(required=True, attribute="given.display")
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    price_minor = MinorUnits(required=True, attribute="given.amount_minor")
    discount_minor = MinorUnits(required=True)
    net_minor = MinorUnits(required=True, attribute="cost.net_minor")
    tax_minor = MinorUnits(required=True, attribute="cost.tax_minor")
    rounding_minor = MinorUnits(least=-LARGEST_MINOR, required=True, attribute="cost.rounding_minor")
    total_minor = MinorUnits(required=True, attribute="cost.total_minor")
    wallet_minor = MinorUnits(required=True)
    given_back_minor = MinorUnits(required=True)
    missing_minor = MinorUnits(required=True)
    currency = Currency(required=True)


@blueprint.post("/foresee")
@requires("create_subscription")
@blueprint.arguments(LoadQuestion)
@blueprint.response(200, LoadOffer)
def foresee(body: dict[str, Any]) -> Offer:
    """Foresee a load of a customer's line; nothing is changed."""
    customer = referred(customers.get, body["customer_id"], "customer_id")
    return offer_for(customer.id, _purchase(body), renewed=renewed_by(customer.id, body["installation_id"]))


@blueprint.post("/<int:prepaid_id>/renew/foresee")
@requires("create_subscription")
@blueprint.arguments(PurchaseBody)
@blueprint.response(200, LoadOffer)
def foresee_renewal(body: dict[str, Any], prepaid_id: int) -> Offer:
    """Foresee more time for a line; nothing is changed."""
    known = found(queries.get(prepaid_id))
    return offer_for(known.customer_id, _purchase(body), renewed=known)


def _purchase(body: dict[str, Any]) -> Purchase:
    return Purchase(body["plan_id"], body["kind"], body["amount_minor"])

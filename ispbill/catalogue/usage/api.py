"""What a plan's usage costs, as JSON: operations on the plan. A price list is never edited: another begins on a day."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields, validate

from ispbill.catalogue import queries as plans
from ispbill.catalogue.api import blueprint as blueprint
from ispbill.catalogue.usage import queries
from ispbill.catalogue.usage import service as usage_prices
from ispbill.catalogue.usage.policy import LONGEST_UNIT, MOST_TIERS, Model, PriceList, Tier, UsageFacts
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, DecimalText, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import once
from ispbill.web.rest.schemas import Body


class TierBody(Body):
    """Units up to a bound, which belongs to the step (the last one has none), and what a block of them costs.

    `block_price` is a decimal in minor units: a unit may cost less than one. `flat_minor` is the fee for reaching it.
    """

    up_to = DecimalText(load_default=None, allow_none=True)
    block_price = DecimalText(required=True, attribute="price_minor")
    flat_minor = MinorUnits(load_default=0)
    block = DecimalText(load_default=Decimal(1))
    whole_blocks = fields.Boolean(load_default=False, truthy={True}, falsy={False}, metadata={
        "description": "Whether a block that is begun is charged whole"
    })


class PriceListBody(Body):
    """A price list from a day on: what is counted, what is included, the steps, and what a period costs at least.

    What is included and the minimum are those of a subscription, whatever its quantity.
    """

    valid_from = Day(required=True)
    unit = Text(least=1, most=LONGEST_UNIT, required=True)
    model = Choice(Model, load_default=str(Model.GRADUATED))
    included = DecimalText(load_default=Decimal(0))
    minimum_minor = MinorUnits(load_default=0)
    currency = Currency()
    tiers = fields.List(fields.Nested(TierBody), required=True, validate=validate.Length(min=1, max=MOST_TIERS))


class TierDetail(Schema):
    """A step of a price list."""

    up_to = DecimalText(required=True, allow_none=True)
    block_price = DecimalText(required=True, attribute="price_minor")
    flat_minor = MinorUnits(required=True)
    block = DecimalText(required=True)
    whole_blocks = fields.Boolean(required=True)


class PriceListDetail(Schema):
    """A price list; it holds until the next one begins."""

    id = Identifier(required=True)
    plan_id = Identifier(required=True)
    valid_from = fields.Date(required=True)
    unit = fields.String(required=True)
    model = Choice(Model, required=True)
    included = DecimalText(required=True)
    minimum_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    tiers = fields.List(fields.Nested(TierDetail), required=True)


class PriceLists(Schema):
    """All price lists of a plan, the newest first."""

    items = fields.List(fields.Nested(PriceListDetail), required=True)


@blueprint.get("/<int:plan_id>/usage-prices")
@requires("view_subscriptionplan_list")
@blueprint.response(200, PriceLists)
def usage_price_lists(plan_id: int) -> dict[str, Any]:
    """List what a plan's usage costs and has cost; none where it costs nothing."""
    found(plans.get(plan_id))
    return {"items": queries.of_plan(plan_id)}


@blueprint.post("/<int:plan_id>/usage-prices")
@requires("change_subscriptionplan")
@once()
@blueprint.arguments(PriceListBody)
@blueprint.response(201, PriceLists)
def set_usage_prices(body: dict[str, Any], plan_id: int) -> dict[str, Any]:
    """Charge a plan's usage by a price list from a day on; what was rated keeps the list of its day."""
    tiers = tuple(Tier(**tier) for tier in body["tiers"])
    usage_prices.set_prices(found(plans.get(plan_id)), facts=UsageFacts(
        prices=PriceList(tiers, body["model"], body["included"]), unit=body["unit"], valid_from=body["valid_from"],
        minimum_minor=body["minimum_minor"],
    ))
    return {"items": queries.of_plan(plan_id)}

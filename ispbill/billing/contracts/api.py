"""The contract that a subscription was begun with, as JSON, and what leaving on a day would cost."""
from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.contracts import queries
from ispbill.billing.contracts.models import SubscriptionContract
from ispbill.core.current import current
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Currency, Day, DecimalText, Identifier, MinorUnits
from ispbill.web.rest.resources import PREFIX, resource
from ispbill.web.rest.schemas import Body

blueprint = resource("contracts", address=f"{PREFIX}/subscriptions",
                     description="What subscribers promised, and what leaving early costs.")


class QuoteQuery(Body):
    """The first day no longer served."""

    on = Day(load_default=None, metadata={"description": "Today where not sent"})


class AgreedContract(Schema):
    """What was agreed when the subscription began; `end_on` is the first day that is not promised any more."""

    subscription_id = Identifier(required=True)
    plan_id = Identifier(required=True)
    starts_on = fields.Date(required=True)
    end_on = fields.Date(required=True)
    months = fields.Integer(required=True)
    fixed_minor = MinorUnits(required=True)
    is_declining = fields.Boolean(required=True)
    remaining_percent = DecimalText(required=True)
    most_minor = MinorUnits(required=True, allow_none=True)
    currency = Currency(required=True)


class TerminationQuote(Schema):
    """What ending on a day would cost before tax that is added; nothing once the promise is kept."""

    subscription_id = Identifier(required=True)
    on = fields.Date(required=True)
    promised_until = fields.Date(required=True)
    fee_minor = MinorUnits(required=True)
    currency = Currency(required=True)


@blueprint.get("/<int:subscription_id>/contract")
@requires("view_subscription_list")
@blueprint.response(200, AgreedContract)
def detail(subscription_id: int) -> SubscriptionContract:
    """Get the contract of a subscription; 404 where it has none."""
    return _agreed(subscription_id)


@blueprint.get("/<int:subscription_id>/contract/quote")
@requires("view_subscription_list")
@blueprint.arguments(QuoteQuery, location="query")
@blueprint.response(200, TerminationQuote)
def quote(query: dict[str, Any], subscription_id: int) -> dict[str, Any]:
    """Get what leaving on a day would cost; nothing is charged."""
    agreed, on = _agreed(subscription_id), _day(query["on"])
    return {"subscription_id": subscription_id, "on": on, "promised_until": agreed.end_on,
            "fee_minor": queries.fee_of(agreed, ended_on=on)}


def _agreed(subscription_id: int) -> SubscriptionContract:
    return found(queries.of_subscription(subscription_id), "This subscription has no contract.")


def _day(asked: date | None) -> date:
    return asked or current.today()

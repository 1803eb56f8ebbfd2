"""The three addresses that screens and integrations were given: a line's latest subscription, a preview, a price.

Amounts are in major units there, as it was given; the same stands beside them exactly, in minor units.
"""
from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid.models import LoadKind, PrepaidStatus, PrepaidSubscription
from ispbill.billing.prepaid.policy import Grant, grant, renewal_start
from ispbill.catalogue import queries as plans
from ispbill.catalogue import service as catalogue
from ispbill.catalogue.models import Plan
from ispbill.core.current import current
from ispbill.core.money import to_major, to_minor
from ispbill.subscriptions.installations import queries as installations
from ispbill.subscriptions.models import Subscription
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, GivenIdentifier, Identifier, MajorAmount, MinorUnits
from ispbill.web.rest.resources import resource
from ispbill.web.rest.schemas import Body

blueprint = resource(
    "customer_subscriptions", address="/customer-subscriptions/api",
    description="What the screen of subscriptions asks while it is filled in.",
)


class LineQuery(Body):
    """Which installation."""

    installation_id = Identifier(required=True)


class PlanQuery(Body):
    """Which plan."""

    plan_id = Identifier(required=True)


class PreviewBody(Body):
    """What would be bought; `amount` counts for `custom` only."""

    plan_id = GivenIdentifier(required=True)
    amount = MajorAmount(load_default=None, allow_none=True)
    subscription_type = Choice(LoadKind, required=True)


class Preview(Schema):
    """How long it would last. `amount` is in major units, `amount_minor` the same exactly."""

    total_days = MajorAmount(required=True)
    days = fields.Integer(required=True)
    hours = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    display = fields.String(required=True)
    amount = MajorAmount(required=True)
    amount_minor = MinorUnits(required=True)
    currency = Currency(required=True)


class PlanPrice(Schema):
    """The price in force today of thirty days, or of a month postpaid."""

    plan_id = Identifier(required=True)
    plan = fields.String(required=True)
    price = MajorAmount(required=True)
    price_minor = MinorUnits(required=True)
    currency = Currency(required=True)


class LatestSubscription(Schema):
    """The subscription of an installation that is served, else the newest; without any, only `renewal_start` tells."""

    installation_id = Identifier(required=True)
    id = Identifier(required=True, allow_none=True)
    type = Choice(("prepaid", "postpaid"), required=True, allow_none=True)
    plan_id = Identifier(required=True, allow_none=True)
    plan = fields.String(required=True, allow_none=True)
    start = fields.AwareDateTime(required=True, allow_none=True)
    end = fields.AwareDateTime(required=True, allow_none=True)
    status = fields.String(required=True, allow_none=True)
    renewal_start = fields.AwareDateTime(required=True)


@blueprint.get("/latest-subscription/")
@requires("view_subscription_list")
@blueprint.arguments(LineQuery, location="query")
@blueprint.response(200, LatestSubscription)
def latest_subscription(query: dict[str, Any]) -> dict[str, Any]:
    """Get the latest subscription of an installation, and where a renewal would start."""
    installation = found(installations.get(query["installation_id"]))
    latest = {"installation_id": installation.id, "renewal_start": current.now(),
              **_latest(queries.latest_of_line(installation.id))}
    return {name: value.astimezone(current.tenant.zone) if isinstance(value, datetime) else value
            for name, value in latest.items()}


@blueprint.post("/calculate-preview/")
@requires("create_subscription")
@blueprint.arguments(PreviewBody)
@blueprint.response(200, Preview)
def calculate_preview(body: dict[str, Any]) -> dict[str, Any]:
    """Calculate how long a load would last; nothing is changed."""
    amount, currency = body["amount"], current.tenant.currency
    given: Grant = grant(
        body["subscription_type"], price_minor=_price(found(plans.get(body["plan_id"]))),
        amount_minor=None if amount is None else to_minor(amount, currency, field="amount"),
    )
    return {name: getattr(given, name) for name in ("total_days", "days", "hours", "minutes", "display")} | {
        "amount": to_major(given.amount_minor, currency), "amount_minor": given.amount_minor,
    }


@blueprint.get("/plan-price/")
@requires("view_subscriptionplan_list")
@blueprint.arguments(PlanQuery, location="query")
@blueprint.response(200, PlanPrice)
def plan_price(query: dict[str, Any]) -> dict[str, Any]:
    """Get a plan's price in force today."""
    plan = found(plans.get(query["plan_id"]))
    price_minor = _price(plan)
    return {"plan_id": plan.id, "plan": plan.name, "price": to_major(price_minor, current.tenant.currency),
            "price_minor": price_minor}


def _price(plan: Plan) -> int:
    return catalogue.price_in_force(plan, on=current.today())


def _latest(known: PrepaidSubscription | Subscription | None) -> dict[str, Any]:
    if known is None:
        return dict.fromkeys(("id", "type", "plan_id", "plan", "start", "end", "status"))
    if isinstance(known, Subscription):
        return _postpaid(known)
    return {
        "id": known.id, "type": "prepaid", "plan_id": known.plan_id, "plan": known.plan.name,
        "start": known.loads[-1].starts_at, "end": known.expires_at, "status": known.status,
        "renewal_start": _renewal_start(known),
    }


def _renewal_start(known: PrepaidSubscription) -> datetime:
    expires_at = known.expires_at if known.status == PrepaidStatus.ACTIVE else None
    return renewal_start(current.now(), expires_at=expires_at, same_plan=True)


def _postpaid(known: Subscription) -> dict[str, Any]:
    names = [part.plan.name for part in known.components]
    return {
        "id": known.id, "type": "postpaid", "plan_id": known.components[0].plan_id if names else None,
        "plan": ", ".join(names), "start": _midnight(known.start_on), "status": known.status,
        "end": _midnight(known.end_on) if known.end_on else None,
        "renewal_start": max(current.now(), _midnight(known.end_on)) if known.end_on else current.now(),
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), current.tenant.zone)

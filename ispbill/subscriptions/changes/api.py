"""Changes of a running subscription as JSON: another plan, quantity or price, more, less, another billing day."""
from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields

from ispbill.catalogue import queries as plans
from ispbill.core.current import current
from ispbill.core.errors import NotFound
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.api import SubscriptionDetail
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from ispbill.subscriptions.policy import MOST_QUANTITY
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Currency, Day, Identifier, MinorUnits, WholeNumber
from ispbill.web.rest.resources import PREFIX, once, referred, reread, resource
from ispbill.web.rest.schemas import Body

blueprint = resource(
    "subscription_changes", address=f"{PREFIX}/subscriptions",
    description="What a subscription is charged for, changed from a day on; the next billing charges and credits the "
                "difference.",
)
_TODAY = {"description": "Today where not sent"}


class ChangeBody(Body):
    """What a component is replaced by; what is not sent stays."""

    plan_id = Identifier(load_default=None, allow_none=True)
    quantity = WholeNumber(least=1, most=MOST_QUANTITY, load_default=None, allow_none=True)
    unit_price_minor = MinorUnits(load_default=None, allow_none=True)
    currency = Currency()
    on = Day(load_default=None, allow_none=True, metadata=_TODAY)
    restarts = fields.Boolean(load_default=False, metadata={"description": "A full new period begins on that day"})


class AddBody(Body):
    """Something more to charge; the price is the one in force on the day unless another is agreed."""

    plan_id = Identifier(required=True)
    quantity = WholeNumber(least=1, most=MOST_QUANTITY, load_default=1)
    unit_price_minor = MinorUnits(load_default=None, allow_none=True)
    currency = Currency()
    on = Day(load_default=None, allow_none=True, metadata=_TODAY)


class RemoveBody(Body):
    """The first day on which it is not charged."""

    on = Day(load_default=None, allow_none=True, metadata=_TODAY)


class AnchorBody(Body):
    """Another billing day, and from when."""

    anchor_day = WholeNumber(least=1, most=31, required=True)
    on = Day(load_default=None, allow_none=True, metadata={"description": "The end of what is billed where not sent"})


@blueprint.post("/<int:subscription_id>/components")
@requires("change_subscription")
@once()
@blueprint.arguments(AddBody)
@blueprint.response(201, SubscriptionDetail)
def add(body: dict[str, Any], subscription_id: int) -> Subscription:
    """Charge something more beside what runs, such as an add-on."""
    subscription = found(queries.get(subscription_id))
    plan = referred(plans.get, body["plan_id"], "plan_id")
    changes.add(subscription, plan=plan, quantity=body["quantity"],
                unit_price_minor=body["unit_price_minor"], on=_on(body))
    return reread(queries.get, subscription_id)


@blueprint.post("/<int:subscription_id>/components/<int:component_id>/change")
@requires("change_subscription")
@once()
@blueprint.arguments(ChangeBody)
@blueprint.response(200, SubscriptionDetail)
def change(body: dict[str, Any], subscription_id: int, component_id: int) -> Subscription:
    """Charge another plan, quantity or price instead of a component; back on the same day restores what was."""
    subscription, part = component_of(subscription_id, component_id)
    plan = None if body["plan_id"] is None else referred(plans.get, body["plan_id"], "plan_id")
    changes.change(part, subscription, on=_on(body), new=NewTerms(
        plan, body["quantity"], body["unit_price_minor"], body["restarts"]
    ))
    return reread(queries.get, subscription_id)


@blueprint.post("/<int:subscription_id>/components/<int:component_id>/remove")
@requires("change_subscription")
@once()
@blueprint.arguments(RemoveBody)
@blueprint.response(200, SubscriptionDetail)
def remove(body: dict[str, Any], subscription_id: int, component_id: int) -> Subscription:
    """Charge a component no longer; the last one ends with its subscription."""
    subscription, part = component_of(subscription_id, component_id)
    changes.remove(part, subscription, on=_on(body))
    return reread(queries.get, subscription_id)


@blueprint.post("/<int:subscription_id>/billing-day")
@requires("change_subscription")
@once()
@blueprint.arguments(AnchorBody)
@blueprint.response(200, SubscriptionDetail)
def move_anchor(body: dict[str, Any], subscription_id: int) -> Subscription:
    """Bill on another day of the month; the days up to it are billed as a part of a period."""
    subscription = found(queries.get(subscription_id))
    on = body["on"] or max(subscription.billed_until, current.today())
    changes.move_anchor(subscription, anchor_day=body["anchor_day"], on=on)
    return reread(queries.get, subscription_id)


@blueprint.post("/<int:subscription_id>/keep")
@requires("cancel_subscription")
@blueprint.response(200, SubscriptionDetail)
def keep(subscription_id: int) -> Subscription:
    """Withdraw an end that has not come yet."""
    subscriptions.keep(found(queries.get(subscription_id)))
    return reread(queries.get, subscription_id)


def component_of(subscription_id: int, component_id: int) -> tuple[Subscription, SubscriptionComponent]:
    """A subscription and one of its components. Raises NotFound."""
    subscription = found(queries.get(subscription_id))
    part = next((part for part in subscription.components if part.id == component_id), None)
    if part is None:
        raise NotFound("There is no such component of this subscription.")
    return subscription, part


def _on(body: dict[str, Any]) -> date:
    return body["on"] or current.today()

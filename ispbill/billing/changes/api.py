"""What a change of a subscription would mean for its next bill, as JSON. All of it is undone: nothing changes."""
from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.changes import service
from ispbill.billing.changes.policy import Effect
from ispbill.catalogue import queries as plans
from ispbill.core.current import current
from ispbill.core.money import LARGEST_MINOR
from ispbill.customers.suspension_reasons.api import because_of
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.api import AddBody, AnchorBody, ChangeBody, RemoveBody, component_of
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits
from ispbill.web.rest.resources import PREFIX, referred, resource
from ispbill.web.rest.schemas import Body

blueprint = resource(
    "foreseen_changes", address=f"{PREFIX}/subscriptions",
    description="What the next billing makes of a change, asked before it is made. Nothing is changed by asking.",
)
_TODAY = {"description": "Today where not sent"}
_NOT_SAID_YET = "foreseen"


class EndQuestion(Body):
    """The first day no longer served."""

    on = Day(load_default=None, allow_none=True, metadata={"description": "The end of the period where not sent"})
    credits = fields.Boolean(load_default=True, truthy={True}, falsy={False}, metadata={
        "description": "Whether the days after it that are billed are given back"
    })


class SuspendQuestion(Body):
    """From when service stops, and what its days mean for the bill."""

    on = Day(load_default=None, allow_none=True, metadata=_TODAY)
    until = Day(load_default=None, allow_none=True, metadata={"description": "The day from which it is served again"})
    reason_id = Identifier(load_default=None, allow_none=True)
    billing = Choice(PauseBilling, load_default=str(PauseBilling.SKIP), metadata={
        "description": "Where reason_id is not sent"
    })


class ForeseenLine(Schema):
    """A line of the next bill; below zero it is given back. Its period is half-open."""

    description = fields.String(required=True)
    arithmetic = fields.String(required=True)
    period_start = fields.Date(required=True, allow_none=True)
    period_end = fields.Date(required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    unit_price_minor = MinorUnits(required=True)
    amount_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    net_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    tax_minor = MinorUnits(least=-LARGEST_MINOR, required=True)


class ForeseenBill(Schema):
    """What billing the customer on the day comes to, tax included; `next_on` is when it is due again.

    `monthly_minor` is a full month of the subscription, before tax that is added.
    """

    total_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    monthly_minor = MinorUnits(required=True)
    next_on = fields.Date(required=True, allow_none=True)


class ForeseenEffect(Schema):
    """Billing on a day with the change and without it: the lines that come, and those that do not any more."""

    on = fields.Date(required=True)
    difference_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    currency = Currency(required=True)
    before = fields.Nested(ForeseenBill, required=True)
    after = fields.Nested(ForeseenBill, required=True)
    lines = fields.List(fields.Nested(ForeseenLine), required=True)
    omitted = fields.List(fields.Nested(ForeseenLine), required=True)


@blueprint.post("/<int:subscription_id>/components/foresee")
@requires("change_subscription")
@blueprint.arguments(AddBody)
@blueprint.response(200, ForeseenEffect)
def add(body: dict[str, Any], subscription_id: int) -> Effect:
    """Foresee charging something more."""
    subscription, plan = _subscription(subscription_id), referred(plans.get, body["plan_id"], "plan_id")
    on = _on(body)
    return service.foresee(subscription, lambda: changes.add(
        subscription, plan=plan, quantity=body["quantity"], unit_price_minor=body["unit_price_minor"], on=on
    ), on=on)


@blueprint.post("/<int:subscription_id>/components/<int:component_id>/change/foresee")
@requires("change_subscription")
@blueprint.arguments(ChangeBody)
@blueprint.response(200, ForeseenEffect)
def change(body: dict[str, Any], subscription_id: int, component_id: int) -> Effect:
    """Foresee another plan, quantity or price."""
    subscription, part = component_of(subscription_id, component_id)
    plan = None if body["plan_id"] is None else referred(plans.get, body["plan_id"], "plan_id")
    new = NewTerms(plan, body["quantity"], body["unit_price_minor"], body["restarts"])
    on = _on(body)
    return service.foresee(subscription, lambda: changes.change(part, subscription, new=new, on=on), on=on)


@blueprint.post("/<int:subscription_id>/components/<int:component_id>/remove/foresee")
@requires("change_subscription")
@blueprint.arguments(RemoveBody)
@blueprint.response(200, ForeseenEffect)
def remove(body: dict[str, Any], subscription_id: int, component_id: int) -> Effect:
    """Foresee charging a component no longer."""
    subscription, part = component_of(subscription_id, component_id)
    on = _on(body)
    return service.foresee(subscription, lambda: changes.remove(part, subscription, on=on), on=on)


@blueprint.post("/<int:subscription_id>/billing-day/foresee")
@requires("change_subscription")
@blueprint.arguments(AnchorBody)
@blueprint.response(200, ForeseenEffect)
def move_anchor(body: dict[str, Any], subscription_id: int) -> Effect:
    """Foresee billing on another day of the month."""
    subscription = _subscription(subscription_id)
    on = body["on"] or max(subscription.billed_until, current.today())
    return service.foresee(
        subscription, lambda: changes.move_anchor(subscription, anchor_day=body["anchor_day"], on=on), on=on
    )


@blueprint.post("/<int:subscription_id>/suspend/foresee")
@requires("suspend_service")
@blueprint.arguments(SuspendQuestion)
@blueprint.response(200, ForeseenEffect)
def suspend(body: dict[str, Any], subscription_id: int) -> Effect:
    """Foresee stopping service for a time."""
    subscription, on = _subscription(subscription_id), _on(body)
    return service.foresee(subscription, lambda: subscriptions.suspend(
        subscription, on=on, until=body["until"], reason=_NOT_SAID_YET, billing=PauseBilling(body["billing"]),
        because=because_of(body),
    ), on=on)


@blueprint.post("/<int:subscription_id>/resume/foresee")
@requires("restore_service")
@blueprint.arguments(RemoveBody)
@blueprint.response(200, ForeseenEffect)
def resume(body: dict[str, Any], subscription_id: int) -> Effect:
    """Foresee serving again."""
    subscription, on = _subscription(subscription_id), _on(body)
    return service.foresee(subscription, lambda: subscriptions.resume(subscription, on=on), on=on)


@blueprint.post("/<int:subscription_id>/end/foresee")
@requires("cancel_subscription")
@blueprint.arguments(EndQuestion)
@blueprint.response(200, ForeseenEffect)
def end(body: dict[str, Any], subscription_id: int) -> Effect:
    """Foresee serving no longer."""
    subscription = _subscription(subscription_id)
    on = body["on"] or subscriptions.period_end(subscription)
    return service.foresee(subscription, lambda: subscriptions.end(
        subscription, on=on, reason=_NOT_SAID_YET, credits=body["credits"]
    ), on=on)


def _subscription(subscription_id: int) -> Subscription:
    return found(queries.get(subscription_id))


def _on(body: dict[str, Any]) -> date:
    return body["on"] or current.today()

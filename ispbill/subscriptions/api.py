"""Postpaid subscriptions as JSON: list, get, subscribe, suspend or book a pause, resume, end."""
from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from ispbill.catalogue import queries as plans
from ispbill.catalogue.api import fees_named
from ispbill.catalogue.models import PeriodUnit, Timing
from ispbill.catalogue.policy import Fee
from ispbill.core.current import current
from ispbill.customers import queries as customers
from ispbill.customers.suspension_reasons.api import CauseBody, because_of
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.installations import queries as installations
from ispbill.subscriptions.models import Installation, Subscription, SubscriptionStatus
from ispbill.subscriptions.pauses import queries as pauses
from ispbill.subscriptions.pauses import service as pause_verbs
from ispbill.subscriptions.policy import MOST_QUANTITY, Start
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits, Text, WholeNumber
from ispbill.web.rest.resources import once, referred, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, ordered, page, page_of, sorting

blueprint = resource("subscriptions", description="What customers are billed for every month in advance.")
_MOST_PLANS = 20


class SubscriptionQuery(PageQuery):
    """What the list is narrowed to, and its order."""

    q = Text(load_default="", metadata={"description": "Words of the customer"})
    status = Choice(SubscriptionStatus, load_default=None)
    customer_id = Identifier(load_default=None)
    plan_id = Identifier(load_default=None)
    sort = sorting(queries.SORTS, default="newest")


class ChoiceBody(Body):
    """A plan and how many of it; the price is the one in force on the first day unless another is agreed."""

    plan_id = Identifier(required=True)
    quantity = WholeNumber(least=1, most=MOST_QUANTITY, load_default=1)
    unit_price_minor = MinorUnits(load_default=None, allow_none=True)


class SubscriptionBody(Body):
    """A subscription to begin."""

    customer_id = Identifier(required=True)
    plans = fields.List(fields.Nested(ChoiceBody), required=True, validate=validate.Length(min=1, max=_MOST_PLANS))
    currency = Currency()
    fee_ids = fields.List(Identifier(), load_default=list, validate=validate.Length(max=_MOST_PLANS), metadata={
        "description": "Plans of the kind one_time that are asked once, with the first bill"
    })
    start_on = Day(required=True)
    anchor_day = WholeNumber(least=1, most=31, load_default=None, allow_none=True)
    aligned_on = Day(load_default=None, allow_none=True, metadata={
        "description": "A day on which a period begins, to bill by the calendar's weeks, quarters or years"
    })
    grants_trials = fields.Boolean(load_default=True, metadata={
        "description": "Whether the free trial of a plan that the customer never had is granted"
    })
    installation_id = Identifier(load_default=None, allow_none=True)
    external_reference = Text(most=100, load_default=None, allow_none=True)


class SuspendBody(CauseBody):
    """From which day service stops, and why: the company's reason, if one is named, says what the days mean."""

    on = Day(load_default=None, allow_none=True, metadata={"description": "Today where not sent; it may lie ahead"})
    until = Day(load_default=None, allow_none=True, metadata={
        "description": "The day from which it is served again by itself; where not sent, when it is resumed"
    })
    billing = Choice(PauseBilling, load_default=str(PauseBilling.SKIP), metadata={
        "description": "Where reason_id is not sent: whether the days are billed, not billed, or given back as well"
    })


class ResumeBody(Body):
    """From which day service goes on."""

    on = Day(load_default=None, allow_none=True, metadata={"description": "Today where not sent"})
    reason = Text(most=500, load_default="")


class EndBody(Body):
    """The first day no longer served, and why."""

    on = Day(load_default=None, allow_none=True, metadata={
        "description": "The end of what is billed where not sent or, where that is over, of the period that runs"
    })
    reason = Text(most=500, required=True)
    credits = fields.Boolean(load_default=True, metadata={"description": "Give back days that are billed beyond it"})


class SubscriptionFacts(Schema):
    """What lists and details both tell; `billed_until` is the first day not billed yet."""

    id = Identifier(required=True)
    customer_id = Identifier(required=True)
    status = Choice(SubscriptionStatus, required=True)
    start_on = fields.Date(required=True)
    end_on = fields.Date(required=True, allow_none=True)
    suspended_on = fields.Date(required=True, allow_none=True)
    anchor_day = fields.Integer(required=True)
    billed_until = fields.Date(required=True)
    external_reference = fields.String(required=True, allow_none=True)
    currency = Currency(required=True)


class SubscriptionSummary(SubscriptionFacts):
    """A subscription in a list; `monthly_minor` is a full month before tax that is added."""

    customer_name = fields.String(required=True)
    account_number = fields.String(required=True)
    plan_names = fields.String(required=True)
    monthly_minor = MinorUnits(required=True)


class Component(Schema):
    """A plan or add-on at the price agreed, from a day to a day; one that was replaced ended."""

    id = Identifier(required=True)

    plan_id = Identifier(required=True)
    plan_code = fields.String(attribute="plan.code", required=True)
    plan_name = fields.String(attribute="plan.name", required=True)
    quantity = fields.Integer(required=True)
    unit_price_minor = MinorUnits(required=True)
    start_on = fields.Date(required=True)
    end_on = fields.Date(required=True, allow_none=True)
    billed_until = fields.Date(required=True)
    period_unit = Choice(PeriodUnit, required=True)
    period_count = fields.Integer(required=True)
    timing = Choice(Timing, required=True)


class Pause(Schema):
    """Days without service, past or booked; `end_on` is the first day served again."""

    id = Identifier(required=True)
    start_on = fields.Date(required=True)
    end_on = fields.Date(required=True, allow_none=True)
    billing = Choice(PauseBilling, required=True)
    reason_id = Identifier(required=True, allow_none=True)
    reason = fields.String(required=True)


class SubscriptionDetail(SubscriptionFacts):
    """A subscription with what it is charged for."""

    installation_id = Identifier(required=True, allow_none=True)
    status_reason = fields.String(required=True)
    end_reason = fields.String(required=True)
    components = fields.List(fields.Nested(Component), required=True)
    pauses = fields.List(fields.Nested(Pause), required=True)
    created_at = fields.AwareDateTime(required=True)


@blueprint.get("")
@requires("view_subscription_list")
@blueprint.arguments(SubscriptionQuery, location="query")
@blueprint.response(200, page_of(SubscriptionSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List subscriptions."""
    wanted = queries.SubscriptionFilter(
        term=query["q"], status=query["status"], plan_id=query["plan_id"], customer_id=query["customer_id"]
    )
    return page(queries.listing(wanted), ordered(query["sort"], queries.SORTS), query)


@blueprint.post("")
@requires("create_subscription")
@once()
@blueprint.arguments(SubscriptionBody)
@blueprint.response(201, SubscriptionDetail)
def subscribe(body: dict[str, Any]) -> Subscription:
    """Begin to bill a customer; a lead becomes active."""
    begun = subscriptions.subscribe(
        referred(customers.get, body["customer_id"], "customer_id"), plans=_choices(body["plans"]),
        start=Start(body["start_on"], body["anchor_day"], body["aligned_on"], body["grants_trials"]),
        installation=_line(body["installation_id"]), external_reference=body["external_reference"],
        fees=_fees(body["fee_ids"], on=body["start_on"]),
    )
    return reread(queries.get, begun.id)


@blueprint.get("/<int:subscription_id>")
@requires("view_subscription_list")
@blueprint.response(200, SubscriptionDetail)
def detail(subscription_id: int) -> Subscription:
    """Get a subscription with what it is charged for."""
    return reread(queries.get, subscription_id)


@blueprint.post("/<int:subscription_id>/suspend")
@requires("suspend_service")
@blueprint.arguments(SuspendBody)
@blueprint.response(200, SubscriptionDetail)
def suspend(body: dict[str, Any], subscription_id: int) -> Subscription:
    """Stop serving from a day, past or to come, until another day or until it is resumed."""
    subscription = found(queries.get(subscription_id))
    subscriptions.suspend(subscription, on=body["on"] or current.today(), until=body["until"], reason=body["reason"],
                          billing=PauseBilling(body["billing"]), because=because_of(body))
    return reread(queries.get, subscription_id)


@blueprint.post("/<int:subscription_id>/resume")
@requires("restore_service")
@blueprint.arguments(ResumeBody)
@blueprint.response(200, SubscriptionDetail)
def resume(body: dict[str, Any], subscription_id: int) -> Subscription:
    """Serve and bill again from a day; suspended days not billed yet never will be."""
    subscription = found(queries.get(subscription_id))
    subscriptions.resume(subscription, on=body["on"] or current.today(), reason=body["reason"])
    return reread(queries.get, subscription_id)


@blueprint.post("/pauses/<int:pause_id>/cancel")
@requires("suspend_service")
@blueprint.response(200, SubscriptionDetail)
def cancel_pause(pause_id: int) -> Subscription:
    """Take back a pause that has not begun."""
    pause = found(pauses.get(pause_id))
    subscription = found(queries.get(pause.subscription_id))
    pause_verbs.cancel(pause, subscription)
    return reread(queries.get, subscription.id)


@blueprint.post("/<int:subscription_id>/end")
@requires("cancel_subscription")
@blueprint.arguments(EndBody)
@blueprint.response(200, SubscriptionDetail)
def end(body: dict[str, Any], subscription_id: int) -> Subscription:
    """Serve and bill no longer from a day on; without one, from the end of the period."""
    subscriptions.end(found(queries.get(subscription_id)), **body)
    return reread(queries.get, subscription_id)


def _choices(chosen: list[dict[str, Any]]) -> list[subscriptions.Choice]:
    return [
        (referred(plans.get, one["plan_id"], f"plans.{index}.plan_id"), one["quantity"], one["unit_price_minor"])
        for index, one in enumerate(chosen)
    ]


def _fees(chosen: list[int], *, on: date) -> list[Fee]:
    named = fees_named({f"fee_ids.{index}": fee_id for index, fee_id in enumerate(chosen)}, on=on)
    return [fee for fee in named if fee]


def _line(installation_id: int | None) -> Installation | None:
    if installation_id is None:
        return None
    return referred(installations.get, installation_id, "installation_id")

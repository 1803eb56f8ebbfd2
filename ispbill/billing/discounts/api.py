"""Discounts and who has them as JSON: offer, retire, grant, end. What a discount gives is final."""
from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

from marshmallow import Schema, fields, validate

from ispbill.billing.discounts import queries
from ispbill.billing.discounts import service as discounts
from ispbill.billing.discounts.models import Discount, DiscountGrant, DiscountStatus
from ispbill.billing.discounts.policy import LONGEST_NAME, MOST_PERIODS, DiscountKind, Terms
from ispbill.billing.discounts.queries import GrantFilter
from ispbill.billing.discounts.service import Scope
from ispbill.catalogue import queries as plans
from ispbill.core.current import current
from ispbill.customers import queries as customers
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, DecimalText, Identifier, MinorUnits, Text, WholeNumber
from ispbill.web.rest.resources import once, referred, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, page, page_of

blueprint = resource("discounts", description="What is taken off bills, and who has been granted it.")
_MOST_PLANS, _MOST_RANK = 100, 1000
_NONE = "There is no such discount."


class DiscountQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Part of the name"})
    status = Choice(DiscountStatus, load_default=None)


class GrantedState(StrEnum):
    """Whether a granted discount can still apply."""

    ACTIVE = "active"
    ENDED = "ended"


class GrantQuery(PageQuery):
    """What the list of granted discounts is narrowed to."""

    q = Text(load_default="", metadata={"description": "What finds the customer"})
    state = Choice(GrantedState, load_default=None)
    discount_id = Identifier(load_default=None)
    customer_id = Identifier(load_default=None)


class DiscountBody(Body):
    """A discount to offer: a percentage, an amount each period, or a voucher; for some plans or (none named) all."""

    name = Text(most=LONGEST_NAME, required=True)
    kind = Choice(DiscountKind, required=True)
    rate_percent = DecimalText(load_default=Decimal(0))
    amount_minor = MinorUnits(load_default=0)
    currency = Currency()
    periods = WholeNumber(least=1, most=MOST_PERIODS, load_default=None, allow_none=True)
    rank = WholeNumber(least=0, most=_MOST_RANK, load_default=0, metadata={"description": "The lowest is taken first"})
    plan_ids = fields.List(Identifier(), load_default=list, validate=validate.Length(max=_MOST_PLANS))
    offered_from = Day(load_default=None, allow_none=True)
    offered_until = Day(load_default=None, allow_none=True, metadata={
        "description": "The first day on which it is not granted any more"
    })
    description = Text(most=1000, load_default="")


class GrantBody(Body):
    """To whom a discount is granted: the account, one subscription, or one plan of that; `ends_on` is the first day
    without.
    """

    discount_id = Identifier(required=True)
    customer_id = Identifier(required=True)
    subscription_id = Identifier(load_default=None, allow_none=True)
    plan_id = Identifier(load_default=None, allow_none=True)
    starts_on = Day(load_default=None, allow_none=True, metadata={"description": "Today where not sent"})
    ends_on = Day(load_default=None, allow_none=True)
    reason = Text(most=500, load_default="")


class GrantEndBody(Body):
    """From which day on it applies to no period that begins."""

    on = Day(load_default=None, allow_none=True, metadata={"description": "Today where not sent"})


class DiscountSummary(Schema):
    """A discount."""

    id = Identifier(required=True)
    name = fields.String(required=True)
    kind = Choice(DiscountKind, required=True)
    rate_percent = DecimalText(required=True)
    amount_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    periods = fields.Integer(required=True, allow_none=True)
    rank = fields.Integer(required=True)
    offered_from = fields.Date(required=True, allow_none=True)
    offered_until = fields.Date(required=True, allow_none=True)
    status = Choice(DiscountStatus, required=True)
    description = fields.String(required=True)


class DiscountDetail(DiscountSummary):
    """A discount with the plans it is limited to; none: it is for all."""

    plan_ids = fields.Function(lambda row: [str(part.plan_id) for part in row.plans], metadata={
        "type": "array", "items": {"type": "string"}
    }, required=True)


class GrantDetail(Schema):
    """A granted discount; the days are half-open."""

    id = Identifier(required=True)
    discount_id = Identifier(required=True)
    customer_id = Identifier(required=True)
    subscription_id = Identifier(required=True, allow_none=True)
    plan_id = Identifier(required=True, allow_none=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


@blueprint.get("")
@requires("view_subscriptionplan_list")
@blueprint.arguments(DiscountQuery, location="query")
@blueprint.response(200, page_of(DiscountSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List discounts, by name."""
    listing = queries.listing(term=query["q"], status=query["status"])
    return page(listing, queries.SORTS["name"], query, item=lambda row: row.Discount)


@blueprint.post("")
@requires("add_subscriptionplan")
@once()
@blueprint.arguments(DiscountBody)
@blueprint.response(201, DiscountDetail)
def offer(body: dict[str, Any]) -> Discount:
    """Offer a discount."""
    plan_ids = body.pop("plan_ids")
    for place, plan_id in enumerate(plan_ids):
        referred(plans.get, plan_id, f"plan_ids.{place}")
    return reread(queries.get, discounts.offer(Terms(**body), plan_ids=plan_ids).id)


@blueprint.get("/<int:discount_id>")
@requires("view_subscriptionplan_list")
@blueprint.response(200, DiscountDetail)
def detail(discount_id: int) -> Discount:
    """Get a discount."""
    return reread(queries.get, discount_id)


@blueprint.post("/<int:discount_id>/retire")
@requires("change_subscriptionplan")
@once()
@blueprint.response(200, DiscountDetail)
def retire(discount_id: int) -> Discount:
    """Grant a discount no longer; who has it keeps it."""
    discounts.retire(found(queries.get(discount_id), _NONE))
    return reread(queries.get, discount_id)


@blueprint.post("/<int:discount_id>/activate")
@requires("change_subscriptionplan")
@once()
@blueprint.response(200, DiscountDetail)
def activate(discount_id: int) -> Discount:
    """Grant a retired discount again."""
    discounts.activate(found(queries.get(discount_id), _NONE))
    return reread(queries.get, discount_id)


@blueprint.get("/grants")
@requires("view_invoice_list")
@blueprint.arguments(GrantQuery, location="query")
@blueprint.response(200, page_of(GrantDetail))
def grants(query: dict[str, Any]) -> dict[str, Any]:
    """List who has which discount, the newest first."""
    wanted = GrantFilter(current.today(), query["q"], query["state"], query["discount_id"], query["customer_id"])
    return page(queries.granted(wanted), queries.GRANT_SORTS["newest"], query, item=lambda row: row.DiscountGrant)


@blueprint.post("/grants")
@requires("adjust_invoice")
@once(required=True)
@blueprint.arguments(GrantBody)
@blueprint.response(201, GrantDetail)
def grant(body: dict[str, Any]) -> DiscountGrant:
    """Give a customer a discount, from the first period that begins on its day or later."""
    discount = referred(queries.get, body.pop("discount_id"), "discount_id")
    customer = referred(customers.get, body.pop("customer_id"), "customer_id")
    scope = Scope(**{**body, "starts_on": body["starts_on"] or current.today()})
    return reread(queries.grant, discounts.grant(discount, customer=customer, scope=scope).id)


@blueprint.get("/grants/<int:grant_id>")
@requires("view_invoice_list")
@blueprint.response(200, GrantDetail)
def granted(grant_id: int) -> DiscountGrant:
    """Get a granted discount."""
    return reread(queries.grant, grant_id)


@blueprint.post("/grants/<int:grant_id>/end")
@requires("adjust_invoice")
@once()
@blueprint.arguments(GrantEndBody)
@blueprint.response(200, GrantDetail)
def end(body: dict[str, Any], grant_id: int) -> DiscountGrant:
    """Let a granted discount apply no more; what is billed stays."""
    discounts.end(found(queries.grant(grant_id), _NONE), on=body["on"] or current.today())
    return reread(queries.grant, grant_id)

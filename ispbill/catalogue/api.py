"""Plans and their price versions as JSON. A price is never edited: a new version begins on a day."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, fields

from ispbill.catalogue import queries
from ispbill.catalogue import service as catalogue
from ispbill.catalogue.models import PeriodUnit, Plan, PlanKind, PlanStatus, Timing
from ispbill.catalogue.policy import LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_TRIAL_DAYS, Fee, PlanFacts
from ispbill.catalogue.taxes.api import Tax
from ispbill.core.current import current
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits, Text, WholeNumber
from ispbill.web.rest.resources import once, referred, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, ordered, page, page_of, sorting

blueprint = resource("plans", description="What customers can subscribe to, and what it costs a period.")


class PlanQuery(PageQuery):
    """What the list is narrowed to, and its order."""

    q = Text(load_default="", metadata={"description": "Part of the name or code"})
    status = Choice(PlanStatus, load_default=None)
    kind = Choice(PlanKind, load_default=None)
    sort = sorting(queries.SORTS, default="newest")


class PriceBody(Body):
    """A price, and the first day it is asked."""

    amount_minor = MinorUnits(required=True)
    currency = Currency()
    valid_from = Day(required=True)


class PlanBody(Body):
    """A plan with its first price."""

    code = Text(most=30, required=True)
    name = Text(most=LONGEST_NAME, required=True)
    kind = Choice(PlanKind, load_default=str(PlanKind.INTERNET))
    download_mbps = WholeNumber(least=1, most=1_000_000, load_default=None, allow_none=True)
    upload_mbps = WholeNumber(least=1, most=1_000_000, load_default=None, allow_none=True)
    tax_rate_id = Identifier(load_default=None, allow_none=True)
    description = Text(most=LONGEST_DESCRIPTION, load_default="")
    period_unit = Choice(PeriodUnit, load_default=str(PeriodUnit.MONTH))
    period_count = WholeNumber(least=1, most=366, load_default=1)
    timing = Choice(Timing, load_default=str(Timing.ADVANCE))
    trial_days = WholeNumber(least=0, most=LONGEST_TRIAL_DAYS, load_default=0, metadata={
        "description": "Days from the first on that are not charged to who takes the plan for the first time"
    })
    amount_minor = MinorUnits(required=True)
    currency = Currency()
    valid_from = Day(load_default=None, allow_none=True)


class Price(Schema):
    """A price version."""

    valid_from = fields.Date(required=True)
    amount_minor = MinorUnits(required=True)
    currency = Currency(required=True)


class PlanKnown(Schema):
    """What lists and details both tell."""

    id = Identifier(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = Choice(PlanKind, required=True)
    status = Choice(PlanStatus, required=True)
    download_mbps = fields.Integer(required=True, allow_none=True)
    upload_mbps = fields.Integer(required=True, allow_none=True)
    description = fields.String(required=True)
    period_unit = Choice(PeriodUnit, required=True)
    period_count = fields.Integer(required=True)
    timing = Choice(Timing, required=True)
    trial_days = fields.Integer(required=True)


class PlanSummary(PlanKnown):
    """A plan in a list; `amount_minor` is asked today, and null before the first price begins."""

    amount_minor = MinorUnits(required=True, allow_none=True)
    currency = Currency(required=True)


class PlanDetail(PlanKnown):
    """A plan with its tax and all its prices, the oldest first."""

    tax_rate = fields.Nested(Tax, required=True, allow_none=True)
    prices = fields.List(fields.Nested(Price), required=True)


@blueprint.get("")
@requires("view_subscriptionplan_list")
@blueprint.arguments(PlanQuery, location="query")
@blueprint.response(200, page_of(PlanSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List plans with the price asked today."""
    wanted = queries.PlanFilter(term=query["q"], status=query["status"], kind=query["kind"])
    return page(queries.listing(wanted, on=current.today()), ordered(query["sort"], queries.SORTS), query)


@blueprint.post("")
@requires("add_subscriptionplan")
@once()
@blueprint.arguments(PlanBody)
@blueprint.response(201, PlanDetail)
def add(body: dict[str, Any]) -> Plan:
    """Put a plan on sale with its first price, from today unless another day is sent."""
    price = {name: body.pop(name) for name in ("amount_minor", "valid_from")}
    return reread(queries.get, catalogue.add(PlanFacts(**body), **price).id)


@blueprint.get("/<int:plan_id>")
@requires("view_subscriptionplan_list")
@blueprint.response(200, PlanDetail)
def detail(plan_id: int) -> Plan:
    """Get a plan with its tax and all its prices."""
    return reread(queries.get, plan_id)


@blueprint.post("/<int:plan_id>/prices")
@requires("change_subscriptionplan")
@once()
@blueprint.arguments(PriceBody)
@blueprint.response(201, PlanDetail)
def set_price(body: dict[str, Any], plan_id: int) -> Plan:
    """Ask another price of subscriptions that begin on or after a day; running ones keep theirs."""
    plan = found(queries.get(plan_id))
    catalogue.set_price(plan, amount_minor=body["amount_minor"], valid_from=body["valid_from"])
    return reread(queries.get, plan_id)


def fees_named(wanted: Mapping[str, int | None], *, on: date) -> list[Fee | None]:
    """The one-time fees that fields of a body name, with the price of a day; None where a field names none.

    Raises Invalid on a field that names something else than a fee on sale with a price.
    """
    known = {fee.id: fee for fee in queries.fees(on=on)} if any(wanted.values()) else {}
    return [None if plan_id is None else referred(known.get, plan_id, field) for field, plan_id in wanted.items()]

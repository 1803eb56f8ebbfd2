"""The contract of a plan as JSON: operations on the plan. What subscribers agreed to stands with the subscription."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields

from ispbill.catalogue import queries as plans
from ispbill.catalogue.api import PlanDetail
from ispbill.catalogue.api import blueprint as blueprint
from ispbill.catalogue.contracts import queries
from ispbill.catalogue.contracts import service as contracts
from ispbill.catalogue.contracts.models import PlanContract
from ispbill.catalogue.contracts.policy import MOST_MONTHS, ContractFacts
from ispbill.catalogue.models import Plan
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Currency, DecimalText, Identifier, MinorUnits, WholeNumber
from ispbill.web.rest.resources import once, reread
from ispbill.web.rest.schemas import Body


class ContractBody(Body):
    """Months promised, and what leaving before costs: an amount, so many percent of the months left, at most."""

    months = WholeNumber(least=1, most=MOST_MONTHS, required=True)
    fixed_minor = MinorUnits(load_default=0)
    is_declining = fields.Boolean(load_default=False, truthy={True}, falsy={False}, metadata={
        "description": "Whether the amount shrinks with each month served"
    })
    remaining_percent = DecimalText(load_default=Decimal(0))
    most_minor = MinorUnits(load_default=None, allow_none=True)
    currency = Currency()


class ContractDetail(Schema):
    """A plan's contract, for subscriptions that begin from now on."""

    plan_id = Identifier(required=True)
    months = fields.Integer(required=True)
    fixed_minor = MinorUnits(required=True)
    is_declining = fields.Boolean(required=True)
    remaining_percent = DecimalText(required=True)
    most_minor = MinorUnits(required=True, allow_none=True)
    currency = Currency(required=True)


@blueprint.get("/<int:plan_id>/contract")
@requires("view_subscriptionplan_list")
@blueprint.response(200, ContractDetail)
def contract(plan_id: int) -> PlanContract:
    """Get a plan's contract; 404 where it is sold without one."""
    return found(queries.of_plan(plan_id), "This plan is sold without a contract.")


@blueprint.post("/<int:plan_id>/contract")
@requires("change_subscriptionplan")
@once()
@blueprint.arguments(ContractBody)
@blueprint.response(200, ContractDetail)
def bind(body: dict[str, Any], plan_id: int) -> PlanContract:
    """Sell a plan with a contract from now on; who has subscribed keeps what was agreed."""
    contracts.bind(found(plans.get(plan_id)), facts=ContractFacts(**body))
    return reread(queries.of_plan, plan_id)


@blueprint.post("/<int:plan_id>/contract/release")
@requires("change_subscriptionplan")
@once()
@blueprint.response(200, PlanDetail)
def release(plan_id: int) -> Plan:
    """Sell a plan without a contract from now on."""
    contracts.release(found(plans.get(plan_id)))
    return reread(plans.get, plan_id)

"""One-time charges as JSON: list, add, withdraw, give deposits back. A `source` makes the same cause count once."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.charges import queries
from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge, ChargeKind, ChargeStatus
from ispbill.billing.charges.policy import LONGEST_SOURCE
from ispbill.billing.charges.queries import ChargeFilter
from ispbill.billing.charges.service import LONGEST_DESCRIPTION, ChargeFacts
from ispbill.catalogue.api import fees_named
from ispbill.catalogue.policy import Wanted
from ispbill.core.current import current
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import once, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, Reason, page, page_of

blueprint = resource("charges", description="What is billed once, with the customer's next bill: fees, deposits.")


class ChargeQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "What finds the customer"})
    customer_id = Identifier(load_default=None)
    kind = Choice(ChargeKind, load_default=None)
    status = Choice(ChargeStatus, load_default=None)


class ChargeBody(Body):
    """What is to be billed once; of the kinds that people add.

    `plan_id` names a one-time fee of the catalogue: description, price and tax are its own where they are not sent.
    """

    customer_id = Identifier(required=True)
    plan_id = Identifier(load_default=None, allow_none=True)
    description = Text(most=LONGEST_DESCRIPTION, load_default="")
    unit_price_minor = MinorUnits(load_default=None, allow_none=True)
    currency = Currency()
    quantity = fields.Integer(strict=True, load_default=1)
    kind = Choice(charges.Addable, load_default=charges.Addable.ONE_TIME)
    tax_rate_id = Identifier(load_default=None, allow_none=True)
    subscription_id = Identifier(load_default=None, allow_none=True)
    bill_on = Day(load_default=None, allow_none=True)
    source = Text(most=LONGEST_SOURCE, load_default=None, allow_none=True)


class DepositReturnBody(Body):
    """How much of a deposit is given back."""

    amount_minor = MinorUnits(least=1, required=True)
    currency = Currency()


class ChargeDetail(Schema):
    """A charge; `amount_minor` is quantity times price."""

    id = Identifier(required=True)
    customer_id = Identifier(required=True)
    subscription_id = Identifier(required=True, allow_none=True)
    kind = Choice(ChargeKind, required=True)
    description = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit_price_minor = MinorUnits(required=True)
    amount_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    bill_on = fields.Date(required=True)
    status = Choice(ChargeStatus, required=True)
    status_reason = fields.String(required=True)
    source = fields.String(required=True, allow_none=True)
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


@blueprint.get("")
@requires("view_invoice_list")
@blueprint.arguments(ChargeQuery, location="query")
@blueprint.response(200, page_of(ChargeDetail))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List charges, the newest first."""
    wanted = ChargeFilter(query["q"], query["status"], query["kind"], query["customer_id"])
    return page(queries.listing(wanted), queries.SORTS["newest"], query, item=lambda row: row.Charge)


@blueprint.post("")
@requires("adjust_invoice")
@once()
@blueprint.arguments(ChargeBody)
@blueprint.response(201, ChargeDetail)
def add(body: dict[str, Any]) -> Charge:
    """Bill something once; a known `source` gives the charge that was added with it."""
    kind = ChargeKind(body.pop("kind"))
    wanted = Wanted(body["description"], body["unit_price_minor"], body["tax_rate_id"])
    (fee,) = fees_named({"plan_id": body.pop("plan_id")}, on=body["bill_on"] or current.today())
    line = wanted.completed(fee)
    body |= {**line._asdict(), "unit_price_minor": line.unit_price_minor or 0}
    return reread(queries.get, charges.add_for_customer(ChargeFacts(**body, kind=kind)).id)


@blueprint.get("/<int:charge_id>")
@requires("view_invoice_list")
@blueprint.response(200, ChargeDetail)
def detail(charge_id: int) -> Charge:
    """Get a charge."""
    return reread(queries.get, charge_id)


@blueprint.post("/<int:charge_id>/withdraw")
@requires("adjust_invoice")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, ChargeDetail)
def withdraw(body: dict[str, Any], charge_id: int) -> Charge:
    """Do not bill what waits."""
    charges.withdraw(found(queries.get(charge_id)), reason=body["reason"])
    return reread(queries.get, charge_id)


@blueprint.post("/<int:charge_id>/give-back")
@requires("adjust_invoice")
@once()
@blueprint.arguments(DepositReturnBody)
@blueprint.response(200, ChargeDetail)
def give_back(body: dict[str, Any], charge_id: int) -> Charge:
    """Give a deposit back with the next bill; answers with the charge that does."""
    returned = charges.give_back(found(queries.get(charge_id)), amount_minor=body["amount_minor"])
    return reread(queries.get, returned.id)

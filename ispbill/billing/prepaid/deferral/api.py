"""Deferred revenue as JSON, on the resource of the ledger: what is owed in prepaid service, held against the books."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.ledger.api import blueprint as blueprint
from ispbill.billing.prepaid.deferral import queries
from ispbill.core.money import LARGEST_MINOR
from ispbill.web.guards import requires
from ispbill.web.rest.fields import Currency, Identifier, MinorUnits, Text
from ispbill.web.rest.schemas import PageQuery, page, page_of


class LoadQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Name, phone or account number of the customer"})


class DeferredLoad(Schema):
    """A prepaid load of which service is still owed. Amounts are without tax."""

    load_id = Identifier(attribute="id", required=True)
    subscription_id = Identifier(required=True)
    invoice_id = Identifier(required=True)
    account_number = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    net_minor = MinorUnits(required=True)
    recognised_minor = MinorUnits(required=True)
    owed_minor = MinorUnits(required=True)
    currency = Currency(required=True)


class DeferralTie(Schema):
    """What the loads say is owed, what the ledger says, and their difference: zero, or something is wrong."""

    through_on = fields.Date(required=True, allow_none=True)
    load_count = fields.Integer(required=True)
    billed_minor = MinorUnits(required=True)
    recognised_minor = MinorUnits(required=True)
    owed_minor = MinorUnits(required=True)
    ledger_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    difference_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    currency = Currency(required=True)


@blueprint.get("/deferred-revenue")
@requires("view_ledger")
@blueprint.response(200, DeferralTie)
def tie() -> dict[str, Any]:
    """Get what is owed in prepaid service now, and the ledger's account beside it."""
    sums = queries.tie_out()
    named = ("load_count", "billed_minor", "recognised_minor", "owed_minor", "ledger_minor", "difference_minor")
    return {**{name: getattr(sums, name) for name in named}, "through_on": queries.recognised_through()}


@blueprint.get("/deferred-revenue/loads")
@requires("view_ledger")
@blueprint.arguments(LoadQuery, location="query")
@blueprint.response(200, page_of(DeferredLoad))
def loads(query: dict[str, Any]) -> dict[str, Any]:
    """List the loads of which service is owed, those that end first before others."""
    return page(queries.listing(term=query["q"]), queries.SORTS["ends"], query)

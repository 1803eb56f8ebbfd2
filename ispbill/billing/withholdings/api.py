"""What customers withheld and proved, as JSON, on the resource of the withholdings."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.taxes.api import withholding_blueprint as blueprint
from ispbill.billing.withholdings import queries
from ispbill.billing.withholdings.queries import State
from ispbill.core.money import LARGEST_MINOR
from ispbill.web.guards import requires
from ispbill.web.rest.fields import Choice, Currency, DecimalText, Identifier, MinorUnits, Text
from ispbill.web.rest.schemas import PageQuery, page, page_of


class WithheldQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Name, phone or account number of the customer"})
    state = Choice(State, load_default=None)


class Withheld(Schema):
    """What a customer was to keep back of their bills, what they proved by certificates, and what is outstanding.

    Nothing is expected of what is no income: deposits, and balances brought over, whose tax is not known.
    """

    customer_id = Identifier(attribute="id", required=True)
    account_number = fields.String(required=True)
    rate_percent = DecimalText(required=True)
    document_count = fields.Integer(attribute="documents", required=True)
    expected_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    proved_minor = MinorUnits(required=True)
    outstanding_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    no_income_minor = MinorUnits(least=-LARGEST_MINOR, required=True)
    currency = Currency(required=True)


@blueprint.get("")
@requires("view_payment_list")
@blueprint.arguments(WithheldQuery, location="query")
@blueprint.response(200, page_of(Withheld))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List who withholds, by what is still to be proved, the most first."""
    listing = queries.listing(term=query["q"], state=query["state"])
    return page(listing.rows, listing.sorts["amount"], query)

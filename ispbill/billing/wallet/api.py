"""A customer's wallet as JSON: its balance and every movement, the newest first."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.wallet import queries
from ispbill.customers import queries as customers
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Identifier, MinorUnits
from ispbill.web.rest.resources import PREFIX, resource
from ispbill.web.rest.schemas import PageQuery, page, page_of

blueprint = resource("wallet", address=f"{PREFIX}/customers",
                     description="The credit of a customer, which prepaid loads and bills share.")


class Wallet(Schema):
    """What a customer has in credit."""

    customer_id = Identifier(required=True)
    currency = Currency(required=True)
    balance_minor = MinorUnits(required=True)


class WalletMovement(Schema):
    """One movement: of which payment or credit note (`note_id`), for which bill, and the balance after it."""

    kind = Choice(queries.Kind, required=True)
    at = fields.AwareDateTime(required=True)
    currency = Currency(required=True)
    amount_minor = MinorUnits(required=True)
    balance_minor = MinorUnits(required=True)
    payment_id = Identifier(required=True, allow_none=True)
    note_id = Identifier(required=True, allow_none=True)
    invoice_id = Identifier(required=True, allow_none=True)


@blueprint.get("/<int:customer_id>/wallet")
@requires("view_payment_list")
@blueprint.response(200, Wallet)
def detail(customer_id: int) -> dict[str, Any]:
    """Get what a customer has in credit."""
    found(customers.get(customer_id))
    return {"customer_id": customer_id, "balance_minor": queries.balance_of(customer_id)}


@blueprint.get("/<int:customer_id>/wallet/movements")
@requires("view_payment_list")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(WalletMovement))
def movements(query: dict[str, Any], customer_id: int) -> dict[str, Any]:
    """List the movements of a customer's wallet, the newest first."""
    found(customers.get(customer_id))
    moved = queries.movements_of(customer_id)
    return page(moved.rows, moved.newest_first, query)

"""Customers as JSON: list, get, register, change, and their changes of status; the map's points as GeoJSON."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from ispbill.areas import queries as areas
from ispbill.areas.policy import Place
from ispbill.core.current import current
from ispbill.customers import queries
from ispbill.customers import service as customers
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.policy import KINDS, LONGEST, CustomerFacts
from ispbill.customers.suspension_reasons.api import CauseBody, because_of
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, DecimalText, Identifier, Text
from ispbill.web.rest.geojson import collection, collection_of
from ispbill.web.rest.resources import once, reread, resource
from ispbill.web.rest.schemas import Body, OptionalReason, PageQuery, Reason, ordered, page, page_of, sorting

blueprint = resource("customers", description="The people and companies that are served.")
map_blueprint = resource(
    "customer_map", address="/customers/api", description="Where customers live, for a map."
)
_FIRST_STATUSES = (str(CustomerStatus.LEAD), str(CustomerStatus.ACTIVE))


class CustomerQuery(PageQuery):
    """What the list is narrowed to, and its order."""

    q = Text(load_default="", metadata={"description": "Words of the name, number, address, phone, e-mail"})
    status = Choice(CustomerStatus, load_default=None)
    area_id = Identifier(load_default=None)
    sort = sorting(queries.SORTS, default="newest")


class CustomerBody(Body):
    """What is known of a customer besides number and status."""

    name = Text(most=LONGEST["name"], least=1, required=True)
    kind = Choice(KINDS)
    email = Text(most=254, metadata={"format": "email"})
    phone = Text(most=LONGEST["phone"])
    tax_identifier = Text(most=LONGEST["tax_identifier"])
    area_id = Identifier(allow_none=True)
    street = Text(most=LONGEST["street"])
    landmark = Text(most=LONGEST["landmark"])
    latitude = DecimalText(allow_none=True)
    longitude = DecimalText(allow_none=True)
    notes = Text(most=LONGEST["notes"])
    external_reference = Text(most=LONGEST["external_reference"], allow_none=True)


class NewCustomerBody(CustomerBody):
    """A customer to register."""

    status = Choice(_FIRST_STATUSES, load_default=_FIRST_STATUSES[0])


class CustomerSummary(Schema):
    """A customer in a list."""

    id = Identifier(required=True)
    account_number = fields.String(required=True)
    name = fields.String(required=True)
    status = Choice(CustomerStatus, required=True)
    status_since = fields.Date(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True)
    street = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class CustomerDetail(CustomerSummary):
    """Everything that is known of a customer."""

    kind = Choice(KINDS, required=True)
    status_reason = fields.String(required=True)
    tax_identifier = fields.String(required=True)
    area_id = Identifier(required=True, allow_none=True)
    area = fields.Function(lambda customer: areas.path_of(customer.area), metadata={"type": "string"})
    landmark = fields.String(required=True)
    latitude = DecimalText(required=True, allow_none=True)
    longitude = DecimalText(required=True, allow_none=True)
    notes = fields.String(required=True)
    external_reference = fields.String(required=True, allow_none=True)


class Resident(Schema):
    """Who lives at a place: without the right to the list of customers only that somebody does."""

    account_number = fields.String()
    name = fields.String()
    status = Choice(CustomerStatus, required=True)


@blueprint.get("")
@requires("view_customer_list")
@blueprint.arguments(CustomerQuery, location="query")
@blueprint.response(200, page_of(CustomerSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List customers."""
    place = Place(query["area_id"]) if query["area_id"] else None
    wanted = queries.CustomerFilter(term=query["q"], status=query["status"], place=place)
    return page(queries.listing(wanted), ordered(query["sort"], queries.SORTS), query)


@blueprint.post("")
@requires("create_customer")
@once()
@blueprint.arguments(NewCustomerBody)
@blueprint.response(201, CustomerDetail)
def register(body: dict[str, Any]) -> Customer:
    """Register a customer under the next account number, as a lead or active at once."""
    status = CustomerStatus(body.pop("status"))
    return reread(queries.get, customers.register(CustomerFacts(**body), status=status).id)


@blueprint.get("/<int:customer_id>")
@requires("view_customer_detail")
@blueprint.response(200, CustomerDetail)
def detail(customer_id: int) -> Customer:
    """Get a customer."""
    return reread(queries.get, customer_id)


@blueprint.patch("/<int:customer_id>")
@requires("change_customer_basic")
@blueprint.arguments(CustomerBody(partial=True))
@blueprint.response(200, CustomerDetail)
def change(body: dict[str, Any], customer_id: int) -> Customer:
    """Change what is sent of a customer, and leave the rest; issued documents keep the data they have."""
    customer = found(queries.get(customer_id))
    known = {name: getattr(customer, name) for name in CustomerFacts.__dataclass_fields__}
    customers.change(customer, facts=CustomerFacts(**{**known, **body}))
    return reread(queries.get, customer_id)


@blueprint.post("/<int:customer_id>/activate")
@requires("change_customer_basic")
@blueprint.arguments(OptionalReason)
@blueprint.response(200, CustomerDetail)
def activate(body: dict[str, Any], customer_id: int) -> Customer:
    """Serve a lead."""
    return _after(customers.activate, customer_id, body)


@blueprint.post("/<int:customer_id>/suspend")
@requires("suspend_service")
@blueprint.arguments(CauseBody)
@blueprint.response(200, CustomerDetail)
def suspend(body: dict[str, Any], customer_id: int) -> Customer:
    """Stop serving a customer for a time, subscriptions included."""
    customer = found(queries.get(customer_id))
    customers.suspend(customer, reason=body["reason"], because=because_of(body))
    return reread(queries.get, customer_id)


@blueprint.post("/<int:customer_id>/restore")
@requires("restore_service")
@blueprint.arguments(OptionalReason)
@blueprint.response(200, CustomerDetail)
def restore(body: dict[str, Any], customer_id: int) -> Customer:
    """Serve a suspended customer again, with what was suspended alongside."""
    return _after(customers.restore, customer_id, body)


@blueprint.post("/<int:customer_id>/terminate")
@requires("remove_customer")
@blueprint.arguments(Reason)
@blueprint.response(200, CustomerDetail)
def terminate(body: dict[str, Any], customer_id: int) -> Customer:
    """Part with a customer whose subscriptions have ended; they stay findable."""
    return _after(customers.terminate, customer_id, body)


@blueprint.post("/<int:customer_id>/reinstate")
@requires("remove_customer")
@blueprint.arguments(Reason)
@blueprint.response(200, CustomerDetail)
def reinstate(body: dict[str, Any], customer_id: int) -> Customer:
    """Take back a customer who was terminated."""
    return _after(customers.reinstate, customer_id, body)


@map_blueprint.get("/coordinates/")
@requires("view_network_map")
@map_blueprint.response(200, collection_of(Resident))
def coordinates() -> Response:
    """Get the customers that have coordinates, as a GeoJSON FeatureCollection (RFC 7946).

    Account numbers and names come only with the right “view_customer_list”.
    """
    named = ("account_number", "name") if current.actor.may("view_customer_list") else ()
    return collection(queries.located(), properties=(*named, "status"))


def _after(verb: Callable[..., Customer], customer_id: int, body: dict[str, Any]) -> Customer:
    verb(found(queries.get(customer_id)), reason=body["reason"])
    return reread(queries.get, customer_id)


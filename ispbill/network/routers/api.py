"""Routers as JSON: list, get, add, change, put at a line, take back."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.network.routers import queries
from ispbill.network.routers import service as routers
from ispbill.network.routers.models import Router, RouterAssignment, RouterStatus
from ispbill.network.routers.policy import AFTER_RETURN, BY_HAND, LONGEST, LONGEST_REASON, RouterFacts
from ispbill.subscriptions.installations import queries as installations
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Day, Identifier, Text
from ispbill.web.rest.resources import once, referred, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, ordered, page, page_of, sorting

blueprint = resource("routers", description="Routers in stock and at customers' lines.")
_MAC_HELP = {"description": "In any notation; answers write AA:BB:CC:DD:EE:FF"}


class RouterQuery(PageQuery):
    """What the list is narrowed to, and its order."""

    q = Text(load_default="", metadata={"description": "Serial number, MAC address in any notation, model"})
    status = Choice(RouterStatus, load_default=None)
    brand = Text(load_default=None)
    sort = sorting(queries.SORTS, default="newest")


class RouterBody(Body):
    """What stands on a router."""

    brand = Text(most=LONGEST["brand"], least=1, required=True)
    model = Text(most=LONGEST["model"], least=1, required=True)
    serial_number = Text(most=LONGEST["serial_number"], least=1, required=True)
    mac_address = Text(most=30, allow_none=True, metadata=_MAC_HELP)
    notes = Text(most=LONGEST["notes"])


class NewRouterBody(RouterBody):
    """A router to add."""

    status = Choice(BY_HAND, load_default=BY_HAND[0])


class AssignmentBody(Body):
    """At which line a router is put."""

    installation_id = Identifier(required=True)
    on = Day(required=True)


class ReturnBody(Body):
    """How a router came back."""

    on = Day(required=True)
    condition = Choice(AFTER_RETURN, required=True)
    note = Text(most=LONGEST_REASON, load_default="")


class RouterSummary(Schema):
    """A router in a list."""

    id = Identifier(required=True)
    brand = fields.String(required=True)
    model = fields.String(required=True)
    serial_number = fields.String(required=True)
    mac_address = fields.String(required=True, allow_none=True)
    status = Choice(RouterStatus, required=True)
    status_since = fields.Date(required=True)
    notes = fields.String(required=True)


class Assignment(Schema):
    """A stay of a router at a line."""

    id = Identifier(required=True)
    installation_id = Identifier(required=True)
    customer_id = Identifier(required=True, attribute="installation.customer_id")
    assigned_on = fields.Date(required=True)
    assigned_by = fields.String(required=True)
    returned_on = fields.Date(required=True, allow_none=True)
    returned_by = fields.String(required=True, allow_none=True)
    return_note = fields.String(required=True)


class RouterDetail(RouterSummary):
    """A router with everywhere it stood, the newest first."""

    status_reason = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    assignments = fields.List(fields.Nested(Assignment), required=True)


@blueprint.get("")
@requires("view_router_list")
@blueprint.arguments(RouterQuery, location="query")
@blueprint.response(200, page_of(RouterSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List routers."""
    wanted = queries.RouterFilter(term=query["q"], status=query["status"], brand=query["brand"])
    return page(queries.listing(wanted), ordered(query["sort"], queries.SORTS), query)


@blueprint.post("")
@requires("add_router")
@once()
@blueprint.arguments(NewRouterBody)
@blueprint.response(201, RouterDetail)
def add(body: dict[str, Any]) -> Router:
    """Take a router into the inventory."""
    status = body.pop("status")
    return reread(queries.with_history, routers.add(RouterFacts(**body), status=status).id)


@blueprint.get("/<int:router_id>")
@requires("view_router_list")
@blueprint.response(200, RouterDetail)
def detail(router_id: int) -> Router:
    """Get a router with its history."""
    return reread(queries.with_history, router_id)


@blueprint.patch("/<int:router_id>")
@requires("change_router")
@blueprint.arguments(RouterBody(partial=True))
@blueprint.response(200, RouterDetail)
def change(body: dict[str, Any], router_id: int) -> Router:
    """Change what is sent of a router, and leave the rest."""
    router = found(queries.get(router_id))
    known = {name: getattr(router, name) for name in RouterFacts.__dataclass_fields__}
    routers.change(router, facts=RouterFacts(**{**known, **body}))
    return reread(queries.with_history, router_id)


@blueprint.post("/<int:router_id>/assign")
@requires("change_router")
@blueprint.arguments(AssignmentBody)
@blueprint.response(200, Assignment)
def assign(body: dict[str, Any], router_id: int) -> RouterAssignment | None:
    """Put a router at a line."""
    router = found(queries.get(router_id))
    line = referred(installations.get, body["installation_id"], "installation_id")
    routers.assign(router, installation=line, on=body["on"])
    return queries.live_assignment(router_id)


@blueprint.post("/<int:router_id>/return")
@requires("change_router")
@blueprint.arguments(ReturnBody)
@blueprint.response(200, RouterDetail)
def take_back(body: dict[str, Any], router_id: int) -> Router:
    """Take a router back from the line where it stands."""
    routers.take_back(found(queries.get(router_id)), on=body["on"], condition=body["condition"], note=body["note"])
    return reread(queries.with_history, router_id)

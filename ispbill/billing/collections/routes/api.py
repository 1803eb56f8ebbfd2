"""Routes as JSON: one's own, for a phone; who collects where."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.accounts.models import User
from ispbill.billing.collections.overdue.api import blueprint
from ispbill.billing.collections.routes import queries
from ispbill.billing.collections.routes import service as routes
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Currency, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import once
from ispbill.web.rest.schemas import Body, PageQuery, page, page_of


class RouteQuery(PageQuery):
    """What the route is narrowed to."""

    q = Text(load_default="", metadata={"description": "What finds the customer"})
    late_only = fields.Boolean(load_default=False)


class Stop(Schema):
    """A customer on the route who has something to pay."""

    customer_id = Identifier(attribute="id", required=True)
    name = fields.String(required=True)
    account_number = fields.String(required=True)
    phone = fields.String(required=True)
    street = fields.String(required=True)
    landmark = fields.String(required=True)
    area_1 = fields.String(required=True)
    area_2 = fields.String(required=True)
    area_3 = fields.String(required=True)
    latitude = fields.String(required=True, allow_none=True)
    longitude = fields.String(required=True, allow_none=True)
    open_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    oldest_on = fields.Date(required=True)
    promised_until = fields.Date(required=True, allow_none=True)


class AreasBody(Body):
    """All the areas of a collector."""

    area_ids = fields.List(Identifier(), required=True)


class Collector(Schema):
    """Who may collect at the door, and where."""

    user_id = Identifier(attribute="id", required=True)
    name = fields.String(attribute="full_name", required=True)
    area_ids = fields.Function(lambda user: [str(key) for key in queries.area_ids(user.id)], required=True,
                               metadata={"type": "array", "items": {"type": "string"}})


@blueprint.get("/route")
@requires("collect_in_field")
@blueprint.arguments(RouteQuery, location="query")
@blueprint.response(200, page_of(Stop))
def route(query: dict[str, Any]) -> dict[str, Any]:
    """List who has something to pay on your route, in the order in which you walk."""
    statement = queries.listing(current.actor.user_id or 0, today=current.today(), term=query["q"],
                                late_only=query["late_only"])
    return page(statement, queries.AS_ONE_WALKS, query)


@blueprint.post("/collectors/<int:user_id>/areas")
@requires("change_user")
@once()
@blueprint.arguments(AreasBody)
@blueprint.response(200, Collector)
def give_areas(body: dict[str, Any], user_id: int) -> User:
    """Give a collector these areas, and no others."""
    collector = found(queries.collector(user_id), _("There is no such collector."))
    return routes.assign(collector, area_ids=[int(key) for key in body["area_ids"]])

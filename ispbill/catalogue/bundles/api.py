"""Bundles as JSON: list, get, put on sale, retire. What a bundle consists of is final."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from ispbill.catalogue.bundles import queries
from ispbill.catalogue.bundles import service as bundles
from ispbill.catalogue.bundles.models import Bundle, BundleStatus
from ispbill.catalogue.bundles.policy import LONGEST_NAME, MOST_PARTS, MOST_QUANTITY, PartFacts
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Identifier, MinorUnits, Text, WholeNumber
from ispbill.web.rest.resources import once, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, page, page_of

blueprint = resource("bundles", description="Plans that are sold together, each at a price of its own.")
_LONGEST_DESCRIPTION = 1000


class BundleQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Part of the name"})
    status = Choice(BundleStatus, load_default=None)


class BundlePartBody(Body):
    """A plan of the bundle; the price is the plan's own unless another is given."""

    plan_id = Identifier(required=True)
    quantity = WholeNumber(least=1, most=MOST_QUANTITY, load_default=1)
    unit_price_minor = MinorUnits(load_default=None, allow_none=True)


class BundleBody(Body):
    """A bundle to put on sale: two plans or more."""

    name = Text(most=LONGEST_NAME, required=True)
    description = Text(most=_LONGEST_DESCRIPTION, load_default="")
    parts = fields.List(fields.Nested(BundlePartBody), required=True, validate=validate.Length(min=1, max=MOST_PARTS))
    currency = Currency()


class BundlePart(Schema):
    """A plan of the bundle."""

    plan_id = Identifier(required=True)
    plan_name = fields.String(attribute="plan.name", required=True)
    quantity = fields.Integer(required=True)
    unit_price_minor = MinorUnits(required=True, allow_none=True)


class BundleDetail(Schema):
    """A bundle with its plans."""

    id = Identifier(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    status = Choice(BundleStatus, required=True)
    currency = Currency(required=True)
    parts = fields.List(fields.Nested(BundlePart), required=True)


@blueprint.get("")
@requires("view_subscriptionplan_list")
@blueprint.arguments(BundleQuery, location="query")
@blueprint.response(200, page_of(BundleDetail))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List bundles, by name."""
    listing = queries.listing(term=query["q"], status=query["status"])
    return page(listing, queries.SORTS["name"], query, item=lambda row: row.Bundle)


@blueprint.post("")
@requires("add_subscriptionplan")
@once()
@blueprint.arguments(BundleBody)
@blueprint.response(201, BundleDetail)
def add(body: dict[str, Any]) -> Bundle:
    """Put plans on sale together."""
    parts = [PartFacts(**part) for part in body["parts"]]
    return reread(queries.get, bundles.add(body["name"], parts=parts, description=body["description"]).id)


@blueprint.get("/<int:bundle_id>")
@requires("view_subscriptionplan_list")
@blueprint.response(200, BundleDetail)
def detail(bundle_id: int) -> Bundle:
    """Get a bundle."""
    return reread(queries.get, bundle_id)


@blueprint.post("/<int:bundle_id>/retire")
@requires("change_subscriptionplan")
@once()
@blueprint.response(200, BundleDetail)
def retire(bundle_id: int) -> Bundle:
    """Sell a bundle no longer; who has its plans keeps them."""
    bundles.retire(found(queries.get(bundle_id)))
    return reread(queries.get, bundle_id)


@blueprint.post("/<int:bundle_id>/activate")
@requires("change_subscriptionplan")
@once()
@blueprint.response(200, BundleDetail)
def activate(bundle_id: int) -> Bundle:
    """Sell a retired bundle again."""
    bundles.activate(found(queries.get(bundle_id)))
    return reread(queries.get, bundle_id)

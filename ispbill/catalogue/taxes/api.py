"""Taxes as JSON, with everything they consisted of and will. Versions are added, never edited."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.catalogue.models import TaxMode, TaxRate
from ispbill.catalogue.taxes import queries
from ispbill.catalogue.taxes import service as verbs
from ispbill.catalogue.taxes.policy import LONGEST_NAME, ComponentKind, TaxComponent, tax_percent
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Day, DecimalText, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import once, resource
from ispbill.web.rest.schemas import Body

blueprint = resource("taxes", description="The taxes that plans can carry.")


class TaxBody(Body):
    """A tax of one rate."""

    name = Text(most=LONGEST_NAME, required=True)
    rate_percent = Text(most=10, required=True, metadata={"description": "Such as 12 or 8.875"})
    mode = Choice(TaxMode, required=True)


class PartBody(Body):
    """One part of a tax: a rate, or an amount in minor units where the kind is one by the unit or the document."""

    name = Text(most=LONGEST_NAME, required=True)
    kind = Choice(ComponentKind, load_default=str(ComponentKind.PERCENT))
    rate_percent = Text(most=10, load_default="0")
    amount_minor = MinorUnits(load_default=0)
    is_inclusive = fields.Boolean(load_default=False)
    raises_next = fields.Boolean(load_default=False)
    ignores_previous = fields.Boolean(load_default=False)


class VersionBody(Body):
    """What a tax consists of from a day on, in the order in which it is found."""

    valid_from = Day(required=True)
    components = fields.List(fields.Nested(PartBody), required=True)


class Tax(Schema):
    """A tax by the headline of its newest version; inclusive where prices contain all of it."""

    id = Identifier(required=True)
    name = fields.String(required=True)
    rate_percent = DecimalText(required=True)
    mode = Choice(TaxMode, required=True)
    is_active = fields.Boolean(required=True)


class Part(Schema):
    """One part of a tax."""

    name = fields.String(required=True)
    kind = Choice(ComponentKind, required=True)
    rate_percent = DecimalText(required=True)
    amount_minor = MinorUnits(required=True)
    is_inclusive = fields.Boolean(required=True)
    raises_next = fields.Boolean(required=True)
    ignores_previous = fields.Boolean(required=True)


class Version(Schema):
    """What a tax consists of from a day on."""

    valid_from = fields.Date(required=True)
    components = fields.List(fields.Nested(Part), required=True)


class TaxDetail(Tax):
    """A tax with all its versions, the oldest first."""

    versions = fields.List(fields.Nested(Version), required=True)


@blueprint.get("")
@requires("view_subscriptionplan_list")
@blueprint.response(200, Tax(many=True))
def index() -> Any:
    """List all taxes; they are few, so there are no pages."""
    return queries.listing()


@blueprint.post("")
@requires("add_subscriptionplan")
@once()
@blueprint.arguments(TaxBody)
@blueprint.response(201, TaxDetail)
def add(body: dict[str, Any]) -> dict[str, Any]:
    """Add a tax of one rate."""
    return _detail(verbs.add(**body))


@blueprint.get("/<int:tax_rate_id>")
@requires("view_subscriptionplan_list")
@blueprint.response(200, TaxDetail)
def detail(tax_rate_id: int) -> dict[str, Any]:
    """Get a tax with all its versions."""
    return _detail(found(queries.get(tax_rate_id)))


@blueprint.post("/<int:tax_rate_id>/versions")
@requires("change_subscriptionplan")
@once()
@blueprint.arguments(VersionBody)
@blueprint.response(201, TaxDetail)
def begin_version(body: dict[str, Any], tax_rate_id: int) -> dict[str, Any]:
    """Let a tax consist of other parts from a day on, today or later."""
    parts = [TaxComponent(**{**part, "rate_percent": tax_percent(part["rate_percent"])}) for part in body["components"]]
    tax = found(queries.get(tax_rate_id))
    return _detail(verbs.begin_version(tax, components=parts, valid_from=body["valid_from"]))


def _detail(tax: TaxRate) -> dict[str, Any]:
    known = {name: getattr(tax, name) for name in ("id", "name", "rate_percent", "mode", "is_active")}
    return {**known, "versions": [
        {"valid_from": version.valid_from, "components": [part._asdict() for part in version.components]}
        for version in queries.versions_of(tax.id)
    ]}

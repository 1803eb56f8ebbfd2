"""Metered usage as JSON: list what was recorded, record more. A known `source` counts once, so a list can be resent."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from ispbill.billing.metering import queries
from ispbill.billing.metering import service as metering
from ispbill.billing.metering.policy import LONGEST_SOURCE, Usage
from ispbill.billing.metering.queries import UsageFilter
from ispbill.web.guards import requires
from ispbill.web.rest.fields import Day, DecimalText, Identifier, Text
from ispbill.web.rest.resources import once, resource
from ispbill.web.rest.schemas import Body, PageQuery, page, page_of

MOST_RECORDS = 1000
blueprint = resource("usage-records", description="Units that subscriptions used; a period is charged when it is over.")


class UsageQuery(PageQuery):
    """What the list is narrowed to."""

    subscription_id = Identifier(load_default=None)


class UsageEntry(Body):
    """Units used on a day; below zero they correct. The source stands once."""

    subscription_id = Identifier(required=True)
    used_on = Day(required=True)
    quantity = DecimalText(required=True)
    source = Text(most=LONGEST_SOURCE, required=True)


class UsageBody(Body):
    """Readings, recorded all or none."""

    records = fields.List(fields.Nested(UsageEntry), required=True, validate=validate.Length(1, MOST_RECORDS))


class UsageRecorded(Schema):
    """How many readings were new, and how many were known."""

    created = fields.Integer(required=True)
    known = fields.Integer(required=True)


class UsageDetail(Schema):
    """A reading; `is_rated` once its period was charged."""

    id = Identifier(attribute="UsageRecord.id", required=True)
    subscription_id = Identifier(required=True)
    used_on = fields.Date(attribute="UsageRecord.used_on", required=True)
    quantity = DecimalText(attribute="UsageRecord.quantity", required=True)
    source = fields.String(attribute="UsageRecord.source", required=True)
    is_rated = fields.Function(lambda row: row.UsageRecord.rating_id is not None, metadata={"type": "boolean"},
                               required=True)


@blueprint.get("")
@requires("view_usage")
@blueprint.arguments(UsageQuery, location="query")
@blueprint.response(200, page_of(UsageDetail))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List readings, the newest first."""
    statement = queries.listing(UsageFilter(subscription_id=query["subscription_id"]))
    return page(statement, queries.SORTS["newest"], query, item=lambda row: row)


@blueprint.post("")
@requires("adjust_usage")
@once()
@blueprint.arguments(UsageBody)
@blueprint.response(201, UsageRecorded)
def record(body: dict[str, Any]) -> dict[str, int]:
    """Record readings; those whose source is known count once."""
    created = metering.record([Usage(**entry) for entry in body["records"]])
    return {"created": created, "known": len(body["records"]) - created}

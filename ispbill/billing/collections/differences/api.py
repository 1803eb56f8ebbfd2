"""Differences as JSON: whose service is not what is due to them, for programs that mend it."""
from __future__ import annotations

from itertools import islice
from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.collections.differences import queries
from ispbill.billing.collections.overdue.api import blueprint
from ispbill.web.guards import requires
from ispbill.web.rest.fields import Identifier, QueryNumber
from ispbill.web.rest.schemas import Body

_MOST = 500


class DifferencesQuery(Body):
    """Where to go on: behind which customer."""

    after_customer_id = Identifier(load_default=0)
    limit = QueryNumber(least=1, most=_MOST, load_default=100)


class ServiceDifference(Schema):
    """A customer, or one line of theirs, who is paid but blocked (`should_be_on`), or unpaid but open."""

    customer_id = Identifier(required=True)
    name = fields.String(required=True)
    account_number = fields.String(required=True)
    subscription_id = Identifier(required=True, allow_none=True)
    should_be_on = fields.Boolean(required=True)
    reason = fields.String(required=True)


class ServiceDifferences(Schema):
    """Differences by customer; `next_after` goes into `after_customer_id`, null at the end."""

    items = fields.List(fields.Nested(ServiceDifference), required=True)
    next_after = Identifier(required=True, allow_none=True)


@blueprint.get("/differences")
@requires("view_collections")
@blueprint.arguments(DifferencesQuery, location="query")
@blueprint.response(200, ServiceDifferences)
def differences(query: dict[str, Any]) -> dict[str, Any]:
    """List who is paid but blocked and who is unpaid but open."""
    found = list(islice(queries.differences(query["after_customer_id"]), query["limit"]))
    return {"items": found, "next_after": found[-1].customer_id if len(found) == query["limit"] else None}

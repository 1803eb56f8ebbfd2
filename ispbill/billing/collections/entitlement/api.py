"""The entitlement of a customer as JSON: for routers, RADIUS and whoever asks why somebody is offline."""
from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.collections.entitlement import queries
from ispbill.billing.collections.entitlement.policy import Entitlement, Reason, Service
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice
from ispbill.web.rest.resources import PREFIX, resource

blueprint = resource("entitlement", address=f"{PREFIX}/customers", description="Who may be online, and why.")


class LineEntitlement(Schema):
    """Whether a line of the customer may be online; never while the customer may not."""

    kind = fields.String(required=True, metadata={"description": "“postpaid” or “prepaid”"})
    id = fields.String(required=True, metadata={"description": "The id of the subscription"})
    name = fields.String(required=True)
    may_be_online = fields.Boolean(required=True)
    service = Choice(Service, required=True)
    reasons = fields.List(Choice(Reason), required=True)
    trace = fields.List(fields.String, required=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)


class EntitlementVerdict(Schema):
    """Whether a customer may be online, and the trace that leads to it."""

    may_be_online = fields.Boolean(required=True)
    service = Choice(Service, required=True)
    reasons = fields.List(Choice(Reason), required=True)
    trace = fields.List(fields.String, required=True, metadata={"description": "The reasoning, sentence by sentence"})
    since = fields.Date(required=True, allow_none=True)
    until = fields.Date(
        required=True, allow_none=True, metadata={"description": "The first day of being cut off if nothing is paid"}
    )
    lines = fields.List(fields.Nested(LineEntitlement), required=True)


@blueprint.get("/<int:customer_id>/entitlement")
@requires("view_collections")
@blueprint.response(200, EntitlementVerdict)
def detail(customer_id: int) -> dict[str, Any]:
    """Get whether a customer and each of their lines may be online now, and why."""
    known = found(queries.verdict(customer_id))
    lines = [
        {**asdict(line), **_words(verdict)} for line, verdict in queries.lines(customer_id, known)
    ]
    return {**_words(known), "since": known.since, "until": known.until, "lines": lines}


def _words(verdict: Entitlement) -> dict[str, Any]:
    return {"may_be_online": verdict.may_be_online, "service": verdict.service, "reasons": verdict.reasons,
            "trace": verdict.trace}

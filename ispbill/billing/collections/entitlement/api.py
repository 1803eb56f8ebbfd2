"""The entitlement of a customer as JSON: for routers, RADIUS and whoever asks why somebody is offline."""
from __future__ import annotations

from marshmallow import Schema, fields

from ispbill.billing.collections.entitlement.policy import Entitlement, Reason, Service
from ispbill.billing.collections.entitlement.queries import verdict
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice
from ispbill.web.rest.resources import PREFIX, resource

blueprint = resource("entitlement", address=f"{PREFIX}/customers", description="Who may be online, and why.")


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


@blueprint.get("/<int:customer_id>/entitlement")
@requires("view_collections")
@blueprint.response(200, EntitlementVerdict)
def detail(customer_id: int) -> Entitlement:
    """Get whether a customer may be online today, and why."""
    known: Entitlement = found(verdict(customer_id))
    return known

"""The ports of a NAP as JSON: which are free, and who is on the others."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.core.db import AnyRow
from ispbill.plant.naps import queries as naps
from ispbill.plant.policy import CONDITIONS
from ispbill.subscriptions.connections import queries
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Identifier
from ispbill.web.rest.resources import resource

blueprint = resource("ports", address="/installations/api", description="The ports of a NAP, and who is on them.")


class Occupant(Schema):
    """The line on a port and whose it is."""

    installation_id = Identifier(required=True)
    customer_id = Identifier(required=True)
    account_number = fields.String(required=True)
    customer_name = fields.String(required=True)


class PortUse(Schema):
    """A port: its condition, whether it can be given to a line, and who is on it."""

    id = Identifier(required=True)
    number = fields.Integer(required=True)
    condition = Choice(CONDITIONS, required=True)
    is_used = fields.Boolean(required=True)
    is_free = fields.Boolean(required=True)
    used_by = fields.Nested(Occupant, required=True, allow_none=True)


class PortList(Schema):
    """The ports of a NAP."""

    items = fields.List(fields.Nested(PortUse), required=True)


@blueprint.get("/nap/<int:nap_id>/ports/")
@requires("view_installation_list")
@blueprint.response(200, PortList)
def ports_of_nap(nap_id: int) -> dict[str, Any]:
    """Get the ports of a NAP: free, or used by whom."""
    found(naps.get(nap_id))
    return {"items": [_port(row) for row in queries.ports_of(nap_id)]}


def _port(row: AnyRow) -> dict[str, Any]:
    is_free = row.condition == CONDITIONS[0] and not row.is_used
    return {"id": row.id, "number": row.number, "condition": row.condition, "is_used": row.is_used,
            "is_free": is_free, "used_by": row if row.installation_id else None}

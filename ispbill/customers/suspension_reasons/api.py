"""Reasons of suspensions as JSON: list, add, change."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.customers.suspension_reasons import queries
from ispbill.customers.suspension_reasons import service as reasons
from ispbill.customers.suspension_reasons.models import SuspensionReason
from ispbill.customers.suspension_reasons.policy import LONGEST_NAME, PauseBilling
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Identifier, Text
from ispbill.web.rest.resources import PREFIX, once, referred, resource
from ispbill.web.rest.schemas import Body

blueprint = resource(
    "suspension_reasons", address=f"{PREFIX}/suspension-reasons",
    description="Why service stops for a time, and what that means for the bill.",
)


class SuspensionReasonBody(Body):
    """A reason to offer."""

    name = Text(most=LONGEST_NAME, least=1, required=True)
    billing = Choice(PauseBilling, required=True, metadata={
        "description": "The days without service are billed, not billed, or given back as well where billed already"
    })


class ChangedSuspensionReason(Body):
    """What is to be otherwise for suspensions from now on; what is not sent stays."""

    name = Text(most=LONGEST_NAME, least=1)
    billing = Choice(PauseBilling)
    is_active = fields.Boolean(truthy={True}, falsy={False})


class CauseBody(Body):
    """Why service stops: one of the company's reasons, which says what the days mean for the bill, or other words."""

    reason_id = Identifier(load_default=None, allow_none=True)
    reason = Text(most=500, load_default="", metadata={
        "description": "What is noted besides; required where reason_id is not sent"
    })


class NamedSuspensionReason(Schema):
    """Why service stops; a retired one is not offered any more."""

    id = Identifier(required=True)
    name = fields.String(required=True)
    billing = Choice(PauseBilling, required=True)
    is_active = fields.Boolean(required=True)


class SuspensionReasons(Schema):
    """All reasons, those on offer first."""

    items = fields.List(fields.Nested(NamedSuspensionReason), required=True)


@blueprint.get("")
@requires("view_settings")
@blueprint.response(200, SuspensionReasons)
def index() -> dict[str, Any]:
    """List all reasons, those on offer first."""
    return {"items": queries.everything()}


@blueprint.post("")
@requires("change_settings")
@once()
@blueprint.arguments(SuspensionReasonBody)
@blueprint.response(201, NamedSuspensionReason)
def add(body: dict[str, Any]) -> SuspensionReason:
    """Offer one more reason."""
    return reasons.add(**body)


@blueprint.patch("/<int:reason_id>")
@requires("change_settings")
@blueprint.arguments(ChangedSuspensionReason)
@blueprint.response(200, NamedSuspensionReason)
def change(body: dict[str, Any], reason_id: int) -> SuspensionReason:
    """Change or retire a reason; what was suspended keeps what was agreed then."""
    reason = found(queries.get(reason_id))
    known = {name: getattr(reason, name) for name in ("name", "billing", "is_active")}
    return reasons.change(reason, **{**known, **body})


def because_of(body: dict[str, Any]) -> SuspensionReason | None:
    """The reason that the `reason_id` of a body names, if it does. Raises Invalid for one that is not on offer."""
    if body["reason_id"] is None:
        return None
    return referred(queries.offered, body["reason_id"], "reason_id")

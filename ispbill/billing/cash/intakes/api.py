"""Cash that is brought into the office as JSON, on the resource of the cash desk."""
from __future__ import annotations

from typing import Any

from marshmallow import fields

from ispbill.billing.cash.api import Slip, SlipQuery, blueprint
from ispbill.billing.cash.intakes import queries
from ispbill.billing.cash.intakes import service as intakes
from ispbill.billing.cash.models import CashIntake, CashOrigin
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, MinorUnits, Text
from ispbill.web.rest.resources import once, reread
from ispbill.web.rest.schemas import Body, Reason, page, page_of


class IntakeQuery(SlipQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Number of the slip, or words of the note"})
    origin = Choice(CashOrigin, load_default=None)


class IntakeBody(Body):
    """How much came, and from where."""

    amount_minor = MinorUnits(least=1, required=True)
    currency = Currency()
    origin = Choice(CashOrigin, required=True)
    reference = Text(most=100, load_default="", metadata={"description": "Number of the slip; required of the bank"})
    came_on = Day(load_default=None, allow_none=True)
    note = Text(most=500, load_default="")


class Intake(Slip):
    """Cash for change that was brought into the office."""

    origin = Choice(CashOrigin, required=True)
    came_on = fields.Date(required=True)


@blueprint.get("/intakes")
@requires("close_cash_session")
@blueprint.arguments(IntakeQuery, location="query")
@blueprint.response(200, page_of(Intake))
def brought_in(query: dict[str, Any]) -> dict[str, Any]:
    """List cash that was brought into the office, the newest first."""
    statement = queries.listing(term=query["q"], origin=query["origin"] or "", status=query["status"] or "",
                                since=query["since"], until=query["until"])
    return page(statement, queries.NEWEST_FIRST, query, item=lambda row: row.CashIntake)


@blueprint.post("/intakes")
@requires("close_cash_session")
@once()
@blueprint.arguments(IntakeBody)
@blueprint.response(201, Intake)
def bring_in(body: dict[str, Any]) -> CashIntake:
    """Record cash for change that came into the office, from the bank or from the owner."""
    return intakes.bring_in(intakes.IntakeFacts(**body))


@blueprint.post("/intakes/<int:intake_id>/cancel")
@requires("close_cash_session")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, Intake)
def cancel_intake(body: dict[str, Any], intake_id: int) -> CashIntake:
    """Cancel what never came into the office."""
    intakes.cancel(found(queries.get(intake_id)), reason=body["reason"])
    return reread(queries.get, intake_id)

"""The cash desk as JSON: drawers, their counts and movements, hand-overs, deposits at the bank."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.cash import queries
from ispbill.billing.cash import service as drawers
from ispbill.billing.cash.deposits import queries as deposit_queries
from ispbill.billing.cash.deposits import service as deposits
from ispbill.billing.cash.handovers import queries as handover_queries
from ispbill.billing.cash.handovers import service as handovers
from ispbill.billing.cash.models import (
    CashDeposit,
    CashHandover,
    CashSession,
    CashSessionStatus,
    MovementKind,
    SlipStatus,
)
from ispbill.billing.cash.movements import queries as movement_queries
from ispbill.core.i18n import gettext as _
from ispbill.core.money import LARGEST_MINOR
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Day, Identifier, MinorUnits, Text, WholeNumber
from ispbill.web.rest.resources import once, referred, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, Reason, page, page_of

blueprint = resource("cash", description="Who holds which cash, from the customer's hand to the bank.")


class DrawerQuery(PageQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Who holds it"})
    status = Choice(CashSessionStatus, load_default=None)


class SlipQuery(PageQuery):
    """What a list of slips is narrowed to."""

    status = Choice(SlipStatus, load_default=None)
    since = Day(load_default=None)
    until = Day(load_default=None)


class DepositQuery(SlipQuery):
    """What the list is narrowed to."""

    q = Text(load_default="", metadata={"description": "Number of the slip, or bank"})


class Pieces(Body):
    """How many there are of a note or coin."""

    value_minor = MinorUnits(least=1, required=True)
    count = WholeNumber(least=0, most=1_000_000, required=True)


class CountBody(Body):
    """What is in the drawer."""

    denominations = fields.List(fields.Nested(Pieces), required=True)


class OpenBody(Body):
    """A drawer to be, with the float that the office gave."""

    currency = Currency()
    float_minor = MinorUnits(load_default=0)


class TakeOverBody(Body):
    """Where the counted cash goes, and what explains a difference."""

    into_own = fields.Boolean(load_default=False, metadata={"description": "Into one's own drawer, not to the office"})
    reason = Text(most=500, load_default="", metadata={"description": "Required where the count differs"})


class HandOverBody(Body):
    """Cash on its way; a drawer that is null is the office."""

    from_drawer_id = Identifier(load_default=None, allow_none=True)
    to_drawer_id = Identifier(load_default=None, allow_none=True)
    amount_minor = MinorUnits(least=1, required=True)
    currency = Currency()


class DepositBody(Body):
    """What the bank's slip says."""

    amount_minor = MinorUnits(least=1, required=True)
    currency = Currency()
    bank = Text(most=120, required=True)
    reference = Text(most=100, required=True)
    deposited_on = Day(load_default=None, allow_none=True)
    note = Text(most=500, load_default="")
    denominations = fields.List(fields.Nested(Pieces), load_default=None, allow_none=True)


class Drawer(Schema):
    """A drawer; what it should hold is said once it is counted."""

    id = Identifier(required=True)
    holder_id = Identifier(required=True)
    holder_name = fields.String(required=True)
    status = Choice(CashSessionStatus, required=True)
    opened_at = fields.AwareDateTime(required=True)
    counted_at = fields.AwareDateTime(required=True, allow_none=True)
    counted_minor = MinorUnits(required=True, allow_none=True)
    expected_minor = MinorUnits(required=True, allow_none=True)
    variance_minor = MinorUnits(least=-LARGEST_MINOR, required=True, allow_none=True)
    variance_reason = fields.String(required=True, allow_none=True)
    currency = Currency(required=True)
    closed_by = fields.String(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)


class DrawerMovement(Schema):
    """Cash that came into a drawer (above zero) or left it."""

    id = Identifier(attribute="CashMovement.id", required=True)
    kind = Choice(MovementKind, attribute="CashMovement.kind", required=True)
    amount_minor = MinorUnits(least=-LARGEST_MINOR, attribute="CashMovement.amount_minor", required=True)
    currency = Currency(required=True)
    payment_id = Identifier(attribute="CashMovement.payment_id", required=True, allow_none=True)
    refund_id = Identifier(attribute="CashMovement.refund_id", required=True, allow_none=True)
    handover_id = Identifier(attribute="CashMovement.handover_id", required=True, allow_none=True)
    moved_by = fields.String(attribute="CashMovement.moved_by", required=True)
    moved_at = fields.AwareDateTime(attribute="CashMovement.moved_at", required=True)


class HandOver(Schema):
    """Cash that moves, or has moved, once both have signed; a drawer that is null is the office."""

    id = Identifier(required=True)
    from_drawer_id = Identifier(attribute="from_session_id", required=True, allow_none=True)
    to_drawer_id = Identifier(attribute="to_session_id", required=True, allow_none=True)
    amount_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    given_by = fields.String(required=True, allow_none=True)
    given_at = fields.AwareDateTime(required=True, allow_none=True)
    taken_by = fields.String(required=True, allow_none=True)
    taken_at = fields.AwareDateTime(required=True, allow_none=True)
    withdrawn_by = fields.String(required=True, allow_none=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)


class Slip(Schema):
    """What every record of cash that came into the office or left it tells."""

    id = Identifier(required=True)
    amount_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    reference = fields.String(required=True)
    note = fields.String(required=True)
    status = Choice(SlipStatus, required=True)
    recorded_by = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    cancelled_on = fields.Date(required=True, allow_none=True)
    cancel_reason = fields.String(required=True, allow_none=True)


class Deposit(Slip):
    """Cash of the office that was paid in at the bank."""

    bank = fields.String(required=True)
    deposited_on = fields.Date(required=True)


@blueprint.get("/drawers")
@requires("open_cash_session")
@blueprint.arguments(DrawerQuery, location="query")
@blueprint.response(200, page_of(Drawer))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List the drawers that you may see, the newest first."""
    statement = queries.listing(term=query["q"], status=query["status"] or "")
    return page(statement, queries.NEWEST_FIRST, query, item=lambda row: row.CashSession)


@blueprint.post("/drawers")
@requires("open_cash_session")
@once()
@blueprint.arguments(OpenBody)
@blueprint.response(201, Drawer)
def open_drawer(body: dict[str, Any]) -> CashSession:
    """Open your drawer; a float waits for the signature of the office."""
    return handovers.begin(float_minor=body["float_minor"])


@blueprint.get("/drawers/<int:drawer_id>")
@requires("open_cash_session")
@blueprint.response(200, Drawer)
def detail(drawer_id: int) -> CashSession:
    """Get a drawer."""
    return _drawer(drawer_id)


@blueprint.get("/drawers/<int:drawer_id>/movements")
@requires("open_cash_session")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(DrawerMovement))
def movements(query: dict[str, Any], drawer_id: int) -> dict[str, Any]:
    """List the movements of a drawer, the newest first."""
    return page(movement_queries.listing(_drawer(drawer_id).id), movement_queries.NEWEST_FIRST, query)


@blueprint.post("/drawers/<int:drawer_id>/count")
@requires("open_cash_session")
@once()
@blueprint.arguments(CountBody)
@blueprint.response(200, Drawer)
def count(body: dict[str, Any], drawer_id: int) -> CashSession:
    """Count your drawer; another person takes it over then."""
    return drawers.count(_drawer(drawer_id), _pieces(body["denominations"]))


@blueprint.post("/drawers/<int:drawer_id>/recount")
@requires("open_cash_session")
@once()
@blueprint.response(200, Drawer)
def recount(drawer_id: int) -> CashSession:
    """Forget a count, so that the drawer is counted again."""
    return drawers.recount(_drawer(drawer_id))


@blueprint.post("/drawers/<int:drawer_id>/take-over")
@requires("close_cash_session")
@once()
@blueprint.arguments(TakeOverBody)
@blueprint.response(200, Drawer)
def take_over(body: dict[str, Any], drawer_id: int) -> CashSession:
    """Take counted cash over and close the drawer."""
    return drawers.take_over(_drawer(drawer_id), **body)


@blueprint.get("/handovers")
@requires("close_cash_session")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(HandOver))
def waiting(query: dict[str, Any]) -> dict[str, Any]:
    """List the hand-overs that wait for a signature, the oldest first."""
    return page(handover_queries.listing(), handover_queries.OLDEST_FIRST, query, item=lambda row: row.CashHandover)


@blueprint.post("/handovers")
@requires("open_cash_session")
@once()
@blueprint.arguments(HandOverBody)
@blueprint.response(201, HandOver)
def hand_over(body: dict[str, Any]) -> CashHandover:
    """Sign your side of a hand-over; the other side signs next."""
    source, to = (body[side] and referred(queries.get, body[side], side) for side in ("from_drawer_id", "to_drawer_id"))
    return handovers.hand_over(body["amount_minor"], source=source, to=to)


@blueprint.post("/handovers/<int:handover_id>/sign")
@requires("open_cash_session")
@once()
@blueprint.response(200, HandOver)
def sign(handover_id: int) -> CashHandover:
    """Sign for the other side; the cash moves."""
    return handovers.sign(found(handover_queries.get(handover_id)))


@blueprint.post("/handovers/<int:handover_id>/withdraw")
@requires("open_cash_session")
@once()
@blueprint.response(200, HandOver)
def withdraw(handover_id: int) -> CashHandover:
    """Take a hand-over back that one side only has signed."""
    return handovers.withdraw(found(handover_queries.get(handover_id)))


@blueprint.get("/deposits")
@requires("close_cash_session")
@blueprint.arguments(DepositQuery, location="query")
@blueprint.response(200, page_of(Deposit))
def deposited(query: dict[str, Any]) -> dict[str, Any]:
    """List deposits at the bank, the newest first."""
    statement = deposit_queries.listing(term=query["q"], status=query["status"] or "", since=query["since"],
                                        until=query["until"])
    return page(statement, deposit_queries.NEWEST_FIRST, query, item=lambda row: row.CashDeposit)


@blueprint.post("/deposits")
@requires("close_cash_session")
@once()
@blueprint.arguments(DepositBody)
@blueprint.response(201, Deposit)
def deposit(body: dict[str, Any]) -> CashDeposit:
    """Record cash of the office that was paid in at the bank."""
    pieces = body.pop("denominations")
    return deposits.deposit(deposits.DepositFacts(**body, denominations=_pieces(pieces) if pieces else None))


@blueprint.post("/deposits/<int:deposit_id>/cancel")
@requires("close_cash_session")
@once()
@blueprint.arguments(Reason)
@blueprint.response(200, Deposit)
def cancel_deposit(body: dict[str, Any], deposit_id: int) -> CashDeposit:
    """Cancel a deposit that the bank never had."""
    deposits.cancel(found(deposit_queries.get(deposit_id)), reason=body["reason"])
    return reread(deposit_queries.get, deposit_id)


def _drawer(drawer_id: int) -> CashSession:
    return found(queries.visible(drawer_id), _("There is no such drawer."))


def _pieces(rows: list[dict[str, int]]) -> dict[int, int]:
    pieces: dict[int, int] = {}
    for row in rows:
        pieces[row["value_minor"]] = pieces.get(row["value_minor"], 0) + row["count"]
    return pieces

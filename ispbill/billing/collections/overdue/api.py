"""Who owes as JSON, and one customer with all that collections know: debts, steps, promises, disputes, suspensions."""
from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.dunning.policy import next_step
from ispbill.billing.collections.models import CutoffEnd, PromiseStatus
from ispbill.billing.collections.overdue import queries
from ispbill.billing.collections.overdue.policy import Age, State
from ispbill.billing.collections.overdue.queries import OverdueFilter
from ispbill.core.current import current
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Currency, Identifier, MinorUnits, Text
from ispbill.web.rest.resources import resource
from ispbill.web.rest.schemas import PageQuery, ordered, page, page_of

blueprint = resource("collections", description="Who owes what is late, what was done about it, what holds it off.")
_ORDERS = ("oldest", "-oldest", "name", "-name", "amount", "-amount")


class OverdueQuery(PageQuery):
    """What the list is narrowed to, and its order."""

    q = Text(load_default="", metadata={"description": "What finds the customer"})
    age = Choice(Age, load_default=None, metadata={"description": "Days past due of the oldest invoice"})
    state = Choice(State, load_default=None)
    area_id = Identifier(load_default=None)
    sort = Choice(_ORDERS, load_default="oldest")


class OverdueCustomer(Schema):
    """A customer with what is late of their invoices."""

    customer_id = Identifier(attribute="id", required=True)
    name = fields.String(required=True)
    account_number = fields.String(required=True)
    phone = fields.String(required=True)
    status = fields.String(required=True)
    open_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    oldest_on = fields.Date(required=True)
    invoices = fields.Integer(required=True)
    promised_until = fields.Date(required=True, allow_none=True)
    trouble = fields.String(required=True, allow_none=True)


class OpenDebt(Schema):
    """An open invoice; what is disputed is not payable meanwhile."""

    invoice_id = Identifier(required=True)
    number = fields.String(required=True)
    issued_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    open_minor = MinorUnits(required=True)
    disputed_minor = fields.Function(lambda debt: debt.disputed_minor(current.today()), metadata={"type": "integer"},
                                     required=True)


class StepTaken(Schema):
    """A step that was taken."""

    id = Identifier(required=True)
    name = fields.String(attribute="step.name", required=True)
    episode_id = Identifier(required=True, allow_none=True)
    invoice_id = Identifier(required=True, allow_none=True)
    done_at = fields.AwareDateTime(required=True)
    message_id = Identifier(required=True, allow_none=True)
    note = fields.String(required=True)
    fee_minor = MinorUnits(required=True)
    charge_id = Identifier(required=True, allow_none=True)
    waived_by = fields.String(required=True, allow_none=True)
    waive_reason = fields.String(required=True)


class Promise(Schema):
    """A customer's word to pay by a day, that day included."""

    id = Identifier(required=True)
    customer_id = Identifier(required=True)
    made_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    amount_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    note = fields.String(required=True)
    status = Choice(PromiseStatus, required=True)
    granted_by = fields.String(required=True)
    decided_on = fields.Date(required=True, allow_none=True)


class Dispute(Schema):
    """A contested invoice, or one line of it; it holds up to `ends_on`, or until it is closed."""

    id = Identifier(required=True)
    customer_id = Identifier(required=True)
    invoice_id = Identifier(required=True)
    line_id = Identifier(required=True, allow_none=True)
    amount_minor = MinorUnits(required=True)
    currency = Currency(required=True)
    reason = fields.String(required=True)
    opened_on = fields.Date(required=True)
    opened_by = fields.String(required=True)
    ends_on = fields.Date(required=True)
    closed_on = fields.Date(required=True, allow_none=True)
    closed_by = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True)


class Hold(Schema):
    """Days on which no step is taken, the last one included, because a person said so."""

    id = Identifier(required=True)
    customer_id = Identifier(required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    reason = fields.String(required=True)
    placed_by = fields.String(required=True)
    lifted_on = fields.Date(required=True, allow_none=True)
    lifted_by = fields.String(required=True, allow_none=True)


class Suspension(Schema):
    """A suspension by collections; `/suspensions/{id}/why` tells all that led to it."""

    id = Identifier(required=True)
    cut_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    ending = Choice(CutoffEnd, required=True, allow_none=True)
    ended_by = fields.String(required=True)


class UpcomingStep(Schema):
    """What comes next if nothing is paid."""

    name = fields.String(attribute="step.name", required=True)
    on = fields.Date(required=True)


class CollectionsAccount(Schema):
    """All that collections know of a customer, the newest first; the episode is the one that runs."""

    customer_id = Identifier(required=True)
    status = fields.String(required=True)
    currency = Currency(required=True)
    episode_id = Identifier(required=True, allow_none=True)
    episode_began_on = fields.Date(required=True, allow_none=True)
    next_step = fields.Nested(UpcomingStep, required=True, allow_none=True)
    debts = fields.List(fields.Nested(OpenDebt), required=True)
    actions = fields.List(fields.Nested(StepTaken), required=True)
    promises = fields.List(fields.Nested(Promise), required=True)
    disputes = fields.List(fields.Nested(Dispute), required=True)
    holds = fields.List(fields.Nested(Hold), required=True)
    suspensions = fields.List(fields.Nested(Suspension), required=True)


@blueprint.get("")
@requires("view_collections")
@blueprint.arguments(OverdueQuery, location="query")
@blueprint.response(200, page_of(OverdueCustomer))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List who owes what is late, the oldest debt first."""
    wanted = OverdueFilter(query["q"], query["age"], query["state"], query["area_id"])
    listing = queries.listing(wanted, today=current.today())
    return page(listing.rows, ordered(query["sort"], listing.sorts), query)


@blueprint.get("/customers/<int:customer_id>")
@requires("view_collections")
@blueprint.response(200, CollectionsAccount)
def detail(customer_id: int) -> dict[str, Any]:
    """Get all that collections know of a customer."""
    return told(customer_id)


def told(customer_id: int) -> dict[str, Any]:
    """What the account of a customer shows now. Raises NotFound."""
    known = found(collections.account(customer_id), "There is no such customer.")
    history = queries.history(customer_id)
    return {
        "customer_id": customer_id, "status": known.status, "episode_id": known.episode_id,
        "episode_began_on": known.episode_began_on, "next_step": next_step(known, collections.plan()),
        "debts": known.debts, "actions": history.actions, "promises": history.promises,
        "disputes": history.disputes, "holds": history.holds, "suspensions": history.cutoffs,
    }

"""Tickets as JSON: list, get, open, change, comment, and their way through the statuses."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields

from ispbill.customers import queries as customers
from ispbill.support.desk.models import Priority
from ispbill.support.tickets import queries
from ispbill.support.tickets import service as tickets
from ispbill.support.tickets.models import Ticket, TicketSource, TicketStatus
from ispbill.support.tickets.policy import LONGEST, TicketFacts
from ispbill.web.guards import requires
from ispbill.web.requests import found
from ispbill.web.rest.fields import Choice, Identifier, Text
from ispbill.web.rest.resources import once, referred, reread, resource
from ispbill.web.rest.schemas import Body, PageQuery, ordered, page, page_of, sorting

blueprint = resource("tickets", description="What customers report, who works on it, and by when it is to be done.")
_STEPS: dict[str, Callable[..., Ticket]] = {
    TicketStatus.IN_PROGRESS: tickets.start, TicketStatus.WAITING: tickets.wait, TicketStatus.RESOLVED: tickets.resolve,
    TicketStatus.CLOSED: tickets.close, TicketStatus.OPEN: tickets.reopen,
}


class TicketQuery(PageQuery):
    """What the list is narrowed to, and its order."""

    q = Text(load_default="", metadata={"description": "Number, words of the subject, or what finds the customer"})
    status = Choice(("unresolved", *TicketStatus), load_default=None)
    priority = Choice(Priority, load_default=None)
    category_id = Identifier(load_default=None)
    assignee_id = Identifier(load_default=None)
    customer_id = Identifier(load_default=None)
    nap_id = Identifier(load_default=None)
    sort = sorting(queries.SORTS, default="newest")


class TicketBody(Body):
    """What is known of a ticket besides number and status."""

    subject = Text(most=LONGEST["subject"], least=1, required=True)
    category_id = Identifier(required=True)
    priority = Choice(Priority)
    source = Choice(TicketSource)
    description = Text(most=LONGEST["description"])
    contact = Text(most=LONGEST["contact"])
    customer_id = Identifier(allow_none=True)
    nap_id = Identifier(allow_none=True)


class NewTicketBody(TicketBody):
    """A ticket to open."""

    assignee_id = Identifier(load_default=None, allow_none=True)


class CommentBody(Body):
    """Something to say about a ticket."""

    body = Text(most=LONGEST["body"], least=1, required=True)
    is_public = fields.Boolean(load_default=False, truthy={True}, falsy={False}, metadata={
        "description": "Whether the customer reads it too, by e-mail"})


class StatusBody(Body):
    """Where the ticket goes."""

    status = Choice(tuple(_STEPS), required=True)
    reason = Text(most=LONGEST["reason"], load_default="", metadata={
        "description": "Required to resolve (what was done: the customer reads it) and to open again"})


class TicketSummary(Schema):
    """A ticket in a list."""

    id = Identifier(required=True)
    number = fields.String(required=True)
    subject = fields.String(required=True)
    status = Choice(TicketStatus, required=True)
    priority = Choice(Priority, required=True)
    source = Choice(TicketSource, required=True)
    category_id = Identifier(required=True)
    customer_id = Identifier(required=True, allow_none=True)
    nap_id = Identifier(required=True, allow_none=True)
    assignee_id = Identifier(required=True, allow_none=True)
    merged_into_id = Identifier(required=True, allow_none=True)
    contact = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)
    first_response_at = fields.AwareDateTime(required=True, allow_none=True)
    resolved_at = fields.AwareDateTime(required=True, allow_none=True)
    response_due_at = fields.AwareDateTime(required=True)
    resolution_due_at = fields.AwareDateTime(required=True)
    response_late_at = fields.AwareDateTime(required=True, allow_none=True)
    resolution_late_at = fields.AwareDateTime(required=True, allow_none=True)


class Comment(Schema):
    """What somebody wrote."""

    id = Identifier(required=True)
    author_name = fields.String(required=True)
    is_public = fields.Boolean(required=True)
    body = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class TicketDetail(TicketSummary):
    """Everything that is known of a ticket."""

    description = fields.String(required=True)
    status_since = fields.AwareDateTime(required=True)
    status_reason = fields.String(required=True)
    opened_by = fields.String(required=True)
    reopened_count = fields.Integer(required=True)
    comments = fields.Function(
        lambda ticket: Comment(many=True).dump([row.TicketComment for row in queries.said(ticket.id)]), required=True,
        metadata={"type": "array", "items": {"type": "object"}, "description": "Those of merged tickets included"},
    )


@blueprint.get("")
@requires("view_ticket_list")
@blueprint.arguments(TicketQuery, location="query")
@blueprint.response(200, page_of(TicketSummary))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List tickets; removed ones only by their own status."""
    wanted = queries.TicketFilter(
        term=query["q"], status=query["status"], priority=query["priority"], category_id=query["category_id"],
        assignee_id=query["assignee_id"], customer_id=query["customer_id"], nap_id=query["nap_id"],
    )
    return page(queries.listing(wanted), ordered(query["sort"], queries.SORTS), query)


@blueprint.post("")
@requires("create_ticket")
@once()
@blueprint.arguments(NewTicketBody)
@blueprint.response(201, TicketDetail)
def open_ticket(body: dict[str, Any]) -> Ticket:
    """Open a ticket under the year's next number; the clock of its priority starts."""
    assignee_id, customer_id = body.pop("assignee_id"), body.pop("customer_id", None)
    customer = referred(customers.get, customer_id, "customer_id") if customer_id is not None else None
    ticket = tickets.open_ticket(TicketFacts(**body), customer=customer, assignee_id=assignee_id)
    return reread(queries.get, ticket.id)


@blueprint.get("/<int:ticket_id>")
@requires("view_ticket_list")
@blueprint.response(200, TicketDetail)
def detail(ticket_id: int) -> Ticket:
    """Get a ticket with its comments."""
    return reread(queries.get, ticket_id)


@blueprint.patch("/<int:ticket_id>")
@requires("change_ticket")
@blueprint.arguments(TicketBody(partial=True))
@blueprint.response(200, TicketDetail)
def change(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Change what is sent of a ticket, and leave the rest; another priority sets new targets."""
    ticket = found(queries.get(ticket_id))
    customer_id = body.pop("customer_id", ticket.customer_id)
    customer = referred(customers.get, customer_id, "customer_id") if customer_id is not None else None
    known = {name: getattr(ticket, name) for name in TicketFacts.__dataclass_fields__}
    tickets.change(ticket, facts=TicketFacts(**{**known, **body}), customer=customer)
    return reread(queries.get, ticket_id)


@blueprint.post("/<int:ticket_id>/comments")
@requires("add_ticket_comment")
@once()
@blueprint.arguments(CommentBody)
@blueprint.response(201, TicketDetail)
def comment(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Write on a ticket, for staff only or for the customer too."""
    tickets.comment(found(queries.get(ticket_id)), text=body["body"], is_public=body["is_public"])
    return reread(queries.get, ticket_id)


@blueprint.post("/<int:ticket_id>/status")
@requires("change_ticket_status")
@blueprint.arguments(StatusBody)
@blueprint.response(200, TicketDetail)
def move(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Start, wait for the customer, resolve, close or open again."""
    _STEPS[body["status"]](found(queries.get(ticket_id)), reason=body["reason"])
    return reread(queries.get, ticket_id)

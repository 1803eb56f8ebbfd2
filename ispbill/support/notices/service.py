"""Verbs of notices: the e-mails that follow from tickets, each at most once for what it is about."""
from __future__ import annotations

from ispbill.accounts.models import UserStatus
from ispbill.accounts.users import queries as users
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.notifications import service as messages
from ispbill.support.tickets import queries as tickets
from ispbill.support.tickets.models import Ticket, TicketComment
from ispbill.support.tickets.service import TicketAnswered, TicketGiven, TicketLate, TicketResolved


def tell_answer(event: TicketAnswered) -> None:
    """Send the customer what was written to them, if they have an e-mail address."""
    comment = db.session.get(TicketComment, event.comment_id)
    assert comment is not None, "a comment is never removed"
    ticket = _ticket(comment.ticket_id)
    _to_customer(ticket, "ticket_answered", f"ticket-answered:{comment.id}", answer=comment.body,
                 author=comment.author_name)


def tell_resolution(event: TicketResolved) -> None:
    """Tell the customer what was done, again after each time it was opened again."""
    ticket = _ticket(event.ticket_id)
    _to_customer(ticket, "ticket_resolved", f"ticket-resolved:{ticket.id}:{event.reopened_count}",
                 resolution=ticket.status_reason)


def tell_assignee(event: TicketGiven) -> None:
    """Tell somebody that a colleague gave them a ticket, each time anew."""
    ticket = _ticket(event.ticket_id)
    person, given_at = ticket.assignee, ticket.given_at
    assert person is not None and given_at is not None, "a ticket is given to somebody at a time"
    messages.queue(
        template="ticket_given", recipient=person.email,
        unique_key=f"ticket-given:{ticket.id}:{person.id}:{given_at.isoformat()}", name=person.full_name,
        number=ticket.number, subject=ticket.subject, priority=ticket.priority, giver=current.actor.name,
        customer=ticket.customer.name if ticket.customer else ticket.contact,
    )


def tell_lateness(event: TicketLate) -> None:
    """Tell who has the ticket that a target is missed; the owner, where nobody has it."""
    ticket = _ticket(event.ticket_id)
    person = ticket.assignee if ticket.assignee and ticket.assignee.status == UserStatus.ACTIVE else users.owner()
    if person is None:
        return
    is_response = event.target == "response"
    due_at = (ticket.response_due_at if is_response else ticket.resolution_due_at).astimezone(current.tenant.zone)
    messages.queue(
        template="ticket_late", recipient=person.email, unique_key=f"ticket-late:{ticket.id}:{event.target}",
        name=person.full_name, number=ticket.number, subject=ticket.subject, priority=ticket.priority,
        missed=_("first response") if is_response else _("resolution"), due_at=formats.day_and_time(due_at),
        customer=ticket.customer.name if ticket.customer else ticket.contact,
    )


def _to_customer(ticket: Ticket, template: str, unique_key: str, **values: str) -> None:
    if ticket.customer is not None and ticket.customer.email:
        messages.queue(
            template=template, recipient=ticket.customer.email, unique_key=unique_key, name=ticket.customer.name,
            number=ticket.number, subject=ticket.subject, secrets=None, enclosure=None, **values,
        )


def _ticket(ticket_id: int) -> Ticket:
    ticket = tickets.get(ticket_id)
    assert ticket is not None, "a ticket is never removed"
    return ticket

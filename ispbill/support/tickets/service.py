"""Verbs of tickets: open, change, assign, write, merge, and their way through the statuses.

Every verb leaves an event on the ticket, and reckons its clock anew where that may have moved.
"""
from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from sqlalchemy import update
from sqlalchemy.dialects import postgresql

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.customers.models import Customer
from ispbill.files import service as files
from ispbill.support.desk import queries as desk
from ispbill.support.tickets import policy, queries
from ispbill.support.tickets.models import (
    EventKind,
    Ticket,
    TicketAttachment,
    TicketComment,
    TicketEvent,
    TicketStatus,
    TicketYear,
)
from ispbill.support.tickets.policy import Clock, TicketFacts

# What a verb relies on, read anew once the row is locked.
_LOCKED = (
    "status", "merged_into_id", "customer_id", "assignee_id", "category_id", "priority", "reopened_count",
    "response_hours", "resolution_hours", "paused_at", "paused_seconds", "first_response_at", "resolved_at",
    "response_late_at", "resolution_late_at",
)
_WHY = lazy("Say why: whoever looks later will want to know.")


@dataclass(frozen=True, slots=True)
class TicketAnswered:
    """Somebody wrote to the customer."""

    comment_id: int


@dataclass(frozen=True, slots=True)
class TicketResolved:
    """The customer is to know what was done."""

    ticket_id: int
    reopened_count: int


@dataclass(frozen=True, slots=True)
class TicketGiven:
    """Somebody put the ticket on a colleague's desk."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class TicketLate:
    """A target was missed while the ticket is still worked on; `target` is “response” or “resolution”."""

    ticket_id: int
    target: str


def open_ticket(facts: TicketFacts, *, customer: Customer | None = None, assignee_id: int | None = None) -> Ticket:
    """Take a report in under the year's next number; the clock of its priority starts.

    Raises Invalid. Where the customer's lines all end at one NAP, the ticket is of that NAP unless another is said.
    """
    known, now = policy.checked(facts), current.now()
    if customer is not None and known.nap_id is None:
        known = replace(known, nap_id=queries.nap_of(customer.id))
    _check_category(known.category_id)
    _check_assignee(assignee_id)
    promise = desk.promise_of(known.priority)
    clock = Clock(now, promise.response_hours, promise.resolution_hours)
    ticket = Ticket(
        **asdict(known), customer_id=customer.id if customer else None, assignee_id=assignee_id, opened_at=now,
        opened_by=current.actor.name, status=TicketStatus.OPEN, status_since=now, status_reason="", reopened_count=0,
    )
    _set_clock(ticket, clock)
    ticket.number = _take_number()
    db.session.add(ticket)
    db.session.flush()
    _happened(ticket, EventKind.OPENED)
    _give(ticket)
    return ticket


def change(ticket: Ticket, *, facts: TicketFacts, customer: Customer | None) -> Ticket:
    """Correct what is known; another priority is promised anew, from when the ticket was opened.

    Raises Invalid, or Conflict for a ticket that was removed or merged.
    """
    _check_stands(ticket)
    known = policy.checked(facts)
    if known.category_id != ticket.category_id:
        _check_category(known.category_id)
    if known.priority != ticket.priority:
        _happened(ticket, EventKind.CHANGED, before=ticket.priority, after=known.priority)
        promise = desk.promise_of(known.priority)
        ticket.response_hours, ticket.resolution_hours = promise.response_hours, promise.resolution_hours
    for name, value in asdict(known).items():
        setattr(ticket, name, value)
    ticket.customer_id = customer.id if customer else None
    _set_clock(ticket, ticket.clock)
    db.session.flush()
    return ticket


def assign(ticket: Ticket, *, assignee_id: int | None) -> Ticket:
    """Say who works on it; None puts it back to nobody. Raises Invalid, or Conflict for one removed or merged."""
    _check_stands(ticket)
    if assignee_id != ticket.assignee_id:
        _check_assignee(assignee_id)
        names = queries.names_of([ticket.assignee_id, assignee_id])
        before, after = names.get(ticket.assignee_id, ""), names.get(assignee_id, "")
        _happened(ticket, EventKind.ASSIGNED, before=before, after=after)
        ticket.assignee_id = assignee_id
        _give(ticket)
        db.session.flush()
    return ticket


def comment(ticket: Ticket, *, text: str, is_public: bool) -> TicketComment:
    """Write on a ticket; what is public goes to the customer too, and counts as the first response.

    Raises Invalid, or Conflict for a ticket that was removed or merged.
    """
    _check_stands(ticket)
    body = policy.written(text, field="body", missing=_("Write something."))
    written = TicketComment(
        ticket_id=ticket.id, body=body, is_public=is_public,
        author_id=current.actor.user_id, author_name=current.actor.name, created_at=current.now(),
    )
    db.session.add(written)
    if is_public:
        _set_clock(ticket, policy.responded(ticket.clock, at=current.now()))
    db.session.flush()
    if is_public:
        publish(TicketAnswered(written.id))
    return written


def attach(ticket: Ticket, *, content: bytes, name: str) -> TicketAttachment:
    """Keep a file with the ticket. Raises Invalid for what is no such file, Conflict for one removed or merged."""
    _check_stands(ticket)
    attachment = TicketAttachment(ticket_id=ticket.id, file_id=files.store(content, name=name).id)
    db.session.add(attachment)
    db.session.flush()
    return attachment


def start(ticket: Ticket, *, reason: str = "") -> Ticket:
    """Work on it: the first response, and whoever starts has it where nobody had. Raises Conflict by status."""
    _move(ticket, TicketStatus.IN_PROGRESS, reason)
    if ticket.assignee_id is None and current.actor.user_id is not None:
        assign(ticket, assignee_id=current.actor.user_id)
    return ticket


def put_back(ticket: Ticket, *, reason: str = "") -> Ticket:
    """Nobody works on it any more; it is open as before. Raises Conflict unless it was in progress."""
    if _locked_status(ticket) != TicketStatus.IN_PROGRESS:
        raise Conflict(_("Only a ticket in progress can be put back."))
    return _move(ticket, TicketStatus.OPEN, reason)


def wait(ticket: Ticket, *, reason: str = "") -> Ticket:
    """Wait for the customer: the clock stands still meanwhile. Raises Conflict by status."""
    return _move(ticket, TicketStatus.WAITING, reason)


def resolve(ticket: Ticket, *, reason: str) -> Ticket:
    """It is done; `reason` says what was done, and the customer is told. Raises Conflict by status, Invalid."""
    done = policy.written(reason, field="reason", missing=_("Say what was done: the customer will read it."))
    _move(ticket, TicketStatus.RESOLVED, done)
    publish(TicketResolved(ticket.id, ticket.reopened_count))
    return ticket


def close(ticket: Ticket, *, reason: str = "") -> Ticket:
    """The customer is content, or did not object. Raises Conflict unless it was resolved."""
    return _move(ticket, TicketStatus.CLOSED, reason)


def reopen(ticket: Ticket, *, reason: str) -> Ticket:
    """It was not done after all; its clock goes on where it stopped. Raises Conflict by status, Invalid."""
    if _locked_status(ticket) not in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
        raise Conflict(_("Only a ticket that was resolved can be opened again."))
    _check_stands(ticket)
    _move(ticket, TicketStatus.OPEN, policy.written(reason, field="reason", missing=_WHY))
    ticket.reopened_count += 1
    db.session.flush()
    return ticket


def remove(ticket: Ticket, *, reason: str) -> Ticket:
    """Take a ticket that was opened in error off the desk; its number stays taken. Raises Conflict, Invalid."""
    return _move(ticket, TicketStatus.REMOVED, policy.written(reason, field="reason", missing=_WHY))


def merge(ticket: Ticket, *, into: Ticket) -> Ticket:
    """Close a duplicate; the ticket it is merged into is worked on and shows what was said here.

    Raises Conflict for tickets of two customers, for one that is done, and for a ticket with itself.
    """
    for each in sorted((ticket, into), key=lambda either: either.id):
        _locked_status(each)
    _check_may_merge(ticket, into)
    into.customer_id = into.customer_id or ticket.customer_id
    db.session.execute(update(Ticket).where(Ticket.merged_into_id == ticket.id).values(merged_into_id=into.id))
    _move(ticket, TicketStatus.RESOLVED, f"Merged into {into.number}")
    _move(ticket, TicketStatus.CLOSED, f"Merged into {into.number}")
    ticket.merged_into_id = into.id
    _happened(into, EventKind.MERGED, after=ticket.number)
    db.session.flush()
    return ticket


def mark_late(ticket: Ticket) -> list[str]:
    """Note which targets a ticket has missed since it was last looked at, and announce each once; which they are."""
    before = (ticket.response_late_at, ticket.resolution_late_at)
    _set_clock(ticket, ticket.clock)
    after = (ticket.response_late_at, ticket.resolution_late_at)
    missed = [name for name, old, new in zip(("response", "resolution"), before, after, strict=True) if new and not old]
    for target in missed:
        _happened(ticket, EventKind.LATE, after=target)
        publish(TicketLate(ticket.id, target))
    db.session.flush()
    return missed


def _move(ticket: Ticket, after: TicketStatus, reason: str) -> Ticket:
    before, now = _locked_status(ticket), current.now()
    policy.check_move(before, after)
    note = policy.short(reason, field="reason")
    ticket.status, ticket.status_since, ticket.status_reason = after, now, note
    if after in (TicketStatus.RESOLVED, TicketStatus.OPEN):
        ticket.resolved_by_id = current.actor.user_id if after == TicketStatus.RESOLVED else None
    _set_clock(ticket, policy.moved(ticket.clock, before=before, after=after, at=now))
    _happened(ticket, EventKind.MOVED, before=before, after=after, note=note)
    db.session.flush()
    return ticket


def _set_clock(ticket: Ticket, clock: Clock) -> None:
    """Put the clock on the ticket with what follows from it; a target missed by now is marked, one met is not."""
    now = current.now()
    for name, value in asdict(clock).items():
        setattr(ticket, name, value)
    ticket.response_due_at, ticket.resolution_due_at = clock.response_due_at, clock.resolution_due_at
    ticket.response_late_at = (ticket.response_late_at or now) if clock.response_is_late(now) else None
    ticket.resolution_late_at = (ticket.resolution_late_at or now) if clock.resolution_is_late(now) else None


def _happened(ticket: Ticket, kind: EventKind, *, before: str = "", after: str = "", note: str = "") -> None:
    db.session.add(TicketEvent(
        ticket_id=ticket.id, kind=kind, before=before, after=after, note=note, actor_name=current.actor.name,
        happened_at=current.now(),
    ))
    db.session.flush()


def _take_number() -> str:
    """The next number of the year, gapless: it returns if the transaction does not commit."""
    year = current.today().year
    first = postgresql.insert(TicketYear).values(year=year, next_number=2)
    taken = first.on_conflict_do_update(
        index_elements=[TicketYear.year], set_={"next_number": TicketYear.next_number + 1}
    ).returning(TicketYear.next_number - 1)
    return policy.number_text(year, db.session.execute(taken).scalar_one())


def _check_stands(ticket: Ticket) -> None:
    if _locked_status(ticket) == TicketStatus.REMOVED:
        raise Conflict(_("%(number)s was removed; nothing about it changes any more.", number=ticket.number))
    if ticket.merged_into_id is not None:
        raise Conflict(_("%(number)s was merged into another ticket. Go on there.", number=ticket.number))


def _check_may_merge(ticket: Ticket, into: Ticket) -> None:
    if ticket.id == into.id:
        raise Conflict(_("A ticket cannot be merged into itself."), field="into")
    if ticket.status not in policy.UNRESOLVED:
        raise Conflict(_("%(number)s is %(status_words)s; only an unresolved one is merged.", number=ticket.number,
                         status_words=policy.STATUS_WORDS[ticket.status]))
    if into.status not in policy.UNRESOLVED:
        raise Conflict(_("%(number)s is %(status_words)s. Merge into a ticket that is worked on.", number=into.number,
                         status_words=policy.STATUS_WORDS[into.status]),
                       field="into")
    if ticket.customer_id and into.customer_id and ticket.customer_id != into.customer_id:
        raise Conflict(_("%(number)s is of another customer, who would read what is written to this one.",
                         number=into.number),
                       field="into")


def _check_category(category_id: int | None) -> None:
    category = desk.category(category_id) if category_id else None
    if category is None or not category.is_active:
        raise Invalid(_("Choose a category of the list."), field="category_id")


def _give(ticket: Ticket) -> None:
    """Note when it came to the assignee's desk, unless they put it there themselves, and tell them."""
    is_given = ticket.assignee_id not in (None, current.actor.user_id)
    ticket.given_at = current.now() if is_given else None
    if is_given:
        publish(TicketGiven(ticket.id))


def _check_assignee(assignee_id: int | None) -> None:
    if assignee_id is not None and not queries.may_be_assigned(assignee_id):
        raise Invalid(_("Choose somebody of your staff who may see tickets."), field="assignee_id")


def _locked_status(ticket: Ticket) -> str:
    """The status as it is now; two people moving it at once go one after the other."""
    db.session.refresh(ticket, _LOCKED, with_for_update=True)
    return ticket.status

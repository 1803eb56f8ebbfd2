"""Reads of tickets: the list with its filters, the board, one ticket with all that was said, what is due."""
from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from ispbill.accounts.models import RolePermission, User, UserRole, UserStatus
from ispbill.areas.policy import Place
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import AnyColumn, SortKey
from ispbill.core.text import folded, like_pattern
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.plant.models import Nap, NapPort
from ispbill.subscriptions.connections.models import PortConnection
from ispbill.subscriptions.models import Installation
from ispbill.support.desk.models import TicketCategory
from ispbill.support.tickets.models import (
    BY_TIME_LEFT,
    DUE_AT,
    Ticket,
    TicketAttachment,
    TicketComment,
    TicketEvent,
    TicketStatus,
)
from ispbill.support.tickets.policy import UNRESOLVED, spoken_number

_MOST_WORDS = 6
_FEW_CUSTOMERS = 200
_MOST_ON_BOARD, _MOST_RESOLVED = 30, 8
SEES_TICKETS = "view_ticket_list"
NOBODY, SOMEBODY = 0, -1
SORTS = {
    "newest": SortKey((Ticket.id,), descending=True),
    "due": SortKey(BY_TIME_LEFT),
}
IS_UNRESOLVED = Ticket.status.in_(UNRESOLVED)
IS_LATE = or_(Ticket.response_late_at.is_not(None), Ticket.resolution_late_at.is_not(None))

LATE: Mapping[str, ColumnElement[bool]] = {
    "yes": IS_LATE, "response": Ticket.response_late_at.is_not(None),
    "resolution": Ticket.resolution_late_at.is_not(None),
}


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """What the list is narrowed to.

    `status` is one of the statuses, “unresolved” or “done”; removed tickets are found only by their own status.
    `assignee_id` NOBODY finds those that nobody has. `since` and `until` bound when a ticket was opened, the others
    when it was resolved, half-open; SOMEBODY finds tickets of any customer,
    or that anybody has or resolved. `late` is a
    target that was missed, or “yes” for either. `is_merged` None finds tickets that were merged into another as well
    as those that were not.
    """

    term: str = ""
    status: str | None = None
    priority: str | None = None
    category_id: int | None = None
    assignee_id: int | None = None
    customer_id: int | None = None
    nap_id: int | None = None
    late: str = ""
    since: datetime | None = None
    until: datetime | None = None
    place: Place | None = None
    resolved_by_id: int | None = None
    resolved_since: datetime | None = None
    resolved_until: datetime | None = None
    is_merged: bool | None = None
    was_reopened: bool = False


@dataclass(frozen=True, slots=True)
class Tallies:
    """Unresolved tickets: all of them, those that missed a target, those nobody has, those one person has."""

    unresolved: int
    late: int
    unassigned: int
    mine: int


def listing(wanted: TicketFilter) -> AnySelect:
    """Tickets with category, customer and assignee, as the filter wants them."""
    return (
        select(
            Ticket.id, Ticket.number, Ticket.subject, Ticket.status, Ticket.status_since, Ticket.priority,
            Ticket.source, Ticket.contact, Ticket.opened_at, Ticket.first_response_at, Ticket.resolved_at,
            Ticket.paused_at, Ticket.response_due_at, Ticket.resolution_due_at, Ticket.response_late_at,
            Ticket.resolution_late_at, DUE_AT.label("due_at"), Ticket.category_id, Ticket.assignee_id,
            Ticket.customer_id, Ticket.nap_id, Ticket.merged_into_id, Nap.code.label("nap"),
            TicketCategory.name.label("category"), User.full_name.label("assignee"),
            Customer.name.label("customer_name"), Customer.account_number,
        )
        .join(TicketCategory, TicketCategory.id == Ticket.category_id)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(User, User.id == Ticket.assignee_id)
        .outerjoin(Nap, Nap.id == Ticket.nap_id)
        .where(*_conditions(wanted))
    )


def everything(wanted: TicketFilter, *, limit: int) -> Sequence[AnyRow]:
    """All rows of a listing, the newest first, up to a limit."""
    return db.session.execute(listing(wanted).order_by(Ticket.id.desc()).limit(limit)).all()


def count(wanted: TicketFilter) -> int:
    """How many tickets the filter finds."""
    statement = select(func.count()).select_from(Ticket).outerjoin(Customer, Customer.id == Ticket.customer_id)
    return db.session.execute(statement.where(*_conditions(wanted))).scalar_one()


def tallies(user_id: int | None) -> Tallies:
    """What is unresolved now; `mine` are those of the user."""
    row = db.session.execute(select(
        func.count(), func.count().filter(IS_LATE), func.count().filter(Ticket.assignee_id.is_(None)),
        func.count().filter(Ticket.assignee_id == user_id),
    ).select_from(Ticket).where(IS_UNRESOLVED)).one()
    return Tallies(*row)


def board(wanted: TicketFilter, statuses: Collection[str]) -> dict[str, Sequence[AnyRow]]:
    """The tickets of each status, what is due first on top; what is resolved, the newest first. Each has a limit."""
    return {status: _column(wanted, status) for status in statuses}


def count_by_status(wanted: TicketFilter, statuses: Collection[str]) -> Mapping[str, int]:
    """How many tickets each of the statuses has; one that has none is left out."""
    rows = db.session.execute(
        select(Ticket.status, func.count()).outerjoin(Customer, Customer.id == Ticket.customer_id)
        .where(Ticket.status.in_(statuses), *_conditions(wanted)).group_by(Ticket.status)
    )
    return {status: tickets for status, tickets in rows}


def get(ticket_id: int) -> Ticket | None:
    """A ticket with its category, customer and where they live, assignee and the ticket it was merged into."""
    return db.session.scalars(
        select(Ticket).where(Ticket.id == ticket_id).options(
            joinedload(Ticket.category), joinedload(Ticket.customer).options(customers.WITH_AREA),
            joinedload(Ticket.assignee),
            joinedload(Ticket.merged_into), joinedload(Ticket.nap),
        )
    ).one_or_none()


def by_number(number: str) -> Ticket | None:
    """The ticket that is meant by “TKT-2026-0042”, “tkt-2026-42” or “2026-42”."""
    return db.session.scalars(select(Ticket).where(Ticket.number == spoken_number(number))).one_or_none()


def search(term: str, *, limit: int) -> Sequence[AnyRow]:
    """The tickets found by number, subject or customer, the newest first."""
    return everything(TicketFilter(term=term), limit=limit)


def of_customer(customer_id: int, *, limit: int = 5) -> Sequence[AnyRow]:
    """A customer's tickets: the unresolved ones first, then the newest."""
    return db.session.execute(
        listing(TicketFilter(customer_id=customer_id)).order_by(IS_UNRESOLVED.desc(), Ticket.id.desc()).limit(limit)
    ).all()


def nap_of(customer_id: int) -> int | None:
    """The NAP at which all lines of a customer end; None where there is none, or more than one."""
    naps = db.session.scalars(
        select(NapPort.nap_id).distinct().join(PortConnection, PortConnection.port_id == NapPort.id)
        .join(Installation, Installation.id == PortConnection.installation_id)
        .where(Installation.customer_id == customer_id, PortConnection.released_at.is_(None)).limit(2)
    ).all()
    return naps[0] if len(naps) == 1 else None


def nap_with_code(code: str) -> Nap | None:
    """The NAP that has a code, however it is capitalised."""
    return db.session.scalars(select(Nap).where(Nap.code == code.strip().upper())).one_or_none()


def unresolved_at(nap_id: int | None, *, besides: int | None = None, limit: int = 10) -> Sequence[AnyRow]:
    """The unresolved tickets of a NAP, the newest first, without one of them: several at once may be one cut."""
    if nap_id is None:
        return []
    statement = listing(TicketFilter(nap_id=nap_id, status="unresolved"))
    if besides is not None:
        statement = statement.where(Ticket.id != besides)
    return db.session.execute(statement.order_by(Ticket.id.desc()).limit(limit)).all()


def said(ticket_id: int) -> Sequence[AnyRow]:
    """The comments of a ticket and of those merged into it, the oldest first, with the number each was written to."""
    return db.session.execute(
        select(TicketComment, Ticket.number).join(Ticket, Ticket.id == TicketComment.ticket_id)
        .where(_belongs_to(ticket_id)).order_by(TicketComment.created_at, TicketComment.id)
    ).all()


def happened(ticket_id: int) -> Sequence[TicketEvent]:
    """What happened to a ticket, the oldest first."""
    return db.session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    ).all()


def attachments(ticket_id: int) -> Sequence[TicketAttachment]:
    """The files of a ticket and of those merged into it, without their content, the oldest first."""
    return db.session.scalars(
        select(TicketAttachment).join(Ticket, Ticket.id == TicketAttachment.ticket_id).where(_belongs_to(ticket_id))
        .options(joinedload(TicketAttachment.file)).order_by(TicketAttachment.id)
    ).all()


def attachment(attachment_id: int) -> TicketAttachment | None:
    """One attachment."""
    return db.session.get(TicketAttachment, attachment_id)


def mergeable(ticket: Ticket, *, limit: int = 10) -> Sequence[AnyRow]:
    """Other unresolved tickets that this one may be a duplicate of: of the same customer, the oldest first."""
    if ticket.customer_id is None:
        return []
    same = listing(TicketFilter(customer_id=ticket.customer_id, status="unresolved")).where(Ticket.id != ticket.id)
    return db.session.execute(same.order_by(Ticket.id).limit(limit)).all()


def overdue(now: datetime, *, limit: int) -> Sequence[Ticket]:
    """Unresolved tickets whose clock runs and that have missed a target without being marked; locked for the caller."""
    response = and_(Ticket.first_response_at.is_(None), Ticket.response_late_at.is_(None), Ticket.response_due_at < now)
    resolution = and_(Ticket.resolution_late_at.is_(None), Ticket.resolution_due_at < now)
    return db.session.scalars(
        select(Ticket).where(IS_UNRESOLVED, Ticket.paused_at.is_(None), or_(response, resolution))
        .order_by(Ticket.id).limit(limit).with_for_update(skip_locked=True)
    ).all()


def assignees(*, including: int | None = None) -> list[tuple[int, str]]:
    """Ids and names of the staff who may see tickets, by name; `including` who has left but has one already."""
    rows = db.session.execute(
        select(User.id, User.full_name).where(or_(_sees_tickets(), User.id == including))
        .order_by(by_letters(User.full_name), User.id)
    )
    return [(user_id, full_name) for user_id, full_name in rows]


def may_be_assigned(user_id: int) -> bool:
    """Whether a user works here and may see tickets."""
    return db.session.scalars(select(User.id).where(User.id == user_id, _sees_tickets())).one_or_none() is not None


def names_of(user_ids: Iterable[int | None]) -> dict[int | None, str]:
    """The names of some users."""
    rows = db.session.execute(select(User.id, User.full_name).where(User.id.in_([key for key in user_ids if key])))
    return {user_id: full_name for user_id, full_name in rows}


def _belongs_to(ticket_id: int) -> ColumnElement[bool]:
    return or_(Ticket.id == ticket_id, Ticket.merged_into_id == ticket_id)


def _column(wanted: TicketFilter, status: str) -> Sequence[AnyRow]:
    order, most = ((BY_TIME_LEFT, _MOST_ON_BOARD) if status in UNRESOLVED
                   else ((Ticket.resolved_at.desc(), Ticket.id), _MOST_RESOLVED))
    statement = listing(wanted).where(Ticket.status == status)
    return db.session.execute(statement.order_by(*order).limit(most)).all()


def _sees_tickets() -> ColumnElement[bool]:
    holders = (
        select(UserRole.user_id).join(RolePermission, RolePermission.role_id == UserRole.role_id)
        .where(RolePermission.permission == SEES_TICKETS)
    )
    return and_(User.status == UserStatus.ACTIVE, or_(User.is_owner, User.id.in_(holders)))


def _conditions(wanted: TicketFilter) -> list[ColumnElement[bool]]:
    conditions = [_has_status(wanted.status), *customers.living_in(Ticket.customer_id, wanted.place)]
    if wanted.term:
        conditions.append(_matching(wanted.term))
    if wanted.late in LATE:
        conditions.append(LATE[wanted.late])
    if wanted.is_merged is not None:
        conditions.append(Ticket.merged_into_id.is_not(None) if wanted.is_merged else Ticket.merged_into_id.is_(None))
    if wanted.was_reopened:
        conditions.append(Ticket.reopened_count > 0)
    conditions += [*_of(Ticket.assignee_id, wanted.assignee_id), *_of(Ticket.resolved_by_id, wanted.resolved_by_id),
                   *_of(Ticket.customer_id, wanted.customer_id)]
    compared: tuple[tuple[object, AnyColumn, Callable[[Any, Any], Any]], ...] = (
        (wanted.priority, Ticket.priority, operator.eq), (wanted.category_id, Ticket.category_id, operator.eq),
        (wanted.nap_id, Ticket.nap_id, operator.eq),
        (wanted.since, Ticket.opened_at, operator.ge), (wanted.until, Ticket.opened_at, operator.lt),
        (wanted.resolved_since, Ticket.resolved_at, operator.ge),
        (wanted.resolved_until, Ticket.resolved_at, operator.lt),
    )
    return conditions + [compare(column, value) for value, column, compare in compared if value is not None]


def _of(person: AnyColumn, wanted_id: int | None) -> list[ColumnElement[bool]]:
    if wanted_id in (NOBODY, SOMEBODY):
        return [person.is_(None) if wanted_id == NOBODY else person.is_not(None)]
    return [] if wanted_id is None else [person == wanted_id]


def _has_status(status: str | None) -> ColumnElement[bool]:
    if status is None:
        return Ticket.status != TicketStatus.REMOVED
    if status == "done":
        return Ticket.resolved_at.is_not(None)
    return IS_UNRESOLVED if status == "unresolved" else Ticket.status == status


def _matching(term: str) -> ColumnElement[bool]:
    """The number as a whole, each word in number, subject or contact, or a customer whom the words find."""
    words = and_(*(Ticket.search_text.like(like_pattern(word)) for word in folded(term).split()[:_MOST_WORDS]))
    number = spoken_number(term)
    found = or_(words, _customer_found(term))
    return found if number is None else or_(Ticket.number == number, found)


def _customer_found(term: str) -> ColumnElement[bool]:
    # Few are named by their ids, so that the index finds their tickets; many are met soon by any scan.
    ids = db.session.scalars(select(Customer.id).where(customers.matching(term)).limit(_FEW_CUSTOMERS + 1)).all()
    return Ticket.customer_id.in_(ids) if len(ids) <= _FEW_CUSTOMERS else customers.matching(term)

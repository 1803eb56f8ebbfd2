"""The demo company's support desk: somebody calls, a technician is sent, most troubles end in days, some in a week.

A call of a day that is in the books already is not taken again.
"""
from __future__ import annotations

from datetime import date, timedelta
from random import Random

from sqlalchemy import select

from ispbill.core.current import acting_as
from ispbill.core.db import db
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.demo.company import DemoCompany
from ispbill.support.desk.models import TicketCategory
from ispbill.support.tickets import service as tickets
from ispbill.support.tickets.models import Ticket, TicketStatus
from ispbill.support.tickets.policy import TicketFacts

# Of a hundred days, on how many somebody calls.
_CALLS = 80
_TROUBLES = (
    ("No connection", "No internet since last night", "high", "The drop was cut by a truck; spliced it anew"),
    ("Slow connection", "Slow in the evening", "normal", "Moved the router out of the cabinet; 95 Mbps now"),
    ("Intermittent connection", "Drops every few minutes", "normal", "Cleaned the connector at the NAP"),
    ("Router", "Red light on the router", "high", "Restarted it; the adapter was loose"),
    ("Billing", "Asks why the first bill is smaller", "low", "Explained the days of the first month"),
)
_TAKES = (0, 1, 1, 2, 4, 7)


def work(company: DemoCompany, day: date) -> None:
    """Finish what is through by this day, and take the day's call."""
    for ticket in db.session.scalars(
        select(Ticket).where(Ticket.status.in_((TicketStatus.OPEN, TicketStatus.IN_PROGRESS))).order_by(Ticket.id)
    ).all():
        _go_on(company, ticket, day)
    _take_call(company, day)


def _go_on(company: DemoCompany, ticket: Ticket, day: date) -> None:
    opened_on = ticket.opened_at.astimezone(company.tenant.zone).date()
    done = next(said for _name, subject, _priority, said in _TROUBLES if subject == ticket.subject)
    with acting_as(company.staff["Technician"]):
        if ticket.status == TicketStatus.OPEN and day > opened_on:
            tickets.start(ticket)
        if day >= opened_on + timedelta(days=Random(ticket.number).choice(_TAKES)) and day > opened_on:
            tickets.resolve(ticket, reason=done)


def _take_call(company: DemoCompany, day: date) -> None:
    dice = Random(f"{company.script.seed} call {day}")
    if dice.randrange(100) >= _CALLS or _is_taken(company, day):
        return
    callers = db.session.scalars(
        select(Customer).where(Customer.status == CustomerStatus.ACTIVE).order_by(Customer.id)
    ).all()
    if not callers:
        return
    about, subject, priority, _done = dice.choice(_TROUBLES)
    category_id = db.session.scalars(select(TicketCategory.id).where(TicketCategory.name == about)).one_or_none()
    with acting_as(company.staff["Customer Service"]):
        tickets.open_ticket(
            TicketFacts(subject=subject, category_id=category_id, priority=priority),
            customer=dice.choice(callers), assignee_id=company.staff["Technician"].user_id,
        )


def _is_taken(company: DemoCompany, day: date) -> bool:
    since, until = company.bounds(day)
    return db.session.scalar(select(Ticket.id).where(Ticket.opened_at >= since, Ticket.opened_at < until)) is not None

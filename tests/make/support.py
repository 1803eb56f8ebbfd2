"""Builders of tickets."""
from __future__ import annotations

import itertools
from typing import Any

from ispbill.customers.models import Customer
from ispbill.support.desk import queries as desk
from ispbill.support.tickets import service as tickets
from ispbill.support.tickets.models import Ticket
from ispbill.support.tickets.policy import TicketFacts

_numbers = itertools.count(1)


def category(name: str = "No connection") -> int:
    """The id of a category that every company is born with."""
    return next(key for key, known in desk.category_choices() if known == name)


def ticket(
    subject: str | None = None, *, customer: Customer | None = None, assignee_id: int | None = None, **facts: Any
) -> Ticket:
    """An open ticket; `facts` are those of TicketFacts."""
    facts.setdefault("category_id", desk.category_choices()[0][0])
    known = TicketFacts(subject=subject or f"Report {next(_numbers)}", **facts)
    return tickets.open_ticket(known, customer=customer, assignee_id=assignee_id)

"""Reads of cash that was brought in."""
from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from ispbill.billing.cash.models import CashIntake
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import SortKey

NEWEST_FIRST = SortKey((CashIntake.came_on, CashIntake.id), descending=True)


def get(intake_id: int) -> CashIntake | None:
    """Cash that was brought in; None where there is none."""
    return db.session.get(CashIntake, intake_id)


def listing(*, term: str = "", origin: str = "", status: str = "", since: date | None = None,
            until: date | None = None) -> AnySelect:
    """Cash that was brought in; the term is a slip's number or a part of the note."""
    statement = select(CashIntake)
    if term:
        statement = statement.where(or_(CashIntake.reference == term, CashIntake.note.icontains(term, autoescape=True)))
    if origin:
        statement = statement.where(CashIntake.origin == origin)
    if status:
        statement = statement.where(CashIntake.status == status)
    if since:
        statement = statement.where(CashIntake.came_on >= since)
    if until:
        statement = statement.where(CashIntake.came_on <= until)
    return statement

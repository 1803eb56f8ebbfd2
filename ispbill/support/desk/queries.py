"""Reads of the desk: categories, what is promised, canned answers."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, func, or_, select

from ispbill.core.db import db
from ispbill.core.matching import by_letters
from ispbill.support.desk.models import CannedAnswer, Priority, ServiceTarget, TicketCategory
from ispbill.support.desk.policy import Promise

_WORST_FIRST = case({str(priority): place for place, priority in enumerate(Priority)}, value=ServiceTarget.priority)


def categories() -> Sequence[TicketCategory]:
    """Every category, those on offer first."""
    return db.session.scalars(
        select(TicketCategory).order_by(TicketCategory.is_active.desc(), by_letters(TicketCategory.name))
    ).all()


def category(category_id: int) -> TicketCategory | None:
    """One category."""
    return db.session.get(TicketCategory, category_id)


def category_choices(*, including: int | None = None) -> list[tuple[int, str]]:
    """Ids and names of the categories on offer; `including` a retired one that is chosen already."""
    rows = db.session.execute(
        select(TicketCategory.id, TicketCategory.name)
        .where(or_(TicketCategory.is_active, TicketCategory.id == including)).order_by(TicketCategory.id)
    )
    return [(category_id, name) for category_id, name in rows]


def targets() -> Sequence[ServiceTarget]:
    """What is promised, the worst priority first."""
    return db.session.scalars(select(ServiceTarget).order_by(_WORST_FIRST)).all()


def promise_of(priority: str) -> Promise:
    """What is promised for a priority; every company is born with all of them."""
    target = db.session.scalars(select(ServiceTarget).where(ServiceTarget.priority == priority)).one()
    return Promise(target.response_hours, target.resolution_hours)


def answers() -> Sequence[CannedAnswer]:
    """The canned answers, by title."""
    return db.session.scalars(select(CannedAnswer).order_by(func.lower(CannedAnswer.title))).all()


def answer(answer_id: int) -> CannedAnswer | None:
    """One canned answer."""
    return db.session.get(CannedAnswer, answer_id)

"""Verbs of the desk. What is changed here holds for tickets opened or re-prioritised from now on."""
from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from ispbill.core.db import db
from ispbill.support.desk.models import CannedAnswer, Priority, ServiceTarget, TicketCategory
from ispbill.support.desk.policy import Promise, checked_answer, checked_name, checked_promise


def add_category(name: str) -> TicketCategory:
    """Offer a category. Raises Invalid, or from the database a conflict of names."""
    category = TicketCategory(name=checked_name(name, field="name"), is_active=True)
    db.session.add(category)
    db.session.flush()
    return category


def change_category(category: TicketCategory, *, name: str, is_active: bool) -> TicketCategory:
    """Rename, retire or offer again; tickets keep the category they have. Raises Invalid."""
    category.name, category.is_active = checked_name(name, field="name"), is_active
    db.session.flush()
    return category


def promise(promises: Mapping[Priority, Promise]) -> list[ServiceTarget]:
    """Set what is promised for each priority. Raises Invalid; tickets that are open keep what they were promised."""
    targets = list(db.session.scalars(select(ServiceTarget).order_by(ServiceTarget.id).with_for_update()))
    for target in targets:
        new = checked_promise(promises[Priority(target.priority)], field=target.priority)
        target.response_hours, target.resolution_hours = new.response_hours, new.resolution_hours
    db.session.flush()
    return targets


def add_answer(title: str, *, body: str) -> CannedAnswer:
    """Keep a text ready. Raises Invalid, or from the database a conflict of titles."""
    answer = CannedAnswer(title=checked_name(title, field="title"), body=checked_answer(body))
    db.session.add(answer)
    db.session.flush()
    return answer


def change_answer(answer: CannedAnswer, *, title: str, body: str) -> CannedAnswer:
    """Word it otherwise; what was sent stays as it was. Raises Invalid."""
    answer.title, answer.body = checked_name(title, field="title"), checked_answer(body)
    db.session.flush()
    return answer


def remove_answer(answer: CannedAnswer) -> CannedAnswer:
    """Offer it no more."""
    db.session.delete(answer)
    db.session.flush()
    return answer

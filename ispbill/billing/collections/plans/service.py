"""Verbs of the plan: its terms, its steps, the days on which nobody is cut off."""
from __future__ import annotations

from dataclasses import asdict
from datetime import date

from ispbill.billing.collections.models import CollectionPolicy, CollectionStep, NoCutDay
from ispbill.billing.collections.plans.policy import StepFacts, Terms, checked_step, checked_terms
from ispbill.billing.collections.queries import policy
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

_LONGEST_NAME = 80


def change_terms(terms: Terms) -> CollectionPolicy:
    """Change how collections work from the next morning on. Raises Invalid.

    Switching on takes what is overdue as due today, so that nobody is cut off the morning after.
    """
    checked_terms(terms)
    row = policy()
    if terms.is_enabled and not row.is_enabled:
        row.counted_since = current.today()
    for name, value in asdict(terms).items():
        setattr(row, name, value)
    row.no_cut_weekdays = "".join(map(str, sorted(set(terms.no_cut_weekdays))))
    db.session.flush()
    return row


def add_step(facts: StepFacts) -> CollectionStep:
    """Add a step. Raises Invalid; from the database Conflict where another active one suspends or terminates."""
    step = CollectionStep(**_stored(facts))
    db.session.add(step)
    db.session.flush()
    return step


def change_step(step: CollectionStep, facts: StepFacts) -> CollectionStep:
    """Change a step; what was done stays done. Raises what `add_step` raises."""
    for name, value in _stored(facts).items():
        setattr(step, name, value)
    db.session.flush()
    return step


def remove_step(step: CollectionStep) -> CollectionStep:
    """Take a step out of the plan. Raises Conflict, from the database, where it was ever taken: switch it off."""
    db.session.delete(step)
    db.session.flush()
    return step


def keep_free(day: date, *, name: str, area_id: int | None = None) -> NoCutDay:
    """Cut nobody off on a day, everywhere or in an area. Raises Invalid; Conflict where it is so already."""
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise Invalid(_("Give the day a name of at most %(longest_name)s characters.", longest_name=_LONGEST_NAME),
                      field="name")
    row = NoCutDay(day=day, name=name.strip(), area_id=area_id)
    db.session.add(row)
    db.session.flush()
    return row


def release(row: NoCutDay) -> NoCutDay:
    """Let people be cut off on a day again."""
    db.session.delete(row)
    db.session.flush()
    return row


def _stored(facts: StepFacts) -> dict[str, object]:
    return {**asdict(checked_step(facts)), "name": facts.name.strip()}

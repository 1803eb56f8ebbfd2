"""Verbs of accounting periods. The line is moved under a lock that waits for every posting under way."""
from __future__ import annotations

from datetime import date

from sqlalchemy import select

from ispbill.billing.closing import queries
from ispbill.billing.closing.models import BooksClosing
from ispbill.billing.closing.policy import check_line, check_reopening, line_after
from ispbill.company.models import CompanySettings
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Forbidden, Invalid
from ispbill.core.i18n import gettext as _


def close(*, last_day: date) -> BooksClosing:
    """Close the books up to and with a day: nothing is posted to those days any more, by anybody.

    Raises Invalid for a day that is not over or closed already, Conflict while a run of those days is not completed.
    """
    settings, wanted = _held(), line_after(last_day)
    check_line(settings.books_closed_until, wanted, today=current.today())
    blockers = [thing for thing in queries.unfinished(wanted) if thing.is_blocker]
    if blockers:
        raise Conflict(_("These days are not finished: %(count)s %(what)s.", count=blockers[0].count,
                         what=blockers[0].what))
    return _move(settings, wanted, reason="")


def reopen(*, first_day: date, reason: str) -> BooksClosing:
    """Open the books again from a day on. Only the owner may, and the reason is kept.

    Raises Forbidden, and Invalid without a reason or where the day is open.
    """
    if not current.actor.is_owner:
        raise Forbidden(_("Only the owner may open closed books again."))
    if not reason.strip():
        raise Invalid(_("Say why the books are opened again: the record keeps the reason."), field="reason")
    settings = _held()
    check_reopening(settings.books_closed_until, first_day)
    return _move(settings, first_day, reason=reason.strip())


def _held() -> CompanySettings:
    """The settings, locked against every posting under way: each holds a share of this row until it commits."""
    return db.session.scalars(
        select(CompanySettings).where(CompanySettings.id == 1).with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _move(settings: CompanySettings, line: date, *, reason: str) -> BooksClosing:
    move = BooksClosing(
        closed_until_before=settings.books_closed_until, closed_until=line, reason=reason,
        closed_by=current.actor.name, closed_at=current.now(),
    )
    settings.books_closed_until = line
    db.session.add(move)
    db.session.flush()
    return move

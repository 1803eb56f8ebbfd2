"""The verb that earns prepaid revenue: once a day, for the time that passed up to the beginning of the day."""
from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import select, update

from ispbill.billing.ledger import service as ledger
from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidRecognition
from ispbill.billing.prepaid.policy import consumed_minor, revenue_recognised
from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.db import db


def recognise() -> PrepaidRecognition | None:
    """Make revenue of the prepaid time that passed before today began; None where nothing did, or it is done.

    Every load's parts sum to what was billed for it before tax. The entry is dated yesterday, when the last of the
    time passed, or the first open day.
    """
    today = current.today()
    if db.session.scalars(select(PrepaidRecognition).where(PrepaidRecognition.through_on == today)).first():
        return None
    earned = _earned(datetime.combine(today, time(), current.tenant.zone))
    if not earned:
        return None
    done = PrepaidRecognition(through_on=today, load_count=len(earned), amount_minor=sum(earned.values()),
                              created_at=current.now())
    db.session.add(done)
    db.session.flush()
    memo = f"Prepaid time that passed before {today:%Y-%m-%d}"
    ledger.post([ledger.Entry(_book_day(today), "prepaid_recognition", done.id, memo,
                              revenue_recognised(done.amount_minor))])
    return done


def _earned(by: datetime) -> dict[int, int]:
    """What of each load has been earned since the last time, noted on it."""
    earned, noted = {}, []
    for load_id, net_minor, recognised_minor, starts_at, ends_at in queries.deferred(begun_by=by):
        consumed = consumed_minor(net_minor, starts_at=starts_at, ends_at=ends_at, by=by)
        if consumed > recognised_minor:
            earned[load_id] = consumed - recognised_minor
            noted.append({"id": load_id, "recognised_minor": consumed})
    if noted:
        db.session.execute(update(PrepaidLoad), noted)
    return earned


def _book_day(today: date) -> date:
    """Yesterday, or the first day whose books are open."""
    yesterday = today - timedelta(days=1)
    return max(yesterday, company.settings().books_closed_until or yesterday)

"""Verbs of batches: order one, go on with it, send again what failed. Each customer's statement is queued once."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, literal, select

from ispbill.billing.statements.batches import queries
from ispbill.billing.statements.batches.models import Outcome, StatementBatch, StatementDelivery
from ispbill.billing.statements.policy import check_span
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.errors import Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.notifications import service as messages
from ispbill.notifications.models import Message, MessageStatus
from ispbill.notifications.service import Draft

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class StatementsWait:
    """Statements of a batch wait to be queued; `done` only tells nudges apart."""

    batch_id: int
    done: int


def order(customers: AnySelect, *, since: date, until: date) -> StatementBatch:
    """Order statements for the customers of a list as it is now. Raises Invalid for days that make no statement, or
    where nobody is on the list.
    """
    check_span(since, until, today=current.today())
    batch = StatementBatch(since=since, until=until, created_by=current.actor.name, created_at=current.now())
    db.session.add(batch)
    db.session.flush()
    listed = customers.order_by(None).subquery()
    rows = select(literal(batch.id), listed.c.id).order_by(listed.c.id)
    db.session.execute(insert(StatementDelivery).from_select(["batch_id", "customer_id"], rows))
    if queries.progress(batch.id).total == 0:
        raise Invalid(_("Nobody is on this list."))
    publish(StatementsWait(batch.id, 0))
    return batch


def go_on(batch_id: int) -> None:
    """Queue the next statements of a batch; where another does so already, nothing happens."""
    batch = db.session.scalars(
        select(StatementBatch).where(StatementBatch.id == batch_id, StatementBatch.completed_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if batch is None:
        return
    rows = queries.waiting(batch_id, limit=MOST_AT_ONCE)
    queued = messages.queue_all([_draft(batch, row) for row in rows if row.email])
    for row in rows:
        delivery: StatementDelivery = row.StatementDelivery
        delivery.message_id = queued.get(_key(delivery))
        delivery.outcome = Outcome.QUEUED if delivery.message_id else Outcome.NO_ADDRESS
    db.session.flush()
    if len(rows) < MOST_AT_ONCE:
        batch.completed_at = current.now()
    else:
        publish(StatementsWait(batch_id, queries.progress(batch_id).done))


def send_failed_again(batch: StatementBatch) -> int:
    """Queue once more what the mail server did not take; how many."""
    failed = db.session.scalars(
        select(Message.id).join(StatementDelivery, StatementDelivery.message_id == Message.id)
        .where(StatementDelivery.batch_id == batch.id, Message.status == MessageStatus.FAILED).order_by(Message.id)
    ).all()
    for message_id in failed:
        messages.send_again(message_id)
    return len(failed)


def _draft(batch: StatementBatch, row: AnyRow) -> Draft:
    delivery: StatementDelivery = row.StatementDelivery
    return Draft("statement_enclosed", row.email, _key(delivery), {
        "name": row.name, "account_number": row.account_number,
        "since": formats.short_date(batch.since), "until": formats.short_date(batch.until),
    }, enclosure=f"statement:{delivery.customer_id}:{batch.since}:{batch.until}")


def _key(delivery: StatementDelivery) -> str:
    return f"statement-batch:{delivery.batch_id}:{delivery.customer_id}"

"""Reads of batches of statements."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select

from ispbill.billing.statements.batches.models import Outcome, StatementBatch, StatementDelivery
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.notifications.models import Message

NEWEST_FIRST = SortKey((StatementBatch.id,), descending=True)
OLDEST_FIRST = SortKey((StatementDelivery.id,))


class Progress(NamedTuple):
    """How far a batch has come."""

    total: int
    queued: int
    without_address: int

    @property
    def done(self) -> int:
        """How many were looked at."""
        return self.queued + self.without_address


def get(batch_id: int) -> StatementBatch | None:
    """A batch."""
    return db.session.get(StatementBatch, batch_id)


def batches() -> AnySelect:
    """Every batch."""
    return select(StatementBatch)


def working() -> Sequence[int]:
    """The batches that are not complete."""
    return db.session.scalars(
        select(StatementBatch.id).where(StatementBatch.completed_at.is_(None)).order_by(StatementBatch.id)
    ).all()


def progress(batch_id: int) -> Progress:
    """How far a batch has come."""
    rows = {outcome: int(count) for outcome, count in db.session.execute(
        select(StatementDelivery.outcome, func.count()).where(StatementDelivery.batch_id == batch_id)
        .group_by(StatementDelivery.outcome)
    )}
    return Progress(sum(rows.values()), rows.get(Outcome.QUEUED, 0), rows.get(Outcome.NO_ADDRESS, 0))


def recipients(batch_id: int, *, without_address: bool) -> AnySelect:
    """The customers of a batch; only those who got no e-mail for want of an address."""
    statement = select(Customer.id).join(StatementDelivery, StatementDelivery.customer_id == Customer.id).where(
        StatementDelivery.batch_id == batch_id)
    return statement.where(StatementDelivery.outcome == Outcome.NO_ADDRESS) if without_address else statement


def waiting(batch_id: int, *, limit: int) -> Sequence[AnyRow]:
    """The next customers of a batch, with what their letter needs."""
    return db.session.execute(
        select(StatementDelivery, Customer.name, Customer.email, Customer.account_number)
        .join(Customer, Customer.id == StatementDelivery.customer_id)
        .where(StatementDelivery.batch_id == batch_id, StatementDelivery.outcome.is_(None))
        .order_by(StatementDelivery.id).limit(limit)
    ).all()


def deliveries(batch_id: int) -> AnySelect:
    """Whose statements a batch holds, and what became of each."""
    return (
        select(StatementDelivery.id, StatementDelivery.customer_id, StatementDelivery.outcome, Customer.name,
               Customer.account_number, Customer.email, Message.status, Message.last_error)
        .join(Customer, Customer.id == StatementDelivery.customer_id)
        .outerjoin(Message, Message.id == StatementDelivery.message_id).where(StatementDelivery.batch_id == batch_id)
    )

"""The day's round: a row says how far it has come, so it is done once, in pieces, by however many workers."""
from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ispbill.billing.collections.dunning import service as dunning
from ispbill.billing.collections.dunning.service import Round
from ispbill.billing.collections.models import CollectionDay
from ispbill.billing.collections.queries import policy
from ispbill.billing.collections.rounds import queries
from ispbill.core.current import current
from ispbill.core.db import db

# How many customers are pursued in one transaction.
CHUNK_SIZE = 200


def begin(day: date) -> int | None:
    """Begin a day's round, or find it begun: how far it has come. None where it is finished or collections are off."""
    if not policy().is_enabled:
        return None
    db.session.execute(insert(CollectionDay).values(day=day, started_at=current.now()).on_conflict_do_nothing())
    row = db.session.execute(
        select(CollectionDay.reached_customer_id, CollectionDay.completed_at).where(CollectionDay.day == day)
    ).one()
    return None if row.completed_at else row.reached_customer_id


def retry() -> Round:
    """Do now what the round could not, for at most 200 customers; what fails again is noted again."""
    customer_ids = queries.stuck()
    return dunning.pursue(customer_ids) if customer_ids else Round()


def pursue_next(day: date, *, size: int = CHUNK_SIZE) -> int | None:
    """Pursue the next customers of a round: how far it has come then. None where nobody is left or another is at it."""
    row = db.session.scalars(
        select(CollectionDay).where(CollectionDay.day == day, CollectionDay.completed_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    customer_ids = queries.customers_after(row.reached_customer_id, limit=size)
    if not customer_ids:
        row.completed_at = current.now()
        return None
    done = dunning.pursue(customer_ids)
    row.reached_customer_id = customer_ids[-1]
    row.customer_count += len(customer_ids)
    row.action_count += done.actions
    row.cut_count += done.cut
    row.restored_count += done.restored
    row.trouble_count += done.troubled
    return row.reached_customer_id

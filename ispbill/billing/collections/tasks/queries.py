"""Reads of the calls and visits that are to be made."""
from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ispbill.billing.collections.models import CollectionAction, CollectionStep
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

OLDEST_FIRST = SortKey((CollectionAction.id,))
_WAITS = (CollectionAction.is_by_hand, CollectionAction.told_at.is_(None))


def waiting() -> AnySelect:
    """Who is to be told of what, the oldest first."""
    return (
        select(CollectionAction.id, CollectionAction.done_on, CollectionAction.customer_id, Customer.name,
               Customer.account_number, Customer.phone, Customer.street, CollectionStep.name.label("step"))
        .join(Customer, Customer.id == CollectionAction.customer_id)
        .join(CollectionStep, CollectionStep.id == CollectionAction.step_id).where(*_WAITS)
    )


def count() -> int:
    """How many are to be told."""
    return int(db.session.scalar(select(func.count()).select_from(CollectionAction).where(*_WAITS)) or 0)


def task(action_id: int) -> CollectionAction | None:
    """A step that was taken, with its customer."""
    return db.session.scalars(
        select(CollectionAction).where(CollectionAction.id == action_id)
        .options(joinedload(CollectionAction.customer), joinedload(CollectionAction.step))
    ).one_or_none()

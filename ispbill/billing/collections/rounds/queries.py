"""Who is looked at in a round: whoever owes, is in an episode, is suspended by collections or has promised to pay."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select

from ispbill.billing.collections.models import (
    CollectionCutoff,
    CollectionDay,
    CollectionEpisode,
    PromiseStatus,
    PromiseToPay,
)
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import IS_OPEN
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

MOST_RETRIED = 200
NEWEST_FIRST = SortKey((CollectionDay.day,), descending=True)


def customers_after(customer_id: int, *, limit: int) -> Sequence[int]:
    """The next customers of a round, by id."""
    return db.session.scalars(
        select(Customer.id).where(Customer.id > customer_id, or_(*_concerned())).order_by(Customer.id).limit(limit)
    ).all()


def stuck() -> list[int]:
    """The customers towards whom something could not be done."""
    return list(db.session.scalars(
        select(CollectionEpisode.customer_id).where(
            CollectionEpisode.ended_on.is_(None), CollectionEpisode.trouble != "")
        .order_by(CollectionEpisode.customer_id).limit(MOST_RETRIED)
    ))


def count_left(customer_id: int) -> int:
    """How many customers of a round come after the one it has reached."""
    return int(db.session.execute(
        select(func.count()).select_from(Customer).where(Customer.id > customer_id, or_(*_concerned()))
    ).scalar_one())


def listing() -> AnySelect:
    """Every round."""
    return select(CollectionDay)


def newest() -> CollectionDay | None:
    """The last round, finished or not."""
    return db.session.scalars(select(CollectionDay).order_by(CollectionDay.day.desc()).limit(1)).first()


def _concerned() -> tuple[ColumnElement[bool], ...]:
    owes = select(Invoice.id).where(Invoice.customer_id == Customer.id, IS_OPEN)
    episode = select(CollectionEpisode.id).where(
        CollectionEpisode.customer_id == Customer.id, CollectionEpisode.ended_on.is_(None))
    cutoff = select(CollectionCutoff.id).where(
        CollectionCutoff.customer_id == Customer.id, CollectionCutoff.ended_at.is_(None))
    promise = select(PromiseToPay.id).where(
        PromiseToPay.customer_id == Customer.id, PromiseToPay.status == PromiseStatus.OPEN)
    return owes.exists(), episode.exists(), cutoff.exists(), promise.exists()

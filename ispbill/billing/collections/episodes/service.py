"""Episodes follow the facts: begun when anything is late, ended when nothing is; promises are settled alongside.

All of a chunk in a constant number of statements. Whoever calls holds the accounts of these customers.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import func, literal, update
from sqlalchemy.dialects.postgresql import insert

from ispbill.billing.collections.models import CollectionEpisode, PromiseStatus, PromiseToPay
from ispbill.billing.collections.policy import Account, Plan
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import db


def follow(accounts: Collection[Account], plan: Plan) -> dict[int, int]:
    """Begin and end episodes as the facts say, and settle promises; the ids of those that run, by customer."""
    late = {account.customer_id: day for account in accounts if (day := account.late_since(plan))}
    _settle_promises(accounts, late)
    running = {account.customer_id: account.episode_id for account in accounts if account.episode_id is not None}
    _end([key for customer_id, key in running.items() if customer_id not in late])
    going_on = {customer_id: key for customer_id, key in running.items() if customer_id in late}
    _forget_trouble(going_on.values())
    fresh = [{"customer_id": customer_id, "began_on": day} for customer_id, day in late.items()
             if customer_id not in running]
    if fresh:
        rows = db.session.execute(
            insert(CollectionEpisode).values(fresh).returning(CollectionEpisode.customer_id, CollectionEpisode.id)
        )
        going_on |= {customer_id: key for customer_id, key in rows}
    return going_on


def note_trouble(account: Account, plan: Plan, reason: str) -> None:
    """Keep with the episode of a customer why nothing could be done towards them; without one there is no place."""
    began_on = account.late_since(plan)
    if began_on is not None:
        statement = insert(CollectionEpisode).values(
            customer_id=account.customer_id, began_on=account.episode_began_on or began_on, trouble=reason[:500]
        )
        db.session.execute(statement.on_conflict_do_update(
            index_elements=["customer_id"], index_where=CollectionEpisode.ended_on.is_(None),
            set_={"trouble": statement.excluded.trouble},
        ))


def _settle_promises(accounts: Iterable[Account], late: Collection[int]) -> None:
    kept, broken = [], []
    for account in accounts:
        promise = account.promise
        if promise is None:
            continue
        if account.customer_id not in late or promise.paid_minor >= promise.amount_minor:
            kept.append(promise.id)
        elif promise.until_on < account.on:
            broken.append(promise.id)
    for keys, status in ((kept, PromiseStatus.KEPT), (broken, PromiseStatus.BROKEN)):
        if keys:
            db.session.execute(
                update(PromiseToPay).where(PromiseToPay.id == any_key(keys))
                .values(status=status, decided_on=current.today()).execution_options(synchronize_session="fetch")
            )


def _end(episode_ids: Collection[int]) -> None:
    if episode_ids:
        ended_on = func.greatest(literal(current.today()), CollectionEpisode.began_on)
        db.session.execute(
            update(CollectionEpisode).where(CollectionEpisode.id == any_key(episode_ids))
            .values(ended_on=ended_on, trouble="").execution_options(synchronize_session="fetch")
        )


def _forget_trouble(episode_ids: Collection[int]) -> None:
    if episode_ids:
        db.session.execute(
            update(CollectionEpisode)
            .where(CollectionEpisode.id == any_key(episode_ids), CollectionEpisode.trouble != "")
            .values(trouble="").execution_options(synchronize_session="fetch")
        )

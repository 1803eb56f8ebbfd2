"""Whose service is not what is due to them. Customers are judged batch by batch, to the end, by the entitlement."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select

from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.entitlement.queries import owes_nothing_that_cuts, verdict_on
from ispbill.billing.collections.policy import Account, Action, Plan
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import IS_OPEN
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import AnyRow, db
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.subscriptions.models import Subscription, SubscriptionStatus

BATCH = 200


class Difference(NamedTuple):
    """A customer whose service is not what it should be, and why. `should_be_on`: paid but blocked.

    `subscription_id` names the first line that is blocked by itself while the customer is served.
    """

    customer_id: int
    name: str
    account_number: str
    should_be_on: bool
    reason: str
    subscription_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Batch:
    """Customers with all that is needed to judge them."""

    rows: Sequence[AnyRow]
    accounts: Mapping[int, Account]
    lines: Mapping[int, Sequence[AnyRow]]


def differences(after: int = 0) -> Iterator[Difference]:
    """Customers behind an id who are paid but blocked, or unpaid but open, by id; they are read as they are asked for.

    A line that is suspended alone counts while its customer is served: somebody wanted it so, and should know.
    """
    plan = collections.plan()
    batch = _batch(after, plan)
    while batch.rows:
        for row in batch.rows:
            yield from _judged(row, batch, plan)
        batch = _batch(batch.rows[-1].id, plan)


def _judged(row: AnyRow, batch: _Batch, plan: Plan) -> Iterator[Difference]:
    account, person = batch.accounts[row.id], (row.id, row.name, row.account_number)
    if row.status == CustomerStatus.SUSPENDED:
        if owes_nothing_that_cuts(account, plan):
            yield Difference(*person, True, row.status_reason)
        return
    verdict = verdict_on(account, plan)
    if not verdict.may_be_online:
        yield Difference(*person, False, verdict.trace[-1])
        return
    lines = batch.lines.get(row.id)
    if lines:
        yield Difference(*person, True, "; ".join(line.status_reason for line in lines), lines[0].id)


def _batch(after: int, plan: Plan) -> _Batch:
    rows = db.session.execute(
        select(Customer.id, Customer.name, Customer.account_number, Customer.status, Customer.status_reason)
        .where(Customer.id > after, _may_differ(plan)).order_by(Customer.id).limit(BATCH)
    ).all()
    keys = [row.id for row in rows]
    lines: dict[int, list[AnyRow]] = {}
    for line in db.session.execute(
        select(Subscription.id, Subscription.customer_id, Subscription.status_reason)
        .where(Subscription.customer_id == any_key(keys), _is_blocked())
        .order_by(Subscription.id)
    ):
        lines.setdefault(line.customer_id, []).append(line)
    return _Batch(rows, collections.accounts(keys), lines)


def _may_differ(plan: Plan) -> ColumnElement[bool]:
    line = select(Subscription.id).where(Subscription.customer_id == Customer.id, _is_blocked()).exists()
    why = [line]
    if plan.step(Action.SUSPEND) is not None:
        why.append(select(Invoice.id).where(
            Invoice.customer_id == Customer.id, IS_OPEN,
            Invoice.due_on < current.today() - timedelta(days=plan.grace_days),
        ).exists())
    return or_(Customer.status == CustomerStatus.SUSPENDED,
               and_(Customer.status == CustomerStatus.ACTIVE, or_(*why)))


def _is_blocked() -> ColumnElement[bool]:
    """Whether a line stands still that would be served; past its end it would not, though days wait to be billed."""
    goes_on = or_(Subscription.end_on.is_(None), Subscription.end_on > current.today())
    return and_(Subscription.status == SubscriptionStatus.SUSPENDED, goes_on)

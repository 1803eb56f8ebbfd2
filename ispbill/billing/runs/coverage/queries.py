"""What became of every service at a run. A service without a bill has a reason by name, or it is unexplained."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, case, exists, func, select

from ispbill.billing.runs.models import BillingRun, BillingRunException
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.i18n import lazy
from ispbill.customers.models import Customer
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionStatus

UNEXPLAINED = "unexplained"
FATES = {
    "billed": lazy("Billed beyond the day"), "due_later": lazy("Due on a later day"),
    "suspended": lazy("Suspended, not billed"),
    "begins_later": lazy("Begins on a later day"), "ended": lazy("Charged no longer"),
    "parked": lazy("Parked for a person"),
    UNEXPLAINED: lazy("Neither billed nor explained"),
}


def of_run(run: BillingRun) -> dict[str, int]:
    """Every service that is not over, by what became of it at a run: billed, or left out for which reason."""
    fate = _fate(run)
    rows = db.session.execute(_services(run.billing_on).with_only_columns(fate, func.count()).group_by(fate))
    return {key: count for key, count in rows}


def unexplained(run: BillingRun, *, limit: int) -> Sequence[AnyRow]:
    """Services that a run neither billed nor left out for a reason: the subscription and its customer."""
    return db.session.execute(
        _services(run.billing_on).join(Customer, Customer.id == Subscription.customer_id)
        .with_only_columns(Subscription.id, Customer.account_number, Customer.name)
        .where(_fate(run) == UNEXPLAINED).distinct().order_by(Subscription.id).limit(limit)
    ).all()


def _services(on: date) -> AnySelect:
    """Every component of what has begun and is not over, and subscriptions that have none."""
    part = SubscriptionComponent
    return (
        select(Subscription).outerjoin(part, part.subscription_id == Subscription.id)
        .where(Subscription.status != SubscriptionStatus.ENDED, Subscription.start_on <= on)
    )


def _fate(run: BillingRun) -> Any:
    part, on = SubscriptionComponent, run.billing_on
    parked = exists().where(BillingRunException.run_id == run.id,
                            BillingRunException.customer_id == Subscription.customer_id)
    return case(
        (part.id.is_(None), UNEXPLAINED),
        (and_(part.due_on <= on, parked), "parked"),
        (part.due_on <= on, UNEXPLAINED),
        (part.start_on > on, "begins_later"),
        (part.billed_until > on, "billed"),
        (part.end_on <= on, "ended"),
        (part.due_on > on, "due_later"),
        (Subscription.status == SubscriptionStatus.SUSPENDED, "suspended"),
        else_=UNEXPLAINED,
    )

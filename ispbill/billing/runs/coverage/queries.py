"""What became of everything at a run. What stands on no bill has a reason by name, or it is unexplained.

Nothing is taken as billed because a counter says so: a line that stands must charge the day.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.selectable import Exists

from ispbill.billing.charges.models import Charge, ChargeStatus
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.prepaid.models import PrepaidStatus, PrepaidSubscription
from ispbill.billing.runs.models import BillingRun, BillingRunException
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.i18n import lazy
from ispbill.customers.models import Customer
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionPause, SubscriptionStatus

UNEXPLAINED = "unexplained"
FATES = {
    "billed": lazy("Billed beyond the day"), "due_later": lazy("Due on a later day"),
    "suspended": lazy("Suspended, not billed"), "given_back": lazy("Billed and given back"),
    "begins_later": lazy("Begins on a later day"), "ended": lazy("Charged no longer"),
    "prepaid": lazy("Prepaid"), "parked": lazy("Parked for a person"),
    "added_since": lazy("Added while the run was at work: the next one bills it"),
    UNEXPLAINED: lazy("Neither billed nor explained"),
}
# What ended longer ago was counted by the runs since.
_RECENTLY = timedelta(days=31)
# The run asked about, as parameters: the statement is put together once, for that takes longer than a small company's
# database needs to answer it.
_RUN_ID, _ON = bindparam("run_id", type_=BigInteger), bindparam("billing_on", type_=Date)
_OPENED_AT, _LATELY = bindparam("opened_at", type_=DateTime(timezone=True)), bindparam("lately", type_=Date)


def of_run(run: BillingRun) -> dict[str, int]:
    """Every service, and every one-time charge that waited, by what became of it at a run, in one statement."""
    return {fate: count for fate, count in db.session.execute(_counts(), _asked(run))}


def unexplained(run: BillingRun, *, limit: int) -> Sequence[AnyRow]:
    """What a run neither billed nor left out for a reason: the subscription (None: a charge without) and customer."""
    services = _services().join(Customer, Customer.id == Subscription.customer_id)
    charges = _waiting().join(Customer, Customer.id == Charge.customer_id)
    found = (
        services.with_only_columns(Subscription.id, Customer.account_number, Customer.name, Customer.id.label("owner"))
        .where(_fate() == UNEXPLAINED)
        .union(charges.with_only_columns(Charge.subscription_id, Customer.account_number, Customer.name, Customer.id)
               .where(_fate_of_charge() == UNEXPLAINED)).subquery()
    )
    return db.session.execute(select(found).order_by(found.c.id, found.c.owner).limit(limit), _asked(run)).all()


def _asked(run: BillingRun) -> dict[str, object]:
    return {"run_id": run.id, "billing_on": run.billing_on, "opened_at": run.created_at,
            "lately": run.billing_on - _RECENTLY}


@cache
def _counts() -> AnySelect:
    prepaid = select(literal("prepaid")).where(PrepaidSubscription.status == PrepaidStatus.ACTIVE)
    each = union_all(
        _services().with_only_columns(_fate().label("fate")), _waiting().with_only_columns(_fate_of_charge()), prepaid,
    ).subquery()
    return select(each.c.fate, func.count()).group_by(each.c.fate)


def _services() -> AnySelect:
    """Every component of what has begun and is not over, or ended of late, and subscriptions that have none."""
    part = SubscriptionComponent
    is_of_interest = or_(Subscription.status != SubscriptionStatus.ENDED, Subscription.end_on > _LATELY)
    return (
        select(Subscription).outerjoin(part, part.subscription_id == Subscription.id)
        .where(is_of_interest, Subscription.start_on <= _ON)
    )


def _waiting() -> AnySelect:
    return select(Charge).where(Charge.status == ChargeStatus.PENDING, Charge.bill_on <= _ON)


def _fate_of_charge() -> ColumnElement[str]:
    return case(
        (_is_parked(Charge.customer_id), "parked"), (Charge.created_at >= _OPENED_AT, "added_since"),
        else_=UNEXPLAINED,
    )


def _fate() -> ColumnElement[str]:
    part, on = SubscriptionComponent, _ON
    is_billed_ahead = part.billed_until > on
    is_billed_whole = or_(part.billed_until >= part.end_on, _paused(part.end_on - 1))
    return case(
        (part.id.is_(None), UNEXPLAINED),
        (and_(part.due_on <= on, _is_parked(Subscription.customer_id)), "parked"),
        (and_(part.due_on <= on, Subscription.created_at >= _OPENED_AT), "added_since"),
        (part.due_on <= on, UNEXPLAINED),
        (part.start_on > on, "begins_later"),
        (and_(is_billed_ahead, _charged()), "billed"),
        (part.end_on <= on, case((is_billed_whole, "ended"), else_=UNEXPLAINED)),
        (_paused(on), "suspended"),
        (and_(is_billed_ahead, _given_back()), "given_back"),
        (is_billed_ahead, UNEXPLAINED),
        (part.due_on > on, "due_later"),
        else_=UNEXPLAINED,
    )


def _is_parked(customer_id: Any) -> Exists:
    return exists().where(BillingRunException.run_id == _RUN_ID, BillingRunException.customer_id == customer_id)


def _charged() -> Exists:
    """Whether a line charges the component for the day: found by the index that keeps a day from being billed twice."""
    part, line = SubscriptionComponent, InvoiceLine
    return exists().where(
        line.subscription_id == part.subscription_id, line.component_id == part.id, line.is_live,
        line.credits_line_id.is_(None), line.period_start <= _ON, line.period_end > _ON,
    )


def _given_back() -> Exists:
    """Whether a document that stands charged the day, though the line is live no longer."""
    line = InvoiceLine
    return exists().where(
        Invoice.customer_id == Subscription.customer_id, Invoice.status == InvoiceStatus.ISSUED,
        line.invoice_id == Invoice.id, line.component_id == SubscriptionComponent.id, ~line.is_live,
        line.credits_line_id.is_(None), line.period_start <= _ON, line.period_end > _ON,
    )


def _paused(day: Any) -> Exists:
    pause = SubscriptionPause
    return exists().where(
        pause.subscription_id == Subscription.id, pause.billing != PauseBilling.BILL, pause.start_on <= day,
        or_(pause.end_on.is_(None), pause.end_on > day),
    )

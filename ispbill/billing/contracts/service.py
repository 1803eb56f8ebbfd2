"""What follows from contracts when subscriptions begin, end early, or go on after all."""
from __future__ import annotations

from datetime import date

from ispbill.billing.charges import queries as charges
from ispbill.billing.charges import service as charge_verbs
from ispbill.billing.charges.models import ChargeKind, ChargeStatus
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.contracts import queries
from ispbill.billing.contracts.models import SubscriptionContract
from ispbill.billing.notes import service as notes
from ispbill.catalogue.contracts import queries as offered
from ispbill.catalogue.contracts.models import PlanContract
from ispbill.catalogue.models import Plan
from ispbill.core import formats
from ispbill.core.db import db
from ispbill.core.periods import month_day
from ispbill.subscriptions.changes.service import SubscriptionChanged
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.service import SubscriptionEnding, SubscriptionKept, SubscriptionsBegun

_FEE = ChargeKind.EARLY_TERMINATION


def agree(event: SubscriptionsBegun) -> None:
    """Keep what was agreed: of the plans taken, the longest contract."""
    taken = {subscription_id: {plan.id for plan, _, _ in sale.plans} for subscription_id, sale in event.sales.items()}
    longest_first = offered.of_plans(set().union(*taken.values()))
    for subscription_id, plan_ids in taken.items():
        contract = next((contract for contract in longest_first if contract.plan_id in plan_ids), None)
        if contract is not None:
            db.session.add(_agreed(subscription_id, contract, start=event.sales[subscription_id].start.on))
    db.session.flush()


def charge_early_end(event: SubscriptionEnding) -> None:
    """Charge what leaving before the promised day costs, from the day of leaving; another end replaces the charge.

    Who stays, on other terms, has not left.
    """
    _withdraw(event.subscription_id, reason="Ends on another day")
    contract = queries.of_subscription(event.subscription_id)
    if contract is not None and not event.stays:
        _charge(contract, event.customer_id, on=event.end_on)


def follow_change(event: SubscriptionChanged) -> None:
    """Ask for an early end that is said already what it costs on the terms that hold then, where that is another."""
    subscription = db.session.get_one(Subscription, event.subscription_id)
    asked = charges.standing_of(subscription.id, kind=_FEE)
    contract = queries.of_subscription(subscription.id) if asked else None
    if contract is None or subscription.end_on is None:
        return
    if queries.fee_of(contract, ended_on=subscription.end_on) != sum(charge.amount_minor for charge in asked):
        _withdraw(subscription.id, reason="Ends on other terms")
        _charge(contract, event.customer_id, on=subscription.end_on)


def forgive_kept(event: SubscriptionKept) -> None:
    """Charge nothing for leaving when the subscription goes on after all."""
    _withdraw(event.subscription_id, reason="Goes on")


def _charge(contract: SubscriptionContract, customer_id: int, *, on: date) -> None:
    fee_minor = queries.fee_of(contract, ended_on=on)
    if fee_minor == 0:
        return
    plan = db.session.get_one(Plan, contract.plan_id)
    number = charges.count_of(contract.subscription_id, kind=_FEE) + 1
    description = f"Leaving {plan.name} before {formats.short_date(contract.end_on)}"
    charge_verbs.add(ChargeFacts(
        customer_id=customer_id, subscription_id=contract.subscription_id, kind=_FEE, unit_price_minor=fee_minor,
        description=description[:charge_verbs.LONGEST_DESCRIPTION],
        tax_rate_id=plan.tax_rate_id, bill_on=on, source=f"early_termination:{contract.subscription_id}:{number}",
    ))


def _withdraw(subscription_id: int, *, reason: str) -> None:
    """Take the fee off: off the bill that waits, or off one made ahead by a credit note."""
    for charge in charges.standing_of(subscription_id, kind=_FEE):
        if charge.status == ChargeStatus.PENDING or notes.take_back(charge, reason=reason):
            charge_verbs.cancel(charge, reason=reason)


def _agreed(subscription_id: int, contract: PlanContract, *, start: date) -> SubscriptionContract:
    return SubscriptionContract(
        subscription_id=subscription_id, plan_id=contract.plan_id, starts_on=start,
        end_on=month_day(start.year * 12 + start.month - 1 + contract.months, start.day), months=contract.months,
        fixed_minor=contract.fixed_minor, is_declining=contract.is_declining,
        remaining_percent=contract.remaining_percent, most_minor=contract.most_minor,
    )

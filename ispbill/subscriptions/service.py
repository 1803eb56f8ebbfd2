"""Verbs of postpaid subscriptions. The price is agreed once, when subscribing; what is billed is served."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ispbill.catalogue import service as catalogue
from ispbill.catalogue.models import Plan, PlanStatus
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.periods import BillingSchedule
from ispbill.customers import service as customers
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.service import CustomerActivated, CustomerSuspended, CustomerTerminated
from ispbill.subscriptions import queries
from ispbill.subscriptions.models import (
    Installation,
    InstallationStatus,
    Subscription,
    SubscriptionComponent,
    SubscriptionStatus,
)
from ispbill.subscriptions.policy import (
    Charge,
    EndFacts,
    PreviewPeriod,
    check_charges,
    check_end,
    check_start,
    check_suspend,
    first_bill,
    is_over,
    resumed_until,
)

Choice = tuple[Plan, int, int | None]
"""A plan, how many, and the unit price agreed in minor units (None: the price in force on the first day)."""


def subscribe(
    customer: Customer, *, plans: Sequence[Choice], start_on: date, anchor_day: int | None = None,
    installation: Installation | None = None, external_reference: str | None = None,
) -> Subscription:
    """Begin to bill a customer every month in advance on the anchor day (the start's day where not given).

    A lead becomes active. Raises Invalid for what cannot be billed, Conflict for who cannot be served or what
    is not sold.
    """
    day = anchor_day or start_on.day
    charges = charges_of(plans, on=start_on)
    check_start(start_on, anchor_day=day, today=current.today())
    check_charges(charges)
    _serve(customer)
    _check_line(installation, customer)
    subscription = Subscription(
        customer_id=customer.id, installation_id=installation.id if installation else None,
        status=SubscriptionStatus.ACTIVE, status_reason="", start_on=start_on, anchor_day=day,
        billed_until=start_on, external_reference=external_reference or None, created_at=current.now(),
        components=[_component(plan, charge) for (plan, _, _), charge in zip(plans, charges, strict=True)],
    )
    db.session.add(subscription)
    db.session.flush()
    return subscription


def preview(
    plans: Sequence[Choice], *, start_on: date, anchor_day: int | None = None
) -> list[PreviewPeriod]:
    """What subscribing would bill first, period by period; changes nothing. Raises what `subscribe` raises."""
    schedule = BillingSchedule(start_on=start_on, anchor_day=anchor_day or start_on.day)
    charges = charges_of(plans, on=start_on)
    check_start(start_on, anchor_day=schedule.anchor_day, today=current.today())
    check_charges(charges)
    return first_bill(charges, schedule, on=current.today(), currency=current.tenant.currency)


def charges_of(plans: Sequence[Choice], *, on: date) -> list[Charge]:
    """What the chosen plans cost from a day on.

    Raises Conflict for a retired plan, Invalid for one without a price.
    """
    return [_charge(plan, quantity, agreed_minor, on) for plan, quantity, agreed_minor in plans]


def suspend(subscription: Subscription, *, on: date, reason: str) -> Subscription:
    """Stop serving and billing from a day (today or earlier).

    Raises Conflict by status or while it is not billed so far.
    """
    _lock(subscription)
    if subscription.status != SubscriptionStatus.ACTIVE:
        raise Conflict(f"The subscription is {subscription.status}; only an active one can be suspended.")
    check_suspend(on=on, billed_until=subscription.billed_until, today=current.today())
    subscription.status, subscription.suspended_on = SubscriptionStatus.SUSPENDED, on
    subscription.status_reason = reason.strip()
    db.session.flush()
    return subscription


def resume(subscription: Subscription, *, on: date, reason: str = "") -> Subscription:
    """Serve and bill again from a day; suspended days not billed yet never will be.

    Raises Conflict by status or while the customer is suspended, Invalid for a day outside the suspension.
    """
    _lock(subscription)
    if subscription.status != SubscriptionStatus.SUSPENDED or subscription.suspended_on is None:
        raise Conflict(f"The subscription is {subscription.status}; only a suspended one can resume.")
    customer = db.session.get_one(Customer, subscription.customer_id)
    if customer.status != CustomerStatus.ACTIVE:
        raise Conflict(f"{customer.name} is {customer.status}. Activate the customer first.")
    subscription.billed_until = resumed_until(
        on=on, suspended_on=subscription.suspended_on, billed_until=subscription.billed_until,
        today=current.today(),
    )
    subscription.status, subscription.suspended_on = SubscriptionStatus.ACTIVE, None
    subscription.status_reason = reason.strip()
    db.session.flush()
    return subscription


def end(subscription: Subscription, *, on: date | None = None, reason: str) -> Subscription:
    """Serve and bill no longer from a day on; without one, from the end of what is billed.

    Raises Conflict when it has ended, Invalid without a reason or for a day that is billed already.
    """
    _lock(subscription)
    if subscription.status == SubscriptionStatus.ENDED:
        raise Conflict("The subscription has ended already.")
    if not reason.strip():
        raise Invalid("Say why: whoever looks later will want to know.", field="reason")
    end_on = on or subscription.billed_until
    check_end(on=end_on, start_on=subscription.start_on, billed_until=subscription.billed_until)
    subscription.end_on, subscription.status_reason = end_on, reason.strip()
    _finish_if_over(subscription)
    return subscription


def keep(subscription: Subscription) -> Subscription:
    """Withdraw an end that has not come yet. Raises Conflict where there is none."""
    _lock(subscription)
    if subscription.end_on is None or subscription.status == SubscriptionStatus.ENDED:
        raise Conflict("There is no end to withdraw.")
    subscription.end_on, subscription.status_reason = None, ""
    db.session.flush()
    return subscription


def finish_due() -> int:
    """Mark as ended what has been served and billed to its end by today; how many. Safe to repeat."""
    due = queries.awaiting_end(by=current.today())
    for subscription in due:
        _finish_if_over(subscription)
    return len(due)


def follow_suspension(event: CustomerSuspended) -> None:
    """Suspend what a suspended customer still has running, from today."""
    for subscription in queries.of_customer(event.customer_id, status=SubscriptionStatus.ACTIVE):
        suspend(subscription, on=current.today(), reason=event.reason)


def follow_activation(event: CustomerActivated) -> None:
    """Resume what stood suspended when a suspended customer is served again, from today."""
    if event.before != CustomerStatus.SUSPENDED:
        return
    for subscription in queries.of_customer(event.customer_id, status=SubscriptionStatus.SUSPENDED):
        resume(subscription, on=current.today(), reason=event.reason)


def refuse_while_served(event: CustomerTerminated) -> None:
    """Raises Conflict when a customer who is to leave has a subscription that has not ended."""
    running = queries.count_running(event.customer_id)
    if running:
        what = "a subscription" if running == 1 else f"{running} subscriptions"
        raise Conflict(f"The customer still has {what}. End what runs first.")


def _charge(plan: Plan, quantity: int, agreed_minor: int | None, on: date) -> Charge:
    if plan.status != PlanStatus.ACTIVE:
        raise Conflict(f"{plan.name} is retired; nobody can subscribe to it any more.", field="plan_id")
    price_minor = catalogue.price_in_force(plan, on=on) if agreed_minor is None else agreed_minor
    return Charge(description=plan.name, quantity=quantity, unit_price_minor=price_minor)


def _component(plan: Plan, charge: Charge) -> SubscriptionComponent:
    return SubscriptionComponent(
        plan_id=plan.id, quantity=charge.quantity, unit_price_minor=charge.unit_price_minor
    )


def _serve(customer: Customer) -> None:
    if customer.status == CustomerStatus.LEAD:
        customers.activate(customer)
    elif customer.status != CustomerStatus.ACTIVE:
        raise Conflict(f"{customer.name} is {customer.status}. Make the customer active first.")


def _check_line(installation: Installation | None, customer: Customer) -> None:
    if installation is None:
        return
    if installation.customer_id != customer.id or installation.status == InstallationStatus.TERMINATED:
        raise Invalid("Choose an installation of this customer that still exists.", field="installation_id")


def _lock(subscription: Subscription) -> None:
    db.session.refresh(
        subscription, ["status", "billed_until", "suspended_on", "end_on", "start_on"], with_for_update=True
    )


def _finish_if_over(subscription: Subscription) -> None:
    facts = EndFacts(
        status=subscription.status, start_on=subscription.start_on, billed_until=subscription.billed_until,
        end_on=subscription.end_on,
    )
    if is_over(facts, today=current.today()):
        subscription.status = SubscriptionStatus.ENDED
    db.session.flush()

"""Verbs of pauses: what begins and ends by itself, what is cancelled, and what follows the customer.

Billing reads the days of a pause, not the status: the status follows the days, every morning.
"""
from __future__ import annotations

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.customers.duplicates.service import CustomersMerged
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.service import CustomerActivated, CustomerSuspended
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.models import Subscription, SubscriptionPause, SubscriptionStatus
from ispbill.subscriptions.pauses import queries
from ispbill.subscriptions.pauses.policy import check_booked
from ispbill.subscriptions.policy import check_not_ended
from ispbill.subscriptions.service import hold, pause_from, reschedule, stop_pausing, turn


def cancel(pause: SubscriptionPause, subscription: Subscription) -> Subscription:
    """Take back a pause that has not begun; days that were given back for it are charged again.

    Raises Conflict for one that has begun, and for a subscription that has ended.
    """
    hold(subscription)
    check_not_ended(subscription.status)
    check_booked(pause.start_on, follows_customer=pause.follows_customer, today=current.today())
    start_on = pause.start_on
    subscription.pauses.remove(pause)
    db.session.delete(pause)
    turn(subscription)
    reschedule(subscription, review_from=start_on)
    return subscription


def turn_due() -> int:
    """Suspend what pauses from today on, and serve again whose last day without service is over; how many.

    Safe to repeat.
    """
    due = queries.out_of_step(current.today())
    for subscription in due:
        turn(subscription)
    db.session.flush()
    return len(due)


def follow_suspension(event: CustomerSuspended) -> None:
    """Suspend what a suspended customer has, from today or from its begin, billed as was said.

    Whatever stands still by itself stays so when the customer is served again; what came suspended with a record that
    was merged stands still already.
    """
    for subscription in _held(event.customer_id):
        if any(pause.follows_customer and pause.end_on is None for pause in subscription.pauses):
            continue
        on = max(current.today(), subscription.start_on)
        pause_from(subscription, on=on, until=None, why=event.cause, follows_customer=True)


def follow_activation(event: CustomerActivated) -> None:
    """Resume what was suspended with the customer, from today or from its begin."""
    if event.before == CustomerStatus.SUSPENDED:
        _serve_again(event.customer_id, reason=event.reason)


def follow_merge(event: CustomersMerged) -> None:
    """Resume what came suspended with a merged record to a customer who is served: nobody would restore them."""
    kept = db.session.get_one(Customer, event.kept_id)
    if kept.status == CustomerStatus.ACTIVE:
        _serve_again(kept.id, reason=f"Merged into {kept.account_number}, who is served")


def _serve_again(customer_id: int, *, reason: str) -> None:
    for subscription in _held(customer_id):
        on = max(current.today(), subscription.start_on)
        following = [pause for pause in subscription.pauses if pause.follows_customer and pause.end_on is None]
        stop_pausing(subscription, following, on=on, reason=reason)


def _held(customer_id: int) -> list[Subscription]:
    running = [subscription for status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED)
               for subscription in subscriptions.of_customer(customer_id, status=status)]
    for subscription in running:
        hold(subscription)
    return running

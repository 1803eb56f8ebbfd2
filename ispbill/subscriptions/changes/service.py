"""Verbs that change what a subscription is charged for. The day of the change belongs to what is new.

Each ends one component and begins another; the next billing credits what was billed too much and charges what is new.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ispbill.catalogue import service as catalogue
from ispbill.catalogue.models import Plan
from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.core.periods import BillingSchedule
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from ispbill.subscriptions.policy import (
    Charge,
    ComponentDates,
    Start,
    check_anchor,
    check_change,
    check_not_ended,
    check_price,
    schedule_after,
    schedule_from,
)
from ispbill.subscriptions.service import component_of, hold, reschedule


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What a component is replaced by; what is not said stays. `restarts`: periods begin anew on the day of change."""

    plan: Plan | None = None
    quantity: int | None = None
    unit_price_minor: int | None = None
    restarts: bool = False


@dataclass(frozen=True, slots=True)
class SubscriptionChanged:
    """A subscription is charged for something else from a day on."""

    subscription_id: int
    customer_id: int


def change(component: SubscriptionComponent, subscription: Subscription, *, new: NewTerms, on: date) -> Subscription:
    """Charge something else instead of a component from a day on: another plan, price or quantity.

    Before the first day that is charged, such as in a trial, it takes the component's place from that day on.
    Going back on the same day to what it replaced restores that. Raises Conflict for an ended subscription, a retired
    plan or a day whose books are closed, Invalid for the day, the quantity or the price, or where nothing would change.
    """
    hold(subscription)
    on = _checked_day(component, subscription, on)
    plan, charge = _charge(component, new, on)
    check_price(charge.quantity, charge.unit_price_minor)
    if _is_same(component, plan, charge) and not new.restarts:
        raise Invalid(_("That is what is charged already: choose another plan, quantity or price."), field="plan_id")
    before = _replaced_on(component, subscription, plan, charge, on)
    if before is not None:
        before.end_on, before.replaced_on = component.end_on, None
    else:
        subscription.components.append(component_of(plan, charge))
    component.end_on = component.replaced_on = on
    return _changed(subscription, review_from=on)


def add(subscription: Subscription, *, plan: Plan, quantity: int = 1, unit_price_minor: int | None = None,
        on: date) -> Subscription:
    """Charge something more beside what runs, such as an add-on, from a day on. Raises as `change` does."""
    hold(subscription)
    check_not_ended(subscription.status)
    _check_day(on, start_on=subscription.start_on, end_on=subscription.end_on)
    price_minor = catalogue.agreed_price(plan, unit_price_minor, on=on)
    check_price(quantity, price_minor)
    main = next(iter(subscription.charged_on(on)), None)
    schedule = _following(main, plan, on) if main else schedule_from(
        Start(on, subscription.anchor_day), unit=plan.period_unit, count=plan.period_count
    )
    dates = ComponentDates(schedule, on, subscription.end_on, in_arrears=plan.timing == "arrears")
    subscription.components.append(component_of(plan, Charge(plan.name, quantity, price_minor, dates)))
    return _changed(subscription)


def remove(component: SubscriptionComponent, subscription: Subscription, *, on: date) -> Subscription:
    """Charge a component no longer from a day on; the last one ends with its subscription, so it is refused."""
    hold(subscription)
    on = _checked_day(component, subscription, on)
    if [part.id for part in subscription.running] == [component.id]:
        raise Conflict(_("Nothing else is charged. End the subscription instead."))
    component.end_on = component.replaced_on = on
    return _changed(subscription, review_from=on)


def move_anchor(subscription: Subscription, *, anchor_day: int, on: date) -> Subscription:
    """Bill on another day of the month from a day on: the days up to it are billed as a part of a period.

    Raises Conflict for an ended subscription or a day whose books are closed, Invalid for the day, or where it is
    billed on that day already.
    """
    hold(subscription)
    check_anchor(anchor_day)
    check_not_ended(subscription.status)
    _check_day(on, start_on=subscription.start_on, end_on=subscription.end_on)
    moved = [part for part in subscription.components
             if part.lasts(on) and part.period_unit == "month" and part.anchor_day != anchor_day]
    if not moved:
        raise Invalid(_("It is billed on day %(anchor_day)s already.", anchor_day=anchor_day), field="anchor_day")
    for part in moved:
        _move(part, subscription, anchor_day, max(on, part.start_on))
    subscription.anchor_day = anchor_day
    reschedule(subscription, review_from=on)
    return subscription


def _changed(subscription: Subscription, *, review_from: date | None = None) -> Subscription:
    reschedule(subscription, review_from=review_from)
    publish(SubscriptionChanged(subscription.id, subscription.customer_id))
    return subscription


def _checked_day(component: SubscriptionComponent, subscription: Subscription, on: date) -> date:
    """The day from which the bill changes: not before the component is charged at all."""
    check_not_ended(subscription.status)
    if component not in subscription.running:
        raise Conflict(_("That was replaced already. Change what is charged now."))
    replaces = any(part.start_on < component.start_on == part.replaced_on for part in subscription.components)
    _check_day(on, start_on=component.start_on if replaces else subscription.start_on, end_on=component.end_on)
    return max(on, component.start_on)


def _check_day(on: date, *, start_on: date, end_on: date | None) -> None:
    check_change(on=on, start_on=start_on, end_on=end_on, today=current.today())
    company.require_open(on, field="on")


def _charge(component: SubscriptionComponent, new: NewTerms, on: date) -> tuple[Plan, Charge]:
    plan = new.plan or db.session.get_one(Plan, component.plan_id)
    quantity = component.quantity if new.quantity is None else new.quantity
    price_minor = new.unit_price_minor
    if new.plan is not None and new.plan.id != component.plan_id:
        price_minor = catalogue.agreed_price(plan, new.unit_price_minor, on=on)
    elif price_minor is None:
        price_minor = component.unit_price_minor
    schedule = _restarted(plan, on) if new.restarts else _following(component, plan, on)
    dates = ComponentDates(schedule, on, component.end_on, in_arrears=plan.timing == "arrears")
    return plan, Charge(plan.name, quantity, price_minor, dates)


def _following(component: SubscriptionComponent, plan: Plan, on: date) -> BillingSchedule:
    before = BillingSchedule(component.aligned_on, component.anchor_day, component.period_count, component.period_unit)
    return schedule_after(before, on, unit=plan.period_unit, count=plan.period_count)


def _restarted(plan: Plan, on: date) -> BillingSchedule:
    return schedule_from(Start(on), unit=plan.period_unit, count=plan.period_count)


def _is_same(component: SubscriptionComponent, plan: Plan, charge: Charge) -> bool:
    return (component.plan_id, component.quantity, component.unit_price_minor) == (
        plan.id, charge.quantity, charge.unit_price_minor
    )


def _replaced_on(
    component: SubscriptionComponent, subscription: Subscription, plan: Plan, charge: Charge, on: date
) -> SubscriptionComponent | None:
    """What the component replaced on this very day, where the change goes back to it."""
    schedule = charge.dates.schedule
    for before in subscription.components:
        if component.start_on == before.replaced_on == on and _is_same(before, plan, charge) and (
            before.aligned_on, before.anchor_day
        ) == (schedule.aligned_on, schedule.anchor_day):
            return before
    return None


def _move(part: SubscriptionComponent, subscription: Subscription, anchor_day: int, on: date) -> None:
    schedule = schedule_from(Start(on, anchor_day), unit="month", count=part.period_count)
    dates = ComponentDates(schedule, on, part.end_on, in_arrears=part.timing == "arrears")
    plan = db.session.get_one(Plan, part.plan_id)
    moved = component_of(plan, Charge(plan.name, part.quantity, part.unit_price_minor, dates))
    moved.replaced_on = part.replaced_on
    subscription.components.append(moved)
    part.end_on = part.replaced_on = on

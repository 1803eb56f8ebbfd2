"""Verbs of postpaid subscriptions. The price is agreed once, when subscribing; a change is a component of its own.

Nothing here bills: a verb says what is served from when to when, and marks from which day on what was billed has to be
looked at again. The next billing charges and credits the difference.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ispbill.catalogue import service as catalogue
from ispbill.catalogue.models import Plan
from ispbill.catalogue.policy import Fee
from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import ngettext
from ispbill.core.periods import LAST_DAY, Period
from ispbill.customers import service as customers
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.service import CustomerTerminated
from ispbill.customers.suspension_reasons.models import SuspensionReason
from ispbill.customers.suspension_reasons.policy import Cause, PauseBilling, cause
from ispbill.subscriptions import queries
from ispbill.subscriptions.models import (
    Installation,
    Subscription,
    SubscriptionComponent,
    SubscriptionPause,
    SubscriptionStatus,
)
from ispbill.subscriptions.pauses.policy import check_pause, check_resume, is_served_again
from ispbill.subscriptions.policy import (
    Charge,
    PreviewLine,
    Start,
    Terms,
    charged_from,
    check_anchor,
    check_charges,
    check_end,
    check_not_ended,
    check_start,
    dates_from,
    end_of_period,
    first_bill,
    next_due,
    schedule_from,
)
from ispbill.subscriptions.queries import dates_of

Choice = tuple[Plan, int, int | None]
"""A plan, how many, and the unit price agreed in minor units (None: the price in force on the first day)."""


@dataclass(frozen=True, slots=True)
class Sale:
    """What a customer subscribes to, from when; some one-time `fees` are asked with the first bill."""

    customer: Customer
    plans: Sequence[Choice]
    start: Start
    installation: Installation | None = None
    external_reference: str | None = None
    fees: Sequence[Fee] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionsBegun:
    """Customers subscribed: by the subscription, what was sold."""

    sales: Mapping[int, Sale]


@dataclass(frozen=True, slots=True)
class SubscriptionEnding:
    """A subscription ends on a day, as was decided now; `was_on` where it was to end on another before.

    The customer `stays` where the same line goes on otherwise, such as prepaid.
    """

    subscription_id: int
    customer_id: int
    end_on: date
    was_on: date | None = None
    stays: bool = False


@dataclass(frozen=True, slots=True)
class SubscriptionKept:
    """An end that had not come yet was withdrawn: it is served on from `end_on`."""

    subscription_id: int
    end_on: date


def terms() -> Terms:
    """How this company bills."""
    settings = company.settings()
    return Terms(currency=current.tenant.currency, proration=settings.proration, first_period=settings.first_period)


def subscribe(customer: Customer, *, plans: Sequence[Choice], start: Start, **more: Any) -> Subscription:
    """Begin to bill a customer for some plans, with `more` of what a sale can say. A lead becomes active.

    Raises Invalid for what cannot be billed, Conflict for who cannot be served, what is not sold, or a first day whose
    books are closed.
    """
    return subscribe_all([Sale(customer, plans, start, **more)])[0]


def subscribe_all(sales: Sequence[Sale]) -> list[Subscription]:
    """The same for many sales, in a constant number of statements where no trial is granted, and in their order."""
    charged = [_checked_charges(sale.customer.id, sale.plans, sale.start) for sale in sales]
    _serve([sale.customer for sale in sales])
    for sale in sales:
        _check_line(sale.installation, sale.customer)
    begun = [_begun(sale, charges) for sale, charges in zip(sales, charged, strict=True)]
    db.session.add_all(begun)
    db.session.flush()
    publish(SubscriptionsBegun({line.id: sale for line, sale in zip(begun, sales, strict=True)}))
    return begun


def preview(customer: Customer, *, plans: Sequence[Choice], start: Start) -> list[PreviewLine]:
    """What subscribing would bill first, line by line; changes nothing. Raises what `subscribe` raises."""
    return first_bill(_checked_charges(customer.id, plans, start), on=current.today(), terms=terms())


def suspend(
    subscription: Subscription, *, on: date, until: date | None = None, reason: str = "",
    billing: PauseBilling = PauseBilling.SKIP, because: SuspensionReason | None = None
) -> Subscription:
    """Stop serving from a day, past or to come; `because` says what the days without service mean for the bill.

    `reason` is what is noted besides; without one of the company's reasons it says why, and `billing` what the days
    mean. It is served again by itself from `until` on; without that, when somebody resumes it. Raises Conflict by
    status, where it stands still on one of the days already, or where the books of the first are closed; Invalid for
    the days or without a reason.
    """
    why = because.with_note(reason) if because is not None else cause(reason, billing)
    hold(subscription)
    check_not_ended(subscription.status)
    company.require_open(on, field="on")
    check_pause(
        Period(on, until or LAST_DAY), [pause.period for pause in subscription.pauses],
        served=Period(subscription.start_on, subscription.end_on or LAST_DAY), today=current.today(),
    )
    return pause_from(subscription, on=on, until=until, why=why)


def pause_from(
    subscription: Subscription, *, on: date, until: date | None, why: Cause, follows_customer: bool = False
) -> Subscription:
    """Note that a subscription which is held stands still from a day, and what follows for its status and its bill.

    `follows_customer` where all of the customer's stops.
    """
    subscription.pauses.append(SubscriptionPause(
        start_on=on, end_on=until, billing=why.billing, reason=why.reason, reason_id=why.reason_id,
        follows_customer=follows_customer, created_by=current.actor.name, created_at=current.now(),
    ))
    turn(subscription)
    reschedule(subscription, review_from=on if why.billing == PauseBilling.CREDIT else None)
    return subscription


def resume(subscription: Subscription, *, on: date, reason: str = "") -> Subscription:
    """Serve and bill again from a day; days that were credited beyond it are charged again.

    What is booked for days to come stays booked. Raises Conflict by status, while the customer is suspended, or where
    the books of the day are closed; Invalid for a day outside the suspension.
    """
    hold(subscription)
    if subscription.status != SubscriptionStatus.SUSPENDED or subscription.suspended_on is None:
        raise Conflict(_("The subscription is %(status)s; only a suspended one can resume.",
                         status=subscription.status))
    customer = db.session.get_one(Customer, subscription.customer_id)
    if customer.status != CustomerStatus.ACTIVE:
        raise Conflict(_("%(name)s is %(status)s. Activate the customer first.", name=customer.name,
                         status=customer.status))
    check_resume(on=on, suspended_on=subscription.suspended_on, today=current.today())
    company.require_open(on, field="on")
    begun = [pause for pause in subscription.pauses if pause.start_on <= subscription.day_of_service(current.today())]
    return stop_pausing(subscription, begun, on=on, reason=reason)


def stop_pausing(
    subscription: Subscription, pauses: Iterable[SubscriptionPause], *, on: date, reason: str
) -> Subscription:
    """End some pauses of a subscription which is held from a day on, and what follows for its status and its bill."""
    standing = [pause for pause in pauses if pause.period.end > on]
    mended = [pause.start_on for pause in standing if pause.end_on or pause.billing == PauseBilling.CREDIT]
    for pause in standing:
        pause.end_on = max(on, pause.start_on)
    if standing:
        turn(subscription, reason=reason.strip())
        reschedule(subscription, review_from=min(mended, default=None))
    return subscription


def turn(subscription: Subscription, *, reason: str = "") -> None:
    """Suspend a subscription, or serve it again for a reason, as its pauses say for today or for its first day."""
    if subscription.status == SubscriptionStatus.ENDED:
        return
    pauses = [pause for pause in subscription.pauses if pause.covers(subscription.day_of_service(current.today()))]
    if not pauses and subscription.status == SubscriptionStatus.SUSPENDED:
        subscription.status, subscription.suspended_on = SubscriptionStatus.ACTIVE, None
        subscription.status_reason = reason
    elif pauses:
        subscription.status, subscription.suspended_on = (
            SubscriptionStatus.SUSPENDED, min(pause.start_on for pause in pauses)
        )
        subscription.status_reason = pauses[-1].reason


def end(
    subscription: Subscription, *, on: date | None = None, reason: str, credits: bool = True, stays: bool = False
) -> Subscription:
    """Serve no longer from a day on; without one, from the end of the period (see `period_end`).

    Said again, another day takes the place of the first. Days billed beyond the end are given back, unless `credits`
    is false. The customer `stays` where the line goes on otherwise: leaving costs nothing then. Raises Conflict when it
    has ended or the books of that day are closed, Invalid without a reason or for a day before it began.
    """
    hold(subscription)
    check_not_ended(subscription.status)
    if not reason.strip():
        raise Invalid(_("Say why: whoever looks later will want to know."), field="reason")
    end_on = on or period_end(subscription)
    check_end(on=end_on, start_on=subscription.start_on)
    company.require_open(end_on, field="on")
    for part in subscription.components:
        until = end_on if credits else max(end_on, part.billed_until)
        part.end_on = max(part.start_on, min(until, part.replaced_on or until))
    was_on = subscription.end_on
    subscription.end_on, subscription.end_reason = end_on, reason.strip()
    reschedule(subscription, review_from=min(end_on, was_on or end_on), left_from=None if credits else end_on)
    publish(SubscriptionEnding(subscription.id, subscription.customer_id, end_on, was_on, stays))
    finish_if_over(subscription)
    return subscription


def period_end(subscription: Subscription) -> date:
    """The day from which it is served no longer when it ends with its period: never before today.

    That is the end of what is billed or, where that is over or nothing is billed yet, of the period that runs. What is
    suspended has no period to serve: it ends with what is billed, or today.
    """
    today = current.today()
    charged = subscription.charged_on(today)
    if subscription.status == SubscriptionStatus.SUSPENDED:
        return max([today, *(part.billed_until for part in charged)])
    return max((end_of_period(dates_of(part, ()), billed_until=part.billed_until, today=today) for part in charged),
               default=max(today, subscription.start_on))


def keep(subscription: Subscription) -> Subscription:
    """Withdraw an end that has not come yet: all goes on as if it had never been said, changes that are booked too.

    Raises Conflict where there is no end.
    """
    hold(subscription)
    if subscription.end_on is None or subscription.status == SubscriptionStatus.ENDED:
        raise Conflict(_("There is no end to withdraw."))
    end_on = subscription.end_on
    for part in subscription.components:
        part.end_on = part.replaced_on
    subscription.end_on, subscription.end_reason = None, ""
    turn(subscription)
    reschedule(subscription, review_from=end_on)
    publish(SubscriptionKept(subscription.id, end_on))
    return subscription


def finish_due() -> int:
    """Mark as ended what has been served and billed to its end by today; how many. Safe to repeat."""
    due = queries.awaiting_end(by=current.today())
    for subscription in due:
        _finish(subscription)
    return len(due)


def finish_if_over(subscription: Subscription) -> None:
    """Mark it as ended where nothing of it is left to serve or to bill; suspended, or never begun, that is at once."""
    end_on = subscription.end_on
    if end_on is None or (end_on != subscription.start_on and is_served_again(
        [pause.period for pause in subscription.pauses], until=end_on, today=current.today()
    )):
        return
    if not any(part.due_on for part in subscription.components):
        _finish(subscription)


def _finish(subscription: Subscription) -> None:
    subscription.status, subscription.status_reason = SubscriptionStatus.ENDED, subscription.end_reason
    db.session.flush()


def refuse_while_served(event: CustomerTerminated) -> None:
    """Raises Conflict when a customer who is to leave has a subscription that has not ended."""
    running = queries.count_running(event.customer_id)
    if running:
        raise Conflict(ngettext(
            "The customer still has a subscription. End what runs first.",
            "The customer still has %(num)s subscriptions. End what runs first.", running))


def component_of(plan: Plan, charge: Charge) -> SubscriptionComponent:
    """The row of something charged from now on, not billed yet."""
    dates, schedule = charge.dates, charge.dates.schedule
    return SubscriptionComponent(
        plan_id=plan.id, quantity=charge.quantity, unit_price_minor=charge.unit_price_minor, start_on=dates.start_on,
        end_on=dates.end_on, period_unit=schedule.unit, period_count=schedule.step,
        timing="arrears" if dates.in_arrears else "advance", anchor_day=schedule.anchor_day,
        aligned_on=schedule.aligned_on, merges_stub=dates.merges_stub, billed_until=dates.start_on,
        due_on=next_due(dates, dates.start_on),
    )


def reschedule(subscription: Subscription, *, review_from: date | None = None, left_from: date | None = None) -> None:
    """Say anew when each component is due; what is billed beyond `review_from` is to be looked at then.

    What is billed from `left_from` on stays, though it was to be replaced after that day.
    """
    db.session.flush()
    for part in subscription.components:
        since = review_from or part.billed_until
        if part.billed_until > since:
            part.review_from = min(part.review_from or since, since)
        if left_from is not None and part.is_left_from(left_from):
            part.review_from = None
        due_on = next_due(dates_of(part, subscription.pauses), part.billed_until)
        part.due_on = min(filter(None, (due_on, part.review_from)), default=None)
    db.session.flush()


def hold(subscription: Subscription) -> None:
    """Lock a subscription and read it anew, with what it consists of: whoever changes it does this first."""
    customers.hold([subscription.customer_id])
    db.session.refresh(subscription, ["status", "suspended_on", "end_on", "start_on"], with_for_update=True)
    db.session.refresh(subscription, ["components", "pauses"])


def _checked_charges(customer_id: int, plans: Sequence[Choice], start: Start) -> list[Charge]:
    check_anchor(start.day_of_month)
    charges = _charges_of(customer_id, plans, start)
    check_start(start.on, today=current.today())
    company.require_open(start.on, field="start_on")
    check_charges(charges)
    return charges


def _charges_of(customer_id: int, plans: Sequence[Choice], start: Start) -> list[Charge]:
    """What the chosen plans cost, and when: each from the end of its trial, all on the billing day of the first."""
    first_period = company.settings().first_period
    is_free = start.grants_trials and any(plan.trial_days for plan, _, _ in plans)
    taken = queries.first_taken(customer_id) if is_free else {}
    charges: list[Charge] = []
    for plan, quantity, agreed_minor in plans:
        on = charged_from(start, trial_days=plan.trial_days, taken_on=taken.get(plan.id))
        anchor_day = charges[0].dates.schedule.anchor_day if charges else replace(start, on=on).day_of_month
        schedule = schedule_from(replace(start, on=on, anchor_day=anchor_day), unit=plan.period_unit,
                                 count=plan.period_count)
        dates = dates_from(on, schedule, in_arrears=plan.timing == "arrears", first_period=first_period)
        charges.append(Charge(plan.name, quantity, catalogue.agreed_price(plan, agreed_minor, on=start.on), dates))
    return charges


def _serve(subscribing: Sequence[Customer]) -> None:
    leads = [customer for customer in dict.fromkeys(subscribing) if customer.status == CustomerStatus.LEAD]
    if leads:
        customers.activate_all(leads)
    for customer in subscribing:
        if customer.status != CustomerStatus.ACTIVE:
            raise Conflict(_("%(name)s is %(status)s. Make the customer active first.", name=customer.name,
                             status=customer.status))


def _begun(sale: Sale, charges: Sequence[Charge]) -> Subscription:
    return Subscription(
        customer_id=sale.customer.id, installation_id=sale.installation.id if sale.installation else None,
        status=SubscriptionStatus.ACTIVE, status_reason="", start_on=sale.start.on,
        anchor_day=charges[0].dates.schedule.anchor_day,
        external_reference=sale.external_reference or None, created_at=current.now(),
        components=[component_of(plan, charge) for (plan, _, _), charge in zip(sale.plans, charges, strict=True)],
    )


def _check_line(installation: Installation | None, customer: Customer) -> None:
    if installation is None:
        return
    if installation.customer_id != customer.id or installation.is_gone:
        raise Invalid(_("Choose an installation of this customer that still exists."), field="installation_id")

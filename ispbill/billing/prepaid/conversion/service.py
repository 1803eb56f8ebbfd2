"""Verbs that turn a prepaid line into a postpaid one and back, so that nothing is paid twice."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from ispbill.billing.ledger import service as ledger
from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid import service as prepaid
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidStatus, PrepaidSubscription
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.prepaid.service import Line, Money
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _
from ispbill.core.periods import LAST_DAY
from ispbill.customers import queries as customers
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.installations import queries as installations
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.policy import Start
from ispbill.subscriptions.service import SubscriptionEnding, SubscriptionKept


def to_postpaid(line: PrepaidSubscription, *, at_once: bool) -> Subscription:
    """Bill a prepaid line's plan from now on: from today, giving back the time from this morning on, or from the day
    after it runs out, up to which it then lasts. An expired line is billed from today.

    Raises Conflict where the line is cancelled or converted already, and what `subscribe` raises.
    """
    ledger.hold_account(line.customer_id)
    db.session.refresh(line, ["status", "expires_at", "successor_id"], with_for_update=True)
    if line.status == PrepaidStatus.CANCELLED or queries.goes_on_as(line, on=current.today()) is not None:
        raise Conflict(_("This line is cancelled, or goes on as postpaid already."))
    at_once = at_once or line.expires_at <= current.now()
    start_on = current.today() if at_once else billed_from(line)
    if at_once:
        cancelling.cancel(line.id, reason="Goes on as postpaid", since=_midnight(start_on))
    else:
        line.expires_at = _midnight(start_on)
    begun = _subscribed(line, start_on)
    line.successor_id, line.remind_at = begun.id, None
    db.session.flush()
    return begun


def to_prepaid(
    postpaid: Subscription, purchase: Purchase, *, at_once: bool = False, received: Money | None = None,
    idempotency_key: str | None = None,
) -> PrepaidLoad:
    """End a postpaid subscription and load its line from there on: at the end of its period, or now; then the next
    billing gives back the days from today on.

    Who converts stays, so leaving a contract early costs nothing. The same key gives the load made first. Raises what
    ending and loading raise.
    """
    ledger.hold_account(postpaid.customer_id)
    known = queries.load_of_key(idempotency_key) if idempotency_key else None
    if known is None:
        subscriptions.end(postpaid, on=ends_on(postpaid, at_once=at_once), reason="Goes on as prepaid", stays=True)
    return prepaid.load(
        Line(postpaid.customer_id, installation_id=postpaid.installation_id),
        replace(purchase, not_before=begins_at(postpaid, at_once=at_once)), received=received,
        idempotency_key=idempotency_key,
    )


def refuse_kept(event: SubscriptionKept) -> None:
    """Raises Conflict where what ended goes on as prepaid: it would be billed and loaded for the same days."""
    _refuse_prepaid(event.subscription_id, since=event.end_on)


def refuse_longer(event: SubscriptionEnding) -> None:
    """Raises Conflict, as `refuse_kept` does, where the end moves beyond a day from which on it is prepaid."""
    if event.was_on is not None:
        _refuse_prepaid(event.subscription_id, since=event.was_on, before=event.end_on)


def billed_from(line: PrepaidSubscription) -> date:
    """The first day that is not prepaid at all: the hours left of the day before are given, not charged twice."""
    expiry = line.expires_at.astimezone(current.tenant.zone)
    return expiry.date() if expiry.time() == time() else expiry.date() + timedelta(days=1)


def ends_on(postpaid: Subscription, *, at_once: bool = False) -> date:
    """The first day on which a postpaid subscription is prepaid instead: what is billed is served, or given back."""
    return current.today() if at_once else subscriptions.period_end(postpaid)


def begins_at(postpaid: Subscription, *, at_once: bool = False) -> datetime:
    """When that day begins; a load begins then or, where that is past, now."""
    return _midnight(ends_on(postpaid, at_once=at_once))


def _refuse_prepaid(subscription_id: int, *, since: date, before: date = LAST_DAY) -> None:
    postpaid = db.session.get_one(Subscription, subscription_id)
    if queries.is_loaded_between(_midnight(since), _midnight(before), postpaid=postpaid):
        raise Conflict(_("It goes on as prepaid from then on. Cancel the prepaid line first."))


def _subscribed(line: PrepaidSubscription, start_on: date) -> Subscription:
    customer, plan = customers.get(line.customer_id), queries.plan_of(line.plan_id)
    assert customer is not None, "a line has a customer"
    installation = installations.get(line.installation_id) if line.installation_id else None
    start = Start(start_on, grants_trials=False)
    return subscriptions.subscribe(customer, plans=[(plan, 1, None)], start=start, installation=installation)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), current.tenant.zone)

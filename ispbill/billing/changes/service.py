"""Foreseeing a change: the verb is done, the next billing is drafted by its own rules, and all of it is undone."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import select

from ispbill.billing.changes.policy import Bill, Effect
from ispbill.billing.invoices.policy import InvoiceDraft
from ispbill.billing.runs.preview import service as previews
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.models import Subscription, SubscriptionComponent


def foresee(subscription: Subscription, verb: Callable[[], object], *, on: date) -> Effect:
    """What the billing of a day, not before today, comes to with a change and without it; writes nothing.

    The subscription must be read anew afterwards. Raises what the verb raises, and Conflict where the customer could
    not be billed.
    """
    customer_id, key, day = subscription.customer_id, subscription.id, max(on, current.today())
    before = _bill(customer_id, key, day)
    attempt = db.session.begin_nested()
    try:
        verb()
        after = _bill(customer_id, key, day)
    finally:
        attempt.rollback()
    return Effect(day, before, after)


def _bill(customer_id: int, subscription_id: int, day: date) -> Bill:
    draft = previews.foresee(customer_id, on=day)
    return Bill(
        lines=draft.lines if draft else [], total_minor=draft.total_minor if draft else 0,
        monthly_minor=subscriptions.monthly_minor(subscription_id, on=day),
        next_on=_next_on(subscription_id, draft),
    )


def _next_on(subscription_id: int, draft: InvoiceDraft | None) -> date | None:
    """When the subscription is due again, once what is drafted is billed."""
    parts = select(SubscriptionComponent.id, SubscriptionComponent.due_on)
    rows = db.session.execute(parts.where(SubscriptionComponent.subscription_id == subscription_id))
    known = {part_id: due_on for part_id, due_on in rows}
    known |= {step.component_id: step.due_on for step in draft.advances if step.component_id in known} if draft else {}
    return min(filter(None, known.values()), default=None)

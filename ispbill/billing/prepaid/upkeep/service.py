"""Verbs of the clock: mark what ran out, remind before it does. Each may run twice and together with loading."""
from __future__ import annotations

from dataclasses import dataclass

from ispbill.audit import service as audit
from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid.models import PrepaidStatus, PrepaidSubscription
from ispbill.billing.prepaid.policy import next_reminder
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.events import publish
from ispbill.notifications import service as messages
from ispbill.notifications.models import Channel
from ispbill.notifications.service import Draft

MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class PrepaidExpired:
    """The time of a prepaid line is over; it can still be found, and renewed."""

    prepaid_id: int
    customer_id: int


def expire_due() -> int:
    """Mark the lines whose time is over, at most MOST_AT_ONCE; how many."""
    due = queries.running_out(by=current.now(), limit=MOST_AT_ONCE)
    for subscription in due:
        subscription.status, subscription.remind_at = PrepaidStatus.EXPIRED, None
    db.session.flush()
    for subscription in due:
        publish(PrepaidExpired(subscription.id, subscription.customer_id))
    return len(due)


def remind_due() -> int:
    """Write to the customers whose lines run out in three days, and in one; how many lines were looked at.

    Each is told once of each: a message is unique by line, expiry and reminder. Who has no e-mail address gets a text;
    of whom nothing is known, the audit says that nobody told them.
    """
    due = queries.to_remind(at=current.now(), limit=MOST_AT_ONCE)
    for subscription in due:
        if subscription.successor_id is None:
            _remind(subscription)
        subscription.remind_at = next_reminder(current.now(), expires_at=subscription.expires_at)
    db.session.flush()
    return len(due)


def _remind(subscription: PrepaidSubscription) -> None:
    customer, expiry = subscription.customer, subscription.expires_at.astimezone(current.tenant.zone)
    recipient = customer.email or customer.phone
    if not recipient:
        audit.note("not_reminded", entity="prepaid_subscription", entity_id=subscription.id, label=customer.name,
                   after={"reason": "neither an e-mail address nor a telephone number is known"})
        return
    values = {"name": customer.name, "plan": subscription.plan.name, "account_number": customer.account_number,
              "at": f"{expiry:%-d %B %Y, %H:%M}"}
    key = f"prepaid-expiring:{subscription.id}:{expiry.isoformat()}:{subscription.remind_at}"
    channel = Channel.EMAIL if customer.email else Channel.SMS
    messages.queue_all([Draft("prepaid_expiring", recipient, key, values, channel=channel)])

"""Reads of a customer's services, line by line, in three statements."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from ispbill.billing.prepaid import queries as prepaid
from ispbill.billing.prepaid.models import PrepaidStatus
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, db
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.installations import queries as installations
from ispbill.subscriptions.models import Installation, Subscription, SubscriptionComponent, SubscriptionStatus
from ispbill.subscriptions.queries import SubscriptionFilter


@dataclass(frozen=True, slots=True)
class Postpaid:
    """A subscription that has not ended, and when it is billed next (None: not any more)."""

    row: AnyRow
    next_on: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """An installation, or None for what is served at none, with what runs on it."""

    installation: Installation | None
    postpaid: Sequence[Postpaid]
    prepaid: Sequence[AnyRow]


@dataclass(frozen=True, slots=True)
class Services:
    """A customer's lines, and how many former subscriptions there are beside what they show."""

    lines: list[Line]
    former_count: int


def of_customer(customer_id: int) -> Services:
    """What a customer is served, at the lines that are planned or work and elsewhere."""
    rows = subscriptions.everything(subscriptions.listing(SubscriptionFilter(customer_id=customer_id)))
    running = [row for row in rows if row.status != SubscriptionStatus.ENDED]
    places = _places([row.id for row in running])
    postpaid = [(places[row.id].installation_id, Postpaid(row, places[row.id].next_on)) for row in running]
    loaded = prepaid.of_customer(customer_id)
    alive = [row for row in loaded if row.status != PrepaidStatus.CANCELLED]
    standing = installations.standing(customer_id)
    known = {line.id for line in standing}

    def line(installation: Installation | None) -> Line:
        key = installation.id if installation else None
        return Line(
            installation, [one for place, one in postpaid if (place if place in known else None) == key],
            [row for row in alive if (row.installation_id if row.installation_id in known else None) == key],
        )

    lines = [line(installation) for installation in standing]
    elsewhere = line(None)
    if elsewhere.postpaid or elsewhere.prepaid:
        lines.append(elsewhere)
    return Services(lines, len(rows) - len(running) + len(loaded) - len(alive))


def _places(subscription_ids: list[int]) -> dict[int, AnyRow]:
    """At which installation each subscription is served, and when it is billed next."""
    rows = db.session.execute(
        select(Subscription.id, Subscription.installation_id, func.min(SubscriptionComponent.due_on).label("next_on"))
        .outerjoin(SubscriptionComponent, SubscriptionComponent.subscription_id == Subscription.id)
        .where(Subscription.id == any_key(subscription_ids)).group_by(Subscription.id, Subscription.installation_id)
    )
    return {row.id: row for row in rows}

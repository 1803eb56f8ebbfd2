"""Reads of a customer's services, line by line, in three statements."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Label, func, select

from ispbill.billing.prepaid import queries as prepaid
from ispbill.billing.prepaid.models import PrepaidStatus
from ispbill.core.db import AnyRow
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.installations import queries as installations
from ispbill.subscriptions.models import Installation, Subscription, SubscriptionComponent, SubscriptionStatus
from ispbill.subscriptions.queries import SubscriptionFilter


@dataclass(frozen=True, slots=True)
class Line:
    """An installation, or None for what is served at none, with what runs on it.

    `next_on` of a postpaid row is when it is billed next (None: not any more).
    """

    installation: Installation | None
    postpaid: Sequence[AnyRow]
    prepaid: Sequence[AnyRow]


@dataclass(frozen=True, slots=True)
class Services:
    """A customer's lines, and how many former subscriptions there are beside what they show."""

    lines: list[Line]
    former_count: int


def of_customer(customer_id: int) -> Services:
    """What a customer is served, at the lines that are planned or work and elsewhere."""
    rows = subscriptions.everything(
        subscriptions.listing(SubscriptionFilter(customer_id=customer_id))
        .add_columns(Subscription.installation_id, _next_on())
    )
    running = [row for row in rows if row.status != SubscriptionStatus.ENDED]
    loaded = prepaid.of_customer(customer_id)
    alive = [row for row in loaded if row.status != PrepaidStatus.CANCELLED]
    standing = installations.standing(customer_id)
    known = {line.id for line in standing}

    def line(installation: Installation | None) -> Line:
        key = installation.id if installation else None
        return Line(installation, *(
            [row for row in served if (row.installation_id if row.installation_id in known else None) == key]
            for served in (running, alive)
        ))

    lines = [line(installation) for installation in standing]
    elsewhere = line(None)
    if elsewhere.postpaid or elsewhere.prepaid:
        lines.append(elsewhere)
    return Services(lines, len(rows) - len(running) + len(loaded) - len(alive))


def _next_on() -> Label[date | None]:
    return (
        select(func.min(SubscriptionComponent.due_on)).where(SubscriptionComponent.subscription_id == Subscription.id)
        .correlate(Subscription).scalar_subquery().label("next_on")
    )

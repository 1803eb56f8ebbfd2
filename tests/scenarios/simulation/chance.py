"""What the dice choose: a row, a subscription, a component, a day."""
from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionStatus

_NEARBY = (0, 0, 0, 0, 1, 5, 20, -1, -3, -12)


class Idle(Exception):
    """There is nothing that this could be done to."""


def one(dice: Random, model: Any, *conditions: Any) -> Any:
    """A row that meets the conditions. Raises Idle where there is none."""
    keys = db.session.scalars(select(model.id).where(*conditions).order_by(model.id)).all()
    if not keys:
        raise Idle
    return db.session.get_one(model, dice.choice(keys))


def subscription(dice: Random, *statuses: SubscriptionStatus) -> Subscription:
    """A subscription with one of the statuses; one that has not ended where none is said."""
    wanted = statuses or (SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED)
    found = subscriptions.get(one(dice, Subscription, Subscription.status.in_(wanted)).id)
    assert found is not None
    return found


def component(dice: Random) -> tuple[Subscription, SubscriptionComponent]:
    """Something that runs, and its subscription."""
    line = subscription(dice)
    if not line.running:
        raise Idle
    return line, dice.choice(line.running)


def day(dice: Random) -> date:
    """Today, most of the time, or a day nearby."""
    return current.today() + timedelta(days=dice.choice(_NEARBY))


def past_day(dice: Random) -> date:
    """Today or a day not long ago."""
    return min(day(dice), current.today())

"""Reads of pauses: what is to stop or to go on by itself."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from sqlalchemy import ColumnElement, and_, func, or_, select, union
from sqlalchemy.orm import selectinload

from ispbill.core.db import db
from ispbill.core.periods import Period
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions.models import Subscription, SubscriptionPause, SubscriptionStatus


def get(pause_id: int) -> SubscriptionPause | None:
    """A pause."""
    return db.session.get(SubscriptionPause, pause_id)


def of_customer(customer_id: int) -> dict[int, tuple[Period, ...]]:
    """The days on which what a customer has is not served, by subscription."""
    rows = db.session.scalars(
        select(SubscriptionPause).join(Subscription, Subscription.id == SubscriptionPause.subscription_id)
        .where(Subscription.customer_id == customer_id)
        .order_by(SubscriptionPause.subscription_id, SubscriptionPause.start_on)
    )
    groups = groupby(rows, key=lambda row: row.subscription_id)
    return {key: tuple(pause.period for pause in group) for key, group in groups}


def out_of_step(today: date) -> Sequence[Subscription]:
    """Subscriptions whose status is not what their pauses say for a day, with these; locked, without who is at work."""
    stopping = (
        select(Subscription.id).join(SubscriptionPause, _stops(today))
        .where(Subscription.status == SubscriptionStatus.ACTIVE, SubscriptionPause.start_on <= today)
    )
    going_on = select(Subscription.id).where(
        Subscription.status == SubscriptionStatus.SUSPENDED, ~select(SubscriptionPause.id).where(_stops(today)).exists()
    )
    return db.session.scalars(
        select(Subscription).where(Subscription.id.in_(union(stopping, going_on).subquery().select()))
        .options(selectinload(Subscription.pauses)).order_by(Subscription.id).with_for_update(skip_locked=True)
    ).all()


def unbilled_on(day: date) -> ColumnElement[bool]:
    """Whether a day is taken off the bill of a subscription, in a statement about subscriptions."""
    pause = SubscriptionPause
    return select(pause.id).where(
        pause.subscription_id == Subscription.id, pause.billing != PauseBilling.BILL, pause.start_on <= day,
        or_(pause.end_on.is_(None), pause.end_on > day),
    ).exists()


def _stops(today: date) -> ColumnElement[bool]:
    """Whether a pause lies over a day: of what is yet to begin, over its first day."""
    pause, day = SubscriptionPause, func.greatest(Subscription.start_on, today)
    return and_(pause.subscription_id == Subscription.id, pause.start_on <= day,
                or_(pause.end_on.is_(None), pause.end_on > day))

"""Reads of agreed contracts, and what leaving on a day would cost."""
from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from ispbill.billing.contracts.models import SubscriptionContract
from ispbill.billing.rating.policy import ContractTerm, termination_fee
from ispbill.core.db import db
from ispbill.subscriptions import queries as subscriptions


def of_subscription(subscription_id: int) -> SubscriptionContract | None:
    """The contract of a subscription, where it has one."""
    return db.session.scalars(
        select(SubscriptionContract).where(SubscriptionContract.subscription_id == subscription_id)
    ).one_or_none()


def fee_of(contract: SubscriptionContract, *, ended_on: date) -> int:
    """What ending on a day costs, in minor units; nothing before it began, and nothing once the promise is kept."""
    if ended_on <= contract.starts_on:
        return 0
    term = ContractTerm(
        contract.end_on, contract.months, contract.fixed_minor, contract.is_declining, contract.remaining_percent,
        contract.most_minor,
    )
    monthly_minor = subscriptions.monthly_minor(contract.subscription_id, on=ended_on - timedelta(days=1))
    return termination_fee(term, ended_on=ended_on, monthly_minor=monthly_minor)

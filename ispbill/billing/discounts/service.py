"""Verbs of discounts: offer, grant, end. What a discount gives is final; what it took off is written at issue."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from ispbill.billing.discounts.models import Discount, DiscountGrant, DiscountPlan, DiscountStatus, DiscountUse
from ispbill.billing.discounts.policy import Terms, UseKey, checked_terms
from ispbill.core.bulk import copy_rows
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.customers.models import Customer
from ispbill.subscriptions.models import Subscription, SubscriptionComponent

_USE_COLUMNS = ("grant_id", "invoice_id", "position", "subscription_id", "begins_on", "amount_minor")


@dataclass(frozen=True, slots=True)
class Use:
    """What a grant took off a line of a document, and the period it counts for."""

    grant_id: int
    invoice_id: int
    position: int
    period: UseKey
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What a grant is for: the whole account, one of its subscriptions, or one plan of that; days half-open."""

    starts_on: date
    ends_on: date | None = None
    subscription_id: int | None = None
    plan_id: int | None = None
    reason: str = ""


def offer(terms: Terms, *, plan_ids: Sequence[int] = ()) -> Discount:
    """Add a discount that can be granted, for some plans or all. Raises Invalid. Its terms are final."""
    known = checked_terms(terms)
    discount = Discount(
        name=known.name, kind=known.kind, rate_percent=known.rate_percent, amount_minor=known.amount_minor,
        periods=known.periods, rank=known.rank, offered_from=known.offered_from, offered_until=known.offered_until,
        description=known.description, status=DiscountStatus.ACTIVE, created_at=current.now(),
    )
    db.session.add(discount)
    db.session.flush()
    db.session.add_all([DiscountPlan(discount_id=discount.id, plan_id=plan_id) for plan_id in sorted(set(plan_ids))])
    db.session.flush()
    return discount


def retire(discount: Discount) -> Discount:
    """Grant a discount no longer; who has it keeps it. Raises Conflict when it is retired already."""
    if discount.status == DiscountStatus.RETIRED:
        raise Conflict(_("%(name)s is retired already.", name=discount.name))
    discount.status = DiscountStatus.RETIRED
    db.session.flush()
    return discount


def activate(discount: Discount) -> Discount:
    """Grant a retired discount again. Raises Conflict when it can be."""
    if discount.status == DiscountStatus.ACTIVE:
        raise Conflict(_("%(name)s can be granted already.", name=discount.name))
    discount.status = DiscountStatus.ACTIVE
    db.session.flush()
    return discount


def remove(discount: Discount) -> Discount:
    """Take away a discount nobody ever had; the database refuses where somebody has."""
    db.session.delete(discount)
    db.session.flush()
    return discount


def grant(discount: Discount, *, customer: Customer, scope: Scope) -> DiscountGrant:
    """Give a customer a discount from a day on: from the first period that begins then or later.

    Raises Invalid for a discount that is not offered, days in the wrong order, or something of another customer.
    """
    today = current.today()
    if discount.status != DiscountStatus.ACTIVE or not _is_offered(discount, today):
        raise Invalid(_("%(name)s is not offered today.", name=discount.name), field="discount_id")
    if scope.ends_on is not None and scope.ends_on <= scope.starts_on:
        raise Invalid(_("The last day lies before the first."), field="last_day")
    _check_owner(customer, scope)
    _check_plan(discount, scope)
    given = DiscountGrant(
        discount_id=discount.id, customer_id=customer.id, subscription_id=scope.subscription_id,
        plan_id=scope.plan_id, starts_on=scope.starts_on, ends_on=scope.ends_on,
        reason=scope.reason.strip(), created_at=current.now(),
    )
    db.session.add(given)
    db.session.flush()
    return given


def end(given: DiscountGrant, *, on: date) -> DiscountGrant:
    """Let a granted discount apply to no period that begins on a day or later; what is billed stays.

    Raises Conflict when it ended before.
    """
    if given.ends_on is not None and given.ends_on <= on:
        raise Conflict(_("This discount ended already."))
    given.ends_on = max(on, given.starts_on)
    db.session.flush()
    return given


def write_uses(uses: Iterable[Use]) -> None:
    """Note what grants took off, in the transaction that issues the documents."""
    copy_rows(DiscountUse, _USE_COLUMNS, (
        (use.grant_id, use.invoice_id, use.position, use.period.subscription_id or None, use.period.begins_on,
         use.amount_minor)
        for use in uses
    ))


def release(invoice_id: int) -> None:
    """Give periods and money of discounts back that a document had used, because it is void."""
    db.session.execute(update(DiscountUse).where(DiscountUse.invoice_id == invoice_id).values(is_live=False))


def _is_offered(discount: Discount, today: date) -> bool:
    begun = discount.offered_from is None or discount.offered_from <= today
    return begun and (discount.offered_until is None or today < discount.offered_until)


def _check_owner(customer: Customer, scope: Scope) -> None:
    if scope.subscription_id is not None:
        owner_id = db.session.scalar(
            select(Subscription.customer_id).where(Subscription.id == scope.subscription_id)
        )
        if owner_id != customer.id:
            raise Invalid(_("Choose a subscription of this customer."), field="subscription_id")


def _check_plan(discount: Discount, scope: Scope) -> None:
    """A plan that the subscription has, or will have, and that the discount is for."""
    if scope.plan_id is None:
        return
    plan_ids = db.session.scalars(
        select(SubscriptionComponent.plan_id).where(SubscriptionComponent.subscription_id == scope.subscription_id))
    limits = db.session.scalars(select(DiscountPlan.plan_id).where(DiscountPlan.discount_id == discount.id)).all()
    if scope.plan_id not in set(plan_ids) or limits and scope.plan_id not in limits:
        raise Invalid(_("Choose a plan of the subscription that the discount is for."), field="plan_id")

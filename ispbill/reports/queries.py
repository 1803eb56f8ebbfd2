"""Reads of the dashboard: a constant number of statements, each over an index or one pass over a narrow table."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.orm import aliased

from ispbill.accounts.models import User
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import IS_OPEN, ISSUED
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.billing.payments.queries import IS_LIVE, IS_MONEY, STANDS
from ispbill.billing.prepaid.models import PrepaidStatus, PrepaidSubscription
from ispbill.billing.runs.models import BillingRun, BillingRunException
from ispbill.catalogue.models import Plan, TaxRate
from ispbill.core.db import AnyRow, db
from ispbill.core.pagination import AnyColumn
from ispbill.customers.models import Customer
from ispbill.reports.definitions.policy import Scope
from ispbill.reports.definitions.queries import agreed_tax, lasts, local_day, total
from ispbill.reports.growth import queries as growth
from ispbill.reports.policy import AGE_LABELS, AGE_LIMITS, Life, PricedUnder
from ispbill.reports.prepaid_time import queries as prepaid_time
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionStatus
from ispbill.subscriptions.queries import MONTHLY_MINOR

Key = TypeVar("Key")
_NEWEST_PAYMENTS = 6


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is open past its day, of how many invoices."""

    invoices: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class Parked:
    """Customers whom the newest run could not bill."""

    run_id: int
    customers: int


def billed(since: date, until: date) -> int:
    """Totals of invoices issued between two days, both included; void ones do not count."""
    return _sum_of(Invoice.total_minor, Invoice.issued_on.between(since, until), ISSUED)


def collected(since: date, until: date) -> int:
    """Payments received between two days, both included; reversed ones never count."""
    return _sum_of(Payment.amount_minor, Payment.received_on.between(since, until), STANDS, IS_MONEY)


def billed_by_month(since: date) -> dict[date, int]:
    """Totals of invoices issued since a day, by month; void ones do not count."""
    return _by_month(Invoice.issued_on, Invoice.total_minor, Invoice.issued_on >= since, ISSUED)


def collected_by_month(since: date) -> dict[date, int]:
    """Payments received since a day, by month; reversed ones never count."""
    return _by_month(Payment.received_on, Payment.amount_minor, Payment.received_on >= since, STANDS, IS_MONEY)


def overdue(today: date) -> Overdue:
    """What is still to be paid of invoices whose due day has passed."""
    late = and_(IS_OPEN, Invoice.due_on < today)
    count, total_minor = db.session.execute(select(func.count(), total(Invoice.total_minor)).where(late)).one()
    paid_minor = _sum_of(PaymentAllocation.amount_minor, IS_LIVE, late, PaymentAllocation.invoice_id == Invoice.id)
    return Overdue(count, total_minor - paid_minor)


def open_by_age(today: date) -> list[int]:
    """What is still to be paid, by how long it has been due: the classes of AGE_LABELS."""
    age = _age_class(today)
    totals = _pairs(select(age, total(Invoice.total_minor)).where(IS_OPEN).group_by(age))
    paid = _pairs(
        select(age, total(PaymentAllocation.amount_minor))
        .join(PaymentAllocation, PaymentAllocation.invoice_id == Invoice.id)
        .where(IS_OPEN, IS_LIVE).group_by(age)
    )
    return [totals.get(place, 0) - paid.get(place, 0) for place in range(len(AGE_LABELS))]


def active_subscribers(today: date) -> int:
    """Customers with a subscription that is active and has begun, or with prepaid time left."""
    return _distinct(*active_customers(today))


def active_customers(today: date) -> tuple[Select[int], Select[int]]:
    """Those customers' ids, postpaid and prepaid."""
    return (
        select(Subscription.customer_id).where(_is_served(today)),
        select(PrepaidSubscription.customer_id).where(PrepaidSubscription.status == PrepaidStatus.ACTIVE),
    )


def began(month: date, today: date) -> int:
    """Customers whose first service, postpaid or prepaid, began in a month, up to a day."""
    line, prepaid = aliased(Subscription), aliased(PrepaidSubscription)

    def is_first(customer_id: AnyColumn) -> ColumnElement[bool]:
        return ~or_(exists().where(line.customer_id == customer_id, line.start_on < month),
                    exists().where(prepaid.customer_id == customer_id, local_day(prepaid.created_at) < month))

    return _distinct(
        select(Subscription.customer_id)
        .where(Subscription.start_on.between(month, today), is_first(Subscription.customer_id)),
        select(PrepaidSubscription.customer_id)
        .where(local_day(PrepaidSubscription.created_at).between(month, today),
               is_first(PrepaidSubscription.customer_id)),
    )


def left(month: date, today: date) -> int:
    """Customers whose last service ended in a month, up to a day; prepaid ends as its time runs out."""
    line, prepaid = aliased(Subscription), aliased(PrepaidSubscription)

    def is_last(customer_id: AnyColumn) -> ColumnElement[bool]:
        return ~or_(exists().where(line.customer_id == customer_id, or_(line.end_on.is_(None), line.end_on > today)),
                    exists().where(prepaid.customer_id == customer_id, prepaid.status == PrepaidStatus.ACTIVE))

    return _distinct(
        select(Subscription.customer_id)
        .where(Subscription.end_on.between(month, today), is_last(Subscription.customer_id)),
        select(PrepaidSubscription.customer_id)
        .where(prepaid_time.RAN_OUT, local_day(PrepaidSubscription.expires_at).between(month, today),
               is_last(PrepaidSubscription.customer_id)),
    )


def served_on(day: date) -> int:
    """Customers who had a service when a day began, whatever has become of it since."""
    return _distinct(
        select(Subscription.customer_id)
        .where(Subscription.start_on < day, or_(Subscription.end_on.is_(None), Subscription.end_on >= day)),
        select(PrepaidSubscription.customer_id)
        .where(local_day(PrepaidSubscription.created_at) < day,
               or_(~prepaid_time.RAN_OUT, local_day(PrepaidSubscription.expires_at) >= day)),
    )


def lives(today: date) -> list[Life]:
    """Customers by the month in which their first service began and the month in which their last one ended."""
    each = growth.life_of_each(Scope(today, today, today))
    began_in, left_in = _month(each.c.began_on), _month(each.c.left_on)
    return [Life(*row) for row in db.session.execute(
        select(began_in, left_in, func.count()).group_by(began_in, left_in))]


def monthly_prices(today: date) -> list[PricedUnder]:
    """What the active subscriptions cost a month at the prices agreed, and prepaid lines by their plan's price, by tax.
    """
    rows = db.session.execute(
        select(TaxRate.id, TaxRate.name, TaxRate.rate_percent, TaxRate.mode, MONTHLY_MINOR, func.count())
        .select_from(Subscription)
        .join(SubscriptionComponent, SubscriptionComponent.subscription_id == Subscription.id)
        .join(Plan, Plan.id == SubscriptionComponent.plan_id)
        .outerjoin(TaxRate, TaxRate.id == Plan.tax_rate_id)
        .where(_is_served(today), lasts(SubscriptionComponent, today)).group_by(TaxRate.id, MONTHLY_MINOR)
    )
    agreed = [
        PricedUnder(agreed_tax(key, name, rate, mode), amount_minor, services)
        for key, name, rate, mode, amount_minor, services in rows
    ]
    return [*agreed, *prepaid_time.prices_now(today)]


def newest_payments() -> Sequence[AnyRow]:
    """The payments received last, with their customers; reversed ones are left out."""
    return db.session.execute(
        select(Payment.id, Payment.number, Payment.received_on, Payment.method, Payment.amount_minor, Customer.name)
        .join(Customer, Customer.id == Payment.customer_id).where(STANDS, IS_MONEY)
        .order_by(Payment.received_on.desc(), Payment.id.desc()).limit(_NEWEST_PAYMENTS)
    ).all()


def parked() -> Parked | None:
    """The customers parked by the newest run: older runs' ones are due again and parked there too, or billed."""
    newest = select(BillingRun.id).where(BillingRun.approved_by.is_not(None)).order_by(
        BillingRun.billing_on.desc()).limit(1).scalar_subquery()
    row = db.session.execute(
        select(BillingRunException.run_id, func.count()).where(BillingRunException.run_id == newest)
        .group_by(BillingRunException.run_id)
    ).one_or_none()
    return Parked(*row) if row else None


def sign_ups(since: date) -> dict[date, int]:
    """Users who were added on each day since a day, by the company's own clock."""
    day = local_day(User.created_at)
    return _pairs(select(day, func.count()).where(day >= since).group_by(day))


def _is_served(today: date) -> ColumnElement[bool]:
    return and_(Subscription.status == SubscriptionStatus.ACTIVE, lasts(Subscription, today))


def _age_class(today: date) -> ColumnElement[int]:
    days = today - Invoice.due_on
    return case(*((days <= limit, place) for place, limit in enumerate(AGE_LIMITS)), else_=len(AGE_LIMITS))


def _month(day: ColumnElement[date] | AnyColumn) -> ColumnElement[date]:
    return cast(func.date_trunc("month", day), Date)


def _sum_of(column: AnyColumn, *conditions: ColumnElement[bool]) -> int:
    return db.session.execute(select(total(column)).where(*conditions)).scalar_one()


def _by_month(day: AnyColumn, amount: AnyColumn, *conditions: ColumnElement[bool]) -> dict[date, int]:
    month = _month(day)
    return _pairs(select(month, total(amount)).where(*conditions).group_by(month))


def _pairs(statement: Select[Key, int]) -> dict[Key, int]:
    return {key: amount for key, amount in db.session.execute(statement)}


def _distinct(*customers: Select[int]) -> int:
    """How many customers there are in all of them, each once."""
    found = union(*customers).subquery()
    return db.session.execute(select(func.count()).select_from(found)).scalar_one()

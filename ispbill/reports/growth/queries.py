"""Reads of subscribers over time, of lines that run out, and of areas."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import BigInteger, Subquery, case, func, literal, select, union_all

from ispbill.areas import queries as areas
from ispbill.areas.policy import Place
from ispbill.areas.queries import AreaFilter
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import ISSUED
from ispbill.billing.payments.models import Payment
from ispbill.billing.payments.queries import IS_MONEY, STANDS
from ispbill.billing.prepaid.models import PrepaidStatus, PrepaidSubscription
from ispbill.catalogue.models import Plan
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import AnyColumn
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.plant.lcps.queries import IS_FREE
from ispbill.plant.models import Nap, NapPort
from ispbill.reports.definitions.policy import Scope
from ispbill.reports.definitions.queries import in_days, in_time, lives_in, local_day, step_of, total
from ispbill.reports.money_in.queries import owing
from ispbill.reports.policy import Life
from ispbill.reports.prepaid_time.queries import RAN_OUT
from ispbill.reports.revenue.queries import components_on
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from ispbill.subscriptions.queries import charged_on
from ispbill.support.tickets.models import Ticket
from ispbill.support.tickets.queries import IS_UNRESOLVED


def lives(scope: Scope) -> list[Life]:
    """Customers by the day on which their first service, postpaid or prepaid, began and on which their last ended."""
    each = life_of_each(scope)
    rows = db.session.execute(
        select(each.c.began_on, each.c.left_on, func.count()).group_by(each.c.began_on, each.c.left_on)
    )
    return [Life(*row) for row in rows]


def life_of_each(scope: Scope) -> Subquery:
    """Each customer who was ever served: `customer_id`, `began_on`, and `left_on`, which is None while they are."""
    ended = case((Subscription.end_on <= scope.today, Subscription.end_on))
    postpaid = select(
        Subscription.customer_id.label("customer_id"), Subscription.start_on.label("began_on"), ended.label("left_on")
    ).where(Subscription.start_on <= scope.today)
    served = union_all(postpaid, _prepaid_lives()).subquery()
    return (
        select(served.c.customer_id, func.min(served.c.began_on).label("began_on"),
               case((func.bool_and(served.c.left_on.is_not(None)), func.max(served.c.left_on))).label("left_on"))
        .where(*lives_in(served.c.customer_id, scope)).group_by(served.c.customer_id).subquery()
    )


def _prepaid_lives() -> AnySelect:
    expired = case((RAN_OUT, local_day(PrepaidSubscription.expires_at)))
    return select(PrepaidSubscription.customer_id, local_day(PrepaidSubscription.created_at), expired)


def registered(scope: Scope) -> dict[date, int]:
    """Customers who were registered, by step; those merged into another do not count."""
    step = step_of(local_day(Customer.created_at), scope)
    rows = db.session.execute(
        select(step, func.count()).where(in_time(Customer.created_at, scope), Customer.merged_into_id.is_(None),
                                         *lives_in(Customer.id, scope)).group_by(step)
    )
    return {day: count for day, count in rows}


def expiring(scope: Scope) -> Subquery:
    """Services that end in the period: postpaid by an end agreed, prepaid as their time runs out."""
    plans = (
        select(func.string_agg(Plan.name, literal(", "))).select_from(SubscriptionComponent)
        .join(Plan, Plan.id == SubscriptionComponent.plan_id)
        .where(SubscriptionComponent.subscription_id == Subscription.id, charged_on(Subscription.end_on - 1))
        .correlate(Subscription).scalar_subquery()
    )
    expires_on = local_day(PrepaidSubscription.expires_at)
    return union_all(
        select(literal("postpaid").label("kind"), Subscription.id.label("id"),
               Subscription.customer_id.label("customer_id"), plans.label("plan"),
               Subscription.status.label("status"), Subscription.end_on.label("ends_on"))
        .where(in_days(Subscription.end_on, scope), *lives_in(Subscription.customer_id, scope)),
        select(literal("prepaid"), PrepaidSubscription.id, PrepaidSubscription.customer_id, Plan.name,
               PrepaidSubscription.status, expires_on)
        .join(Plan, Plan.id == PrepaidSubscription.plan_id)
        .where(PrepaidSubscription.status != PrepaidStatus.CANCELLED,
               in_time(PrepaidSubscription.expires_at, scope), *lives_in(PrepaidSubscription.customer_id, scope)),
    ).subquery()


def expiring_rows(found: Subquery, *, most: int) -> Sequence[AnyRow]:
    """The rows of `expiring` with their customers, the next to end first."""
    return db.session.execute(
        select(found, Customer.name, Customer.account_number, Customer.phone)
        .join(Customer, Customer.id == found.c.customer_id)
        .order_by(found.c.ends_on, found.c.kind, found.c.id).limit(most)
    ).all()


def expiring_counts(found: Subquery, scope: Scope) -> Sequence[AnyRow]:
    """How many services end, by step and kind: `step`, `kind`, `services`."""
    step = step_of(found.c.ends_on, scope)
    return db.session.execute(
        select(step.label("step"), found.c.kind, func.count().label("services")).group_by(step, found.c.kind)
    ).all()


def area_names(scope: Scope) -> Sequence[AnyRow]:
    """The areas in the order of the tree, with the names on their path."""
    return areas.in_tree_order(areas.listing(AreaFilter(inside=scope.area_id)))


def measures(scope: Scope) -> dict[str, dict[int | None, int]]:
    """What each area has, by measure and area; None is for customers without one. Each is a sum of its own."""
    found, running = owing(scope), components_on(scope.today).subquery()
    statements = {
        "customers": _of_area(Customer.id, _one(), scope).where(Customer.status == CustomerStatus.ACTIVE),
        "began": _of_area(Customer.id, _one(), scope).where(
            in_time(Customer.created_at, scope), Customer.merged_into_id.is_(None)),
        "recurring": _of_area(running.c.customer_id, running.c.a_month, scope),
        "billed": _of_area(Invoice.customer_id, Invoice.total_minor, scope).where(
            ISSUED, in_days(Invoice.issued_on, scope)),
        "collected": _of_area(Payment.customer_id, Payment.amount_minor, scope).where(
            STANDS, IS_MONEY, in_days(Payment.received_on, scope)),
        "open": _of_area(found.c.customer_id, found.c.open, scope),
        "overdue": _of_area(found.c.customer_id, found.c.open - found.c.age_0, scope),
        "tickets": _of_area(Ticket.customer_id, _one(), scope).where(IS_UNRESOLVED),
        "ports": _free_ports(scope),
    }
    return {name: {area_id: amount for area_id, amount in db.session.execute(statement)}
            for name, statement in statements.items()}


def _free_ports(scope: Scope) -> AnySelect:
    home = [] if scope.area_id is None else [areas.lies_in(Nap.area_id, Place(scope.area_id))]
    return select(Nap.area_id, func.count()).join(NapPort, NapPort.nap_id == Nap.id).where(
        IS_FREE, *home).group_by(Nap.area_id)


def _of_area(customer_id: AnyColumn, amount: AnyColumn, scope: Scope) -> AnySelect:
    statement = select(Customer.area_id, total(amount)).group_by(Customer.area_id).where(
        *lives_in(customer_id, scope))
    if customer_id is Customer.id:
        return statement
    return statement.select_from(Customer).join(customer_id.table, customer_id == Customer.id)


def _one() -> AnyColumn:
    return literal(1, BigInteger)

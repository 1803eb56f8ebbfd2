"""Reads of money received and money open. Payments that were reversed and documents that are void never count.

Shares are summed before anything is joined to them, so that no amount is counted twice.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Date, Integer, Subquery, and_, case, cast, func, literal, null, select, union_all

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import FELL_DUE, IS_OPEN, paid_how
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.billing.payments.queries import (
    ALLOCATED_FROM_NOTE,
    ALLOCATED_FROM_PAYMENT,
    IS_LIVE,
    IS_MONEY,
    IS_UNAPPLIED,
    IS_UNSPENT,
    STANDS,
)
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import AnyColumn
from ispbill.customers.models import Customer
from ispbill.reports.definitions.policy import Scope
from ispbill.reports.definitions.queries import in_days, lives_in, step_of, total
from ispbill.reports.policy import AGE_LIMITS

# Ends of the classes of age of what is not applied, in days since it came in; older is a class of its own.
UNAPPLIED_LIMITS = (30, 60, 90)
# The class of credit, beside the classes of age.
CREDIT = len(AGE_LIMITS) + 1


def received(scope: Scope) -> Sequence[AnyRow]:
    """Payments that stand, by step and method: `step`, `method`, `payments`, `amount_minor`."""
    step = step_of(Payment.received_on, scope)
    return db.session.execute(
        select(step.label("step"), Payment.method, func.count().label("payments"),
               total(Payment.amount_minor).label("amount_minor"))
        .where(STANDS, IS_MONEY, in_days(Payment.received_on, scope), *lives_in(Payment.customer_id, scope))
        .group_by(step, Payment.method)
    ).all()


def taken_back(scope: Scope) -> AnyRow:
    """Payments received in the period and reversed since: `payments`, `amount_minor`. They are in no total."""
    return db.session.execute(
        select(func.count().label("payments"), total(Payment.amount_minor).label("amount_minor"))
        .where(~STANDS, IS_MONEY, in_days(Payment.received_on, scope), *lives_in(Payment.customer_id, scope))
    ).one()


def due(scope: Scope) -> AnySelect:
    """The ids of the documents that fell due in the period: invoices and debit notes of more than nothing."""
    return select(Invoice.id).where(
        FELL_DUE, in_days(Invoice.due_on, scope), *lives_in(Invoice.customer_id, scope),
    )


def paid_by_lateness(scope: Scope) -> Sequence[AnyRow]:
    """The documents due in the period by step and how they were paid: `step`, `lateness`, `documents`,
    `amount_minor`, `late_days`.
    """
    late, step, lateness = Invoice.settled_on - Invoice.due_on, step_of(Invoice.due_on, scope), paid_how(scope.today)
    return db.session.execute(
        due(scope).with_only_columns(
            step.label("step"), lateness.label("lateness"), func.count().label("documents"),
            total(Invoice.total_minor).label("amount_minor"),
            func.coalesce(func.sum(func.greatest(late, 0)), 0).label("late_days"),
        ).group_by(step, lateness)
    ).all()


def owing(scope: Scope) -> Subquery:
    """Each customer's open amounts by class of age in columns `age_0` …, their unused `credit`, and `balance`."""
    moves = union_all(
        _open(Invoice.total_minor).where(IS_OPEN, *lives_in(Invoice.customer_id, scope)),
        _open(-PaymentAllocation.amount_minor).join(PaymentAllocation, PaymentAllocation.invoice_id == Invoice.id)
        .where(IS_OPEN, IS_LIVE, *lives_in(Invoice.customer_id, scope)),
        _credit(Payment.customer_id, -(Payment.amount_minor - ALLOCATED_FROM_PAYMENT))
        .where(IS_UNAPPLIED, *lives_in(Payment.customer_id, scope)),
        _credit(Invoice.customer_id, Invoice.total_minor + ALLOCATED_FROM_NOTE)
        .where(IS_UNSPENT, *lives_in(Invoice.customer_id, scope)),
    ).subquery()
    today = literal(scope.today)
    age = case(
        (moves.c.due_on.is_(None), CREDIT),
        *((today - moves.c.due_on <= limit, place) for place, limit in enumerate(AGE_LIMITS)), else_=len(AGE_LIMITS),
    )
    amount = moves.c.amount_minor
    classes = [total(amount, age == place).label(f"age_{place}") for place in range(CREDIT)]
    return select(
        moves.c.customer_id, *classes, total(amount, age == CREDIT).label("credit"), total(amount).label("balance"),
        total(amount, age != CREDIT).label("open"),
    ).group_by(moves.c.customer_id).subquery()


def owing_rows(found: Subquery, *, most: int) -> Sequence[AnyRow]:
    """The customers of `owing`, those who owe most first."""
    return db.session.execute(
        select(found, Customer.name, Customer.account_number).join(Customer, Customer.id == found.c.customer_id)
        .order_by(found.c.open.desc(), found.c.balance, Customer.id).limit(most)
    ).all()


def owing_sums(found: Subquery) -> AnyRow:
    """How many customers `owing` finds, and the sums of its columns."""
    sums = [total(column).label(column.name) for column in found.c if column.name != "customer_id"]
    return db.session.execute(select(func.count().label("customers"), *sums).select_from(found)).one()


def unapplied(scope: Scope) -> Subquery:
    """Payments and credit notes that are not used up: what each was, and what of it is `left`."""
    home_of_payment, home_of_note = (lives_in(column, scope) for column in (Payment.customer_id, Invoice.customer_id))
    return union_all(
        select(literal("payment").label("kind"), Payment.id.label("id"), Payment.number.label("number"),
               Payment.customer_id.label("customer_id"), Payment.received_on.label("day"),
               Payment.amount_minor.label("amount"), (Payment.amount_minor - ALLOCATED_FROM_PAYMENT).label("left"))
        .where(IS_UNAPPLIED, *home_of_payment),
        select(literal("note"), Invoice.id, Invoice.number, Invoice.customer_id, Invoice.issued_on,
               -Invoice.total_minor, -Invoice.total_minor - ALLOCATED_FROM_NOTE).where(IS_UNSPENT, *home_of_note),
    ).subquery()


def unapplied_rows(found: Subquery, *, most: int) -> Sequence[AnyRow]:
    """The rows of `unapplied` with their customers, the oldest first."""
    return db.session.execute(
        select(found, Customer.name, Customer.account_number).join(Customer, Customer.id == found.c.customer_id)
        .order_by(found.c.day, found.c.kind, found.c.id).limit(most)
    ).all()


def unapplied_sums(found: Subquery, today: date) -> AnyRow:
    """How many rows `unapplied` has, what is left of them, and that by age in columns `age_0` …."""
    age = cast(literal(today) - found.c.day, Integer)
    ends = [age <= limit for limit in UNAPPLIED_LIMITS]
    classes = [and_(*(~end for end in ends[:place]), *ends[place:place + 1]) for place in range(len(ends) + 1)]
    return db.session.execute(
        select(func.count().label("rows"), total(found.c.amount).label("amount"), total(found.c.left).label("left"),
               *(total(found.c.left, within).label(f"age_{place}") for place, within in enumerate(classes)))
        .select_from(found)
    ).one()


def open_minor(scope: Scope) -> int:
    """What is still to be paid of all invoices, now."""
    opened: int = owing_sums(owing(scope)).open
    return opened


def _open(amount: AnyColumn) -> AnySelect:
    return select(Invoice.customer_id.label("customer_id"), Invoice.due_on.label("due_on"),
                  amount.label("amount_minor"))


def _credit(customer_id: AnyColumn, amount: AnyColumn) -> AnySelect:
    return select(customer_id.label("customer_id"), cast(null(), Date).label("due_on"), amount.label("amount_minor"))

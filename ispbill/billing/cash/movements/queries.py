"""Reads of a drawer's movements, with the payments and refunds that they are of."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from ispbill.billing.cash.models import CashMovement, MovementKind
from ispbill.billing.payments.models import Payment
from ispbill.billing.refunds.models import Refund
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

NEWEST_FIRST = SortKey((CashMovement.id,), descending=True)


def listing(session_id: int) -> AnySelect:
    """A drawer's movements, with the payment, the refund and the customer that they are of."""
    return (
        select(CashMovement, Payment.number.label("payment_number"), Refund.number.label("refund_number"),
               Customer.name.label("customer"))
        .outerjoin(Payment, Payment.id == CashMovement.payment_id)
        .outerjoin(Refund, Refund.id == CashMovement.refund_id)
        .outerjoin(Customer, Customer.id == func.coalesce(Payment.customer_id, Refund.customer_id))
        .where(CashMovement.session_id == session_id)
    )


def before_taking_over(session_id: int) -> AnySelect:
    """A drawer's movements until it was taken over, the oldest first: they come to what it should have held."""
    closing = (CashMovement.kind == MovementKind.VARIANCE) | (
        (CashMovement.kind == MovementKind.TAKEN_OVER) & (CashMovement.amount_minor < 0))
    return listing(session_id).where(~closing).order_by(CashMovement.id)


def totals(session_id: int) -> Sequence[AnyRow]:
    """What moved in a drawer, by kind: how often and how much."""
    amount_minor = func.sum(CashMovement.amount_minor).label("amount_minor")
    return db.session.execute(
        select(CashMovement.kind, func.count().label("times"), amount_minor)
        .where(CashMovement.session_id == session_id).group_by(CashMovement.kind).order_by(func.min(CashMovement.id))
    ).all()

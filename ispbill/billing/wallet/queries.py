"""Reads of a wallet: what went in, what it paid, what came back. Its balance is the sum of its movements."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, String, and_, cast, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.payments import queries as payments
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.core.current import current
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey

_Note = aliased(Invoice)


class Kind(StrEnum):
    """What moves a wallet."""

    PAID_IN = "paid_in"
    CREDITED = "credited"
    SPENT = "spent"
    FREED = "freed"
    REFUNDED = "refunded"
    RESTORED = "restored"
    REVERSED = "reversed"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Movements:
    """The movements of a wallet, each with the balance after it, and the order in which they are paged."""

    rows: AnySelect
    newest_first: SortKey


def balance_of(customer_id: int) -> int:
    """What a customer has in credit, for prepaid loads and postpaid bills alike, in minor units."""
    return sum(credit.free_minor for credit in payments.credits([customer_id]).get(customer_id, []))


def movements_of(customer_id: int) -> Movements:
    """Every movement of a customer's wallet: payments and credit notes in and taken back, bills paid and money freed.

    Each has its `kind`, the payment or credit note it is of (`source_`), and the bill where one was paid.
    """
    mine = union_all(
        _paid(Kind.PAID_IN, 1, Payment.recorded_at, Payment.amount_minor, customer_id),
        _paid(Kind.REVERSED, 4, _taken_back(Payment), -Payment.amount_minor, customer_id)
        .where(Payment.reversed_on.is_not(None)),
        _credited(Kind.CREDITED, 1, Invoice.created_at, -Invoice.total_minor, customer_id),
        _credited(Kind.VOIDED, 4, _taken_back(Invoice), Invoice.total_minor, customer_id)
        .where(Invoice.status == InvoiceStatus.VOID),
        _spent(Kind.SPENT, 2, PaymentAllocation.allocated_at, -PaymentAllocation.amount_minor, customer_id),
        _spent(Kind.FREED, 3, PaymentAllocation.released_at, PaymentAllocation.amount_minor, customer_id)
        .where(PaymentAllocation.released_at.is_not(None)),
        _refunded(Kind.REFUNDED, 2, PaymentAllocation.allocated_at, -PaymentAllocation.amount_minor, customer_id),
        _refunded(Kind.RESTORED, 3, PaymentAllocation.released_at, PaymentAllocation.amount_minor, customer_id)
        .where(PaymentAllocation.released_at.is_not(None)),
    ).subquery()
    order = (mine.c.at, mine.c.step, mine.c.row_id)
    balance = cast(func.sum(mine.c.amount_minor).over(order_by=order), BigInteger)
    rows = select(mine, balance.label("balance_minor")).subquery()
    return Movements(select(rows), SortKey((rows.c.at, rows.c.step, rows.c.row_id), descending=True))


def every_movement_of(customer_id: int) -> Sequence[AnyRow]:
    """Every movement of a customer's wallet, the oldest first."""
    movements = movements_of(customer_id)
    return db.session.execute(movements.rows.order_by(*movements.newest_first.columns)).all()


def _paid(kind: Kind, step: int, at: Any, amount: Any, customer_id: int) -> AnySelect:
    return select(
        *_columns(kind, step, at, amount), Payment.id.label("row_id"), Payment.id.label("payment_id"),
        cast(null(), BigInteger).label("note_id"), Payment.number.label("source_number"), *_no_bill(),
    ).where(Payment.customer_id == customer_id)


def _credited(kind: Kind, step: int, at: Any, amount: Any, customer_id: int) -> AnySelect:
    return select(
        *_columns(kind, step, at, amount), Invoice.id.label("row_id"), cast(null(), BigInteger).label("payment_id"),
        Invoice.id.label("note_id"), Invoice.number.label("source_number"), *_no_bill(),
    ).where(Invoice.customer_id == customer_id, Invoice.kind == DocumentKind.CREDIT_NOTE)


def _spent(kind: Kind, step: int, at: Any, amount: Any, customer_id: int) -> AnySelect:
    return (
        select(
            *_columns(kind, step, at, amount), PaymentAllocation.id.label("row_id"), Payment.id.label("payment_id"),
            _Note.id.label("note_id"), func.coalesce(Payment.number, _Note.number).label("source_number"),
            Invoice.id.label("invoice_id"), Invoice.number.label("invoice_number"),
        )
        .select_from(PaymentAllocation).join(Invoice, PaymentAllocation.invoice_id == Invoice.id)
        .outerjoin(Payment, PaymentAllocation.payment_id == Payment.id)
        .outerjoin(_Note, PaymentAllocation.credit_note_id == _Note.id)
        .where(Invoice.customer_id == customer_id, PaymentAllocation.write_off_id.is_(None))
    )


def _refunded(kind: Kind, step: int, at: Any, amount: Any, customer_id: int) -> AnySelect:
    return (
        select(
            *_columns(kind, step, at, amount), PaymentAllocation.id.label("row_id"), Payment.id.label("payment_id"),
            _Note.id.label("note_id"), func.coalesce(Payment.number, _Note.number).label("source_number"), *_no_bill(),
        )
        .select_from(PaymentAllocation).outerjoin(Payment, PaymentAllocation.payment_id == Payment.id)
        .outerjoin(_Note, PaymentAllocation.credit_note_id == _Note.id)
        .where(PaymentAllocation.refund_id.is_not(None),
               func.coalesce(Payment.customer_id, _Note.customer_id) == customer_id)
    )


def _columns(kind: Kind, step: int, at: Any, amount: Any) -> list[Any]:
    return [literal(step).label("step"), literal(str(kind), String).label("kind"),
            cast(at, DateTime(timezone=True)).label("at"), amount.label("amount_minor")]


def _no_bill() -> list[Any]:
    return [cast(null(), BigInteger).label("invoice_id"), cast(null(), String).label("invoice_number")]


def _taken_back(model: type[Payment] | type[Invoice]) -> Any:
    """When money left the wallet: the row keeps the day only, but it was freed from the bills it paid before."""
    is_source, on, begun_at = (
        (PaymentAllocation.payment_id == Payment.id, Payment.reversed_on, Payment.recorded_at) if model is Payment
        else (PaymentAllocation.credit_note_id == Invoice.id, Invoice.voided_on, Invoice.created_at)
    )
    freed_at = (
        select(func.max(PaymentAllocation.released_at)).where(and_(is_source)).correlate(model).scalar_subquery()
    )
    return func.greatest(freed_at, begun_at, func.timezone(str(current.tenant.zone), cast(on, DateTime)))

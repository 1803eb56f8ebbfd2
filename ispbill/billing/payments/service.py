"""Recording and reversing payments. The customer's account is held, so that money is spent once."""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from ispbill.audit import service as audit
from ispbill.billing.cash import service as drawers
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.policy import payment_received, reversed_postings
from ispbill.billing.payments import queries
from ispbill.billing.payments.allocations.service import (
    CreditSpent,
    refuse_refunded,
    release,
    release_invoice,
    settle,
    settle_first,
)
from ispbill.billing.payments.models import Payment, PaymentAllocation, PaymentMethod, PaymentStatus
from ispbill.company import service as company
from ispbill.company.models import SeriesKind
from ispbill.core.bulk import copy_rows, take_keys
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _

__all__ = ["CreditSpent", "record", "record_list", "release_invoice", "reverse", "settle", "settle_first"]
_PAYMENT_COLUMNS = (
    "id", "number", "customer_id", "amount_minor", "method", "reference", "received_on", "status", "note",
    "idempotency_key", "recorded_by", "recorded_at",
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a cashier says when money comes in. `idempotency_key` makes the same click or retry count once.

    With `waits` it is meant for something else than the oldest invoices, and stays as credit for now.
    """

    customer_id: int
    amount_minor: int
    method: str
    reference: str = ""
    received_on: date | None = None
    note: str = ""
    idempotency_key: str | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class PaymentRecorded:
    """Money came in and has been allocated."""

    payment_id: int
    customer_id: int


@dataclass(frozen=True, slots=True)
class PaymentReversed:
    """Money was taken back; what it had settled is open again."""

    payment_id: int
    customer_id: int


def record(receipt: Receipt) -> Payment:
    """Record money received and settle the oldest invoices with it; what is left stays as credit.

    The same idempotency key gives the payment recorded first. Raises Invalid for the amount, the day or the method,
    NotFound for the customer, Conflict for a reference recorded before or a key used for something else.
    """
    ledger.hold_account(receipt.customer_id)
    repeated = _recorded_before(receipt)
    if repeated is not None:
        return repeated
    received_on = _checked_day(receipt)
    payment = Payment(
        number=company.take_numbers(SeriesKind.RECEIPT, 1, on=received_on).text(0), customer_id=receipt.customer_id,
        amount_minor=receipt.amount_minor, method=receipt.method, reference=receipt.reference.strip(),
        received_on=received_on, status=PaymentStatus.RECORDED, note=receipt.note.strip(),
        idempotency_key=receipt.idempotency_key, recorded_by=current.actor.name, recorded_at=current.now(),
    )
    db.session.add(payment)
    db.session.flush()
    ledger.post([_entry(payment.id, payment.number, receipt, received_on)])
    if payment.method == PaymentMethod.CASH:
        drawers.receive(payment.id, payment.amount_minor)
    if not receipt.waits:
        settle([payment.customer_id])
    db.session.refresh(payment)
    publish(PaymentRecorded(payment_id=payment.id, customer_id=payment.customer_id))
    return payment


def record_list(receipts: Sequence[Receipt], *, label: str) -> int:
    """Record a list of payments, such as a bank's file of a day, all of it or nothing; how many were new.

    Each carries an idempotency key; one recorded before is passed over. The audit gets one note, with `label`. Raises
    what `record` raises.
    """
    assert all(receipt.idempotency_key for receipt in receipts), "on a list every payment has a key"
    ledger.hold_accounts({receipt.customer_id for receipt in receipts})
    known = queries.known_keys([receipt.idempotency_key for receipt in receipts if receipt.idempotency_key])
    fresh = [receipt for receipt in receipts if receipt.idempotency_key not in known]
    if not fresh:
        return 0
    days = [_checked_day(receipt) for receipt in fresh]
    keys = take_keys(Payment, len(fresh))
    numbers = _numbers(days)
    copy_rows(Payment, _PAYMENT_COLUMNS, map(_payment_row, keys, numbers, fresh, days))
    ledger.post(list(map(_entry, keys, numbers, fresh, days)))
    settle({receipt.customer_id for receipt in fresh})
    audit.note("recorded", entity="payment_list", label=label, after={
        "payments": len(fresh), "first": numbers[0], "last": numbers[-1],
        "total_minor": sum(receipt.amount_minor for receipt in fresh),
    })
    for key, receipt in zip(keys, fresh, strict=True):
        publish(PaymentRecorded(payment_id=key, customer_id=receipt.customer_id))
    return len(fresh)


def reverse(payment: Payment, *, reason: str) -> None:
    """Take a payment back, such as a bounced cheque: its invoices are open again and the customer owes the money.

    Raises Invalid without a reason, Conflict when it is reversed already or a part of it was refunded.
    """
    if not reason.strip():
        raise Invalid(_("Say why the payment is reversed."), field="reason")
    ledger.hold_account(payment.customer_id)
    db.session.refresh(payment, attribute_names=["status"])
    if payment.status == PaymentStatus.REVERSED:
        raise Conflict(_("Payment %(number)s is reversed already.", number=payment.number))
    refuse_refunded(PaymentAllocation.payment_id == payment.id)
    payment.status, payment.applied_on = PaymentStatus.REVERSED, None
    payment.reversed_on, payment.reversal_reason = current.today(), reason.strip()
    db.session.flush()
    release(PaymentAllocation.payment_id == payment.id)
    postings = payment_received(
        customer_id=payment.customer_id, amount_minor=payment.amount_minor, method=payment.method
    )
    ledger.post([ledger.Entry(current.today(), "payment", payment.id, f"Reversal of payment {payment.number}",
                              reversed_postings(postings))])
    if payment.method == PaymentMethod.CASH:
        drawers.give_back(payment.id, payment.amount_minor)
    settle([payment.customer_id])
    publish(PaymentReversed(payment_id=payment.id, customer_id=payment.customer_id))


def _numbers(days: Sequence[date]) -> list[str]:
    """A receipt's number for each day, in their order: those of a year from one block of it, an earlier year first."""
    years = Counter(day.year for day in days)
    blocks = {year: iter(company.take_numbers(SeriesKind.RECEIPT, count, on=date(year, 1, 1)).texts())
              for year, count in sorted(years.items())}
    return [next(blocks[day.year]) for day in days]


def _payment_row(key: int, number: str, receipt: Receipt, received_on: date) -> tuple[object, ...]:
    return (
        key, number, receipt.customer_id, receipt.amount_minor, receipt.method, receipt.reference.strip(), received_on,
        PaymentStatus.RECORDED, receipt.note.strip(), receipt.idempotency_key, current.actor.name, current.now(),
    )


def _entry(payment_id: int, number: str, receipt: Receipt, received_on: date) -> ledger.Entry:
    return ledger.Entry(received_on, "payment", payment_id, f"Payment {number}", payment_received(
        customer_id=receipt.customer_id, amount_minor=receipt.amount_minor, method=receipt.method
    ))


def _recorded_before(receipt: Receipt) -> Payment | None:
    if receipt.idempotency_key is None:
        return None
    known = db.session.scalars(
        select(Payment).where(Payment.idempotency_key == receipt.idempotency_key)
    ).one_or_none()
    if known is not None and (known.customer_id, known.amount_minor, known.method) != (
        receipt.customer_id, receipt.amount_minor, receipt.method
    ):
        raise Conflict(
            _("This was sent before, for another payment. Start afresh, with a new form or a new key."),
            field="idempotency_key",
        )
    return known


def _checked_day(receipt: Receipt) -> date:
    if receipt.amount_minor <= 0:
        raise Invalid(_("The amount must be more than zero."), field="amount")
    if receipt.method not in list(PaymentMethod):
        raise Invalid(_("“%(method)s” is no payment method. Use one of %(paymentmethod)s.", method=receipt.method,
                        paymentmethod=", ".join(PaymentMethod)),
                      field="method")
    if receipt.method != PaymentMethod.CASH and not receipt.reference.strip():
        raise Invalid(_("Give the reference of the transfer, card slip, cheque or certificate."), field="reference")
    today = current.today()
    received_on = receipt.received_on or today
    if received_on > today:
        raise Invalid(_("The day lies in the future."), field="received_on")
    if received_on < today:
        current.require("backdate_payment")
        company.require_open(received_on, field="received_on")
    return received_on

"""Recording, allocating and reversing payments. The customer's account is held, so that money is spent once."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, case, cast, null, or_, select, update

from ispbill.audit import service as audit
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.policy import payment_received, reversed_postings
from ispbill.billing.payments import queries
from ispbill.billing.payments.models import Payment, PaymentAllocation, PaymentMethod, PaymentStatus
from ispbill.billing.payments.policy import OpenInvoice, Share, allocate
from ispbill.company import service as company
from ispbill.company.models import SeriesKind
from ispbill.core.bulk import any_key, copy_rows, take_keys
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish

_PAYMENT_COLUMNS = (
    "id", "number", "customer_id", "amount_minor", "method", "reference", "received_on", "status", "note",
    "idempotency_key", "recorded_by", "recorded_at",
)
_ALLOCATION_COLUMNS = ("payment_id", "invoice_id", "amount_minor", "credit_note_id", "allocated_at")


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


@dataclass(frozen=True, slots=True)
class CreditSpent:
    """What credit these customers had, from payments or credit notes, was spent on what they owe."""

    customer_ids: tuple[int, ...]


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
        number=company.take_numbers(SeriesKind.RECEIPT, 1).text(0), customer_id=receipt.customer_id,
        amount_minor=receipt.amount_minor, method=receipt.method, reference=receipt.reference.strip(),
        received_on=received_on, status=PaymentStatus.RECORDED, note=receipt.note.strip(),
        idempotency_key=receipt.idempotency_key, recorded_by=current.actor.name, recorded_at=current.now(),
    )
    db.session.add(payment)
    db.session.flush()
    ledger.post([_entry(payment.id, payment.number, receipt, received_on)])
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
    block = company.take_numbers(SeriesKind.RECEIPT, len(fresh))
    numbers = [block.text(place) for place in range(len(fresh))]
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


def settle(customer_ids: Collection[int]) -> None:
    """Spend what credit these customers have on their open invoices, oldest first. Their accounts must be held."""
    credits = queries.credits(customer_ids)
    if not credits:
        return
    invoices = queries.open_invoices(credits.keys())
    shares = [share for customer_id, credit in credits.items()
              for share in allocate(credit, invoices.get(customer_id, []))]
    _write_shares(shares)
    publish(CreditSpent(tuple(credits)))


def settle_first(invoice: OpenInvoice, *, customer_id: int) -> None:
    """Spend a customer's credit, oldest first, on this invoice before any other. Their account must be held."""
    shares = allocate(queries.credits([customer_id]).get(customer_id, []), [invoice])
    _write_shares(shares)


def reverse(payment: Payment, *, reason: str) -> None:
    """Take a payment back, such as a bounced cheque: its invoices are open again and the customer owes the money.

    Raises Invalid without a reason, Conflict when it is reversed already.
    """
    if not reason.strip():
        raise Invalid("Say why the payment is reversed.", field="reason")
    ledger.hold_account(payment.customer_id)
    db.session.refresh(payment, attribute_names=["status"])
    if payment.status == PaymentStatus.REVERSED:
        raise Conflict(f"Payment {payment.number} is reversed already.")
    payment.status, payment.applied_on = PaymentStatus.REVERSED, None
    payment.reversed_on, payment.reversal_reason = current.today(), reason.strip()
    db.session.flush()
    release(PaymentAllocation.payment_id == payment.id)
    postings = payment_received(
        customer_id=payment.customer_id, amount_minor=payment.amount_minor, method=payment.method
    )
    ledger.post([ledger.Entry(current.today(), "payment", payment.id, f"Reversal of payment {payment.number}",
                              reversed_postings(postings))])
    settle([payment.customer_id])
    publish(PaymentReversed(payment_id=payment.id, customer_id=payment.customer_id))


def release_invoice(invoice_id: int, customer_id: int) -> None:
    """Free what had settled a voided invoice, or what a voided credit note had settled; spend what credit there is."""
    ledger.hold_account(customer_id)
    release(or_(PaymentAllocation.invoice_id == invoice_id, PaymentAllocation.credit_note_id == invoice_id))
    settle([customer_id])


def release(condition: object) -> None:
    """End the live allocations that meet the condition; their invoices and payments are open again."""
    rows = db.session.execute(
        update(PaymentAllocation).where(condition, PaymentAllocation.released_at.is_(None))  # type: ignore[arg-type]
        .values(released_at=current.now())
        .returning(PaymentAllocation.payment_id, PaymentAllocation.invoice_id, PaymentAllocation.amount_minor,
                   PaymentAllocation.credit_note_id)
        .execution_options(synchronize_session=False)
    ).all()
    _mark_settled([Share(*row) for row in rows])


def _write_shares(shares: Sequence[Share]) -> None:
    if not shares:
        return
    now = current.now()
    copy_rows(PaymentAllocation, _ALLOCATION_COLUMNS, ((*share, now) for share in shares))
    _mark_settled(shares)


def _mark_settled(shares: Iterable[Share]) -> None:
    """Set or clear the day on which the touched invoices were settled and the touched payments and notes spent."""
    shares = list(shares)
    today = cast(current.today(), Date)
    for model, keys, total, spent, column in (
        (Invoice, {share.invoice_id for share in shares}, Invoice.total_minor, queries.ALLOCATED_TO_INVOICE,
         Invoice.settled_on),
        (Invoice, {share.credit_note_id for share in shares if share.credit_note_id}, -Invoice.total_minor,
         queries.ALLOCATED_FROM_NOTE, Invoice.settled_on),
        (Payment, {share.payment_id for share in shares if share.payment_id}, Payment.amount_minor,
         queries.ALLOCATED_FROM_PAYMENT, Payment.applied_on),
    ):
        if keys:
            db.session.execute(
                update(model).where(model.id == any_key(keys))
                .values({column: case((spent >= total, today), else_=null())})
                .execution_options(synchronize_session=False)
            )


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
            "This was sent before, for another payment. Start afresh, with a new form or a new key.",
            field="idempotency_key",
        )
    return known


def _checked_day(receipt: Receipt) -> date:
    if receipt.amount_minor <= 0:
        raise Invalid("The amount must be more than zero.", field="amount")
    if receipt.method not in list(PaymentMethod):
        raise Invalid(f"“{receipt.method}” is no payment method. Use one of {', '.join(PaymentMethod)}.",
                      field="method")
    if receipt.method != PaymentMethod.CASH and not receipt.reference.strip():
        raise Invalid("Give the reference of the transfer, card slip or cheque.", field="reference")
    today = current.today()
    received_on = receipt.received_on or today
    if received_on > today:
        raise Invalid("The day lies in the future.", field="received_on")
    if received_on < today:
        current.require("backdate_payment")
    return received_on

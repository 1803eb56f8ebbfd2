"""Recording and cancelling refunds. Only credit that settles nothing is paid back, and each of it once."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, union_all

from ispbill.billing.cash import service as drawers
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.policy import refund_paid, reversed_postings
from ispbill.billing.payments import queries as payments
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.payments.models import MONEY_METHODS, Payment, PaymentAllocation, PaymentMethod
from ispbill.billing.payments.policy import Credit, Share, spend
from ispbill.billing.refunds.models import Refund, RefundStatus
from ispbill.company import service as company
from ispbill.company.models import SeriesKind
from ispbill.core import formats
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """What is paid back, and how: from the oldest credit, or from one payment or credit note.

    `idempotency_key` makes the same click or retry count once.
    """

    customer_id: int
    amount_minor: int
    method: str
    reason: str
    reference: str = ""
    refunded_on: date | None = None
    payment_id: int | None = None
    credit_note_id: int | None = None
    idempotency_key: str | None = None


def refund(facts: RefundFacts) -> Refund:
    """Pay unapplied credit back to the customer, and book it.

    What a payment has settled is no credit: unapply it first, and its invoice is owed again; or issue a credit note,
    and it is not. Raises Invalid for the facts, Conflict for more than the credit that is there.
    """
    ledger.hold_account(facts.customer_id)
    repeated = _recorded_before(facts)
    if repeated is not None:
        return repeated
    refunded_on = _checked_day(facts)
    shares = spend(_credits(facts), facts.amount_minor)
    _check_order(shares, refunded_on)
    row = Refund(
        number=company.take_numbers(SeriesKind.REFUND, 1, on=refunded_on).text(0), customer_id=facts.customer_id,
        amount_minor=facts.amount_minor, method=facts.method, reference=facts.reference.strip(),
        refunded_on=refunded_on, reason=facts.reason.strip(), status=RefundStatus.RECORDED,
        idempotency_key=facts.idempotency_key, recorded_by=current.actor.name, recorded_at=current.now(),
    )
    db.session.add(row)
    db.session.flush()
    allocations.write_shares([Share(share.payment_id, None, share.amount_minor, share.credit_note_id, None, row.id)
                              for share in shares])
    postings = refund_paid(customer_id=row.customer_id, amount_minor=row.amount_minor, method=row.method)
    ledger.post([ledger.Entry(refunded_on, "refund", row.id, f"Refund {row.number}", postings)])
    if row.method == PaymentMethod.CASH:
        drawers.pay_out(row.id, row.amount_minor)
    return row


def cancel(row: Refund, *, reason: str) -> Refund:
    """Take a refund back, such as a cheque that was never cashed: the credit is there again.

    Raises Invalid without a reason, Conflict where it is cancelled already.
    """
    if not reason.strip():
        raise Invalid(_("Say why the refund is cancelled."), field="reason")
    ledger.hold_account(row.customer_id)
    db.session.refresh(row, attribute_names=["status"])
    if row.status == RefundStatus.CANCELLED:
        raise Conflict(_("Refund %(number)s is cancelled already.", number=row.number))
    row.status, row.cancelled_on, row.cancel_reason = RefundStatus.CANCELLED, current.today(), reason.strip()
    db.session.flush()
    allocations.release(PaymentAllocation.refund_id == row.id)
    postings = refund_paid(customer_id=row.customer_id, amount_minor=row.amount_minor, method=row.method)
    ledger.post([ledger.Entry(current.today(), "refund", row.id, f"Cancelled refund {row.number}",
                              reversed_postings(postings))])
    if row.method == PaymentMethod.CASH:
        drawers.put_back(row.id, row.amount_minor)
    return row


def _credits(facts: RefundFacts) -> list[Credit]:
    """The customer's credit that may be paid back: tax that was withheld never came in as money."""
    wanted = payments.refundable(facts.customer_id)
    if facts.payment_id is not None:
        return [credit for credit in wanted if credit.payment_id == facts.payment_id]
    if facts.credit_note_id is not None:
        return [credit for credit in wanted if credit.credit_note_id == facts.credit_note_id]
    return wanted


def _check_order(shares: Sequence[Share], refunded_on: date) -> None:
    """Raises Invalid for a day before today on which the credit had not come in yet."""
    if refunded_on >= current.today():
        return
    came_in = union_all(
        select(Payment.received_on).where(Payment.id == any_key([share.payment_id or 0 for share in shares])),
        select(Invoice.issued_on).where(Invoice.id == any_key([share.credit_note_id or 0 for share in shares])),
    ).subquery()
    latest = db.session.scalar(select(func.max(came_in.c[0])))
    if latest is not None and latest > refunded_on:
        raise Invalid(_("This credit came in on %(day)s, and is not paid back before.", day=formats.short_date(latest)),
                      field="refunded_on")


def _recorded_before(facts: RefundFacts) -> Refund | None:
    if facts.idempotency_key is None:
        return None
    known = db.session.scalars(select(Refund).where(Refund.idempotency_key == facts.idempotency_key)).one_or_none()
    if known is not None and (known.customer_id, known.amount_minor) != (facts.customer_id, facts.amount_minor):
        raise Conflict(_("This was sent before, for another refund. Start afresh."), field="idempotency_key")
    return known


def _checked_day(facts: RefundFacts) -> date:
    if facts.amount_minor <= 0:
        raise Invalid(_("The amount must be more than zero."), field="amount")
    if facts.method not in MONEY_METHODS:
        raise Invalid(_("Use one of %(money_methods)s.", money_methods=", ".join(MONEY_METHODS)), field="method")
    if facts.method != PaymentMethod.CASH and not facts.reference.strip():
        raise Invalid(_("Give the reference of the transfer or cheque."), field="reference")
    if not facts.reason.strip():
        raise Invalid(_("Say why the money is paid back."), field="reason")
    today = current.today()
    refunded_on = facts.refunded_on or today
    if refunded_on > today:
        raise Invalid(_("The day lies in the future."), field="refunded_on")
    if refunded_on < today:
        current.require("backdate_payment")
        company.require_open(refunded_on, field="refunded_on")
    return refunded_on

"""Invariants of money: what is owed, what settles what, what is credit. One statement each."""
from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from ispbill.billing.charges.models import Charge, ChargeStatus
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger.models import JournalPosting
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.billing.proof.faults.queries import (
    IS_CREDIT,
    ISSUED,
    LIVE,
    PAID_BACK,
    STANDS,
    account,
    fault,
    of_customers,
    shares_of,
)
from ispbill.billing.refunds.models import Refund
from ispbill.core.db import AnySelect


def receivable_open() -> AnySelect:
    """Customers of whom the ledger says something else than open documents less unapplied credit."""
    nothing = literal(0, BigInteger)
    settled = select(Invoice.customer_id, nothing, -PaymentAllocation.amount_minor)
    spent = select(Payment.customer_id, nothing, PaymentAllocation.amount_minor)
    credited = select(Invoice.customer_id, nothing, PaymentAllocation.amount_minor)
    refunded = select(Refund.customer_id, nothing, -PaymentAllocation.amount_minor)
    moves = union_all(
        select(JournalPosting.customer_id.label("customer_id"), JournalPosting.amount_minor.label("booked"),
               nothing.label("owed"))
        .where(JournalPosting.account_id == account(AccountPurpose.RECEIVABLE),
               JournalPosting.customer_id.is_not(None)),
        select(Invoice.customer_id, nothing, Invoice.total_minor).where(ISSUED),
        select(Payment.customer_id, nothing, -Payment.amount_minor).where(STANDS),
        settled.join(Invoice, Invoice.id == PaymentAllocation.invoice_id).where(LIVE, ISSUED),
        spent.join(Payment, Payment.id == PaymentAllocation.payment_id).where(LIVE, STANDS),
        credited.join(Invoice, Invoice.id == PaymentAllocation.credit_note_id).where(LIVE, ISSUED),
        select(Refund.customer_id, nothing, Refund.amount_minor).where(PAID_BACK),
        refunded.join(Refund, Refund.id == PaymentAllocation.refund_id).where(LIVE, PAID_BACK),
    ).subquery()
    sums = (
        select(moves.c.customer_id, func.sum(moves.c.owed).label("owed"), func.sum(moves.c.booked).label("booked"))
        .group_by(moves.c.customer_id).having(func.sum(moves.c.owed) != func.sum(moves.c.booked)).subquery()
    )
    return of_customers(sums, expected=sums.c.owed, actual=sums.c.booked)


def credit_positive() -> AnySelect:
    """Customers more of whose credit is used than came in."""
    moves = union_all(
        select(Payment.customer_id.label("customer_id"), Payment.amount_minor.label("amount_minor")).where(STANDS),
        select(Payment.customer_id, -PaymentAllocation.amount_minor)
        .join(Payment, Payment.id == PaymentAllocation.payment_id).where(LIVE),
        select(Invoice.customer_id, -Invoice.total_minor).where(ISSUED, IS_CREDIT),
        select(Invoice.customer_id, -PaymentAllocation.amount_minor)
        .join(Invoice, Invoice.id == PaymentAllocation.credit_note_id).where(LIVE),
    ).subquery()
    credit = func.sum(moves.c.amount_minor)
    sums = (
        select(moves.c.customer_id, credit.label("credit")).group_by(moves.c.customer_id).having(credit < 0).subquery()
    )
    return of_customers(sums, expected=literal(0), actual=sums.c.credit)


def deposits_returned() -> AnySelect:
    """Customers to whom more of a deposit is given back than they were billed of it."""
    back = aliased(Charge)
    billed = case((Charge.status == ChargeStatus.BILLED, Charge.quantity * Charge.unit_price_minor), else_=0)
    returned = -func.sum(back.quantity * back.unit_price_minor)
    return (
        fault(Charge.customer_id, Charge.description, billed, returned)
        .join(back, back.returns_id == Charge.id).where(back.status != ChargeStatus.CANCELLED)
        .group_by(Charge.id).having(returned > billed)
    )


def payment_allocated() -> AnySelect:
    """Payments that settle more than they are."""
    most, shares = case((STANDS, Payment.amount_minor), else_=0), shares_of(PaymentAllocation.payment_id)
    return (
        fault(Payment.id, Payment.number, most, shares.c.total)
        .join(shares, shares.c.owner_id == Payment.id).where(shares.c.total > most)
    )


def invoice_allocated() -> AnySelect:
    """Invoices that are settled by more than they ask."""
    most, shares = case((ISSUED, Invoice.total_minor), else_=0), shares_of(PaymentAllocation.invoice_id)
    return (
        fault(Invoice.id, Invoice.number, most, shares.c.total)
        .join(shares, shares.c.owner_id == Invoice.id).where(shares.c.total > most)
    )


def note_allocated() -> AnySelect:
    """Credit notes that settle more than they are, and other documents that settle something."""
    most, shares = case((ISSUED, -Invoice.total_minor), else_=0), shares_of(PaymentAllocation.credit_note_id)
    return (
        fault(Invoice.id, Invoice.number, most, shares.c.total)
        .join(shares, shares.c.owner_id == Invoice.id).where(or_(shares.c.total > most, ~IS_CREDIT))
    )


def refund_covered() -> AnySelect:
    """Refunds that are not paid from as much credit."""
    expected, shares = case((PAID_BACK, Refund.amount_minor), else_=0), shares_of(PaymentAllocation.refund_id)
    covered = func.coalesce(shares.c.total, 0)
    return (
        fault(Refund.id, Refund.number, expected, covered)
        .outerjoin(shares, shares.c.owner_id == Refund.id).where(covered != expected)
    )


def allocation_owner() -> AnySelect:
    """Money that settles, or is refunded to, somebody else."""
    note, share = aliased(Invoice), PaymentAllocation
    source, target = func.coalesce(Payment.customer_id, note.customer_id), func.coalesce(
        Invoice.customer_id, Refund.customer_id)
    label = func.coalesce(Payment.number, note.number) + " → " + func.coalesce(Invoice.number, Refund.number)
    return (
        fault(func.coalesce(Payment.id, note.id), label, source, target).select_from(share)
        .outerjoin(Payment, Payment.id == share.payment_id).outerjoin(note, note.id == share.credit_note_id)
        .outerjoin(Invoice, Invoice.id == share.invoice_id).outerjoin(Refund, Refund.id == share.refund_id)
        .where(LIVE, share.write_off_id.is_(None), source != target)
    )


def invoice_settled() -> AnySelect:
    """Of invoices what came in counts, of credit notes what was spent."""
    paid, spent = shares_of(PaymentAllocation.invoice_id), shares_of(PaymentAllocation.credit_note_id)
    done = case((IS_CREDIT, func.coalesce(spent.c.total, 0)), else_=func.coalesce(paid.c.total, 0))
    whole = func.abs(Invoice.total_minor)
    return (
        fault(Invoice.id, Invoice.number, whole, done)
        .outerjoin(paid, paid.c.owner_id == Invoice.id).outerjoin(spent, spent.c.owner_id == Invoice.id)
        .where(Invoice.settled_on.is_not(None) != and_(ISSUED, done >= whole))
    )


def payment_applied() -> AnySelect:
    """Payments that are marked as used up and are not, or the other way round."""
    shares = shares_of(PaymentAllocation.payment_id)
    spent = func.coalesce(shares.c.total, 0)
    return (
        fault(Payment.id, Payment.number, Payment.amount_minor, spent)
        .outerjoin(shares, shares.c.owner_id == Payment.id)
        .where(Payment.applied_on.is_not(None) != and_(STANDS, spent >= Payment.amount_minor))
    )

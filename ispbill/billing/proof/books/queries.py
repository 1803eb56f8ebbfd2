"""Invariants of the journal: entries balance, documents are booked, closed days stay closed. One statement each."""
from __future__ import annotations

from sqlalchemy import (
    ScalarSelect,
    case,
    func,
    literal,
    null,
    or_,
    select,
)

from ispbill.billing.charges.models import Charge, ChargeKind, ChargeStatus
from ispbill.billing.closing.models import BooksClosing
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger.models import JournalEntry, JournalPosting
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.billing.prepaid.models import PrepaidLoad
from ispbill.billing.proof.faults.queries import (
    ISSUED,
    PAID_BACK,
    STANDS,
    account,
    booked_by,
    fault,
    shares_of,
)
from ispbill.billing.refunds.models import Refund
from ispbill.billing.write_offs.models import WriteOff
from ispbill.company.models import CompanySettings
from ispbill.core.db import AnySelect


def entries_balance() -> AnySelect:
    """Entries that do not sum to zero, or have one side only."""
    total = func.coalesce(func.sum(JournalPosting.amount_minor), 0)
    return (
        fault(JournalEntry.id, JournalEntry.memo, literal(0), total)
        .outerjoin(JournalPosting, JournalPosting.entry_id == JournalEntry.id)
        .group_by(JournalEntry.id).having(or_(total != 0, func.count(JournalPosting.id) < 2))
    )


def receivable_named() -> AnySelect:
    """Receivable postings of nobody."""
    return (
        fault(JournalEntry.id, JournalEntry.memo, null(), JournalPosting.amount_minor)
        .join(JournalPosting, JournalPosting.entry_id == JournalEntry.id)
        .where(JournalPosting.account_id == account(AccountPurpose.RECEIVABLE), JournalPosting.customer_id.is_(None))
    )


def invoice_booked() -> AnySelect:
    """Documents whose receivable postings are something else than their total."""
    booked = booked_by("invoice", AccountPurpose.RECEIVABLE)
    expected, actual = case((ISSUED, Invoice.total_minor), else_=0), func.coalesce(booked.c.total, 0)
    return (
        fault(Invoice.id, Invoice.number, expected, actual)
        .outerjoin(booked, booked.c.source_id == Invoice.id).where(expected != actual)
    )


def tax_booked() -> AnySelect:
    """Documents whose tax postings are something else than their tax."""
    booked = booked_by("invoice", AccountPurpose.TAX_PAYABLE)
    expected, actual = case((ISSUED, Invoice.tax_minor), else_=0), -func.coalesce(booked.c.total, 0)
    return (
        fault(Invoice.id, Invoice.number, expected, actual)
        .outerjoin(booked, booked.c.source_id == Invoice.id).where(expected != actual)
    )


def payment_booked() -> AnySelect:
    """Payments whose receivable postings are something else than their amount."""
    booked = booked_by("payment", AccountPurpose.RECEIVABLE)
    expected, actual = case((STANDS, Payment.amount_minor), else_=0), -func.coalesce(booked.c.total, 0)
    return (
        fault(Payment.id, Payment.number, expected, actual)
        .outerjoin(booked, booked.c.source_id == Payment.id).where(expected != actual)
    )


def refund_booked() -> AnySelect:
    """Refunds whose receivable postings are something else than their amount."""
    booked = booked_by("refund", AccountPurpose.RECEIVABLE)
    expected, actual = case((PAID_BACK, Refund.amount_minor), else_=0), func.coalesce(booked.c.total, 0)
    return (
        fault(Refund.id, Refund.number, expected, actual)
        .outerjoin(booked, booked.c.source_id == Refund.id).where(expected != actual)
    )


def write_off_booked() -> AnySelect:
    """Write-offs whose bad debt is something else than what of them stands."""
    booked, shares = booked_by("write_off", AccountPurpose.BAD_DEBT), shares_of(PaymentAllocation.write_off_id)
    expected, actual = func.coalesce(shares.c.total, 0), func.coalesce(booked.c.total, 0)
    return (
        fault(Invoice.id, Invoice.number, expected, actual).join(WriteOff, WriteOff.invoice_id == Invoice.id)
        .outerjoin(shares, shares.c.owner_id == WriteOff.id).outerjoin(booked, booked.c.source_id == WriteOff.id)
        .where(expected != actual)
    )


def deposits_held() -> AnySelect:
    """One row for all of them: what is given back is booked with the bill that it lessens."""
    held = (
        select(func.coalesce(func.sum(Charge.quantity * Charge.unit_price_minor), 0))
        .where(Charge.kind.in_((ChargeKind.DEPOSIT, ChargeKind.DEPOSIT_RETURN)), Charge.status == ChargeStatus.BILLED)
        .scalar_subquery()
    )
    booked = _owed(AccountPurpose.DEPOSITS)
    return fault(literal(0), literal("All deposits"), held, booked).where(held != booked)


def loads_deferred() -> AnySelect:
    """One row for all of them: revenue is recognised for many loads by one entry."""
    deferred = case((PrepaidLoad.cancelled_at.is_(None), PrepaidLoad.net_minor - PrepaidLoad.recognised_minor), else_=0)
    owed = select(func.coalesce(func.sum(deferred), 0)).scalar_subquery()
    booked = _owed(AccountPurpose.DEFERRED_REVENUE)
    return fault(literal(0), literal("All prepaid loads"), owed, booked).where(owed != booked)


def books_closed() -> AnySelect:
    """Entries that were slipped into closed days."""
    line = select(CompanySettings.books_closed_until).scalar_subquery()
    moved_at = select(func.max(BooksClosing.closed_at)).scalar_subquery()
    return fault(JournalEntry.id, JournalEntry.memo, null(), null()).where(
        JournalEntry.posted_on < line, JournalEntry.created_at > moved_at
    )


def _owed(purpose: AccountPurpose) -> ScalarSelect[int]:
    """What the ledger owes on an account."""
    owed = func.coalesce(-func.sum(JournalPosting.amount_minor), 0)
    return select(owed).where(JournalPosting.account_id == account(purpose)).scalar_subquery()

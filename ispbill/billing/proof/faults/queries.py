"""What the statements of all invariants share: the shape of a finding, what stands, sums by owner."""
from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    Text,
    cast,
    func,
    select,
)

from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.ledger.models import JournalEntry, JournalPosting, LedgerAccount
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.payments.models import Payment, PaymentAllocation, PaymentStatus
from ispbill.billing.refunds.models import Refund, RefundStatus
from ispbill.core.db import AnySelect
from ispbill.customers.models import Customer

ISSUED = Invoice.status == InvoiceStatus.ISSUED
STANDS = Payment.status == PaymentStatus.RECORDED
IS_CREDIT = Invoice.kind == DocumentKind.CREDIT_NOTE
PAID_BACK = Refund.status == RefundStatus.RECORDED
LIVE = PaymentAllocation.released_at.is_(None)


def fault(subject: Any, label: Any, expected: Any, actual: Any) -> AnySelect:
    """The shape of every finding: the id of what it is about, what people call it, what should be, what is."""
    return select(subject.label("subject_id"), cast(label, Text).label("label"), expected.label("expected"),
                  actual.label("actual"))


def account(purpose: AccountPurpose) -> Any:
    """The id of the account of a purpose, as a part of a statement."""
    return select(LedgerAccount.id).where(LedgerAccount.purpose == purpose).scalar_subquery()


def shares_of(owner: Any) -> Subquery:
    """Live allocations summed by payment or by invoice."""
    total = func.sum(PaymentAllocation.amount_minor).label("total")
    return select(owner.label("owner_id"), total).where(LIVE).group_by(owner).subquery()


def booked_by(source: str, purpose: AccountPurpose) -> Subquery:
    """What the entries of each document come to on one account."""
    return (
        select(JournalEntry.source_id, func.sum(JournalPosting.amount_minor).label("total"))
        .join(JournalPosting, JournalPosting.entry_id == JournalEntry.id)
        .where(JournalEntry.source == source, JournalPosting.account_id == account(purpose))
        .group_by(JournalEntry.source_id).subquery()
    )


def of_customers(sums: Subquery, *, expected: ColumnElement[Any], actual: ColumnElement[Any]) -> AnySelect:
    """Findings about customers, of their sums."""
    label = Customer.account_number + " " + Customer.name
    return fault(Customer.id, label, expected, actual).join(sums, sums.c.customer_id == Customer.id)

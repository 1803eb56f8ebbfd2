"""One statement for each invariant, which finds the rows that break it; and the reads of what was found before.

Each is a single statement, so that it sees one state of the books however busy they are.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from ispbill.billing.closing.models import BooksClosing
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus, InvoiceTax
from ispbill.billing.ledger.models import JournalEntry, JournalPosting, LedgerAccount
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.payments.models import Payment, PaymentAllocation, PaymentStatus
from ispbill.billing.prepaid.models import PrepaidLoad
from ispbill.billing.proof.models import BooksCheck
from ispbill.company.models import CompanySettings, NumberSeries, SeriesKind
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

NEWEST_FIRST = SortKey((BooksCheck.id,), descending=True)
_ISSUED = Invoice.status == InvoiceStatus.ISSUED
_STANDS = Payment.status == PaymentStatus.RECORDED
_LIVE = PaymentAllocation.released_at.is_(None)
_NUMBER, _PREFIX = "[0-9]+$", ""


def newest() -> BooksCheck | None:
    """The newest proof; None before the first."""
    return db.session.scalars(select(BooksCheck).order_by(BooksCheck.id.desc()).limit(1)).one_or_none()


def get(check_id: int) -> BooksCheck | None:
    """A proof; None where there is none."""
    return db.session.get(BooksCheck, check_id)


def history() -> AnySelect:
    """Every proof."""
    return select(BooksCheck)


def _fault(subject: Any, label: Any, expected: Any, actual: Any) -> AnySelect:
    """The shape of every finding: the id of what it is about, what people call it, what should be, what is."""
    return select(subject.label("subject_id"), cast(label, Text).label("label"), expected.label("expected"),
                  actual.label("actual"))


def _entries_balance() -> AnySelect:
    total = func.coalesce(func.sum(JournalPosting.amount_minor), 0)
    return (
        _fault(JournalEntry.id, JournalEntry.memo, literal(0), total)
        .outerjoin(JournalPosting, JournalPosting.entry_id == JournalEntry.id)
        .group_by(JournalEntry.id).having(or_(total != 0, func.count(JournalPosting.id) < 2))
    )


def _receivable_named() -> AnySelect:
    return (
        _fault(JournalEntry.id, JournalEntry.memo, null(), JournalPosting.amount_minor)
        .join(JournalPosting, JournalPosting.entry_id == JournalEntry.id)
        .where(JournalPosting.account_id == _account(AccountPurpose.RECEIVABLE), JournalPosting.customer_id.is_(None))
    )


def _receivable_open() -> AnySelect:
    nothing = literal(0, BigInteger)
    settled = select(Invoice.customer_id, nothing, -PaymentAllocation.amount_minor)
    spent = select(Payment.customer_id, nothing, PaymentAllocation.amount_minor)
    moves = union_all(
        select(JournalPosting.customer_id.label("customer_id"), JournalPosting.amount_minor.label("booked"),
               nothing.label("owed"))
        .where(JournalPosting.account_id == _account(AccountPurpose.RECEIVABLE),
               JournalPosting.customer_id.is_not(None)),
        select(Invoice.customer_id, nothing, Invoice.total_minor).where(_ISSUED),
        select(Payment.customer_id, nothing, -Payment.amount_minor).where(_STANDS),
        settled.join(Invoice, Invoice.id == PaymentAllocation.invoice_id).where(_LIVE, _ISSUED),
        spent.join(Payment, Payment.id == PaymentAllocation.payment_id).where(_LIVE, _STANDS),
    ).subquery()
    sums = (
        select(moves.c.customer_id, func.sum(moves.c.owed).label("owed"), func.sum(moves.c.booked).label("booked"))
        .group_by(moves.c.customer_id).having(func.sum(moves.c.owed) != func.sum(moves.c.booked)).subquery()
    )
    return _of_customers(sums, expected=sums.c.owed, actual=sums.c.booked)


def _credit_positive() -> AnySelect:
    moves = union_all(
        select(Payment.customer_id.label("customer_id"), Payment.amount_minor.label("amount_minor")).where(_STANDS),
        select(Payment.customer_id, -PaymentAllocation.amount_minor)
        .join(Payment, Payment.id == PaymentAllocation.payment_id).where(_LIVE),
    ).subquery()
    credit = func.sum(moves.c.amount_minor)
    sums = (
        select(moves.c.customer_id, credit.label("credit")).group_by(moves.c.customer_id).having(credit < 0).subquery()
    )
    return _of_customers(sums, expected=literal(0), actual=sums.c.credit)


def _payment_allocated() -> AnySelect:
    most, shares = case((_STANDS, Payment.amount_minor), else_=0), _shares(PaymentAllocation.payment_id)
    return (
        _fault(Payment.id, Payment.number, most, shares.c.total)
        .join(shares, shares.c.owner_id == Payment.id).where(shares.c.total > most)
    )


def _invoice_allocated() -> AnySelect:
    most, shares = case((_ISSUED, Invoice.total_minor), else_=0), _shares(PaymentAllocation.invoice_id)
    return (
        _fault(Invoice.id, Invoice.number, most, shares.c.total)
        .join(shares, shares.c.owner_id == Invoice.id).where(shares.c.total > most)
    )


def _allocation_owner() -> AnySelect:
    return (
        _fault(Payment.id, Payment.number + " → " + Invoice.number, Payment.customer_id, Invoice.customer_id)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(Invoice, Invoice.id == PaymentAllocation.invoice_id)
        .where(_LIVE, Payment.customer_id != Invoice.customer_id)
    )


def _invoice_settled() -> AnySelect:
    shares = _shares(PaymentAllocation.invoice_id)
    paid = func.coalesce(shares.c.total, 0)
    return (
        _fault(Invoice.id, Invoice.number, Invoice.total_minor, paid)
        .outerjoin(shares, shares.c.owner_id == Invoice.id)
        .where(Invoice.settled_on.is_not(None) != and_(_ISSUED, paid >= Invoice.total_minor))
    )


def _payment_applied() -> AnySelect:
    shares = _shares(PaymentAllocation.payment_id)
    spent = func.coalesce(shares.c.total, 0)
    return (
        _fault(Payment.id, Payment.number, Payment.amount_minor, spent)
        .outerjoin(shares, shares.c.owner_id == Payment.id)
        .where(Payment.applied_on.is_not(None) != and_(_STANDS, spent >= Payment.amount_minor))
    )


def _lines_sum() -> AnySelect:
    lines = (
        select(InvoiceLine.invoice_id, func.sum(InvoiceLine.net_minor).label("net"),
               func.sum(InvoiceLine.tax_minor).label("tax")).group_by(InvoiceLine.invoice_id).subquery()
    )
    net, tax = func.coalesce(lines.c.net, 0), func.coalesce(lines.c.tax, 0)
    return (
        _fault(Invoice.id, Invoice.number, Invoice.total_minor, net + tax)
        .outerjoin(lines, lines.c.invoice_id == Invoice.id)
        .where(or_(net != Invoice.net_minor, tax != Invoice.tax_minor))
    )


def _taxes_sum() -> AnySelect:
    taxes = (
        select(InvoiceTax.invoice_id, func.sum(InvoiceTax.tax_minor).label("tax")).group_by(InvoiceTax.invoice_id)
        .subquery()
    )
    tax = func.coalesce(taxes.c.tax, 0)
    return (
        _fault(Invoice.id, Invoice.number, Invoice.tax_minor, tax)
        .outerjoin(taxes, taxes.c.invoice_id == Invoice.id).where(tax != Invoice.tax_minor)
    )


def _numbers(model: type[Invoice] | type[Payment], kind: SeriesKind) -> AnySelect:
    """Numbers that do not follow the one before, and a series whose next number does not follow the last."""
    number = cast(func.substring(model.number, _NUMBER), BigInteger)
    prefix = func.regexp_replace(model.number, _NUMBER, _PREFIX)
    before = func.lag(number).over(partition_by=prefix, order_by=number)
    rows = select(
        model.id, model.number, prefix.label("prefix"), number.label("taken"), before.label("before")
    ).subquery()
    gaps = _fault(rows.c.id, rows.c.number, rows.c.before + 1, rows.c.taken).where(rows.c.taken != rows.c.before + 1)
    last = func.max(rows.c.taken)
    ends = (
        _fault(func.max(rows.c.id), func.max(rows.c.number), NumberSeries.next_number - 1, last)
        .join(NumberSeries, and_(NumberSeries.kind == kind, _rendered_prefix() == rows.c.prefix))
        .group_by(NumberSeries.next_number).having(last != NumberSeries.next_number - 1)
    )
    either = union_all(gaps, ends).subquery()
    return select(either)


def _periods_apart() -> AnySelect:
    before = func.lag(InvoiceLine.period_end).over(
        partition_by=(InvoiceLine.subscription_id, InvoiceLine.component_id), order_by=InvoiceLine.period_start
    )
    lines = (
        select(InvoiceLine.invoice_id, InvoiceLine.description, InvoiceLine.period_start, before.label("before"))
        .where(InvoiceLine.is_live, InvoiceLine.component_id.is_not(None), InvoiceLine.period_start.is_not(None))
        .subquery()
    )
    label = Invoice.number + ", " + lines.c.description
    return (
        _fault(Invoice.id, label, null(), null()).join(lines, lines.c.invoice_id == Invoice.id)
        .where(lines.c.before > lines.c.period_start)
    )


def _invoice_booked() -> AnySelect:
    booked = _booked("invoice", AccountPurpose.RECEIVABLE)
    expected, actual = case((_ISSUED, Invoice.total_minor), else_=0), func.coalesce(booked.c.total, 0)
    return (
        _fault(Invoice.id, Invoice.number, expected, actual)
        .outerjoin(booked, booked.c.source_id == Invoice.id).where(expected != actual)
    )


def _tax_booked() -> AnySelect:
    booked = _booked("invoice", AccountPurpose.TAX_PAYABLE)
    expected, actual = case((_ISSUED, Invoice.tax_minor), else_=0), -func.coalesce(booked.c.total, 0)
    return (
        _fault(Invoice.id, Invoice.number, expected, actual)
        .outerjoin(booked, booked.c.source_id == Invoice.id).where(expected != actual)
    )


def _payment_booked() -> AnySelect:
    booked = _booked("payment", AccountPurpose.RECEIVABLE)
    expected, actual = case((_STANDS, Payment.amount_minor), else_=0), -func.coalesce(booked.c.total, 0)
    return (
        _fault(Payment.id, Payment.number, expected, actual)
        .outerjoin(booked, booked.c.source_id == Payment.id).where(expected != actual)
    )


def _loads_deferred() -> AnySelect:
    """One row for all of them: revenue is recognised for many loads by one entry."""
    deferred = case((PrepaidLoad.cancelled_at.is_(None), PrepaidLoad.net_minor - PrepaidLoad.recognised_minor), else_=0)
    owed = select(func.coalesce(func.sum(deferred), 0)).scalar_subquery()
    held = (
        select(func.coalesce(-func.sum(JournalPosting.amount_minor), 0))
        .where(JournalPosting.account_id == _account(AccountPurpose.DEFERRED_REVENUE)).scalar_subquery()
    )
    return _fault(literal(0), literal("All prepaid loads"), owed, held).where(owed != held)


def _books_closed() -> AnySelect:
    line = select(CompanySettings.books_closed_until).scalar_subquery()
    moved_at = select(func.max(BooksClosing.closed_at)).scalar_subquery()
    return _fault(JournalEntry.id, JournalEntry.memo, null(), null()).where(
        JournalEntry.posted_on < line, JournalEntry.created_at > moved_at
    )


def _rendered_prefix() -> ColumnElement[str]:
    year = func.coalesce(cast(NumberSeries.year, Text), "")
    branched = func.replace(NumberSeries.prefix, "{branch}", NumberSeries.branch)
    return func.replace(func.replace(branched, "{year}", year), "{yy}", func.right(year, 2))


def _account(purpose: AccountPurpose) -> Any:
    return select(LedgerAccount.id).where(LedgerAccount.purpose == purpose).scalar_subquery()


def _shares(owner: Any) -> Subquery:
    """Live allocations summed by payment or by invoice."""
    total = func.sum(PaymentAllocation.amount_minor).label("total")
    return select(owner.label("owner_id"), total).where(_LIVE).group_by(owner).subquery()


def _booked(source: str, purpose: AccountPurpose) -> Subquery:
    """What the entries of each document come to on one account."""
    return (
        select(JournalEntry.source_id, func.sum(JournalPosting.amount_minor).label("total"))
        .join(JournalPosting, JournalPosting.entry_id == JournalEntry.id)
        .where(JournalEntry.source == source, JournalPosting.account_id == _account(purpose))
        .group_by(JournalEntry.source_id).subquery()
    )


def _of_customers(sums: Subquery, *, expected: ColumnElement[Any], actual: ColumnElement[Any]) -> AnySelect:
    label = Customer.account_number + " " + Customer.name
    return _fault(Customer.id, label, expected, actual).join(sums, sums.c.customer_id == Customer.id)


FAULTS: dict[str, Callable[[], AnySelect]] = {
    "entries_balance": _entries_balance,
    "receivable_named": _receivable_named,
    "receivable_open": _receivable_open,
    "credit_positive": _credit_positive,
    "payment_allocated": _payment_allocated,
    "invoice_allocated": _invoice_allocated,
    "allocation_owner": _allocation_owner,
    "invoice_settled": _invoice_settled,
    "payment_applied": _payment_applied,
    "lines_sum": _lines_sum,
    "taxes_sum": _taxes_sum,
    "invoice_numbers": lambda: _numbers(Invoice, SeriesKind.INVOICE),
    "receipt_numbers": lambda: _numbers(Payment, SeriesKind.RECEIPT),
    "periods_apart": _periods_apart,
    "invoice_booked": _invoice_booked,
    "tax_booked": _tax_booked,
    "payment_booked": _payment_booked,
    "loads_deferred": _loads_deferred,
    "books_closed": _books_closed,
}

"""Reads of the journal. A balance is a sum of postings; nothing else is called a balance."""
from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select

from ispbill.billing.ledger.models import JournalEntry, JournalPosting, LedgerAccount
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

ENTRY_ORDER = SortKey((JournalEntry.posted_on, JournalEntry.id), descending=True)


class Statement(NamedTuple):
    """A customer's statement, and the order in which it is paged."""

    rows: AnySelect
    newest_first: SortKey


def _receivable() -> Any:
    return select(LedgerAccount.id).where(LedgerAccount.purpose == AccountPurpose.RECEIVABLE).scalar_subquery()


def balance_of(customer_id: int) -> int:
    """What the customer owes (positive) or has in credit (negative)."""
    return balances([customer_id])[customer_id]


def balances(customer_ids: Collection[int]) -> dict[int, int]:
    """The balances of some customers, zero where nothing was ever posted."""
    rows = db.session.execute(
        select(JournalPosting.customer_id, func.sum(JournalPosting.amount_minor))
        .where(JournalPosting.customer_id.in_(customer_ids), JournalPosting.account_id == _receivable())
        .group_by(JournalPosting.customer_id)
    )
    found = {customer_id: int(total) for customer_id, total in rows}
    return {customer_id: found.get(customer_id, 0) for customer_id in customer_ids}


def trial_balance() -> Sequence[AnyRow]:
    """Every account with its debits, credits and balance; the balances sum to zero."""
    amount = func.coalesce(func.sum(JournalPosting.amount_minor), 0)
    debit = func.coalesce(func.sum(JournalPosting.amount_minor).filter(JournalPosting.amount_minor > 0), 0)
    return db.session.execute(
        select(LedgerAccount.code, LedgerAccount.name, LedgerAccount.kind, debit.label("debit_minor"),
               (debit - amount).label("credit_minor"), amount.label("balance_minor"))
        .outerjoin(JournalPosting, JournalPosting.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.id).order_by(LedgerAccount.code)
    ).all()


def entries(*, source: str = "", since: date | None = None, until: date | None = None) -> AnySelect:
    """The journal, for paging: of one kind of document, posted between two days, both included."""
    conditions = [
        JournalEntry.source == source if source else None,
        JournalEntry.posted_on >= since if since else None,
        JournalEntry.posted_on <= until if until else None,
    ]
    return select(JournalEntry).where(*(condition for condition in conditions if condition is not None))


def export_rows(journal: AnySelect, *, most: int) -> Iterator[AnyRow]:
    """The newest entries of a journal with their postings, one row a posting."""
    newest = journal.order_by(JournalEntry.posted_on.desc(), JournalEntry.id.desc()).limit(most).subquery()
    statement = (
        select(newest.c.id, newest.c.posted_on, newest.c.memo, LedgerAccount.code, LedgerAccount.name,
               Customer.account_number, JournalPosting.amount_minor, newest.c.created_by)
        .join(JournalPosting, JournalPosting.entry_id == newest.c.id)
        .join(LedgerAccount, LedgerAccount.id == JournalPosting.account_id)
        .outerjoin(Customer, Customer.id == JournalPosting.customer_id)
        .order_by(newest.c.posted_on.desc(), newest.c.id.desc(), JournalPosting.id)
    )
    yield from db.session.execute(statement)


def statement_of(customer_id: int) -> Statement:
    """What was charged to a customer and what they paid, each row with the balance after it."""
    running = func.sum(JournalPosting.amount_minor).over(order_by=(JournalEntry.posted_on, JournalPosting.id))
    rows = (
        select(JournalPosting.id, JournalEntry.posted_on, JournalEntry.memo, JournalEntry.source,
               JournalEntry.source_id, JournalPosting.amount_minor, running.label("balance_minor"))
        .join(JournalEntry, JournalEntry.id == JournalPosting.entry_id)
        .where(JournalPosting.customer_id == customer_id, JournalPosting.account_id == _receivable())
        .subquery()
    )
    return Statement(select(rows), SortKey((rows.c.posted_on, rows.c.id), descending=True))


def postings_of(entry_ids: Collection[int]) -> dict[int, list[AnyRow]]:
    """The postings of some entries with their accounts, by entry."""
    rows = db.session.execute(
        select(JournalPosting.entry_id, JournalPosting.amount_minor, JournalPosting.customer_id, LedgerAccount.code,
               LedgerAccount.name)
        .join(LedgerAccount, LedgerAccount.id == JournalPosting.account_id)
        .where(JournalPosting.entry_id.in_(entry_ids)).order_by(JournalPosting.entry_id, JournalPosting.id)
    )
    grouped: dict[int, list[AnyRow]] = {}
    for row in rows:
        grouped.setdefault(row.entry_id, []).append(row)
    return grouped

"""Reads of the chart of accounts, and of one account's postings."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select

from ispbill.billing.ledger.models import JournalEntry, JournalPosting, LedgerAccount
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.core.text import like_pattern
from ispbill.customers.models import Customer

SORTS = {"code": SortKey((LedgerAccount.code,)), "name": SortKey((by_letters(LedgerAccount.name), LedgerAccount.id))}
NEWEST_FIRST = SortKey((JournalEntry.posted_on, JournalPosting.id), descending=True)


def listing(*, term: str = "", kind: str | None = None) -> AnySelect:
    """Accounts by code or name, and of one kind."""
    statement = select(LedgerAccount)
    if kind is not None:
        statement = statement.where(LedgerAccount.kind == kind)
    if term:
        pattern = like_pattern(term)
        statement = statement.where(LedgerAccount.code.ilike(pattern) | LedgerAccount.name.ilike(pattern))
    return statement


def everything(statement: AnySelect) -> list[LedgerAccount]:
    """All accounts of a listing, by code."""
    return [row.LedgerAccount for row in db.session.execute(statement.order_by(LedgerAccount.code))]


def get(account_id: int) -> LedgerAccount | None:
    """An account; None where there is none."""
    return db.session.get(LedgerAccount, account_id)


def postings(account_id: int, *, since: date | None, until: date | None) -> AnySelect:
    """The postings on an account between two days, both included."""
    statement = (
        select(JournalPosting.id, JournalPosting.amount_minor, JournalEntry.id.label("entry_id"),
               JournalEntry.posted_on, JournalEntry.memo, JournalEntry.created_by, Customer.id.label("customer_id"),
               Customer.account_number, Customer.name.label("customer_name"))
        .join(JournalEntry, JournalEntry.id == JournalPosting.entry_id)
        .outerjoin(Customer, Customer.id == JournalPosting.customer_id)
        .where(JournalPosting.account_id == account_id)
    )
    if since is not None:
        statement = statement.where(JournalEntry.posted_on >= since)
    return statement if until is None else statement.where(JournalEntry.posted_on <= until)


def export_rows(statement: AnySelect, *, most: int) -> Iterator[AnyRow]:
    """The newest postings of a selection."""
    newest_first = statement.order_by(JournalEntry.posted_on.desc(), JournalPosting.id.desc())
    yield from db.session.execute(newest_first.limit(most))


def movement(account_id: int, *, since: date | None, until: date | None) -> AnyRow:
    """Debits, credits and their difference on an account between two days, both included, in minor units."""
    found = postings(account_id, since=since, until=until).subquery()
    debit = func.coalesce(func.sum(found.c.amount_minor).filter(found.c.amount_minor > 0), 0)
    balance = func.coalesce(func.sum(found.c.amount_minor), 0)
    return db.session.execute(
        select(debit.label("debit_minor"), (debit - balance).label("credit_minor"), balance.label("balance_minor"))
    ).one()

"""Reads of the journal. A balance is a sum of postings; nothing else is called a balance."""
from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, cast, exists, func, literal, select
from sqlalchemy.orm import aliased

from ispbill.billing.ledger.models import JournalEntry, JournalPosting, LedgerAccount
from ispbill.billing.ledger.policy import GROUPS, TAKEN_BACK, AccountPurpose
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


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """What the journal is narrowed to; days are both included.

    `side` is “debit” or “credit”: the side on which the account is touched. `is_standing` leaves out documents that
    were taken back, with what took them back.
    """

    source: str = ""
    account_id: int | None = None
    customer_id: int | None = None
    since: date | None = None
    until: date | None = None
    side: str = ""
    is_standing: bool = False


def standing_of(customer_id: int) -> dict[AccountPurpose, int]:
    """What stands under a customer's name, by account; accounts that come to nothing are left out."""
    total = func.sum(JournalPosting.amount_minor)
    rows = db.session.execute(
        select(LedgerAccount.purpose, total).join(LedgerAccount, LedgerAccount.id == JournalPosting.account_id)
        .where(JournalPosting.customer_id == customer_id, LedgerAccount.purpose.is_not(None))
        .group_by(LedgerAccount.purpose).having(total != 0)
    )
    return {AccountPurpose(purpose): int(amount_minor) for purpose, amount_minor in rows if purpose}


def trial_balance(*, since: date | None = None, until: date | None = None) -> Sequence[AnyRow]:
    """Every account as of a day: balance before `since`, debits and credits from then on, balance after `until`.

    Both days are included; without them from the first entry to the last. Amounts in minor units; the balances of all
    accounts sum to zero.
    """
    amount = JournalPosting.amount_minor
    opening = func.sum(amount).filter(JournalEntry.posted_on < since) if since else literal(0)
    within = [JournalEntry.posted_on >= since] if since else []
    debit, credit = (func.sum(amount).filter(sign, *within) for sign in (amount > 0, amount < 0))
    sums = select(JournalPosting.account_id, opening.label("opening_minor"), debit.label("debit_minor"),
                  (-credit).label("credit_minor"), func.sum(amount).label("balance_minor"))
    if since or until:
        sums = sums.join(JournalEntry, JournalEntry.id == JournalPosting.entry_id)
    if until:
        sums = sums.where(JournalEntry.posted_on <= until)
    found = sums.group_by(JournalPosting.account_id).subquery()
    columns = (func.coalesce(column, 0).label(column.name) for column in (
        found.c.opening_minor, found.c.debit_minor, found.c.credit_minor, found.c.balance_minor))
    return db.session.execute(
        select(LedgerAccount.id, LedgerAccount.code, LedgerAccount.name, LedgerAccount.kind, *columns)
        .outerjoin(found, found.c.account_id == LedgerAccount.id).order_by(LedgerAccount.code)
    ).all()


def entries(wanted: JournalFilter) -> AnySelect:
    """The journal, for paging, as the filter wants it."""
    conditions = [
        JournalEntry.source.in_(GROUPS.get(wanted.source, (wanted.source,))) if wanted.source else None,
        _touches(_of_account(wanted.account_id, wanted.side)) if wanted.account_id else None,
        ~_is_taken_back() if wanted.is_standing else None,
        _touches(JournalPosting.customer_id == wanted.customer_id) if wanted.customer_id else None,
        JournalEntry.posted_on >= wanted.since if wanted.since else None,
        JournalEntry.posted_on <= wanted.until if wanted.until else None,
    ]
    return select(JournalEntry).where(*(condition for condition in conditions if condition is not None))


def get(journal_entry_id: int) -> JournalEntry | None:
    """An entry of the journal; None where there is none."""
    return db.session.get(JournalEntry, journal_entry_id)


def accounts() -> Sequence[LedgerAccount]:
    """Every account of the chart, by code."""
    return db.session.scalars(select(LedgerAccount).order_by(LedgerAccount.code)).all()


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


def totals(journal: AnySelect) -> AnyRow:
    """What the entries of a journal come to: how many, and their debits, which equal their credits, in minor units."""
    found = journal.with_only_columns(JournalEntry.id).subquery()
    return db.session.execute(
        select(func.count(func.distinct(JournalPosting.entry_id)).label("entries"),
               func.coalesce(func.sum(JournalPosting.amount_minor), 0).label("debit_minor"))
        .where(JournalPosting.entry_id.in_(select(found.c.id)), JournalPosting.amount_minor > 0)
    ).one()


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
               LedgerAccount.name, LedgerAccount.id.label("account_id"), Customer.name.label("customer_name"))
        .join(LedgerAccount, LedgerAccount.id == JournalPosting.account_id)
        .outerjoin(Customer, Customer.id == JournalPosting.customer_id)
        .where(JournalPosting.entry_id.in_(entry_ids)).order_by(JournalPosting.entry_id, JournalPosting.id)
    )
    grouped: dict[int, list[AnyRow]] = {}
    for row in rows:
        grouped.setdefault(row.entry_id, []).append(row)
    return grouped


def account_total(journal: AnySelect, *, account_id: int, side: str = "") -> int:
    """What the entries of a journal come to on one account, or on one side of it; debits are positive."""
    found = journal.with_only_columns(JournalEntry.id).subquery()
    return db.session.execute(
        select(cast(func.coalesce(func.sum(JournalPosting.amount_minor), 0), BigInteger)).where(
            JournalPosting.entry_id.in_(select(found.c.id)), _of_account(account_id, side))
    ).scalar_one()


def _of_account(account_id: int, side: str) -> ColumnElement[bool]:
    amount, is_it = JournalPosting.amount_minor, JournalPosting.account_id == account_id
    return is_it & (amount > 0) if side == "debit" else is_it & (amount < 0) if side == "credit" else is_it


def _is_taken_back() -> ColumnElement[bool]:
    """Whether another entry stands for the same document: one wrote it, the other took it back."""
    other = aliased(JournalEntry)
    return JournalEntry.source.in_(TAKEN_BACK) & exists().where(
        other.source == JournalEntry.source, other.source_id == JournalEntry.source_id, other.id != JournalEntry.id
    )


def _touches(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return JournalEntry.id.in_(select(JournalPosting.entry_id).where(condition))

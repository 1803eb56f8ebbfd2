"""Posting: the only way into the journal. Entries are written whole, many at a time, and never changed."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from ispbill.billing.ledger import queries
from ispbill.billing.ledger.models import JournalEntry, JournalPosting, LedgerAccount
from ispbill.billing.ledger.policy import AccountPurpose, Posting, account_moved
from ispbill.company import service as company
from ispbill.core.bulk import copy_rows, take_keys
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.customers import service as customers
from ispbill.customers.duplicates.service import CustomersMerged

_ENTRY_COLUMNS = ("id", "posted_on", "source", "source_id", "memo", "created_by", "created_at")
_POSTING_COLUMNS = ("entry_id", "account_id", "customer_id", "amount_minor")


class Entry(NamedTuple):
    """A journal entry to be: what happened, which document shows it, and its postings."""

    posted_on: date
    source: str
    source_id: int
    memo: str
    postings: list[Posting]


def hold_account(customer_id: int) -> None:
    """Hold a customer's account until the transaction ends; whoever moves their money does this first.

    Billing runs hold the accounts of a chunk the same way, so nobody waits for each other in a ring.
    Raises NotFound for a customer that does not exist.
    """
    hold_accounts([customer_id])


def hold_accounts(customer_ids: Collection[int]) -> None:
    """Hold the accounts of some customers, always in the same order. Raises NotFound as `hold_account` does."""
    customers.hold(customer_ids)


def post(entries: Sequence[Entry]) -> None:
    """Write the entries. Each must balance: asserted here for the message, enforced again by the database.

    Raises Conflict for a day whose books are closed, as the database does.
    """
    written = [entry for entry in entries if entry.postings]
    keys = take_keys(JournalEntry, len(written))
    write_entries(written, keys=keys)
    write_postings(keys, [entry.postings for entry in written])


def write_postings(keys: Sequence[int], sides: Sequence[list[Posting]]) -> None:
    """Write the sides of entries before the entries, under the keys by which `write_entries` must write these.

    For who holds what others wait for, such as a series of numbers, while the entries are written.
    """
    for postings in sides:
        assert sum(posting.amount_minor for posting in postings) == 0, f"{postings} do not balance"
    accounts = _accounts()
    copy_rows(JournalPosting, _POSTING_COLUMNS, (
        (key, accounts[posting.purpose], posting.customer_id, posting.amount_minor)
        for key, postings in zip(keys, sides, strict=True) for posting in postings
    ))


def write_entries(entries: Sequence[Entry], *, keys: Sequence[int]) -> None:
    """Write entries whose postings are written; what has none is no entry. Raises as `post` does."""
    written = [(key, entry) for key, entry in zip(keys, entries, strict=True) if entry.postings]
    company.require_open(min((entry.posted_on for _, entry in written), default=current.today()))
    author, now = current.actor.name, current.now()
    copy_rows(JournalEntry, _ENTRY_COLUMNS, (
        (key, entry.posted_on, entry.source, entry.source_id, entry.memo, author, now) for key, entry in written
    ))


def follow_merge(event: CustomersMerged) -> None:
    """Move what a merged customer owes, or has in credit, to the one that is kept: by an entry, for none is changed."""
    postings = account_moved(queries.standing_of(event.merged_id), from_id=event.merged_id, to_id=event.kept_id)
    post([Entry(current.today(), "merge", event.merged_id, "Account of a merged customer", postings)])


def _accounts() -> dict[AccountPurpose, int]:
    rows = db.session.execute(
        select(LedgerAccount.purpose, LedgerAccount.id).where(LedgerAccount.purpose.is_not(None))
    )
    return {AccountPurpose(purpose): key for purpose, key in rows if purpose}

"""The ledger: append-only, every entry sums to zero. Debits are positive, credits negative, in minor units."""
from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import TenantModel


class LedgerAccount(TenantModel):
    """An account of the tenant's chart of accounts. One with a purpose is posted to by the system."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("purpose"),
        CheckConstraint("kind IN ('asset', 'liability', 'equity', 'income', 'expense')", name="kind"),
        CheckConstraint("is_active OR purpose IS NULL", name="purpose_active"),
    )

    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    purpose: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))


class JournalEntry(TenantModel):
    """A business event as the books see it. `source` names the document kind and `source_id` its row."""

    __tablename__ = "journal_entries"
    __audited__ = False
    __table_args__ = (
        Index("ix_journal_entries_source", "source", "source_id"),
        Index("ix_journal_entries_posted_on", "posted_on", "id"),
    )

    posted_on: Mapped[date]
    source: Mapped[str]
    source_id: Mapped[int]
    memo: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class JournalPosting(TenantModel):
    """One side of an entry on one account; receivable postings name the customer."""

    __tablename__ = "journal_postings"
    __audited__ = False
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_minor"),
        Index("ix_journal_postings_entry_id", "entry_id"),
        Index("ix_journal_postings_account_id", "account_id", "entry_id"),
        Index("ix_journal_postings_customer", "customer_id", "account_id", postgresql_include=["amount_minor"],
              postgresql_where=text("customer_id IS NOT NULL")),
    )

    # Checked at the commit: the sides of an invoice's entry are written before it, for it names the invoice's number.
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("journal_entries.id", ondelete="RESTRICT", deferrable=True, initially="DEFERRED")
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id", ondelete="RESTRICT"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    amount_minor: Mapped[int]

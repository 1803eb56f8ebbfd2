"""Ties: what the documents of a report come to, beside what the ledger says of the same documents.

A document that was taken back stands in no report, but in the ledger twice: on its own day and on the day on which it
was taken back. Both are named as steps, so that the difference is 0 in sound books.
"""
from __future__ import annotations

from sqlalchemy import ColumnElement, select

from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.ledger.models import JournalEntry, JournalPosting, LedgerAccount
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.payments.models import Payment, PaymentMethod, PaymentStatus
from ispbill.billing.payments.queries import STANDS
from ispbill.core.db import AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import AnyColumn
from ispbill.reports.definitions.policy import Scope, Step, Tie
from ispbill.reports.definitions.queries import in_days, lives_in, total


def collections(collected_minor: int, scope: Scope) -> Tie:
    """Payments received in the period against the ledger's payments."""
    here, back = in_days(Payment.received_on, scope), in_days(Payment.reversed_on, scope)
    gone, home = Payment.status == PaymentStatus.REVERSED, lives_in(Payment.customer_id, scope)
    return Tie(_("Collections and the ledger"), (
        Step(_("Collections of this report"), collected_minor),
        Step(_("Tax withheld in the period, which is no money"),
             _sum(Payment.amount_minor, STANDS, here,
                  Payment.method == PaymentMethod.WITHHOLDING, *home)),
        Step(_("Received in the period and taken back since"), _sum(Payment.amount_minor, gone, here, *home)),
        Step(_("Taken back in the period"), -_sum(Payment.amount_minor, gone, back, *home)),
    ), _("Payments on accounts receivable"), -_receivable(scope, JournalEntry.source == "payment"))


def billed(billed_minor: int, scope: Scope) -> Tie:
    """Documents issued in the period against what the ledger says was billed."""
    steps = _voided(Invoice.total_minor, scope)
    return Tie(_("Billed and the ledger"), (Step(_("Billed in this report"), billed_minor), *steps),
               _("Documents on accounts receivable"), _receivable(scope, JournalEntry.source == "invoice"))


def tax(tax_minor: int, scope: Scope) -> Tie:
    """The tax of documents issued in the period against the account of tax payable."""
    posted = -posted_on(AccountPurpose.TAX_PAYABLE, in_days(JournalEntry.posted_on, scope),
                        JournalEntry.source == "invoice")
    return Tie(_("Tax and the ledger"), (Step(_("Tax of this report"), tax_minor), *_voided(Invoice.tax_minor, scope)),
               _("Documents on tax payable"), posted)


def owed(owed_minor: int, scope: Scope) -> Tie:
    """What is open less credit, now, against the balance of accounts receivable."""
    balance = balance_of(AccountPurpose.RECEIVABLE, *lives_in(JournalPosting.customer_id, scope))
    return Tie(_("Receivables and the ledger"), (Step(_("Open documents less unused credit"), owed_minor),),
               _("Balance of accounts receivable"), balance)


def deferred(at_the_end_minor: int, unused_minor: int, scope: Scope) -> Tie:
    """What is owed in prepaid time at the end of the period, and what moved since, against the loads themselves."""
    moved = -posted_on(AccountPurpose.DEFERRED_REVENUE, JournalEntry.posted_on > scope.until)
    return Tie(_("Deferred revenue and the loads"), (
        Step(_("At the end of this report"), at_the_end_minor),
        Step(_("Bought less earned since, in the ledger"), moved),
    ), _("Time not used of all loads, now"), unused_minor)


def documents(amount_minor: int, invoice_ids: AnySelect) -> Tie:
    """What some documents come to against what the ledger says was billed with them."""
    posted = posted_on(AccountPurpose.RECEIVABLE, JournalEntry.source == "invoice",
                       JournalEntry.source_id.in_(invoice_ids))
    return Tie(_("Documents and the ledger"), (Step(_("Documents of this report"), amount_minor),),
               _("The same documents on accounts receivable"), posted)


def account_ids() -> dict[str, int]:
    """The accounts that the system posts to, by purpose."""
    rows = db.session.execute(
        select(LedgerAccount.purpose, LedgerAccount.id).where(LedgerAccount.purpose.is_not(None)))
    return {purpose: account_id for purpose, account_id in rows if purpose}


def balance_of(purpose: AccountPurpose, *conditions: ColumnElement[bool]) -> int:
    """The sum of all postings on the account of a purpose, whatever they were for; debits are positive."""
    account = select(LedgerAccount.id).where(LedgerAccount.purpose == purpose).scalar_subquery()
    return _sum(JournalPosting.amount_minor, JournalPosting.account_id == account, *conditions)


def posted_on(purpose: AccountPurpose, *conditions: ColumnElement[bool]) -> int:
    """The sum of postings on the account of a purpose; debits are positive."""
    return _posted(*conditions, LedgerAccount.purpose == purpose)


def income(*conditions: ColumnElement[bool]) -> int:
    """What postings on all accounts of income come to; income is positive."""
    return -_posted(*conditions, LedgerAccount.kind == "income")


def _posted(*conditions: ColumnElement[bool]) -> int:
    return db.session.execute(
        select(total(JournalPosting.amount_minor))
        .join(JournalEntry, JournalEntry.id == JournalPosting.entry_id)
        .join(LedgerAccount, LedgerAccount.id == JournalPosting.account_id).where(*conditions)
    ).scalar_one()


def _receivable(scope: Scope, source: ColumnElement[bool]) -> int:
    return posted_on(AccountPurpose.RECEIVABLE, source, in_days(JournalEntry.posted_on, scope),
                     *lives_in(JournalPosting.customer_id, scope))


def _voided(column: AnyColumn, scope: Scope) -> tuple[Step, Step]:
    void, home = Invoice.status == InvoiceStatus.VOID, lives_in(Invoice.customer_id, scope)
    return (
        Step(_("Issued in the period and voided since"), _sum(column, void, in_days(Invoice.issued_on, scope), *home)),
        Step(_("Voided in the period"), -_sum(column, void, in_days(Invoice.voided_on, scope), *home)),
    )


def _sum(column: AnyColumn, *conditions: ColumnElement[bool]) -> int:
    return db.session.execute(select(total(column)).where(*conditions)).scalar_one()

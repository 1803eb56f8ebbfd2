"""The invariants and their statements; and the reads of what was found before.

Each is a single statement, so that it sees one state of the books however busy they are.
"""
from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments.models import Payment
from ispbill.billing.proformas.models import Proforma
from ispbill.billing.proof.books import queries as books
from ispbill.billing.proof.cash import queries as cash
from ispbill.billing.proof.models import BooksCheck
from ispbill.billing.proof.money import queries as money
from ispbill.billing.proof.papers import queries as papers
from ispbill.billing.refunds.models import Refund
from ispbill.company.models import SeriesKind
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import SortKey

NEWEST_FIRST = SortKey((BooksCheck.id,), descending=True)


def newest() -> BooksCheck | None:
    """The newest proof; None before the first."""
    return db.session.scalars(select(BooksCheck).order_by(BooksCheck.id.desc()).limit(1)).one_or_none()


def get(check_id: int) -> BooksCheck | None:
    """A proof; None where there is none."""
    return db.session.get(BooksCheck, check_id)


def history() -> AnySelect:
    """Every proof."""
    return select(BooksCheck)


FAULTS: dict[str, Callable[[], AnySelect]] = {
    "entries_balance": books.entries_balance,
    "receivable_named": books.receivable_named,
    "receivable_open": money.receivable_open,
    "credit_positive": money.credit_positive,
    "payment_allocated": money.payment_allocated,
    "invoice_allocated": money.invoice_allocated,
    "note_allocated": money.note_allocated,
    "refund_covered": money.refund_covered,
    "allocation_owner": money.allocation_owner,
    "invoice_settled": money.invoice_settled,
    "payment_applied": money.payment_applied,
    "lines_sum": papers.lines_sum,
    "taxes_sum": papers.taxes_sum,
    "credits_within": papers.credits_within,
    "notes_within": papers.notes_within,
    "invoice_numbers": lambda: papers.numbers(Invoice, SeriesKind.INVOICE),
    "credit_note_numbers": lambda: papers.numbers(Invoice, SeriesKind.CREDIT_NOTE),
    "debit_note_numbers": lambda: papers.numbers(Invoice, SeriesKind.DEBIT_NOTE),
    "receipt_numbers": lambda: papers.numbers(Payment, SeriesKind.RECEIPT),
    "refund_numbers": lambda: papers.numbers(Refund, SeriesKind.REFUND),
    "proforma_numbers": lambda: papers.numbers(Proforma, SeriesKind.PROFORMA),
    "periods_apart": papers.periods_apart,
    "days_billed": papers.days_billed,
    "invoice_booked": books.invoice_booked,
    "tax_booked": books.tax_booked,
    "payment_booked": books.payment_booked,
    "refund_booked": books.refund_booked,
    "write_off_booked": books.write_off_booked,
    "deposits_returned": money.deposits_returned,
    "deposits_held": books.deposits_held,
    "loads_deferred": books.loads_deferred,
    "drawers_held": cash.drawers_held,
    "cash_booked": cash.cash_booked,
    "deposit_booked": cash.deposit_booked,
    "intake_booked": cash.intake_booked,
    "books_closed": books.books_closed,
}

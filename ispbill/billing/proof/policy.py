"""What must always hold in the books, in words that an accountant can check. How it is looked for stands in queries."""
from __future__ import annotations

from typing import Any, NamedTuple


class Invariant(NamedTuple):
    """Something that must hold; `subject` is what a finding is about: entry, invoice, payment, customer, …"""

    code: str
    title: str
    definition: str
    subject: str


class Result(NamedTuple):
    """What became of an invariant: how many rows break it, and the first of them."""

    code: str
    found: int
    sample: list[dict[str, Any]]


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("entries_balance", "Every entry sums to zero",
              "The debits of each journal entry equal its credits, and it has two sides at least.", "entry"),
    Invariant("receivable_named", "Receivables have a customer",
              "Each posting on accounts receivable names the customer who owes it.", "entry"),
    Invariant("receivable_open", "Receivable = open invoices − unapplied credit",
              "What the ledger says a customer owes is the open part of their invoices less the part of their payments "
              "that settles nothing yet.", "customer"),
    Invariant("credit_positive", "No credit below zero",
              "A customer's payments and credit notes are never used for more than they are.", "customer"),
    Invariant("payment_allocated", "Allocations ≤ payment",
              "What a payment settles is at most its amount; a reversed payment settles nothing.", "payment"),
    Invariant("invoice_allocated", "Allocations ≤ invoice",
              "What settles an invoice is at most its total; nothing settles a void one.", "invoice"),
    Invariant("note_allocated", "Allocations ≤ credit note",
              "What a credit note settles or was refunded of it is at most its total; a void one settles nothing.",
              "invoice"),
    Invariant("refund_covered", "Refunds come from credit",
              "Each refund is paid from payments and credit notes that come to its amount; a cancelled one from none.",
              "refund"),
    Invariant("allocation_owner", "Money settles its owner's invoices",
              "A payment or credit note settles invoices, and is refunded to, the customer whose it is.", "payment"),
    Invariant("invoice_settled", "Settled means paid",
              "An invoice has a day of settlement exactly while allocations come to its total, a credit note while all "
              "of it is spent.", "invoice"),
    Invariant("payment_applied", "Applied means used up",
              "A payment has a day of application exactly while all of it settles invoices.", "payment"),
    Invariant("lines_sum", "Lines = invoice",
              "Net and tax of the lines sum to net and tax of the invoice.", "invoice"),
    Invariant("taxes_sum", "Taxes = invoice tax", "The taxes by rate sum to the invoice's tax.", "invoice"),
    Invariant("credits_within", "Credits ≤ line",
              "What standing credits take back of a line, of its amount and of its tax, is at most what it charged.",
              "invoice"),
    Invariant("invoice_numbers", "Invoice numbers have no gap",
              "Within one prefix each number follows the one before, and the next one the last.", "invoice"),
    Invariant("credit_note_numbers", "Credit note numbers have no gap",
              "Within one prefix each number follows the one before, and the next one the last.", "invoice"),
    Invariant("debit_note_numbers", "Debit note numbers have no gap",
              "Within one prefix each number follows the one before, and the next one the last.", "invoice"),
    Invariant("receipt_numbers", "Receipt numbers have no gap",
              "Within one prefix each number follows the one before, and the next one the last.", "payment"),
    Invariant("refund_numbers", "Refund numbers have no gap",
              "Within one prefix each number follows the one before, and the next one the last.", "refund"),
    Invariant("proforma_numbers", "Proforma numbers have no gap",
              "Within one prefix each number follows the one before, and the next one the last.", "proforma"),
    Invariant("periods_apart", "Nothing is billed twice",
              "No day of a charge is billed more than once, what was credited taken off; and none is credited that was "
              "not billed.", "invoice"),
    Invariant("invoice_booked", "Invoices are in the ledger",
              "The receivable postings of an invoice come to its total, or to nothing where it is void.", "invoice"),
    Invariant("tax_booked", "Invoice tax is in the ledger",
              "The tax postings of an invoice come to its tax, or to nothing where void.", "invoice"),
    Invariant("payment_booked", "Payments are in the ledger",
              "The receivable postings of a payment come to its amount, or to nothing where reversed.", "payment"),
    Invariant("refund_booked", "Refunds are in the ledger",
              "The receivable postings of a refund come to its amount, or to nothing where cancelled.", "refund"),
    Invariant("write_off_booked", "Write-offs are in the ledger",
              "The bad debt of each write-off is what of it still settles its invoice.", "invoice"),
    Invariant("loads_deferred", "Deferred revenue = unconsumed loads",
              "What the ledger owes in prepaid service is what of all loads is not consumed yet.", "load"),
    Invariant("books_closed", "Closed days stay closed",
              "Nothing was posted to a closed day after it was closed.", "entry"),
)
TITLES: dict[str, str] = {invariant.code: invariant.title for invariant in INVARIANTS}


def as_rows(results: list[Result]) -> list[dict[str, Any]]:
    """Results as they are kept and printed."""
    return [{"code": result.code, "count": result.found, "sample": result.sample} for result in results]

"""What must always hold in the books, in words that an accountant can check. How it is looked for stands in queries."""
from __future__ import annotations

from typing import Any, NamedTuple

from ispbill.core.i18n import lazy


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


_GAPLESS = lazy("Within one prefix each number follows the one before, and the next one the last.")
INVARIANTS: tuple[Invariant, ...] = (
    Invariant("entries_balance", lazy("Every entry sums to zero"),
              lazy("The debits of each journal entry equal its credits, and it has two sides at least."), "entry"),
    Invariant("receivable_named", lazy("Receivables have a customer"),
              lazy("Each posting on accounts receivable names the customer who owes it."), "entry"),
    Invariant("receivable_open", lazy("Receivable = open invoices − unapplied credit"),
              lazy("What the ledger says a customer owes is the open part of their invoices less the part of their "
                   "payments that settles nothing yet."), "customer"),
    Invariant("credit_positive", lazy("No credit below zero"),
              lazy("A customer's payments and credit notes are never used for more than they are."), "customer"),
    Invariant("payment_allocated", lazy("Allocations ≤ payment"),
              lazy("What a payment settles is at most its amount; a reversed payment settles nothing."), "payment"),
    Invariant("invoice_allocated", lazy("Allocations ≤ invoice"),
              lazy("What settles an invoice is at most its total; nothing settles a void one."), "invoice"),
    Invariant("note_allocated", lazy("Allocations ≤ credit note"),
              lazy("What a credit note settles or was refunded of it is at most its total; a void one settles "
                   "nothing."),
              "invoice"),
    Invariant("refund_covered", lazy("Refunds come from credit"),
              lazy("Each refund is paid from payments and credit notes that come to its amount; a cancelled one from "
                   "none."),
              "refund"),
    Invariant("allocation_owner", lazy("Money settles its owner's invoices"),
              lazy("A payment or credit note settles invoices, and is refunded to, the customer whose it is."),
              "payment"),
    Invariant("invoice_settled", lazy("Settled means paid"),
              lazy("An invoice has a day of settlement exactly while allocations come to its total, a credit note "
                   "while all of it is spent."), "invoice"),
    Invariant("payment_applied", lazy("Applied means used up"),
              lazy("A payment has a day of application exactly while all of it settles invoices."), "payment"),
    Invariant("lines_sum", lazy("Lines = invoice"),
              lazy("Net and tax of the lines sum to net and tax of the invoice."), "invoice"),
    Invariant("taxes_sum", lazy("Taxes = invoice tax"), lazy("The taxes by rate sum to the invoice's tax."), "invoice"),
    Invariant("credits_within", lazy("Credits ≤ line"),
              lazy("What standing credits take back of a line, of its amount and of its tax, is at most what it "
                   "charged."),
              "invoice"),
    Invariant("notes_within", lazy("Credit notes ≤ invoice"),
              lazy("The standing credit notes about a document come to at most what it asks."), "invoice"),
    Invariant("invoice_numbers", lazy("Invoice numbers have no gap"), _GAPLESS, "invoice"),
    Invariant("credit_note_numbers", lazy("Credit note numbers have no gap"), _GAPLESS, "invoice"),
    Invariant("debit_note_numbers", lazy("Debit note numbers have no gap"), _GAPLESS, "invoice"),
    Invariant("receipt_numbers", lazy("Receipt numbers have no gap"), _GAPLESS, "payment"),
    Invariant("refund_numbers", lazy("Refund numbers have no gap"), _GAPLESS, "refund"),
    Invariant("proforma_numbers", lazy("Proforma numbers have no gap"), _GAPLESS, "proforma"),
    Invariant("periods_apart", lazy("Nothing is billed twice"),
              lazy("No day of a charge is billed more than once, what was credited taken off; and none is credited "
                   "that was not billed."), "invoice"),
    Invariant("days_billed", lazy("No day is passed over"),
              lazy("Each day up to which a charge is noted as billed was billed by a document that stands, or service "
                   "paused then."), "customer"),
    Invariant("invoice_booked", lazy("Invoices are in the ledger"),
              lazy("The receivable postings of an invoice come to its total, or to nothing where it is void."),
              "invoice"),
    Invariant("tax_booked", lazy("Invoice tax is in the ledger"),
              lazy("The tax postings of an invoice come to its tax, or to nothing where void."), "invoice"),
    Invariant("payment_booked", lazy("Payments are in the ledger"),
              lazy("The receivable postings of a payment come to its amount, or to nothing where reversed."),
              "payment"),
    Invariant("refund_booked", lazy("Refunds are in the ledger"),
              lazy("The receivable postings of a refund come to its amount, or to nothing where cancelled."), "refund"),
    Invariant("write_off_booked", lazy("Write-offs are in the ledger"),
              lazy("The bad debt of each write-off is what of it still settles its invoice."), "invoice"),
    Invariant("deposits_returned", lazy("Returns ≤ deposit"),
              lazy("What is given back of a deposit, or waits to be, is at most what was billed of it."), "customer"),
    Invariant("deposits_held", lazy("Deposits in the ledger = deposits held"),
              lazy("What the ledger owes in deposits is what was billed of all deposits and not given back."),
              "charge"),
    Invariant("loads_deferred", lazy("Deferred revenue = unconsumed loads"),
              lazy("What the ledger owes in prepaid service is what of all loads is not consumed yet."), "load"),
    Invariant("drawers_held", lazy("Closed drawers are empty"),
              lazy("The movements of a closed drawer come to nothing, and no drawer holds less than nothing."),
              "drawer"),
    Invariant("cash_booked", lazy("Cash differences are in the ledger"),
              lazy("What a count found beyond the expected, or missing, is booked."), "drawer"),
    Invariant("deposit_booked", lazy("Cash deposits are in the ledger"),
              lazy("The bank postings of a deposit come to its amount, or to nothing where cancelled."), "deposit"),
    Invariant("intake_booked", lazy("Cash brought in is in the ledger"),
              lazy("The cash postings of what was brought in come to its amount, or to nothing where cancelled."),
              "intake"),
    Invariant("books_closed", lazy("Closed days stay closed"),
              lazy("Nothing was posted to a closed day after it was closed."), "entry"),
)
TITLES: dict[str, str] = {invariant.code: invariant.title for invariant in INVARIANTS}


def as_rows(results: list[Result]) -> list[dict[str, Any]]:
    """Results as they are kept and printed."""
    return [{"code": result.code, "count": result.found, "sample": result.sample} for result in results]

"""Verbs of drafts: save one, change it, delete it, issue it. Nothing is owed, and nothing in the books, before that."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from ispbill.billing.drafts import queries
from ispbill.billing.drafts.models import DraftInvoice
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.buyers import buyer_of
from ispbill.billing.invoices.policy import InvoiceDraft
from ispbill.billing.invoices.service import InvoiceToIssue
from ispbill.billing.ledger import service as ledger
from ispbill.billing.notes.service import NewLine, drafted
from ispbill.billing.payments.allocations import service as allocations
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid, NotFound
from ispbill.core.i18n import gettext as _

LONGEST_NOTE = 500
LONGEST_TERM = 366


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What an invoice is to say: its lines, the last day to pay (None: by the company's terms), a note."""

    lines: Sequence[NewLine]
    due_on: date | None = None
    note: str = ""


def draft(customer_id: int, facts: DraftFacts) -> DraftInvoice:
    """Save the draft of an invoice to a customer.

    Raises Invalid for lines that cannot be charged, a day to pay that has passed or lies more than a year ahead, or too
    long a note; NotFound for the customer.
    """
    buyer_of(customer_id)
    row = DraftInvoice(customer_id=customer_id, created_by=current.actor.name, created_at=current.now())
    _write(row, facts)
    db.session.add(row)
    db.session.flush()
    return row


def change(row: DraftInvoice, facts: DraftFacts) -> DraftInvoice:
    """Let a draft say something else. Raises as `draft` does, and Conflict where it is issued."""
    _hold(row)
    _write(row, facts)
    db.session.flush()
    return row


def delete(row: DraftInvoice) -> DraftInvoice:
    """Throw a draft away; the audit log keeps what it said. Raises Conflict where it is issued."""
    _hold(row)
    db.session.delete(row)
    db.session.flush()
    return row


def issue(row: DraftInvoice) -> int:
    """Issue the invoice, taxed as of today; credit that the customer has settles the oldest invoices first.

    Whoever issues a draft twice gets the invoice that it became; the key of the invoice. Raises Invalid where the day
    to pay has passed or the lines cannot be charged any more, Conflict where the books of today are closed.
    """
    ledger.hold_account(row.customer_id)
    _refresh(row)
    if row.invoice_id is not None:
        return row.invoice_id
    _check_due(row.due_on)
    document = InvoiceToIssue(foreseen(row), buyer_of(row.customer_id), reason=row.note, due_on=row.due_on)
    (issued,) = invoices.issue([document], on=current.today())
    row.invoice_id = issued.id
    db.session.flush()
    allocations.settle([row.customer_id])
    db.session.expire_all()
    return issued.id


def foreseen(row: DraftInvoice) -> InvoiceDraft:
    """What the invoice would be if it were issued today. Raises Invalid as `draft` does."""
    return drafted(row.customer_id, queries.new_lines(row.lines))


def _write(row: DraftInvoice, facts: DraftFacts) -> None:
    if len(facts.note.strip()) > LONGEST_NOTE:
        raise Invalid(_("Enter at most %(longest_note)s characters.", longest_note=LONGEST_NOTE), field="note")
    _check_due(facts.due_on)
    made = drafted(row.customer_id, facts.lines)
    row.lines = [asdict(line) | {"description": line.description.strip()} for line in facts.lines]
    row.due_on, row.note, row.changed_at = facts.due_on, facts.note.strip(), current.now()
    row.net_minor, row.tax_minor, row.total_minor = made.net_minor, made.tax_minor, made.total_minor


def _check_due(due_on: date | None) -> None:
    today = current.today()
    if due_on is not None and not today <= due_on <= today + timedelta(days=LONGEST_TERM):
        raise Invalid(_("The last day to pay is today or later, within a year."), field="due_on")


def _hold(row: DraftInvoice) -> None:
    _refresh(row)
    if row.invoice_id is not None:
        raise Conflict(_("It is issued already: credit or void the invoice instead."))


def _refresh(row: DraftInvoice) -> None:
    """The draft as it is now, for this transaction alone."""
    found = db.session.get(DraftInvoice, row.id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(_("There is no such draft."))

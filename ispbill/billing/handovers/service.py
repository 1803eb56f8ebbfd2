"""Verbs of handing invoices over: by e-mail with the paper, once for each invoice; and on paper, as somebody says."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Date, Text, cast, literal
from sqlalchemy.dialects.postgresql import insert

from ispbill.audit import service as audit
from ispbill.billing.handovers import queries
from ispbill.billing.handovers.models import MESSAGE_KEY, InvoiceHandover
from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.company import service as company
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import AnyRow, db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money
from ispbill.notifications import service as messages
from ispbill.notifications.service import Draft

MOST_AT_ONCE = 200
# A bill that nobody was sent within this time is old news: it is not e-mailed by itself any more.
DAYS_OF_MAILING = 7
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """On which day something was handed over, and what is to be remembered of it."""

    handed_on: date
    note: str = ""


def mail_next(after: int = 0) -> int | None:
    """Queue the e-mails of the next invoices behind an id, each with its paper; the last id, None at the end.

    Only customers who agreed to bills by e-mail get one, and each invoice is sent once, however often this is asked.
    """
    if not company.settings().mails_invoices:
        return None
    since = current.today() - timedelta(days=DAYS_OF_MAILING)
    rows = queries.to_mail(after, since=since, limit=MOST_AT_ONCE)
    messages.queue_all([_draft(row, row.email, MESSAGE_KEY.format(row.id)) for row in rows])
    return rows[-1].id if len(rows) == MOST_AT_ONCE else None


def mail(invoice: Invoice, *, recipient: str) -> int:
    """Send one document by e-mail now, again if need be; the message's id. Raises Conflict where it is void."""
    _refuse_void(invoice)
    row = queries.letter(invoice.id)
    assert row is not None, "a document has a customer"
    first = MESSAGE_KEY.format(invoice.id)
    again = f"{first}:{current.now().isoformat()}"
    queued = messages.queue_all([_draft(row, recipient, first)]) or messages.queue_all([_draft(row, recipient, again)])
    audit.note("sent_invoice", entity="invoice", entity_id=invoice.id, label=invoice.number,
               after={"recipient": recipient})
    return next(iter(queued.values()))


def hand_over(invoice: Invoice, facts: HandoverFacts) -> InvoiceHandover:
    """Note that a document was put into the customer's hands. Raises Invalid for a day before its issue or to come,
    Conflict where it is void, a credit note, or handed over already.
    """
    _refuse_void(invoice)
    if invoice.kind == DocumentKind.CREDIT_NOTE:
        raise Conflict(_("A credit note asks for nothing: it need not be handed over."))
    _check(facts, issued_on=invoice.issued_on)
    if queries.of_invoice(invoice.id).by_hand is not None:
        raise Conflict(_("%(number)s is handed over already.", number=invoice.number))
    row = InvoiceHandover(
        invoice_id=invoice.id, handed_on=facts.handed_on, note=facts.note.strip(), recorded_by=current.actor.name,
        recorded_at=current.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row


def hand_over_run(run_id: int, facts: HandoverFacts, *, issued_on: date) -> int:
    """Note that all invoices of a billing run that went by no e-mail were handed over; how many. Raises Invalid."""
    _check(facts, issued_on=issued_on)
    keys = queries.waiting(run_id).with_only_columns(
        Invoice.id, cast(literal(facts.handed_on), Date), cast(literal(facts.note.strip()), Text),
        cast(literal(current.actor.name), Text), literal(current.now()),
    )
    columns = ["invoice_id", "handed_on", "note", "recorded_by", "recorded_at"]
    made = insert(InvoiceHandover).from_select(columns, keys).on_conflict_do_nothing().returning(InvoiceHandover.id)
    count = len(db.session.scalars(made).all())
    audit.note("handed_over", entity="billing_run", entity_id=run_id, label=formats.short_date(issued_on),
               after={"invoices": count, "handed_on": facts.handed_on.isoformat()})
    return count


def _check(facts: HandoverFacts, *, issued_on: date) -> None:
    if not issued_on <= facts.handed_on <= current.today():
        raise Invalid(_("Enter a day from the day of issue up to today."), field="handed_on")
    if len(facts.note.strip()) > LONGEST_NOTE:
        raise Invalid(_("Enter at most %(longest)s characters.", longest=LONGEST_NOTE), field="note")


def _refuse_void(invoice: Invoice) -> None:
    if invoice.status == InvoiceStatus.VOID:
        raise Conflict(_("%(number)s is void: nothing of it is owed.", number=invoice.number))


def _draft(row: AnyRow, recipient: str, unique_key: str) -> Draft:
    return Draft("invoice", recipient, unique_key, {
        "name": row.name, "account_number": row.account_number, "number": row.number,
        "amount": format_money(abs(row.total_minor), current.tenant.currency),
        "due_on": formats.short_date(row.due_on), "is_credit": row.kind == DocumentKind.CREDIT_NOTE,
    }, enclosure=f"invoice:{row.id}")

"""Reads of handovers: what is to be e-mailed, what has arrived on which day."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Text, cast, func, literal, select

from ispbill.billing.handovers.models import MESSAGE_KEY, InvoiceHandover
from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.invoices.queries import gets_bills_by_email
from ispbill.core.bulk import any_key, any_text
from ispbill.core.current import current
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.customers.models import Customer
from ispbill.notifications.models import Message

_KEY = func.concat(literal(MESSAGE_KEY.format("")), cast(Invoice.id, Text))


class Handover(NamedTuple):
    """What is known of an invoice's way to the customer: its message, and the day somebody handed it over."""

    message: Message | None
    by_hand: InvoiceHandover | None


def to_mail(after: int, *, since: date, limit: int) -> Sequence[AnyRow]:
    """Invoices of recent days whose customers agreed to bills by e-mail, and that have no message yet; by id."""
    has_message = select(Message.id).where(Message.unique_key == _KEY).exists()
    return db.session.execute(
        _letters().where(
            Invoice.id > after, Invoice.issued_on >= since, Invoice.status == InvoiceStatus.ISSUED,
            Invoice.kind != DocumentKind.CREDIT_NOTE, Invoice.total_minor > 0, gets_bills_by_email(current.today()),
            ~has_message,
        ).order_by(Invoice.id).limit(limit)
    ).all()


def letter(invoice_id: int) -> AnyRow | None:
    """What a letter about one invoice says."""
    return db.session.execute(_letters().where(Invoice.id == invoice_id)).one_or_none()


def of_invoice(invoice_id: int) -> Handover:
    """How one invoice was handed over, as far as it was."""
    by_hand = db.session.scalars(select(InvoiceHandover).where(InvoiceHandover.invoice_id == invoice_id))
    message = db.session.scalars(select(Message).where(Message.unique_key == MESSAGE_KEY.format(invoice_id)))
    return Handover(message.one_or_none(), by_hand.one_or_none())


def days(invoice_ids: Collection[int]) -> dict[int, date]:
    """The day on which each invoice reached its customer; those that did not, or not yet, are left out."""
    keys = {MESSAGE_KEY.format(invoice_id): invoice_id for invoice_id in invoice_ids}
    sent = db.session.execute(
        select(Message.unique_key, Message.sent_at)
        .where(Message.unique_key == any_text(keys), Message.sent_at.is_not(None))
    )
    found = {keys[key]: sent_at.astimezone(current.tenant.zone).date() for key, sent_at in sent if sent_at}
    by_hand = db.session.execute(
        select(InvoiceHandover.invoice_id, InvoiceHandover.handed_on)
        .where(InvoiceHandover.invoice_id == any_key(invoice_ids))
    )
    for invoice_id, handed_on in by_hand:
        found[invoice_id] = min(handed_on, found.get(invoice_id, handed_on))
    return found


def count_waiting(run_id: int) -> int:
    """How many invoices of a billing run have reached nobody: neither e-mailed nor handed over."""
    return int(db.session.scalar(select(func.count()).select_from(waiting(run_id).subquery())) or 0)


def waiting(run_id: int) -> AnySelect:
    """The invoices of a billing run that were neither e-mailed nor handed over."""
    has_message = select(Message.id).where(Message.unique_key == _KEY).exists()
    by_hand = select(InvoiceHandover.id).where(InvoiceHandover.invoice_id == Invoice.id).exists()
    return select(Invoice.id).where(
        Invoice.billing_run_id == run_id, Invoice.status == InvoiceStatus.ISSUED,
        Invoice.kind != DocumentKind.CREDIT_NOTE, ~has_message, ~by_hand,
    )


def issued_on(run_id: int) -> date | None:
    """The day on which a billing run issued; None where it issued nothing."""
    return db.session.scalar(select(func.min(Invoice.issued_on)).where(Invoice.billing_run_id == run_id))


def _letters() -> AnySelect:
    return select(
        Invoice.id, Invoice.number, Invoice.kind, Invoice.total_minor, Invoice.due_on, Customer.name, Customer.email,
        Customer.account_number,
    ).join(Customer, Customer.id == Invoice.customer_id)

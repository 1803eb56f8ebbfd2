"""Issuing and voiding. Issuing writes many invoices at once: numbers last, rows by COPY, one balanced entry each."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Date, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus, InvoiceTax
from ispbill.billing.invoices.policy import InvoiceDraft, due_day
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.policy import invoice_issued, reversed_postings
from ispbill.company import service as company
from ispbill.company.models import SeriesKind
from ispbill.core.bulk import copy_rows, take_keys
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish
from ispbill.subscriptions.models import Subscription

_INVOICE_COLUMNS = (
    "id", "number", "customer_id", "billing_run_id", "seller_id", "status", "issued_on", "due_on", "net_minor",
    "tax_minor", "total_minor", "settled_on", "buyer_name", "buyer_address", "buyer_tax_identifier", "created_at",
)
_LINE_COLUMNS = (
    "invoice_id", "position", "subscription_id", "component_id", "description", "arithmetic", "period_start",
    "period_end", "quantity", "unit_price_minor", "amount_minor", "net_minor", "tax_minor", "tax_rate_id",
)
_TAX_COLUMNS = ("invoice_id", "tax_rate_id", "name", "rate_percent", "base_minor", "tax_minor")


@dataclass(frozen=True, slots=True)
class Buyer:
    """The customer as the document names them, as of issue."""

    name: str
    address: str
    tax_identifier: str


@dataclass(frozen=True, slots=True)
class InvoiceToIssue:
    """A draft and the buyer it is for."""

    draft: InvoiceDraft
    buyer: Buyer


@dataclass(frozen=True, slots=True)
class IssuedInvoice:
    """What issuing made of a draft."""

    id: int
    number: str
    customer_id: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class InvoiceVoided:
    """An invoice was voided; money that had settled it is free again."""

    invoice_id: int
    customer_id: int


def issue(
    documents: Sequence[InvoiceToIssue], *, on: date, run_id: int | None = None
) -> list[IssuedInvoice]:
    """Issue drafts as of a local day: number, rows, ledger entries, and how far each subscription is billed.

    Raises Conflict (from the database's unique charge periods) when one of the periods is billed already.
    """
    if not documents:
        return []
    keys = take_keys(Invoice, len(documents))
    block = company.take_numbers(SeriesKind.INVOICE, len(documents))
    issued = [
        IssuedInvoice(key, block.text(position), document.draft.customer_id, document.draft.total_minor)
        for position, (key, document) in enumerate(zip(keys, documents, strict=True))
    ]
    _write_invoices(issued, documents, on=on, run_id=run_id)
    copy_rows(InvoiceLine, _LINE_COLUMNS, _line_rows(issued, documents))
    copy_rows(InvoiceTax, _TAX_COLUMNS, (
        (invoice.id, tax.tax.id, tax.tax.name, tax.tax.rate_percent, tax.base_minor, tax.tax_minor)
        for invoice, document in zip(issued, documents, strict=True) for tax in document.draft.taxes
    ))
    ledger.post([_entry(invoice, document.draft, on) for invoice, document in zip(issued, documents, strict=True)])
    _advance({key: day for document in documents for key, day in document.draft.billed_until.items()})
    return issued


def void(invoice: Invoice, *, reason: str) -> None:
    """Take an issued invoice back: the number stays in the register, its periods are open to be billed again.

    Raises Invalid without a reason, Conflict when it is void already or a later period is billed.
    """
    if not reason.strip():
        raise Invalid("Say why the invoice is voided: the register keeps the reason.", field="reason")
    ledger.hold_account(invoice.customer_id)
    db.session.refresh(invoice, attribute_names=["status"])
    if invoice.status == InvoiceStatus.VOID:
        raise Conflict(f"Invoice {invoice.number} is void already.")
    _reopen_periods(invoice)
    invoice.status, invoice.settled_on = InvoiceStatus.VOID, None
    invoice.voided_on, invoice.void_reason = current.today(), reason.strip()
    db.session.execute(
        update(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).values(is_live=False)
    )
    postings = invoice_issued(
        customer_id=invoice.customer_id, net_minor=invoice.net_minor, tax_minor=invoice.tax_minor
    )
    ledger.post([ledger.Entry(current.today(), "invoice", invoice.id, f"Void of invoice {invoice.number}",
                              reversed_postings(postings))])
    db.session.flush()
    publish(InvoiceVoided(invoice_id=invoice.id, customer_id=invoice.customer_id))


def _write_invoices(
    issued: list[IssuedInvoice], documents: Sequence[InvoiceToIssue], *, on: date, run_id: int | None
) -> None:
    due_on = due_day(on, due_days=company.settings().due_days)
    seller_id, now = company.identity().id, current.now()
    copy_rows(Invoice, _INVOICE_COLUMNS, (
        (
            invoice.id, invoice.number, invoice.customer_id, run_id, seller_id, "issued", on, due_on,
            document.draft.net_minor, document.draft.tax_minor, invoice.total_minor,
            on if invoice.total_minor == 0 else None,
            document.buyer.name, document.buyer.address, document.buyer.tax_identifier, now,
        )
        for invoice, document in zip(issued, documents, strict=True)
    ))


def _line_rows(issued: list[IssuedInvoice], documents: Sequence[InvoiceToIssue]) -> Iterator[tuple[object, ...]]:
    for invoice, document in zip(issued, documents, strict=True):
        for position, line in enumerate(document.draft.lines, start=1):
            yield (invoice.id, position, *line[:-1], line.tax and line.tax.id)


def _entry(invoice: IssuedInvoice, draft: InvoiceDraft, on: date) -> ledger.Entry:
    postings = invoice_issued(
        customer_id=draft.customer_id, net_minor=draft.net_minor, tax_minor=draft.tax_minor
    )
    return ledger.Entry(on, "invoice", invoice.id, f"Invoice {invoice.number}", postings)


def _advance(billed_until: dict[int, date]) -> None:
    keys = literal(list(billed_until), ARRAY(BigInteger))
    days = literal(list(billed_until.values()), ARRAY(Date))
    news = func.unnest(keys, days).table_valued("id", "day", name="news").render_derived()
    db.session.execute(
        update(Subscription).where(Subscription.id == news.c.id).values(billed_until=news.c.day)
        .execution_options(synchronize_session=False)
    )


def _reopen_periods(invoice: Invoice) -> None:
    spans = db.session.execute(
        select(InvoiceLine.subscription_id, func.min(InvoiceLine.period_start), func.max(InvoiceLine.period_end))
        .where(InvoiceLine.invoice_id == invoice.id, InvoiceLine.component_id.is_not(None))
        .group_by(InvoiceLine.subscription_id)
    ).all()
    for subscription_id, first_day, end_day in spans:
        assert first_day is not None and end_day is not None, "a charge has a period"
        subscription = db.session.get_one(Subscription, subscription_id, with_for_update=True)
        if subscription.billed_until > end_day:
            raise Conflict("A later period of the same subscription is billed. Void that invoice first.")
        subscription.billed_until = first_day

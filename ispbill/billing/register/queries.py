"""Reads of the register: one shape for the documents of all series, the newest number first."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Text, cast, null, select

from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.payments.models import Payment, PaymentStatus
from ispbill.billing.proformas.models import Proforma, ProformaStatus
from ispbill.billing.refunds.models import Refund, RefundStatus
from ispbill.company.models import SeriesKind
from ispbill.core.db import AnySelect
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer

DOCUMENTS = (SeriesKind.INVOICE, SeriesKind.CREDIT_NOTE, SeriesKind.DEBIT_NOTE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which numbers: of one series, of some days (both included), or only those that were taken back."""

    kind: SeriesKind
    since: date | None = None
    until: date | None = None
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """The rows of a register, and the order in which they are paged."""

    rows: AnySelect
    newest_first: SortKey


def register(wanted: Wanted) -> Register:
    """The numbers of a series: number, day, customer, total in minor units, status, and why it was taken back."""
    model, day, amount, ended_on, reason = _shape(wanted.kind)
    columns = (model.id, model.number, day.label("used_on"), Customer.name, Customer.account_number,
               amount.label("amount_minor"), model.status, ended_on.label("ended_on"), reason.label("reason"))
    statement = select(*columns).join(Customer, Customer.id == model.customer_id)
    if wanted.kind in DOCUMENTS:
        statement = statement.where(Invoice.kind == wanted.kind.value)
    if wanted.taken_back:
        statement = statement.where(model.status.in_(_TAKEN_BACK))
    if wanted.since:
        statement = statement.where(day >= wanted.since)
    if wanted.until:
        statement = statement.where(day <= wanted.until)
    rows = statement.subquery()
    return Register(select(rows), SortKey((rows.c.id,), descending=True))


_TAKEN_BACK = (InvoiceStatus.VOID, PaymentStatus.REVERSED, RefundStatus.CANCELLED, ProformaStatus.CANCELLED)


def _shape(kind: SeriesKind) -> tuple[Any, ...]:
    if kind == SeriesKind.RECEIPT:
        return Payment, Payment.received_on, Payment.amount_minor, Payment.reversed_on, Payment.reversal_reason
    if kind == SeriesKind.REFUND:
        return Refund, Refund.refunded_on, Refund.amount_minor, Refund.cancelled_on, Refund.cancel_reason
    if kind == SeriesKind.PROFORMA:
        return Proforma, Proforma.issued_on, Proforma.total_minor, cast(null(), Text), Proforma.cancel_reason
    return Invoice, Invoice.issued_on, Invoice.total_minor, Invoice.voided_on, Invoice.void_reason

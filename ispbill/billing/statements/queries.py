"""Reads of a customer's account: between two days, and what stands behind its balance."""
from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import aliased

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.invoices.queries import IS_OPEN
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.payments import queries as payments
from ispbill.billing.payments.models import PaymentAllocation
from ispbill.billing.payments.queries import Settlement
from ispbill.billing.statements.policy import Owed, Row, Statement
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.periods import LAST_DAY


class Reason(NamedTuple):
    """An open document, and what has settled a part of it."""

    owed: Owed
    settlements: list[Settlement]


class Why(NamedTuple):
    """A balance and all that makes it: open documents less credit that settles nothing."""

    balance_minor: int
    owed: list[Reason]
    credits: list[tuple[str, int]]


def statement(customer_id: int, *, since: date, until: date) -> Statement:
    """A customer's account from one day to another, both included."""
    rows = ledger.statement_of(customer_id).rows.subquery()
    opening = db.session.scalar(
        select(func.coalesce(func.sum(rows.c.amount_minor), 0)).where(rows.c.posted_on < since)
    )
    between = db.session.execute(
        select(rows).where(rows.c.posted_on.between(since, until)).order_by(rows.c.posted_on, rows.c.id)
    )
    return Statement(
        customer_id, since, until, int(opening or 0),
        tuple(Row(row.posted_on, row.memo, row.source, row.source_id, row.amount_minor, int(row.balance_minor))
              for row in between),
        tuple(owed_on(customer_id, until)),
    )


def owed_on(customer_id: int, day: date) -> list[Owed]:
    """The documents that were open when a day ended, the oldest first; a note of a later day had settled nothing."""
    ended_at = datetime.combine(day + timedelta(days=1), time(), current.tenant.zone)
    return _owed(customer_id, ended_at, or_(Invoice.voided_on.is_(None), Invoice.voided_on > day),
                 Invoice.issued_on <= day, noted_by=day)


def owed_at(customer_id: int, instant: datetime) -> list[Owed]:
    """The documents that were open at an instant, the oldest first; one that was voided later that day was."""
    day = instant.astimezone(current.tenant.zone).date()
    return _owed(customer_id, instant, or_(Invoice.voided_on.is_(None), Invoice.voided_on >= day),
                 Invoice.issued_on <= day, Invoice.created_at <= instant)


def why(customer_id: int) -> Why:
    """What stands behind a customer's balance now; a bill that was issued ahead of its day is in the balance, too."""
    owed = _open(customer_id, payments.ALLOCATED_TO_INVOICE, IS_OPEN)
    settled = payments.settlements_of([document.invoice_id for document in owed])
    credits = payments.names_of(payments.credits([customer_id]).get(customer_id, []))
    return Why(ledger.balance_of(customer_id),
               [Reason(document, settled.get(document.invoice_id, [])) for document in owed], credits)


def _owed(
    customer_id: int, at: datetime, *conditions: ColumnElement[bool], noted_by: date = LAST_DAY
) -> list[Owed]:
    share, note = PaymentAllocation, aliased(Invoice)
    settled = (
        select(func.coalesce(func.sum(share.amount_minor), 0)).outerjoin(note, note.id == share.credit_note_id)
        .where(share.invoice_id == Invoice.id, share.allocated_at < at,
               or_(share.released_at.is_(None), share.released_at >= at),
               or_(note.id.is_(None), note.issued_on <= noted_by))
        .correlate(Invoice).scalar_subquery()
    )
    return _open(customer_id, settled, *conditions)


def _open(customer_id: int, settled: ScalarSelect[int], *conditions: ColumnElement[bool]) -> list[Owed]:
    open_minor = Invoice.total_minor - settled
    rows = db.session.execute(
        select(Invoice.id, Invoice.number, Invoice.issued_on, Invoice.due_on, Invoice.total_minor, open_minor)
        .where(Invoice.customer_id == customer_id, Invoice.kind != DocumentKind.CREDIT_NOTE, open_minor > 0,
               *conditions)
        .order_by(Invoice.issued_on, Invoice.id)
    )
    return [Owed(*row[:5], int(row[5])) for row in rows]

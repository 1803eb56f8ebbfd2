"""Reads of payments: what is open, what is free, lists. Paid state is always derived from live allocations."""
from __future__ import annotations

import operator
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, CompoundSelect, and_, any_, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from ispbill.areas.policy import Place
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.invoices.queries import IS_OPEN, ISSUED, MOST_COUNTED, customer_found, numbered
from ispbill.billing.payments.models import (
    METHOD_LABELS,
    MONEY_METHODS,
    Payment,
    PaymentAllocation,
    PaymentMethod,
    PaymentStatus,
)
from ispbill.billing.payments.policy import Credit, OpenInvoice, TakenBack, withheld_in
from ispbill.company.models import SeriesKind
from ispbill.core.bulk import any_key, any_text, array_named, written
from ispbill.core.current import current
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import living_in

ANY_MONEY = "money"
STANDS = Payment.status == PaymentStatus.RECORDED
IS_MONEY = Payment.method.in_(MONEY_METHODS)
IS_LIVE = PaymentAllocation.released_at.is_(None)
# Of which something settles nothing yet.
IS_UNAPPLIED = and_(STANDS, Payment.applied_on.is_(None))
IS_UNSPENT = and_(ISSUED, Invoice.settled_on.is_(None), Invoice.kind == DocumentKind.CREDIT_NOTE)
NEWEST_FIRST = SortKey((Payment.received_on, Payment.id), descending=True)


class WrittenOff(NamedTuple):
    """The live share of a write-off, with what of the invoice is still given up."""

    id: int
    write_off_id: int
    customer_id: int
    invoice_id: int
    amount_minor: int


class Settlement(NamedTuple):
    """Something that settles a part of an invoice now; `label` names it as a statement does."""

    id: int
    invoice_id: int
    payment_id: int | None
    credit_note_id: int | None
    write_off_id: int | None
    amount_minor: int
    number: str
    on: date
    how: str

    @property
    def label(self) -> str:
        """What it is, for a list."""
        kind = _("Payment") if self.payment_id else _("Credit note") if self.credit_note_id else ""
        return f"{kind} {self.number}".strip()


def _live_sum(condition: ColumnElement[bool]) -> Any:
    return (
        select(func.coalesce(func.sum(PaymentAllocation.amount_minor), 0))
        .where(condition, IS_LIVE).scalar_subquery()
    )


ALLOCATED_TO_INVOICE = _live_sum(PaymentAllocation.invoice_id == Invoice.id).correlate(Invoice)
ALLOCATED_FROM_NOTE = _live_sum(PaymentAllocation.credit_note_id == Invoice.id).correlate(Invoice)
ALLOCATED_FROM_PAYMENT = _live_sum(PaymentAllocation.payment_id == Payment.id).correlate(Payment)


def open_invoices(customer_ids: Collection[int]) -> dict[int, list[OpenInvoice]]:
    """The open invoices of some customers, oldest first."""
    rows = db.session.execute(
        select(Invoice.customer_id, Invoice.id, Invoice.total_minor - ALLOCATED_TO_INVOICE)
        .where(Invoice.customer_id == any_key(customer_ids), IS_OPEN)
        .order_by(Invoice.issued_on, Invoice.id)
    )
    found: dict[int, list[OpenInvoice]] = {}
    for customer_id, invoice_id, open_minor in rows:
        found.setdefault(customer_id, []).append(OpenInvoice(invoice_id, int(open_minor)))
    return found


def credits(customer_ids: Collection[int]) -> dict[int, list[Credit]]:
    """Payments and credit notes of some customers that are not spent yet, oldest first, notes before payments."""
    found: dict[int, list[Credit]] = {}
    for row in db.session.execute(_credits(), {"customer_ids": written(customer_ids)}):
        free_minor = int(row.free_minor)
        credit = Credit(row.id, free_minor) if row.is_payment else Credit(None, free_minor, row.id)
        found.setdefault(row.customer_id, []).append(credit)
    return found


@cache
def _credits() -> CompoundSelect[Any]:
    # Kept, for every chunk of a run asks it: to put it together takes longer than the answer for a small company.
    theirs = any_(array_named("customer_ids", BigInteger))
    notes = select(
        Invoice.customer_id, Invoice.issued_on.label("on"), literal(False).label("is_payment"), Invoice.id,
        (-Invoice.total_minor - ALLOCATED_FROM_NOTE).label("free_minor"),
    ).where(Invoice.customer_id == theirs, IS_UNSPENT)
    payments = select(
        Payment.customer_id, Payment.received_on, literal(True), Payment.id,
        Payment.amount_minor - ALLOCATED_FROM_PAYMENT,
    ).where(Payment.customer_id == theirs, IS_UNAPPLIED)
    return notes.union_all(payments).order_by("customer_id", "on", "is_payment", "id")


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """What the list of payments is narrowed to; days are both included.

    The term is a number, a whole reference, or what finds the customer. The method ANY_MONEY leaves out what is no
    money, such as tax withheld.
    """

    term: str = ""
    method: str = ""
    status: str = ""
    since: date | None = None
    until: date | None = None
    customer_id: int | None = None
    place: Place | None = None


def listing(wanted: PaymentFilter) -> AnySelect:
    """Payments with their customers, as the filter wants them."""
    statement = select(Payment, Customer.name, Customer.account_number).join(Customer).where(
        *living_in(Payment.customer_id, wanted.place))
    if wanted.term:
        statement = statement.where(or_(
            numbered(Payment.number, wanted.term, SeriesKind.RECEIPT), _referenced(wanted.term),
            customer_found(Payment.customer_id, wanted.term),
        ))
    if wanted.method == ANY_MONEY:
        statement = statement.where(IS_MONEY)
    for value, column, compare in (
        (wanted.method if wanted.method != ANY_MONEY else "", Payment.method, operator.eq),
        (wanted.status, Payment.status, operator.eq), (wanted.since, Payment.received_on, operator.ge),
        (wanted.until, Payment.received_on, operator.le), (wanted.customer_id, Payment.customer_id, operator.eq),
    ):
        if value:
            statement = statement.where(compare(column, value))
    return statement


def _referenced(term: str) -> ColumnElement[bool]:
    # Worded as the unique index on references is, so that it serves.
    return and_(Payment.method.in_(list(PaymentMethod)), Payment.reference == term, Payment.reference != "", STANDS)


def sums(statement: AnySelect) -> AnyRow:
    """How many payments a listing finds and what those that stand come to, counted up to MOST_COUNTED + 1."""
    found = statement.with_only_columns(Payment.amount_minor, Payment.status).limit(MOST_COUNTED + 1).subquery()
    standing = func.sum(found.c.amount_minor).filter(found.c.status == PaymentStatus.RECORDED)
    return db.session.execute(
        select(func.count().label("payments"), func.coalesce(standing, 0).label("total_minor")).select_from(found)
    ).one()


def by_number(term: str, *, limit: int) -> list[Payment]:
    """The payments whose receipt number or reference is meant, the newest first."""
    meant = or_(numbered(Payment.number, term, SeriesKind.RECEIPT), _referenced(term))
    return list(db.session.scalars(
        select(Payment).where(meant).options(joinedload(Payment.customer)).order_by(Payment.id.desc()).limit(limit)
    ))


def detail(payment_id: int) -> Payment | None:
    """A payment with its customer and what it settled."""
    return db.session.scalars(
        select(Payment).where(Payment.id == payment_id).options(
            joinedload(Payment.customer),
            selectinload(Payment.allocations).joinedload(PaymentAllocation.invoice),
        )
    ).one_or_none()


def of_customer(customer_id: int, *, limit: int = 6) -> list[Payment]:
    """A customer's newest payments."""
    return list(db.session.scalars(
        select(Payment).where(Payment.customer_id == customer_id)
        .order_by(Payment.received_on.desc(), Payment.id.desc()).limit(limit)
    ))


def settlements_of(invoice_ids: Collection[int]) -> dict[int, list[Settlement]]:
    """What settles some invoices now, by invoice: payments, credit notes, write-offs, in the order it happened."""
    note, share = aliased(Invoice), PaymentAllocation
    rows = db.session.execute(
        select(share, Payment.number, Payment.received_on, Payment.method, note.number, note.issued_on)
        .outerjoin(Payment, Payment.id == share.payment_id).outerjoin(note, note.id == share.credit_note_id)
        .where(share.invoice_id == any_key(invoice_ids), share.released_at.is_(None)).order_by(share.id)
    )
    found: dict[int, list[Settlement]] = {}
    for row, number, received_on, method, note_number, note_on in rows:
        assert row.invoice_id is not None, "asked for by invoice"
        day = received_on or note_on or row.allocated_at.astimezone(current.tenant.zone).date()
        how = METHOD_LABELS[method] if method else _("Credit note") if note_number else _("Bad debt")
        found.setdefault(row.invoice_id, []).append(Settlement(
            row.id, row.invoice_id, row.payment_id, row.credit_note_id, row.write_off_id, row.amount_minor,
            number or note_number or _("Written off"), day, how,
        ))
    return found


def allocation(allocation_id: int) -> PaymentAllocation | None:
    """A share of a payment or a credit note that settles an invoice, with that invoice; None for any other."""
    return db.session.scalars(
        select(PaymentAllocation).options(joinedload(PaymentAllocation.invoice)).where(
            PaymentAllocation.id == allocation_id, PaymentAllocation.invoice_id.is_not(None),
            PaymentAllocation.write_off_id.is_(None),
        )
    ).one_or_none()


def spendings_of(credit_note_ids: Collection[int]) -> dict[int, list[PaymentAllocation]]:
    """What some credit notes settle now, by note, with the invoices; what of one was refunded has none."""
    shares = db.session.scalars(
        select(PaymentAllocation).options(joinedload(PaymentAllocation.invoice))
        .where(PaymentAllocation.credit_note_id == any_key(credit_note_ids), IS_LIVE)
        .order_by(PaymentAllocation.id)
    )
    found: dict[int, list[PaymentAllocation]] = {}
    for share in shares:
        assert share.credit_note_id is not None, "asked for by credit note"
        found.setdefault(share.credit_note_id, []).append(share)
    return found


def written_off(customer_ids: Collection[int]) -> list[WrittenOff]:
    """What of some customers' invoices is written off still, the oldest first."""
    share = PaymentAllocation
    rows = db.session.execute(
        select(share.id, share.write_off_id, Invoice.customer_id, Invoice.id, share.amount_minor)
        .join(Invoice, Invoice.id == share.invoice_id)
        .where(Invoice.customer_id == any_key(customer_ids), share.write_off_id.is_not(None),
               share.released_at.is_(None))
        .order_by(Invoice.issued_on, Invoice.id, share.id)
    )
    return [WrittenOff(key, write_off_id or 0, *rest) for key, write_off_id, *rest in rows]


def refundable(customer_id: int) -> list[Credit]:
    """The credit of a customer that can be paid back, oldest first: not tax withheld, which never came in, nor what of
    credit notes takes back what such tax had settled.
    """
    withheld = set(db.session.scalars(
        select(Payment.id).where(Payment.customer_id == customer_id, Payment.method == PaymentMethod.WITHHOLDING)
    ))
    kept = _withheld_in_notes(customer_id) if withheld else {}
    known = [credit._replace(free_minor=credit.free_minor - kept.get(credit.credit_note_id or 0, 0))
             for credit in credits([customer_id]).get(customer_id, []) if credit.payment_id not in withheld]
    return [credit for credit in known if credit.free_minor > 0]


def _withheld_in_notes(customer_id: int) -> dict[int, int]:
    settled = db.session.execute(
        select(PaymentAllocation.invoice_id, func.sum(PaymentAllocation.amount_minor))
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(Payment.customer_id == customer_id, Payment.method == PaymentMethod.WITHHOLDING, IS_LIVE,
               PaymentAllocation.invoice_id.is_not(None)).group_by(PaymentAllocation.invoice_id)
    )
    withheld = {invoice_id: int(amount_minor) for invoice_id, amount_minor in settled if invoice_id is not None}
    if not withheld:
        return {}
    charged, back, by = aliased(InvoiceLine), aliased(InvoiceLine), aliased(Invoice)
    rows = db.session.execute(
        select(Invoice.id, Invoice.total_minor, by.id, -func.sum(back.net_minor + back.tax_minor))
        .join(charged, charged.invoice_id == Invoice.id).join(back, back.credits_line_id == charged.id)
        .join(by, by.id == back.invoice_id)
        .where(Invoice.id == any_key(withheld), by.status == InvoiceStatus.ISSUED)
        .group_by(Invoice.id, by.id).order_by(by.id.desc())
    )
    return withheld_in([TakenBack(*map(int, row)) for row in rows], withheld)


def names_of(credits: Sequence[Credit]) -> list[tuple[str, int]]:
    """Credits by the numbers of their payments and notes, with what is free of each."""
    payments = {key: number for key, number in db.session.execute(select(Payment.id, Payment.number).where(
        Payment.id == any_key(credit.payment_id for credit in credits if credit.payment_id)))}
    notes = {key: number for key, number in db.session.execute(select(Invoice.id, Invoice.number).where(
        Invoice.id == any_key(credit.credit_note_id for credit in credits if credit.credit_note_id)))}
    return [
        (_("Payment %(payments)s", payments=payments[credit.payment_id]) if credit.payment_id
         else _("Credit note %(notes)s", notes=notes[credit.credit_note_id or 0]), credit.free_minor)
         for credit in credits
    ]


def known_keys(keys: Sequence[str]) -> set[str]:
    """Those of the idempotency keys that a payment was recorded with."""
    known = db.session.scalars(select(Payment.idempotency_key).where(Payment.idempotency_key == any_text(keys)))
    return {key for key in known if key is not None}

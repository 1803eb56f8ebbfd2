"""Reads of what can be credited, and of the notes about an invoice."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from ispbill.billing.charges import queries as charges
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.invoices.reviews.queries import Priced, priced_with
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.lines.policy import PLAIN
from ispbill.billing.notes.policy import Creditable, offset, unreturned
from ispbill.core.bulk import any_key
from ispbill.core.db import db
from ispbill.core.periods import Period, without


def creditable(invoice: Invoice) -> list[Creditable]:
    """The lines of an invoice with what is left of them; those of which nothing is left are left out.

    What the invoice itself gives back of older ones is taken off: of a change of plan only the difference was owed.
    So is what of a deposit is given back otherwise.
    """
    credits = _credits_of([line.id for line in invoice.lines])
    priced = priced_with([*invoice.lines, *credits])
    found = [
        _creditable(line, [credit for credit in credits if credit.credits_line_id == line.id], priced)
        for line in invoice.lines
    ]
    given_back = {line.id for line in invoice.lines if line.credits_line_id is not None}
    charged = offset([line for line in found if line.id not in given_back],
                     [line for line in found if line.id in given_back])
    deposits = deposits_on(invoice)
    returned = charges.given_back(list(deposits.values()))
    left = [unreturned(line, returned.get(deposits.get(line.id, 0), 0)) for line in charged]
    return [line for line in left if line.left_minor]


def deposits_on(invoice: Invoice) -> dict[int, int]:
    """The deposits that an invoice charged, by line."""
    return {line.id: line.charge_id for line in invoice.lines
            if line.charge_id is not None and line.account == AccountPurpose.DEPOSITS and line.amount_minor > 0}


def rounded_minor(invoice: Invoice) -> int:
    """What standing credit notes about an invoice took back of it beyond their lines, for cash to pay it."""
    return -db.session.execute(
        select(func.coalesce(func.sum(InvoiceLine.amount_minor), 0))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.corrects_id == invoice.id, Invoice.status == InvoiceStatus.ISSUED,
               Invoice.kind == DocumentKind.CREDIT_NOTE, InvoiceLine.account == AccountPurpose.ROUNDING,
               InvoiceLine.credits_line_id.is_(None))
    ).scalar_one()


def creditable_charge(charge_id: int) -> Creditable | None:
    """The line that bills a one-time charge with all that no credit has taken back of it; None where none does."""
    line = db.session.scalars(
        select(InvoiceLine).where(InvoiceLine.charge_id == charge_id, InvoiceLine.is_live,
                                  InvoiceLine.credits_line_id.is_(None))
    ).one_or_none()
    if line is None:
        return None
    credits = _credits_of([line.id])
    return _creditable(line, credits, priced_with([line, *credits]))


def about(invoice_id: int) -> Sequence[Invoice]:
    """The credit and debit notes about an invoice, the oldest first, void ones too."""
    return db.session.scalars(
        select(Invoice).where(Invoice.corrects_id == invoice_id)
        .options(selectinload(Invoice.allocations), selectinload(Invoice.spendings)).order_by(Invoice.id)
    ).all()


def _credits_of(line_ids: list[int]) -> Sequence[InvoiceLine]:
    """What standing credits have taken back of some lines, the oldest first."""
    return db.session.scalars(
        select(InvoiceLine).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(InvoiceLine.credits_line_id == any_key(line_ids), Invoice.status == InvoiceStatus.ISSUED)
        .order_by(InvoiceLine.id)
    ).all()


def _creditable(line: InvoiceLine, credits: Sequence[InvoiceLine], priced: Mapping[int, Priced]) -> Creditable:
    tax, left = priced[line.id]
    for credit in credits:
        back = priced[credit.id].extras
        left = left if left is PLAIN or back is PLAIN else left.less(back.negated())
    period = _days_of(line)
    given_back = [days for days in map(_days_of, credits) if days]
    return Creditable(
        line.id, line.subscription_id, line.component_id, line.description, period, line.quantity,
        line.unit_price_minor, line.amount_minor, line.tax_minor,
        line.amount_minor + sum(credit.amount_minor for credit in credits),
        line.tax_minor + sum(credit.tax_minor for credit in credits), line.includes_tax, tax, line.account, left,
        left_days=tuple(without([period], given_back)) if period else (),
    )


def _days_of(line: InvoiceLine) -> Period | None:
    return Period(line.period_start, line.period_end) if line.period_start and line.period_end else None

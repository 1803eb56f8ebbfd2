"""What must hold after every step, whatever happened: the invariants of the proof, and the days that are charged."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select, text

from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.proof.queries import FAULTS
from ispbill.billing.runs.models import BillingRun, RunStatus
from ispbill.core.db import AnyRow, db
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions.models import SubscriptionComponent, SubscriptionPause

Span = tuple[date, date]
_BALANCES = text("""
    SELECT c.account_number, c.booked, c.papers FROM (
        SELECT account_number,
               (SELECT coalesce(sum(amount_minor), 0) FROM journal_postings p
                  JOIN ledger_accounts a ON a.id = p.account_id AND a.purpose = 'receivable'
                 WHERE p.customer_id = customers.id) AS booked,
               (SELECT coalesce(sum(total_minor), 0) FROM invoices i
                 WHERE i.customer_id = customers.id AND i.status = 'issued')
             - (SELECT coalesce(sum(amount_minor), 0) FROM payments y
                 WHERE y.customer_id = customers.id AND y.status = 'recorded')
             + (SELECT coalesce(sum(amount_minor), 0) FROM refunds r
                 WHERE r.customer_id = customers.id AND r.status = 'recorded')
             - (SELECT coalesce(sum(s.amount_minor), 0) FROM payment_allocations s
                  JOIN invoices i ON i.id = s.invoice_id AND i.customer_id = customers.id
                 WHERE s.write_off_id IS NOT NULL AND s.released_at IS NULL) AS papers
          FROM customers) c WHERE c.booked <> c.papers
""")
_GIVEN_BACK = text("""
    SELECT l.component_id FROM invoice_lines l
      JOIN invoice_lines c ON c.credits_line_id = l.id JOIN invoices n ON n.id = c.invoice_id AND n.status = 'issued'
     WHERE l.component_id IS NOT NULL GROUP BY l.id
    HAVING sum(c.amount_minor) = -l.amount_minor AND bool_or(c.period_start IS NULL)
""")
_FREE_BUT_CHARGED = text("""
    SELECT p.id FROM usage_ratings r JOIN subscription_components p ON p.id = r.component_id
     WHERE r.period_start < p.start_on AND (r.amount_minor <> 0 OR r.charge_count > 0 OR r.period_end > p.start_on)
""")
_STATE = text("""
    SELECT (SELECT count(*) FROM invoices), (SELECT count(*) FROM invoice_lines), (SELECT count(*) FROM payments),
           (SELECT count(*) FROM payment_allocations), (SELECT count(*) FROM payment_allocations
             WHERE released_at IS NULL), (SELECT count(*) FROM journal_postings), (SELECT count(*) FROM audit_entries),
           (SELECT sum(next_number) FROM number_series), (SELECT count(*) FROM charges WHERE status = 'pending'),
           (SELECT count(*) FROM subscription_components), (SELECT count(*) FROM refunds),
           (SELECT count(*) FROM write_offs), (SELECT count(*) FROM usage_records), (SELECT count(*) FROM proformas),
           (SELECT count(*) FROM prepaid_loads), (SELECT count(*) FROM cash_movements),
           (SELECT string_agg(id || status, ',' ORDER BY id) FROM subscriptions)
""")


def state() -> tuple[object, ...]:
    """What a transaction that came to nothing must leave as it was."""
    return tuple(db.session.execute(_STATE).one())


def findings() -> Iterator[str]:
    """Everything that does not hold."""
    for code, fault in FAULTS.items():
        rows = db.session.execute(select(fault().subquery()).limit(3)).all()
        yield from (f"{code}: {row.label}, expected {row.expected}, is {row.actual}" for row in rows)
    wrong = select(Invoice.number).where(Invoice.total_minor != Invoice.net_minor + Invoice.tax_minor)
    yield from (f"{number} does not come to net and tax" for number in db.session.scalars(wrong))
    incomplete = select(BillingRun.billing_on).where(BillingRun.status == RunStatus.INCOMPLETE)
    yield from (f"the run of {on} is incomplete" for on in db.session.scalars(incomplete))
    free = db.session.scalars(_FREE_BUT_CHARGED)
    yield from (f"usage before component {part_id} is charged comes to something" for part_id in free)
    yield from _balances()
    yield from _days_charged()


def _balances() -> Iterator[str]:
    """A customer owes what stands on their documents less what they paid."""
    for number, booked, papers in db.session.execute(_BALANCES):
        yield f"{number} owes {booked} by the books and {papers} by the documents"


def _days_charged() -> Iterator[str]:
    """Each day of a component is charged once or not at all; where all is billed, just the days that it is served.

    Of a line whose whole amount a note gave back no day can be given back any more.
    """
    charged, pauses, spent = _charges(), _pauses(), set(db.session.scalars(_GIVEN_BACK))
    for part in db.session.scalars(select(SubscriptionComponent).order_by(SubscriptionComponent.id)):
        days = _counted(charged[part.id])
        twice = [day for day, count in days.items() if count not in (0, 1)]
        if twice:
            yield f"component {part.id} is charged {days[twice[0]]} times for {twice[0]}"
        of_line = {day for day, count in days.items() if count}
        is_plain = all(pause.billing == PauseBilling.BILL for pause in pauses[part.subscription_id])
        if is_plain and part.review_from is None and part.id not in spent:
            served = set(_each((part.start_on, min(part.end_on or part.billed_until, part.billed_until))))
            if served != of_line:
                yield f"component {part.id} is charged for {_words(of_line)} and not for {_words(served)}"


def _charges() -> dict[int, list[tuple[Span, int]]]:
    """The days that lines charge or take back; a note about an amount has none."""
    rows = db.session.execute(
        select(InvoiceLine.component_id, InvoiceLine.period_start, InvoiceLine.period_end,
               InvoiceLine.credits_line_id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.status == InvoiceStatus.ISSUED, InvoiceLine.component_id.is_not(None),
               InvoiceLine.period_start.is_not(None))
    )
    charged: dict[int, list[tuple[Span, int]]] = defaultdict(list)
    for row in rows:
        charged[row.component_id].append(((row.period_start, row.period_end), -1 if row.credits_line_id else 1))
    return charged


def _pauses() -> dict[int, list[AnyRow]]:
    pauses: dict[int, list[AnyRow]] = defaultdict(list)
    for row in db.session.execute(select(SubscriptionPause.subscription_id, SubscriptionPause.billing)):
        pauses[row.subscription_id].append(row)
    return pauses


def _counted(spans: list[tuple[Span, int]]) -> dict[date, int]:
    days: dict[date, int] = defaultdict(int)
    for span, sign in spans:
        for day in _each(span):
            days[day] += sign
    return days


def _each(span: Span) -> Iterator[date]:
    start, end = span
    return (start + timedelta(days=place) for place in range((end - start).days))


def _words(days: set[date]) -> str:
    return f"{len(days)} days from {min(days)} to {max(days)}" if days else "no day"

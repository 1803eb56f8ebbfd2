"""Half a year of a small fibre ISP, played day by day through the verbs, the clock moved and the real schedule drained.

After every step billing runs again and must add nothing, and the books must agree with the documents.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from ispbill import schedule
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.payments.service import Receipt
from ispbill.core.current import SYSTEM, TenantRef, at, bound
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.jobs.draining import drain
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription
from tests.make import offers, people

MANILA = ZoneInfo("Asia/Manila")
AGREEMENTS = """
SELECT (SELECT coalesce(sum(amount_minor), 0) FROM journal_postings) AS books,
       (SELECT coalesce(sum(p.amount_minor), 0) FROM journal_postings p
          JOIN ledger_accounts a ON a.id = p.account_id AND a.purpose = 'receivable') AS receivable,
       (SELECT coalesce(sum(total_minor), 0) FROM invoices WHERE status = 'issued')
         - (SELECT coalesce(sum(amount_minor), 0) FROM payments WHERE status = 'recorded') AS documents,
       (SELECT count(*) FROM payments p WHERE amount_minor <
          (SELECT coalesce(sum(amount_minor), 0) FROM payment_allocations a
             WHERE a.payment_id = p.id AND released_at IS NULL)) AS overspent,
       (SELECT count(*) FROM invoices i WHERE (settled_on IS NOT NULL) <>
          (status = 'issued' AND total_minor <= (SELECT coalesce(sum(amount_minor), 0) FROM payment_allocations a
             WHERE a.invoice_id = i.id AND released_at IS NULL))) AS wrongly_settled
"""


class Story:
    """A company whose days are played one after the other."""

    def __init__(self, tenant: TenantRef) -> None:
        self.tenant = tenant

    def run_schedule(self) -> None:
        """What the scheduler and the workers do at the present instant."""
        with bound(None, SYSTEM):
            drain([schedule.bill_due_tenants, schedule.resume_billing], only=[self.tenant.code])

    @contextmanager
    def day(self, day: date) -> Iterator[None]:
        """A day: the schedule at 00:06 and again at noon, then what happens, then the agreements."""
        for hour in (time(0, 6), time(12)):
            with at(datetime.combine(day, hour, MANILA)):
                self.run_schedule()
        with at(datetime.combine(day, time(14), MANILA)):
            yield
            before = self.invoice_count()
            self.run_schedule()
            assert self.invoice_count() == before, "billing again added something"
            self.check_agreements()

    def invoice_count(self) -> int:
        """How many invoices there are."""
        with unit_of_work():
            return int(db.session.scalar(text("SELECT count(*) FROM invoices")) or 0)

    def check_agreements(self) -> None:
        """The ledger sums to zero, receivables are what documents say, nothing is overspent."""
        with unit_of_work():
            facts = db.session.execute(text(AGREEMENTS)).one()
            assert facts.books == 0 and facts.receivable == facts.documents
            assert (facts.overspent, facts.wrongly_settled) == (0, 0)

    def balance(self, customer_id: int) -> int:
        """What a customer owes."""
        with unit_of_work():
            return ledger.balance_of(customer_id)


@pytest.fixture
def story(tenant: TenantRef) -> Story:
    """A Philippine company on the first of January."""
    return Story(tenant)


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    return (first + timedelta(n) for n in range((last - first).days + 1))


def test_half_a_year_of_a_household_that_pays_late_in_part_and_ahead(story: Story) -> None:
    with story.day(date(2026, 1, 15)), unit_of_work():
        maria = people.register_customer("Maria Santos").id
        plan = offers.plan(149_900, tax=offers.tax("12"))
        offers.subscribe(db.session.get_one(Customer, maria), plans=[(plan, 1, None)],
                         start_on=date(2026, 1, 15), anchor_day=1)
    with story.day(date(2026, 1, 16)):
        assert story.balance(maria) == 82_203  # 1,499.00 × 17 ÷ 31 days, billed the night after it began
    with story.day(date(2026, 2, 1)):
        assert story.balance(maria) == 82_203 + 149_900
    with story.day(date(2026, 2, 5)), unit_of_work():
        payments.record(Receipt(customer_id=maria, amount_minor=100_000, method="e_wallet", reference="GC-1001"))
    assert story.balance(maria) == 132_103
    with story.day(date(2026, 3, 1)), unit_of_work():
        payments.record(Receipt(customer_id=maria, amount_minor=500_000, method="cash"))
    assert story.balance(maria) == 132_103 + 149_900 - 500_000
    for day in (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)):
        with story.day(day):
            pass
    assert story.balance(maria) == 132_103 + 4 * 149_900 - 500_000
    with unit_of_work():
        settled = [invoice.settled_on for invoice in db.session.scalars(select(Invoice).order_by(Invoice.id))]
    assert settled == [date(2026, 2, 5), date(2026, 3, 1), date(2026, 3, 1), date(2026, 4, 1), None, None]


def test_every_day_of_three_months_with_anchors_at_the_months_end(story: Story) -> None:
    with story.day(date(2026, 1, 28)), unit_of_work():
        plan = offers.plan(100_000)
        for anchor_day in (28, 29, 30, 31):
            offers.subscribe(plans=[(plan, 1, None)], start_on=date(2026, 1, 28), anchor_day=anchor_day)
    for day in days(date(2026, 1, 29), date(2026, 4, 30)):
        with story.day(day):
            pass
    with unit_of_work():
        rows = db.session.execute(text(
            "SELECT s.anchor_day, array_agg(to_char(l.period_start, 'MM-DD') ORDER BY l.period_start) "
            "FROM invoice_lines l JOIN subscriptions s ON s.id = l.subscription_id GROUP BY 1 ORDER BY 1"
        )).all()
    assert {anchor: starts for anchor, starts in rows} == {
        28: ["01-28", "02-28", "03-28", "04-28"],
        29: ["01-28", "01-29", "02-28", "03-29", "04-29"],
        30: ["01-28", "01-30", "02-28", "03-30", "04-30"],
        31: ["01-28", "01-31", "02-28", "03-31", "04-30"],
    }


def test_a_bounced_cheque_a_wrong_invoice_and_a_suspension(story: Story) -> None:
    with story.day(date(2026, 1, 1)), unit_of_work():
        shop = people.register_customer("Aling Nena Store").id
        offers.subscribe(db.session.get_one(Customer, shop), plans=[(offers.plan(200_000), 1, None)],
                         start_on=date(2026, 1, 1))
    with story.day(date(2026, 1, 3)), unit_of_work():
        cheque = payments.record(
            Receipt(customer_id=shop, amount_minor=200_000, method="cheque", reference="BDO 12")
        ).id
    assert story.balance(shop) == 0
    with story.day(date(2026, 1, 9)), unit_of_work():
        payments.reverse(db.session.get_one(Payment, cheque), reason="account closed")
    assert story.balance(shop) == 200_000
    with story.day(date(2026, 2, 2)):
        with unit_of_work():
            newest = db.session.scalars(select(Invoice).order_by(Invoice.id.desc()).limit(1)).one()
            invoices.void(newest, reason="agreed a free month")
        story.run_schedule()
        assert story.balance(shop) == 200_000  # the day is billed already: the period waits for the next run
        with unit_of_work():
            subscription = db.session.scalars(select(Subscription)).one()
            subscriptions.hold(subscription)
            for part in subscription.components:
                part.billed_until = date(2026, 3, 1)
            subscriptions.reschedule(subscription)
    with story.day(date(2026, 3, 1)):
        assert story.balance(shop) == 400_000
        with unit_of_work():
            subscriptions.suspend(db.session.scalars(select(Subscription)).one(), on=date(2026, 3, 1), reason="unpaid")
    with story.day(date(2026, 4, 2)):
        assert story.balance(shop) == 400_000

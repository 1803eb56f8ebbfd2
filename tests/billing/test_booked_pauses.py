"""What pauses booked ahead mean for the bill, played through the verbs and the real run."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from ispbill.billing.invoices import service as invoices
from ispbill.billing.proof import service as proof
from ispbill.billing.runs import jobs
from ispbill.billing.runs import queries as runs
from ispbill.billing.runs.coverage import queries as coverage
from ispbill.billing.runs.models import BillingRun
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.pauses import service as pauses
from tests.make import offers
from tests.make.days import billed, newest, noon, work

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
AWAY, BACK = date(2026, 6, 11), date(2026, 6, 21)
Charged = list[tuple[int, date | None, date | None]]


def begin(price_minor: int = 30_000, **facts: Any) -> int:
    """A subscription from 1 May; the id."""
    with work(MAY):
        return offers.subscribe(plans=[(offers.plan(price_minor, **facts), 1, None)]).id


def loaded(subscription_id: int) -> Subscription:
    found = queries.get(subscription_id)
    assert found is not None
    return found


def book(line: int, billing: PauseBilling, *, on: date = AWAY, until: date | None = BACK, said: date = MAY) -> None:
    with work(said):
        subscriptions.suspend(loaded(line), on=on, until=until, reason="Holiday", billing=billing)


def billed_on(on: date) -> Charged:
    """What a day's billing adds; the books are proven after it, and every service is accounted for."""
    with work(on):
        pauses.turn_due()
    lines = [(line.amount_minor, line.period_start, line.period_end) for line in billed(on)]
    with work(on):
        assert proof.check().is_clean, "the books are right"
        run = db.session.scalars(select(BillingRun).order_by(BillingRun.id.desc()).limit(1)).one()
        assert coverage.UNEXPLAINED not in coverage.of_run(run)
    return lines


def test_in_advance_the_days_before_and_after_the_pause_are_billed_each_when_they_begin(tenant: TenantRef) -> None:
    line = begin()
    book(line, PauseBilling.SKIP)
    assert billed_on(MAY) == [(30_000, MAY, JUNE)]
    assert billed_on(JUNE) == [(10_000, JUNE, AWAY)]
    assert billed_on(date(2026, 6, 15)) == []
    with unit_of_work():
        assert [row.id for row in runs.not_billed(date(2026, 6, 15))] == [line]
    assert billed_on(BACK) == [(10_000, BACK, JULY)]
    assert billed_on(JULY) == [(30_000, JULY, date(2026, 8, 1))]


def test_in_arrears_only_the_days_served_are_billed(tenant: TenantRef) -> None:
    book(begin(timing="arrears"), PauseBilling.CREDIT)
    assert billed_on(JUNE) == [(30_000, MAY, JUNE)]
    assert billed_on(AWAY) == [(10_000, JUNE, AWAY)]
    assert billed_on(JULY) == [(10_000, BACK, JULY)]


def test_booked_after_the_days_were_billed_they_are_given_back_when_the_pause_begins(tenant: TenantRef) -> None:
    line = begin()
    billed_on(MAY)
    assert billed_on(JUNE) == [(30_000, JUNE, JULY)]
    book(line, PauseBilling.CREDIT, said=date(2026, 6, 5))
    assert billed_on(date(2026, 6, 10)) == []
    assert billed_on(AWAY) == [(-10_000, AWAY, BACK)]
    assert billed_on(BACK) == []
    assert billed_on(JULY) == [(30_000, JULY, date(2026, 8, 1))]


@pytest.mark.parametrize("billing", [PauseBilling.SKIP, PauseBilling.BILL])
def test_booked_after_the_days_were_billed_they_stay_owed_where_nothing_is_given_back(
    tenant: TenantRef, billing: PauseBilling
) -> None:
    line = begin()
    billed_on(MAY)
    billed_on(JUNE)
    book(line, billing, said=date(2026, 6, 5))
    assert billed_on(AWAY) == [] == billed_on(BACK)
    assert billed_on(JULY) == [(30_000, JULY, date(2026, 8, 1))]


def test_days_billed_all_the_same_are_billed_as_if_nothing_were(tenant: TenantRef) -> None:
    book(begin(), PauseBilling.BILL)
    billed_on(MAY)
    assert billed_on(JUNE) == [(30_000, JUNE, JULY)]


def test_a_pause_cancelled_before_anything_was_given_back_leaves_the_bill_as_it_is(tenant: TenantRef) -> None:
    line = begin(period_count=12)
    assert billed_on(MAY) == [(30_000, MAY, date(2027, 5, 1))]
    book(line, PauseBilling.CREDIT, said=date(2026, 5, 5))
    with work(date(2026, 5, 6)):
        pauses.cancel(loaded(line).pauses[0], loaded(line))
    assert billed_on(AWAY) == []


def test_a_pause_cancelled_after_the_bill_left_it_out_is_billed_when_it_would_have_begun(tenant: TenantRef) -> None:
    line = begin()
    billed_on(MAY)
    book(line, PauseBilling.SKIP)
    assert billed_on(JUNE) == [(10_000, JUNE, AWAY)]
    with work(date(2026, 6, 2)):
        pauses.cancel(loaded(line).pauses[0], loaded(line))
    assert billed_on(AWAY) == [(20_000, AWAY, JULY)]


def test_a_pause_cancelled_after_the_first_days_of_a_period_were_given_back_charges_them_again(
    tenant: TenantRef
) -> None:
    """One line charges from the first day on, so the rest of what was billed then moves onto the new bill with it."""
    line = begin()
    with noon(date(2026, 5, 20)):
        jobs.bill_now(JUNE)
    book(line, PauseBilling.CREDIT, on=JUNE, until=AWAY, said=date(2026, 5, 21))
    with noon(date(2026, 5, 22)):
        jobs.bill_now(JUNE)
    with work(date(2026, 5, 23)):
        held = loaded(line)
        pauses.cancel(held.pauses[0], held)
    assert billed_on(JUNE) == [(-20_000, AWAY, JULY), (20_000, AWAY, JULY), (10_000, JUNE, AWAY)]
    with work(JUNE):
        invoices.void(newest(), reason="Looked at wrongly")
    assert billed_on(JUNE) == [(-20_000, AWAY, JULY), (20_000, AWAY, JULY), (10_000, JUNE, AWAY)]
    assert billed_on(JULY) == [(30_000, JULY, date(2026, 8, 1))]


def test_who_comes_back_earlier_is_billed_from_that_day(tenant: TenantRef) -> None:
    line = begin()
    book(line, PauseBilling.CREDIT)
    billed_on(MAY)
    billed_on(JUNE)
    billed_on(AWAY)
    with work(date(2026, 6, 16)):
        subscriptions.resume(loaded(line), on=date(2026, 6, 16))
    assert billed_on(date(2026, 6, 16)) == [(15_000, date(2026, 6, 16), JULY)]


def test_who_turns_out_to_have_been_back_earlier_is_billed_for_those_days_too(tenant: TenantRef) -> None:
    line = begin()
    book(line, PauseBilling.SKIP)
    for on in (MAY, JUNE, AWAY):
        billed_on(on)
    with work(BACK):
        subscriptions.resume(loaded(line), on=date(2026, 6, 16))
    assert billed_on(BACK) == [(15_000, date(2026, 6, 16), JULY)]


def test_what_ends_within_the_pause_is_billed_up_to_it(tenant: TenantRef) -> None:
    line = begin()
    billed_on(MAY)
    billed_on(JUNE)
    book(line, PauseBilling.CREDIT, said=date(2026, 6, 5))
    with work(date(2026, 6, 5)):
        subscriptions.end(loaded(line), on=date(2026, 6, 15), reason="Moves")
    given_back = [line for on in (date(2026, 6, 5), AWAY, date(2026, 6, 15)) for line in billed_on(on)]
    assert sum(amount_minor for amount_minor, _, _ in given_back) == -20_000, "from the first day of the pause on"
    with unit_of_work():
        assert loaded(line).status == "ended"


def test_a_change_of_plan_on_a_booked_pause_bills_the_new_plan_beside_it(tenant: TenantRef) -> None:
    line = begin()
    billed_on(MAY)
    book(line, PauseBilling.CREDIT)
    with work(date(2026, 5, 20)):
        held = loaded(line)
        changes.change(held.running[0], held, new=NewTerms(plan=offers.plan(60_000)), on=JUNE)
    assert billed_on(JUNE) == [(20_000, JUNE, AWAY)]
    with work(date(2026, 6, 15)):
        held = loaded(line)
        changes.change(held.running[0], held, new=NewTerms(quantity=2), on=date(2026, 6, 15))
    assert billed_on(date(2026, 6, 15)) == []
    assert billed_on(BACK) == [(40_000, BACK, JULY)]


def test_a_billing_day_moved_over_a_booked_pause_leaves_its_days_out(tenant: TenantRef) -> None:
    line = begin()
    billed_on(MAY)
    book(line, PauseBilling.SKIP)
    with work(date(2026, 5, 20)):
        changes.move_anchor(loaded(line), anchor_day=16, on=JUNE)
    assert billed_on(JUNE) == [(9_677, JUNE, AWAY)], "10 of the 31 days from 16 May to 16 June"
    assert billed_on(date(2026, 6, 16)) == []
    assert billed_on(BACK) == [(25_000, BACK, date(2026, 7, 16))]

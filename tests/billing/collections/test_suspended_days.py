"""What a suspension by collections means for the bill: the published cases L01 and L03, and the three policies."""
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ispbill.billing.collections import queries as collections
from ispbill.billing.invoices.models import InvoiceLine
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.service import Receipt
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.suspension_reasons import service as suspension_reasons
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription
from tests.make import debts, offers, people

# Kill Bill's account: billed on 31 May 2012 and 30 June, cut off 40 days after the oldest unpaid invoice.
START, CUT_ON, CLEARED_ON = date(2012, 5, 31), date(2012, 7, 10), date(2012, 7, 20)


def owing_since_may(billing: str) -> int:
    """A customer billed for two months who pays nothing and is cut off on 10 July; the id."""
    debts.set_plan(no_cut_weekdays="")
    with unit_of_work():
        non_payment = collections.suspension_reason()
        suspension_reasons.change(non_payment, name=non_payment.name, billing=billing, is_active=True)
    for name in ("Reminder before it is due", "Reminder on the due day", "Overdue notice"):
        debts.set_step(name, is_active=False)
    debts.set_step("Suspension", days=40, counted_from="issue")
    with debts.morning(START), unit_of_work():
        kim = people.register_customer("Kim")
        offers.subscribe(kim, plans=[(offers.plan(24_995, valid_from=date(2010, 1, 1)), 1, None)], start_on=START,
                         anchor_day=31)
    for day in (START, date(2012, 6, 30), date(2012, 7, 9), CUT_ON):
        bill_and_round(day)
    assert debts.cutoffs(kim.id) == [(CUT_ON, None)]
    return kim.id


def bill_and_round(day: date) -> None:
    with debts.morning(day):
        jobs.bill_now(day)
        debts.go_round()


def pays_all(customer_id: int, on: date) -> None:
    with debts.morning(on), unit_of_work():
        payments.record(Receipt(customer_id=customer_id, amount_minor=49_990, method="cash"))
    assert debts.status(customer_id) == "active"


def lines_since(day: date) -> list[tuple[int, date | None, date | None]]:
    with unit_of_work():
        rows = db.session.scalars(select(InvoiceLine).order_by(InvoiceLine.id)).all()
        return [(line.amount_minor, line.period_start, line.period_end) for line in rows[2:]]


def test_case_l01_the_blocked_days_of_a_billed_month_are_given_back(tenant: TenantRef) -> None:
    """Kill Bill, testOverdueStages1: ten days of July, 80.63 of 249.95, then August in full."""
    kim = owing_since_may("credit")
    pays_all(kim, CLEARED_ON)
    bill_and_round(CLEARED_ON)
    bill_and_round(date(2012, 7, 31))
    net: dict[tuple[date | None, date | None], int] = {}
    for amount_minor, start, end in lines_since(CUT_ON):
        net[start, end] = net.get((start, end), 0) + amount_minor
    assert sum(net.values()) == 24_995 - 8_063
    assert net[date(2012, 7, 31), date(2012, 8, 31)] == 24_995


def test_case_l03_cleared_a_day_into_the_next_month_bills_a_stub(tenant: TenantRef) -> None:
    """Kill Bill, testOverdueStages3: 21 days of July back, 169.32; the 30 days from 1 August, 241.89."""
    kim = owing_since_may("credit")
    bill_and_round(CUT_ON)
    pays_all(kim, date(2012, 8, 1))
    bill_and_round(date(2012, 8, 1))
    assert sorted(lines_since(CUT_ON)) == [
        (-16_932, CUT_ON, date(2012, 7, 31)), (24_189, date(2012, 8, 1), date(2012, 8, 31)),
    ]


@pytest.mark.parametrize(("billing", "after"), [("skip", []), ("bill", [(24_995, date(2012, 7, 31),
                                                                         date(2012, 8, 31))])])
def test_the_days_of_a_suspension_are_not_billed_or_billed_all_the_same(
    tenant: TenantRef, billing: str, after: list[tuple[int, date, date]]
) -> None:
    """Pain 4: an explicit policy, and nothing billed afterwards in silence."""
    owing_since_may(billing)
    bill_and_round(date(2012, 7, 31))
    assert lines_since(CUT_ON) == after


def test_each_way_of_pausing_is_written_down_with_the_reason(tenant: TenantRef) -> None:
    kim = owing_since_may("credit")
    with unit_of_work():
        line = db.session.scalars(select(Subscription).where(Subscription.customer_id == kim)).one()
        subscriptions.hold(line)
        (pause,) = line.pauses
        assert (pause.billing, pause.start_on, pause.end_on) == ("credit", CUT_ON, None)
        assert pause.reason.startswith("Non-payment: INV-") and pause.reason_id == 1

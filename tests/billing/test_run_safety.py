"""What a run does before and beside billing: says why bills differ, waits, parks slips of a key, accounts for all."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.notes import service as notes
from ispbill.billing.notes.service import NewLine
from ispbill.billing.proof import service as proof
from ispbill.billing.runs import jobs, queries, service
from ispbill.billing.runs.coverage import queries as coverage
from ispbill.billing.runs.preview import service as previews
from ispbill.billing.runs.preview.policy import BillPart, Cause, explain
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, NotFound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import SubscriptionComponent
from ispbill.web.requests import IspbillFlask
from tests.make import bills, days, loads, offers
from tests.make.browsers import signed_in

TODAY, NEXT_MONTH = date(2026, 3, 10), date(2026, 4, 10)
TERMS = BillingTerms(due_days=15, auto_issue=False, invoice_note="")


def part(component_id: int | None = 1, **facts: Any) -> BillPart:
    """A full month of 1,000.00 of a subscription."""
    return replace_in(BillPart(component_id, 1, False, 1, 100_000, 100_000, 12_000), **facts)


def replace_in(given: BillPart, **facts: Any) -> BillPart:
    return given._replace(**facts)


@pytest.mark.parametrize(("now", "before", "causes"), [
    pytest.param([part()], [part()], {}, id="the same"),
    pytest.param([part()], [], {Cause.NEW: 112_000}, id="never billed"),
    pytest.param([part(), part(2)], [part()], {Cause.ADDED: 112_000}, id="an add-on"),
    pytest.param([part()], [part(), part(2)], {Cause.ENDED: -112_000}, id="an add-on that ended"),
    pytest.param([part(2, unit_price_minor=150_000, net_minor=150_000, tax_minor=18_000)], [part()],
                 {Cause.PLAN_CHANGE: 56_000}, id="another plan"),
    pytest.param([part(net_minor=50_000, tax_minor=6_000)], [part()], {Cause.PRORATION: -56_000}, id="half a month"),
    pytest.param([part(unit_price_minor=90_000, net_minor=90_000, tax_minor=10_800)], [part()],
                 {Cause.PRICE: -11_200}, id="another price"),
    pytest.param([part(quantity=2, net_minor=200_000, tax_minor=24_000)], [part()], {Cause.QUANTITY: 112_000},
                 id="two of it"),
    pytest.param([part(tax_minor=15_000)], [part()], {Cause.TAX: 3_000}, id="another tax"),
    pytest.param([part()], [part(net_minor=90_000, tax_minor=10_800, discount_minor=10_000)],
                 {Cause.DISCOUNT: 11_200}, id="a discount that ended"),
    pytest.param([part()], [part(net_minor=0, tax_minor=0, discount_minor=100_000)], {Cause.DISCOUNT: 112_000},
                 id="a free month that ended"),
    pytest.param([part(net_minor=50_000, tax_minor=6_000)],
                 [part(net_minor=90_000, tax_minor=10_800, discount_minor=10_000)],
                 {Cause.DISCOUNT: 11_200, Cause.PRORATION: -56_000}, id="half a month, and without its discount"),
    pytest.param([part(), part(None, net_minor=500, tax_minor=0)], [part()], {Cause.ONE_TIME: 500}, id="a fee"),
    pytest.param([part(), part(is_credit=True, net_minor=-300, tax_minor=0)], [part()], {Cause.CREDIT: -300},
                 id="something given back"),
])
def test_a_bill_differs_from_the_last_for_named_causes_that_sum_to_the_difference(
    now: list[BillPart], before: list[BillPart], causes: dict[Cause, int]
) -> None:
    assert explain(now, before) == causes
    totals = [sum(each.total_minor for each in parts) for parts in (now, before)]
    assert sum(causes.values()) == totals[0] - totals[1]


def test_a_preview_says_what_makes_the_month_higher(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = bills.subscriber("Ana Reyes", price_minor=100_000)
    jobs.bill_now(TODAY)
    with at(current.now() + timedelta(days=31)):
        with unit_of_work():
            charges.add(ChargeFacts(customer_id, "Cable", 5_000))
            offers.subscribe()
        with unit_of_work():
            assert previews.preview(NEXT_MONTH).causes == {Cause.ONE_TIME: 5_000, Cause.NEW: 149_900}
        browser = signed_in(app, tenant)
        page = browser.get("/billing/runs/prepare")
        assert "Against the last bills" in page.text and "+₱50.00" in page.text
        text = browser.get("/billing/runs/prepare/export?day=2026-04-10").text
        assert "Ana Reyes,1050.00,PHP,0.00" in text and "account_number,customer,amount" in text


def test_a_preview_compares_with_the_last_bill_of_a_run_and_not_with_one_by_hand(tenant: TenantRef) -> None:
    customer_id = bills.subscriber(price_minor=100_000)
    jobs.bill_now(TODAY)
    with days.work(date(2026, 4, 1)):
        notes.debit(customer_id, [NewLine("Router", 5_000)], reason="Found later")
    with days.work(NEXT_MONTH):
        assert previews.preview(NEXT_MONTH).causes == {}


def test_a_preview_tells_of_those_who_are_charged_no_more(tenant: TenantRef) -> None:
    kept, leaving, away = (bills.subscriber(price_minor=100_000) for _ in range(3))
    jobs.bill_now(TODAY)
    with unit_of_work():
        for customer_id in (leaving, away):
            (line,) = subscriptions.queries.of_customer(customer_id, status="active")
            if customer_id == leaving:
                subscriptions.end(line, reason="Moves")
            else:
                subscriptions.suspend(line, on=TODAY, reason="away")
    with days.work(NEXT_MONTH):
        assert previews.preview(NEXT_MONTH).causes == {Cause.ENDED: -200_000}
        found = {bill.customer_id: bill.total_minor for bill in previews.differences(NEXT_MONTH)}
        assert found == {kept: 100_000, leaving: 0, away: 0}
    with days.work(date(2026, 5, 10)):
        assert Cause.ENDED not in previews.preview(date(2026, 5, 10)).causes, "once only"


def test_a_slip_of_a_key_waits_for_a_person_who_can_let_it_pass(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = bills.subscriber("Fat Finger", price_minor=100_000)
    with unit_of_work():
        charges.add(ChargeFacts(customer_id, "Cable, 50.00 meant", 5_000_000))
    run_id = jobs.bill_now(TODAY).run_id
    browser = signed_in(app, tenant)
    page = browser.get(f"/billing/runs/{run_id}").text
    assert "51 times the usual amount" in page and "Bill it all the same" in page
    with bills.jobs_done():
        answer = browser.post(f"/billing/runs/{run_id}/parked/{customer_id}/release")
    assert "₱51,000.00" in browser.get(answer.location).text


def test_only_an_unusual_amount_can_be_let_pass(tenant: TenantRef) -> None:
    customer_id = bills.unbillable()
    jobs.bill_now(TODAY)
    with unit_of_work(), pytest.raises(NotFound):
        run = queries.of_day(TODAY)
        assert run is not None
        service.release(run, customer_id=customer_id)


def test_a_company_may_switch_the_bound_off(tenant: TenantRef) -> None:
    customer_id = bills.subscriber(price_minor=100_000)
    with unit_of_work():
        company.change_terms(replace(TERMS, most_times_usual=0))
        charges.add(ChargeFacts(customer_id, "Fibre to the island", 500_000_000))
    assert jobs.bill_now(TODAY).parked == []


def test_a_run_that_waits_is_approved_by_the_clock_unless_somebody_holds_it(tenant: TenantRef) -> None:
    bills.subscriber()
    with unit_of_work():
        company.change_terms(replace(TERMS, approve_after_hours=6))
    later, much_later = (current.now() + timedelta(hours=hours) for hours in (5, 7))
    with unit_of_work():
        service.open_run(TODAY, approved=False)
    with at(later):
        sweep()
    assert run_status() == "awaiting_approval"
    with unit_of_work():
        run = queries.of_day(TODAY)
        assert run is not None
        service.hold(run)
    with at(much_later):
        sweep()
    assert run_status() == "awaiting_approval"
    with unit_of_work():
        db.session.execute(update(type(run)).values(held_by=None))
    with at(much_later):
        sweep()
    assert run_status() == "completed"


def test_the_clock_does_not_bill_by_the_next_day_s_run_what_is_held(app: IspbillFlask, tenant: TenantRef) -> None:
    """The next run would bill all that is due by its day, what the held one does not bill, too."""
    bills.subscriber()
    with unit_of_work():
        company.change_terms(replace(TERMS, approve_after_hours=6))
        service.hold(service.open_run(TODAY, approved=False))
    tomorrow = TODAY + timedelta(days=1)
    with days.work(tomorrow):
        following = service.open_run(tomorrow, approved=False).id
    with at(current.now() + timedelta(hours=40)):
        sweep()
        assert run_status(tomorrow) == "awaiting_approval"
        assert "is held, and this one" in signed_in(app, tenant).get(f"/billing/runs/{following}").text
    with unit_of_work():
        held = queries.of_day(TODAY)
        assert held is not None
        service.approve(held)
    with at(current.now() + timedelta(hours=40)):
        sweep()
        assert (run_status(TODAY), run_status(tomorrow)) == ("completed", "completed")


def test_a_run_that_is_approved_days_later_bills_what_its_preview_shows_then(tenant: TenantRef) -> None:
    bills.subscriber(price_minor=100_000)
    with unit_of_work():
        service.open_run(TODAY, approved=False)
    late = bills.subscriber(price_minor=50_000)
    with days.noon(TODAY + timedelta(days=2)):
        with unit_of_work():
            charges.add(ChargeFacts(late, "Router", 7_000, bill_on=TODAY))
            seen = previews.preview(TODAY)
        with bills.jobs_done(), unit_of_work():
            run = queries.of_day(TODAY)
            assert run is not None
            service.approve(run)
        with unit_of_work():
            totals = queries.run_totals(run.id)
            assert seen.total_minor == 157_000
            assert (totals.invoices, totals.total_minor) == (seen.invoices, seen.total_minor)
        assert run_status() == "completed"


def test_what_is_approved_cannot_be_held(tenant: TenantRef) -> None:
    bills.subscriber()
    jobs.bill_now(TODAY)
    with unit_of_work(), pytest.raises(Conflict):
        run = queries.of_day(TODAY)
        assert run is not None
        service.hold(run)


def test_a_run_accounts_for_every_service(tenant: TenantRef) -> None:
    bills.subscriber()
    bills.unbillable()
    with unit_of_work():
        offers.subscribe(plans=[(offers.plan(timing="arrears"), 1, None)])
        away = offers.subscribe()
        subscriptions.suspend(away, on=TODAY, reason="away")
    jobs.bill_now(TODAY)
    with unit_of_work():
        run = queries.of_day(TODAY)
        assert run is not None and run.status == "completed"
        assert run.coverage == {"billed": 1, "parked": 1, "due_later": 1, "suspended": 1}


def test_a_run_is_not_complete_while_a_service_is_neither_billed_nor_explained(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.subscriber("Fiona Forgotten")
    with unit_of_work():
        db.session.execute(update(SubscriptionComponent).values(due_on=None))
    run_id = jobs.bill_now(TODAY).run_id
    page = signed_in(app, tenant).get(f"/billing/runs/{run_id}").text
    assert "The run is incomplete" in page and "Fiona Forgotten" in page
    with unit_of_work():
        db.session.execute(update(SubscriptionComponent).values(due_on=TODAY))
    jobs.bill_now(TODAY)
    assert run_status() == "completed"


def test_days_that_a_counter_calls_billed_and_no_line_charges_are_found(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.subscriber("Fiona Forgotten")
    with unit_of_work():
        for part in db.session.scalars(select(SubscriptionComponent)):
            part.billed_until, part.due_on = NEXT_MONTH, NEXT_MONTH
    run_id = jobs.bill_now(TODAY).run_id
    assert run_status() == "incomplete"
    assert "Fiona Forgotten" in signed_in(app, tenant).get(f"/billing/runs/{run_id}").text
    with unit_of_work():
        (result,) = (result for result in proof.check().results if result["count"])
        assert result["code"] == "days_billed" and result["sample"][0]["expected"] == 31


def test_a_charge_that_nobody_billed_is_found(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = bills.subscriber("Fiona Forgotten")
    with at(current.now() - timedelta(hours=1)), unit_of_work():
        cable = charges.add(ChargeFacts(customer_id, "Cable", 5_000, bill_on=NEXT_MONTH))
    run_id = jobs.bill_now(TODAY).run_id
    with unit_of_work():
        db.session.execute(update(Charge).where(Charge.id == cable.id).values(bill_on=TODAY))
        run = queries.of_day(TODAY)
        assert run is not None
        assert coverage.of_run(run) == {"billed": 1, "unexplained": 1}
        run.status = "incomplete"
    assert f'href="/customers/{customer_id}"' in signed_in(app, tenant).get(f"/billing/runs/{run_id}").text


def test_what_is_added_while_a_run_is_at_work_is_the_next_ones(tenant: TenantRef) -> None:
    customer_id = bills.subscriber()
    with unit_of_work():
        run = service.open_run(TODAY, approved=True)
        (chunk_id,) = queries.pending_chunk_ids(run.id)
        service.bill_chunk(chunk_id)
        charges.add(ChargeFacts(customer_id, "Cable", 5_000))
        offers.subscribe(start_on=TODAY)
        service.complete_if_done(run.id)
        assert (run.status, run.coverage) == ("completed", {"billed": 1, "added_since": 2})
    with days.noon(TODAY + timedelta(days=1)):
        assert jobs.bill_now(TODAY + timedelta(days=1)).invoices == 2


def test_a_run_is_whole_once_the_next_one_billed_what_it_left(tenant: TenantRef) -> None:
    customer_id = bills.subscriber()
    with at(current.now() - timedelta(hours=1)), unit_of_work():
        cable = charges.add(ChargeFacts(customer_id, "Cable", 5_000, bill_on=NEXT_MONTH))
    with unit_of_work():
        run = service.open_run(TODAY, approved=True)
        (chunk_id,) = queries.pending_chunk_ids(run.id)
        service.bill_chunk(chunk_id)
        cable.bill_on = TODAY
        service.complete_if_done(run.id)
        assert run.status == "incomplete"
        jobs.resume_runs()
        assert run.status == "incomplete"
    with days.noon(TODAY + timedelta(days=1)):
        jobs.bill_now(TODAY + timedelta(days=1))
        with unit_of_work():
            jobs.resume_runs()
    assert run_status() == "completed"


def test_what_was_given_back_paused_ended_and_prepaid_is_accounted_for(tenant: TenantRef) -> None:
    ended, paused = bills.subscriber(), bills.subscriber()
    jobs.bill_now(TODAY)
    with unit_of_work():
        loads.load()
        for customer_id in (ended, paused):
            (line,) = subscriptions.queries.of_customer(customer_id, status="active")
            if customer_id == ended:
                subscriptions.end(line, on=TODAY, reason="Moves")
            else:
                subscriptions.suspend(line, on=TODAY, reason="away", billing=PauseBilling.CREDIT)
    jobs.bill_now(TODAY)
    with unit_of_work():
        run = queries.of_day(TODAY)
        assert run is not None and run.coverage == {"ended": 1, "suspended": 1, "prepaid": 1}
        assert proof.check().is_clean


def test_a_first_part_merged_in_arrears_waits_for_the_period_after_it(tenant: TenantRef) -> None:
    with unit_of_work():
        company.change_terms(replace(TERMS, first_period="merge"))
        offers.subscribe(plans=[(offers.plan(31_000, timing="arrears"), 1, None)], anchor_day=1)
    for day, figures in ((date(2026, 4, 1), (0, "completed", {"due_later": 1})),
                         (date(2026, 5, 1), (22_000 + 31_000, "completed", {"due_later": 1}))):
        with days.noon(day):
            total_minor = jobs.bill_now(day).total_minor
        with unit_of_work():
            run = queries.of_day(day)
            assert run is not None and (total_minor, run.status, run.coverage) == figures


def sweep() -> None:
    """What the schedule does every minute, and what comes of it."""
    with bills.jobs_done(), unit_of_work():
        jobs.resume_runs()


def run_status(on: date = TODAY) -> str:
    """How far the run of a day is."""
    with unit_of_work():
        run = queries.of_day(on)
        assert run is not None
        return run.status

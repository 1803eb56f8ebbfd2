"""What a held run keeps from being billed by the days after it, and runs approved together, the earlier day first."""
from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.runs import jobs, queries, service
from ispbill.billing.runs.models import BillingRun
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.jobs.queue import delivering_to
from ispbill.web.requests import IspbillFlask
from tests.make import bills, days, offers
from tests.make.browsers import signed_in
from tests.make.programs import program

TODAY = date(2026, 3, 10)
NEXT, THIRD = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
TERMS = BillingTerms(due_days=15, auto_issue=True, invoice_note="")


def company_asks(hours: int = 0) -> None:
    """Somebody approves each run, or the clock after some hours."""
    with unit_of_work():
        company.change_terms(replace(TERMS, auto_issue=False, approve_after_hours=hours))


def opened(on: date, *, held: bool = False) -> int:
    """The run of a day, opened on that day, which waits."""
    with days.noon(on), unit_of_work():
        run = service.open_run(on, approved=False)
        if held:
            service.hold(run)
        return run.id


def held_and_next() -> tuple[int, int]:
    """A held run of today with somebody to bill, and one of tomorrow that waits with somebody of its own."""
    bills.subscriber("Ana Reyes", price_minor=100_000)
    held = opened(TODAY, held=True)
    with days.work(NEXT):
        offers.subscribe(start_on=NEXT)
    return held, opened(NEXT)


def decide(verb: Callable[[BillingRun], object], on: date) -> None:
    with bills.jobs_done(), unit_of_work():
        run = queries.of_day(on)
        assert run is not None
        verb(run)


def by_schedule(on: date) -> None:
    with bills.jobs_done(), unit_of_work():
        jobs.open_run(on.isoformat())


def sweep() -> None:
    with bills.jobs_done(), unit_of_work():
        jobs.resume_runs()


def statuses() -> dict[date, str]:
    with unit_of_work():
        return {run.billing_on: run.status for run in db.session.scalars(select(BillingRun))}


def billed() -> dict[date, list[int]]:
    """What was billed by the runs of which day."""
    found: dict[date, list[int]] = {}
    with unit_of_work():
        for on, total_minor in db.session.execute(
                select(BillingRun.billing_on, Invoice.total_minor).join(Invoice).order_by(Invoice.id)):
            found.setdefault(on, []).append(total_minor)
    return found


def test_a_company_that_issues_without_asking_bills_nothing_that_is_held(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.subscriber("Ana Reyes", price_minor=100_000)
    with unit_of_work():
        service.hold(service.start(NEXT, approved=False))
    for on in (NEXT, THIRD):
        with days.noon(on):
            by_schedule(on)
            sweep()
            assert statuses()[on] == "awaiting_approval" and billed() == {}
    with days.noon(THIRD):
        with unit_of_work():
            held, following = (queries.of_day(on) for on in (NEXT, THIRD))
            assert held is not None and following is not None
        browser = signed_in(app, tenant)
        assert "The billing run of 11 Mar 2026 is held" in browser.get(f"/billing/runs/{following.id}").text
        assert "until somebody who may approves it" in browser.get(f"/billing/runs/{held.id}").text
        decide(service.approve, NEXT)
        sweep()
        assert billed() == {NEXT: [100_000]}
        assert set(statuses().values()) == {"completed"}, "what waited only for the held run does not wait for a person"


def test_a_run_of_a_day_to_come_is_billed_by_itself_when_it_comes(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.subscriber(price_minor=100_000)
    with unit_of_work():
        run_id = service.start(NEXT, approved=False).id
    sweep()
    assert billed() == {}
    page = signed_in(app, tenant).get(f"/billing/runs/{run_id}").text
    assert "it is approved by itself when its day comes" in page and f"/billing/runs/{run_id}/hold" in page
    with days.noon(NEXT):
        by_schedule(NEXT)
    assert billed() == {NEXT: [100_000]}


@pytest.mark.parametrize("approve", [
    pytest.param(lambda: decide(service.approve, NEXT), id="approve"),
    pytest.param(lambda: decide(lambda run: service.start(run.billing_on, approved=True), NEXT), id="start"),
    pytest.param(lambda: jobs.bill_now(NEXT), id="command line"),
])
def test_nobody_bills_by_a_later_run_what_is_held(tenant: TenantRef, approve: Callable[[], None]) -> None:
    company_asks()
    held_and_next()
    with days.noon(NEXT):
        with pytest.raises(Conflict, match="billing run of 10 Mar 2026 is held"):
            approve()
        assert (billed(), statuses()) == ({}, {TODAY: "awaiting_approval", NEXT: "awaiting_approval"})
        decide(service.approve, TODAY)
        approve()
        assert billed() == {TODAY: [100_000], NEXT: [149_900]}


def test_a_later_run_that_is_through_bills_nothing_more_while_an_earlier_one_is_held(tenant: TenantRef) -> None:
    with days.noon(NEXT):
        jobs.bill_now(NEXT)
        bills.subscriber(price_minor=100_000)
    company_asks()
    opened(TODAY, held=True)
    with days.noon(NEXT), pytest.raises(Conflict, match="is held"):
        decide(lambda run: service.start(run.billing_on, approved=True), NEXT)
    assert billed() == {}


def test_the_pages_say_which_run_is_held_and_refuse_what_would_bill_it(app: IspbillFlask, tenant: TenantRef) -> None:
    company_asks(hours=6)
    following = held_and_next()[1]
    with days.noon(NEXT):
        browser = signed_in(app, tenant)
        page = browser.get(f"/billing/runs/{following}").text
        assert "The billing run of 10 Mar 2026 is held" in page and "approved by itself" not in page
        answer = browser.post(f"/billing/runs/{following}/approve")
        assert "The billing run of 10 Mar 2026 is held" in browser.get(answer.location).text
        assert "The billing run of 10 Mar 2026 is held" in browser.get("/billing/runs/prepare?day=2026-03-11").text
        refused = program(app, tenant, scopes=["approve_billing_run"]).post(f"billing-runs/{following}/approve")
        assert refused.status_code == 409 and "10 Mar 2026" in refused.get_json()["detail"]
        assert billed() == {}


def test_the_clock_approves_no_later_run_while_an_earlier_one_has_time_to_be_held(tenant: TenantRef) -> None:
    company_asks(hours=6)
    bills.subscriber(price_minor=100_000)
    with days.work(NEXT):
        service.open_run(NEXT, approved=False)
    with at(current.now() + timedelta(days=1, hours=5)), unit_of_work():
        service.open_run(TODAY, approved=False)
    with at(current.now() + timedelta(days=1, hours=7)):
        sweep()
        assert billed() == {}
    with at(current.now() + timedelta(days=1, hours=12)):
        sweep()
        assert billed() == {TODAY: [100_000]}


def both_wait() -> None:
    """Runs of today and tomorrow that wait, each with somebody to bill."""
    bills.subscriber(price_minor=100_000)
    opened(TODAY)
    with days.work(NEXT):
        offers.subscribe(start_on=NEXT)
    opened(NEXT)


def approved_together() -> list[tuple[int, int]]:
    """The chunks of both runs that the sweep approved, with their runs; nobody has billed them yet."""
    company_asks(hours=6)
    both_wait()
    with delivering_to(lambda *nudge: None), at(current.now() + timedelta(days=2)), unit_of_work():
        service.approve_overdue()
        return [(chunk_id, run.id) for run in queries.running() for chunk_id in queries.pending_chunk_ids(run.id)]


def test_of_runs_approved_together_the_earlier_day_is_billed_first_whichever_is_asked_first(
    tenant: TenantRef
) -> None:
    first, second = approved_together()
    with days.noon(THIRD):
        with bills.jobs_done():
            jobs.bill_chunk.run(tenant, *second)
        assert billed() == {}, "it waits for the earlier day"
        with bills.jobs_done():
            jobs.bill_chunk.run(tenant, *first)
        assert billed() == {TODAY: [100_000], NEXT: [149_900]}, "and is billed as soon as that is through"
        assert set(statuses().values()) == {"completed"}


def test_a_few_bills_of_a_later_day_are_not_issued_at_once_before_those_of_an_earlier_day(tenant: TenantRef) -> None:
    bills.subscriber(price_minor=100_000)
    with unit_of_work():
        (chunk_id,) = queries.pending_chunk_ids(service.open_run(TODAY, approved=True).id)
    with days.noon(NEXT):
        with unit_of_work():
            offers.subscribe(start_on=NEXT)
        by_schedule(NEXT)
        assert billed() == {}
        sweep()
        assert billed() == {TODAY: [100_000], NEXT: [149_900]}


def test_the_command_line_bills_an_earlier_day_at_work_before_its_own(tenant: TenantRef) -> None:
    approved_together()
    with days.noon(THIRD):
        assert jobs.bill_now(NEXT).total_minor == 149_900
        assert billed() == {TODAY: [100_000], NEXT: [149_900]}


@pytest.mark.parametrize("verb", [service.approve, service.discard])
def test_a_run_that_a_person_decides_at_the_same_moment_keeps_the_clock_from_no_other(
    app: IspbillFlask, tenant: TenantRef, verb: Callable[[BillingRun], object]
) -> None:
    company_asks(hours=6)
    both_wait()
    moment = current.now() + timedelta(hours=40)

    def swept() -> None:
        with app.app_context(), bound(tenant, SYSTEM), at(moment):
            sweep()

    with ThreadPoolExecutor(1) as another:
        with bills.jobs_done():
            with unit_of_work():
                run = queries.of_day(NEXT)
                assert run is not None
                verb(run)
                sweeping = another.submit(swept)
                time.sleep(0.5)
                assert not sweeping.done(), "it waits for what becomes of the run"
            sweeping.result()
    assert statuses()[TODAY] == "completed" and billed()[TODAY] == [100_000]

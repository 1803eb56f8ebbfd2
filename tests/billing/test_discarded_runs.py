"""A run that waits is discarded: its day is billed as if it had never been opened, and nothing else changes."""
from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from ispbill.audit.models import AuditEntry
from ispbill.billing.charges.models import Charge
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.metering import service as metering
from ispbill.billing.metering.policy import Usage
from ispbill.billing.runs import jobs, queries, service
from ispbill.billing.runs.models import BillingRun, BillingRunChunk
from ispbill.catalogue.usage import service as usage_prices
from ispbill.catalogue.usage.policy import PriceList, Tier, UsageFacts
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import TenantModel, db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions.models import Subscription
from ispbill.web.requests import IspbillFlask
from tests.make import bills, days, offers
from tests.make.browsers import signed_in
from tests.make.programs import program

TODAY, COMING = date(2026, 3, 10), date(2026, 3, 12)
CLERK = ("view_billing_run", "start_billing_run")


def opened(on: date = COMING) -> int:
    """The run of a day, which waits."""
    with unit_of_work():
        return service.start(on, approved=False).id


def discard(run_id: int) -> None:
    with unit_of_work():
        run = queries.detail(run_id)
        assert run is not None
        service.discard(run)


def count(model: type[TenantModel]) -> int:
    """How many rows a table has."""
    with unit_of_work():
        return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def by_schedule(on: date) -> None:
    """What the schedule does when the day comes."""
    with days.noon(on), bills.jobs_done(), unit_of_work():
        jobs.open_run(on.isoformat())


def by_hand(on: date) -> None:
    """The run is started once more, and approved."""
    with bills.jobs_done(), unit_of_work():
        service.start(on, approved=True)


@pytest.mark.parametrize("again", [by_schedule, by_hand])
def test_the_day_of_a_discarded_run_is_billed_as_if_it_had_never_been_opened(
    tenant: TenantRef, again: Callable[[date], None]
) -> None:
    bills.subscriber("Ana Reyes", price_minor=149_900)
    run_id = opened()
    assert (count(BillingRun), count(BillingRunChunk)) == (1, 1)
    discard(run_id)
    assert (count(BillingRun), count(BillingRunChunk), count(Invoice)) == (0, 0, 0)
    again(COMING)
    with unit_of_work():
        run = queries.of_day(COMING)
        assert run is not None and (run.status, run.coverage) == ("completed", {"billed": 1})
        invoice = db.session.scalars(select(Invoice)).one()
        assert (invoice.billing_run_id, invoice.total_minor) == (run.id, 149_900)


def test_who_discarded_which_run_is_in_the_audit(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.subscriber()
    run_id = opened()
    manager = signed_in(app, tenant)
    manager.post(f"/billing/runs/{run_id}/hold")
    manager.post(f"/billing/runs/{run_id}/discard")
    with unit_of_work():
        entry = db.session.scalars(select(AuditEntry).where(
            AuditEntry.entity == "billing_run", AuditEntry.action == "removed")).one()
        assert (entry.actor_name, entry.entity_id) == ("Olivia Owner", run_id) and entry.before is not None
        assert (entry.before["billing_on"], entry.before["status"], entry.before["held_by"]) == (
            "2026-03-12", "awaiting_approval", "Olivia Owner")
        assert entry.before["requested_by"] and entry.before["created_at"]


def test_a_run_whose_day_has_come_is_held_or_approved_and_not_discarded(tenant: TenantRef) -> None:
    bills.subscriber()
    for on in (TODAY, TODAY - timedelta(days=1)):
        with pytest.raises(Conflict, match="approve it, or hold it"):
            discard(opened(on))
    assert count(BillingRun) == 2


def test_a_day_comes_by_the_clock_of_the_company(tenant: TenantRef) -> None:
    bills.subscriber()
    run_id = opened()
    with at(current.now().replace(month=3, day=11, hour=16, minute=5)), pytest.raises(Conflict):
        discard(run_id)
    with at(current.now().replace(month=3, day=11, hour=15, minute=55)):
        discard(run_id)
    assert count(BillingRun) == 0


def test_what_runs_or_has_billed_is_not_discarded(tenant: TenantRef) -> None:
    bills.subscriber()
    with unit_of_work():
        run_id = service.open_run(COMING, approved=True).id
    with pytest.raises(Conflict, match="not waiting"):
        discard(run_id)
    jobs.bill_now(COMING)
    with pytest.raises(Conflict, match="not waiting"):
        discard(run_id)
    assert (count(BillingRun), count(Invoice)) == (1, 1)


def test_a_discarded_run_can_be_neither_approved_nor_held_nor_discarded_again(tenant: TenantRef) -> None:
    bills.subscriber()
    with unit_of_work():
        run = service.start(COMING, approved=False)
    discard(run.id)
    opened()
    for verb in (service.approve, service.hold, service.discard):
        with unit_of_work(), pytest.raises(Conflict, match="not waiting"):
            verb(run)
    with unit_of_work():
        fresh = queries.of_day(COMING)
        assert fresh is not None and (fresh.status, fresh.held_by) == ("awaiting_approval", None)


def test_a_day_that_is_started_while_its_run_is_discarded_is_opened_anew(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.subscriber()
    run_id, moment = opened(), current.now()

    def start() -> int:
        with app.app_context(), bound(tenant, SYSTEM), at(moment):
            return opened()

    with ThreadPoolExecutor(1) as another:
        with unit_of_work():
            run = queries.detail(run_id)
            assert run is not None and service.discard(run) == COMING
            started = another.submit(start)
            time.sleep(0.5)
            assert not started.done(), "it waits for what becomes of the run"
        assert started.result() > run_id
    assert (count(BillingRun), count(BillingRunChunk)) == (1, 1)


def metered() -> Subscription:
    """A subscription by the first of the month that costs 40 centavos a gigabyte, and nothing else."""
    with days.work(date(2026, 6, 1)):
        plan = offers.plan(0)
        usage_prices.set_prices(
            plan, facts=UsageFacts(PriceList((Tier(None, Decimal(40)),)), "GB", date(2026, 5, 1), 0))
        return offers.subscribe(plans=[(plan, 1, None)], start_on=date(2026, 6, 1), anchor_day=1)


def use(line: Subscription, quantity: int, *, today: date) -> None:
    with days.work(today):
        metering.record([Usage(line.id, date(2026, 6, 3), Decimal(quantity), f"{quantity} by {today}")])


@pytest.mark.parametrize("is_opened_again", [True, False])
def test_usage_that_a_discarded_run_rated_is_billed_once_with_what_arrives_later(
    tenant: TenantRef, is_opened_again: bool
) -> None:
    line, rated_on, coming = metered(), date(2026, 7, 1), date(2026, 7, 3)
    use(line, 100, today=rated_on)
    with days.noon(rated_on):
        run_id = opened(coming)
        assert count(Charge) == 1
        discard(run_id)
        assert count(Charge) == 1, "what was used is still to be charged"
    use(line, 25, today=date(2026, 7, 2))
    if is_opened_again:
        with days.noon(date(2026, 7, 2)):
            opened(coming)
    lines = days.billed(coming)
    assert sum(line.net_minor for line in lines if line.charge_id) == 125 * 40
    assert days.billed(date(2026, 7, 4)) == [] and count(Charge) == 2
    with unit_of_work():
        assert db.session.scalar(select(func.sum(InvoiceLine.net_minor))) == 125 * 40


def test_the_page_asks_before_it_discards_and_offers_it_only_where_it_may_be(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.subscriber()
    address, manager = f"/billing/runs/{opened()}", signed_in(app, tenant)
    assert f"{address}/discard" in manager.get(address).text
    assert "Discard the billing run of 12 Mar 2026?" in manager.get(f"{address}/discard").text
    assert f"{address}/discard" not in signed_in(app, tenant, permissions=CLERK).get(address).text
    answer = manager.post(f"{address}/discard")
    assert answer.status_code == 302 and "is discarded" in manager.get(answer.location).text
    assert manager.get(address).status_code == 404
    address = f"/billing/runs/{opened(TODAY)}"
    assert f"{address}/discard" not in manager.get(address).text
    refused = manager.post(f"{address}/discard")
    assert refused.status_code == 422 and "approve it, or hold it" in refused.text


def test_a_program_discards_a_run_with_the_right_to_approve(app: Flask, tenant: TenantRef) -> None:
    bills.subscriber()
    run_id = opened()
    assert program(app, tenant, scopes=list(CLERK)).post(f"billing-runs/{run_id}/discard").status_code == 403
    manager = program(app, tenant, scopes=["approve_billing_run"])
    first, second = (manager.post(f"billing-runs/{run_id}/discard", key="once") for _ in range(2))
    assert (first.status_code, second.status_code) == (204, 204)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert manager.post(f"billing-runs/{run_id}/discard").status_code == 404
    assert manager.post(f"billing-runs/{opened(TODAY)}/discard").status_code == 409

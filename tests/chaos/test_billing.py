"""Billing under faults: workers killed, Redis emptied, the server restarted. Nothing lost, doubled or half-done."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from ispbill import schedule
from ispbill.billing.runs import jobs, queries, service
from ispbill.billing.runs.models import BillingRun, RunStatus
from ispbill.config import Settings
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.jobs.queue import connection
from ispbill.jobs.worker import work
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people

pytestmark = pytest.mark.chaos

TODAY = date(2026, 3, 10)
COUNT = 120


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Chunks of ten customers, so that a run has many boundaries."""
    monkeypatch.setattr(service, "CHUNK_SIZE", 10)
    yield


@pytest.fixture
def subscribers(tenant: TenantRef) -> TenantRef:
    """A company with a hundred and twenty subscribers due today."""
    with unit_of_work():
        plan = offers.plan(100_000, tax=offers.tax())
        for _ in range(COUNT):
            offers.subscribe(people.register_customer(), plans=[(plan, 1, None), (plan, 1, 9_900)], start_on=TODAY)
    return tenant


def assert_billed_exactly_once() -> None:
    """Every component on one live line, numbers 1…n, the books in balance, no invoice without its parts."""
    with unit_of_work():
        facts = db.session.execute(text("""
            SELECT (SELECT count(*) FROM invoices) AS invoices, (SELECT count(*) FROM invoice_lines) AS lines,
                   (SELECT count(DISTINCT (subscription_id, component_id, period_start)) FROM invoice_lines) AS charges,
                   (SELECT max(number) FROM invoices) AS last_number,
                   (SELECT next_number FROM number_series WHERE kind = 'invoice') AS next_number,
                   (SELECT coalesce(sum(amount_minor), 0) FROM journal_postings) AS books,
                   (SELECT count(*) FROM journal_entries WHERE source = 'invoice') AS entries,
                   (SELECT count(*) FROM invoices i WHERE total_minor <>
                       (SELECT sum(net_minor + tax_minor) FROM invoice_lines l WHERE l.invoice_id = i.id)) AS crooked
        """)).one()
    assert facts._asdict() == {
        "invoices": COUNT, "lines": 2 * COUNT, "charges": 2 * COUNT, "last_number": f"INV-{COUNT:06d}",
        "next_number": COUNT + 1, "books": 0, "entries": COUNT, "crooked": 0,
    }


def bill_in_a_process(settings: Settings, tenant: TenantRef) -> subprocess.Popen[bytes]:
    """Another process that bills the tenant as a worker would, one chunk after the other, slowly enough to be hit."""
    script = f"""
import time
from datetime import UTC, date, datetime
from ispbill.app import create_app
from ispbill.billing.runs import jobs
from ispbill.billing.runs.chunks import service
from ispbill.config import load
from ispbill.core.current import SYSTEM, at, bound
from ispbill.tenancy import registry
real = service._write
def slow(documents, run):
    real(documents, run)
    time.sleep(0.03)
service._write = slow
with create_app(load()).app_context(), at(datetime(2026, 3, 10, 4, tzinfo=UTC)):
    with bound(registry.by_code("{tenant.code}"), SYSTEM):
        print("billing", flush=True)
        jobs.bill_now(date(2026, 3, 10))
"""
    environment = {
        **os.environ, "ISPBILL_DATABASE_URL": settings.admin_url, "ISPBILL_REDIS_URL": settings.redis_url,
        "PYTHONPATH": os.getcwd(),
    }
    return subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE)


def wait_until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    """Poll until the condition holds; fail after the time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def chunks_done() -> int:
    """How many chunks have been committed."""
    with unit_of_work():
        return int(db.session.scalar(text("SELECT count(*) FROM billing_run_chunks WHERE status = 'done'")) or 0)


@pytest.mark.parametrize("chunks_before_the_kill", [0, 1, 5, 11])
def test_a_worker_killed_in_the_middle_leaves_whole_chunks_and_the_next_sweep_completes_the_run(
    settings: Settings, subscribers: TenantRef, small_chunks: None, chunks_before_the_kill: int
) -> None:
    with unit_of_work():
        service.open_run(TODAY, approved=True)
    worker = bill_in_a_process(settings, subscribers)
    assert worker.stdout is not None and worker.stdout.readline() == b"billing\n"
    wait_until(lambda: chunks_done() >= chunks_before_the_kill)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    with unit_of_work():
        invoices = db.session.scalar(text("SELECT count(*) FROM invoices"))
        assert invoices == 10 * chunks_done_inside()
    jobs.bill_now(TODAY)
    assert_billed_exactly_once()


def chunks_done_inside() -> int:
    """The same count inside a running unit of work."""
    return int(db.session.scalar(text("SELECT count(*) FROM billing_run_chunks WHERE status = 'done'")) or 0)


def test_redis_emptied_at_any_moment_loses_nothing(
    app: IspbillFlask, subscribers: TenantRef, small_chunks: None
) -> None:
    connection().flushdb()
    with bound(None, SYSTEM):
        assert schedule.bill_due_tenants() >= 1
    connection().flushdb()  # the order to open the run is lost
    with bound(None, SYSTEM):
        schedule.bill_due_tenants()
    run_jobs(app, most=1)
    connection().flushdb()  # every chunk's job is lost
    with bound(None, SYSTEM):
        schedule.resume_billing()
    run_jobs(app, most=5)
    connection().flushdb()
    with bound(None, SYSTEM):
        schedule.bill_due_tenants()
    run_jobs(app)
    assert_billed_exactly_once()
    with unit_of_work():
        assert [run.status for run in db.session.query(BillingRun)] == [RunStatus.COMPLETED]


def run_jobs(app: IspbillFlask, *, most: int | None = None) -> None:
    """A real worker takes what is queued, at the tests' moved clock, in forked processes of its own."""
    with bound(None, SYSTEM):
        work(app, burst=True, most=most)


def test_two_runs_at_once_bill_once(app: IspbillFlask, subscribers: TenantRef, small_chunks: None) -> None:
    def bill(_: int) -> dict[str, Any]:
        with app.app_context(), at(datetime(2026, 3, 10, 4, tzinfo=UTC)), bound(subscribers, SYSTEM):
            return asdict(jobs.bill_now(TODAY))

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(bill, range(3)))
    assert_billed_exactly_once()
    assert max(result["invoices"] for result in results) == COUNT


def test_two_schedulers_at_once_nudge_twice_and_bill_once(
    app: IspbillFlask, subscribers: TenantRef, small_chunks: None
) -> None:
    connection().flushdb()
    moment, start = current.now(), Barrier(2)

    def tick(_: int) -> None:
        with app.app_context(), at(moment), bound(None, SYSTEM):
            start.wait()
            schedule.bill_due_tenants()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tick, range(2)))
    run_jobs(app)
    assert_billed_exactly_once()


def test_connections_cut_by_the_server_in_mid_run_are_survived(
    settings: Settings, subscribers: TenantRef, small_chunks: None
) -> None:
    with unit_of_work():
        run_id = service.open_run(TODAY, approved=True).id
        first, *_ = queries.pending_chunk_ids(run_id)
    with pytest.raises(Exception, match="terminat|closed|lost"), unit_of_work():
        service.bill_chunk(first)
        with psycopg.connect(settings.admin_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND datname = %s",
                (settings.login("app"), settings.database_name),
            )
        db.session.execute(text("SELECT 1"))
    db.session.remove()
    db.engine.dispose()
    jobs.bill_now(TODAY)
    assert_billed_exactly_once()

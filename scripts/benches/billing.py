"""Billing N customers (one subscription, two charge lines, one tax line each) against set-based SQL for the same rows.

Both are measured from reading the due list to the last commit, in turn, in the same tables, and leave equal rows.
"""
from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from rq import Worker
from workshop import Workshop, company, superuser, workshop

from ispbill import schedule
from ispbill.billing.runs import jobs
from ispbill.company import service as companies
from ispbill.core.current import at
from ispbill.core.unit_of_work import unit_of_work
from ispbill.embedded.process import wait_until
from ispbill.jobs import queue
from ispbill.tenancy import registry

DAY = date(2026, 4, 1)
NEXT_DAY = date(2026, 5, 1)
NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
FLOOR = (Path(__file__).parent / "billing.sql").read_text()
HISTORY = (Path(__file__).parent / "billing_history.sql").read_text()
UNBILLED = "SELECT count(*) FROM platform.tenants WHERE status = 'active' AND coalesce(billed_on < %s, true)"
BUFFERS = "SELECT current_setting('shared_buffers'), current_setting('huge_pages_status', true)"
SMALL = 100
# As docs/production.md has it: while one waits for the disk another works, and more only take turns.
WORKERS = 1 + (os.cpu_count() or 1)
# A worker's first few jobs read code and compile statements; one that has run since the morning does not. Two nudges
# for each worker.
WARM_UP = 2 * WORKERS * schedule.COMPANIES_BILLED_IN_TURN
FILL = """
INSERT INTO tax_rates (name, rate_percent, mode) VALUES ('VAT', 12, 'exclusive');
INSERT INTO tax_rate_versions (tax_rate_id, valid_from) VALUES (1, DATE '1900-01-01');
INSERT INTO tax_rate_parts (version_id, position, name, rate_percent) VALUES (1, 1, 'VAT', 12);
INSERT INTO plans (code, name, kind, tax_rate_id, created_at)
    SELECT 'F' || g, 'Fibre ' || g || '00', 'internet', 1, now() FROM generate_series(1, 10) g;
INSERT INTO plans (code, name, kind, tax_rate_id, created_at) VALUES ('IP', 'Static address', 'addon', 1, now());
INSERT INTO customers (account_number, name, street, status, created_at, status_since)
    SELECT 'AC-' || lpad(g::text, 6, '0'), 'Customer ' || g, g || ' Mabini St.', 'active', now(), now()
    FROM generate_series(1, {count}) g;
INSERT INTO subscriptions (customer_id, status, start_on, anchor_day, created_at)
    SELECT id, 'active', '2026-04-01', 1, now() FROM customers;
INSERT INTO subscription_components (subscription_id, plan_id, quantity, unit_price_minor, start_on, anchor_day,
        aligned_on, billed_until, due_on)
    SELECT id, plan, quantity, price, '2026-04-01', 1, '2026-04-01', '2026-04-01', '2026-04-01' FROM subscriptions,
    LATERAL (VALUES (1 + id % 10, 1, 99900 + id % 37 * 113), (11, 1 + id % 2, 9900)) AS parts (plan, quantity, price);
"""
RESET = """
SET session_replication_role = replica;
DELETE FROM payment_allocations WHERE allocated_at >= DATE '2026-04-01';
DELETE FROM invoice_taxes t USING invoices i WHERE i.id = t.invoice_id AND i.issued_on = '2026-04-01';
DELETE FROM invoice_lines l USING invoices i WHERE i.id = l.invoice_id AND i.issued_on = '2026-04-01';
DELETE FROM journal_postings p USING journal_entries e WHERE e.id = p.entry_id AND e.posted_on = '2026-04-01';
DELETE FROM journal_entries WHERE posted_on = '2026-04-01';
DELETE FROM invoices WHERE issued_on = '2026-04-01';
TRUNCATE billing_run_chunks, billing_run_exceptions, billing_runs, audit_entries CASCADE;
UPDATE number_series SET next_number = 1;
UPDATE subscription_components SET billed_until = '2026-04-01', due_on = '2026-04-01';
SET session_replication_role = DEFAULT;
"""
CHECK = """
WITH billed AS (SELECT * FROM invoices WHERE issued_on = '2026-04-01')
SELECT (SELECT count(*) FROM billed), (SELECT sum(total_minor) FROM billed), (SELECT max(number) FROM billed),
       (SELECT md5(string_agg(concat_ws('|', component_id, position, period_start, period_end, l.net_minor,
           l.tax_minor), ',' ORDER BY component_id)) FROM invoice_lines l JOIN billed ON billed.id = l.invoice_id),
       (SELECT sum(base_minor + t.tax_minor) FROM invoice_taxes t JOIN billed ON billed.id = t.invoice_id),
       (SELECT md5(string_agg(concat_ws('|', i.customer_id, account_id, p.customer_id, amount_minor), ','
           ORDER BY i.customer_id, account_id)) FROM journal_postings p JOIN journal_entries e ON e.id = p.entry_id
           JOIN billed i ON i.id = e.source_id AND e.source = 'invoice'),
       (SELECT min(billed_until) FROM subscription_components), (SELECT max(due_on) FROM subscription_components)
"""


def main(argv: list[str]) -> None:
    """Print one JSON line a size, the last one for the largest, then one for many small companies if asked for."""
    parser = argparse.ArgumentParser(prog="bench billing", description=__doc__)
    parser.add_argument("--customers", default="10000", help="one number, or several with commas (default 10000)")
    parser.add_argument("--history-years", type=int, default=0, help="paid bills, a month each, that are there before")
    parser.add_argument("--tenants", type=int, default=0,
                        help=f"then bill so many companies of {SMALL} customers, by the night's sweep")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print only JSON (it always does)")
    asked = parser.parse_args(argv)
    with workshop() as place, at(NOON):
        for count in map(int, asked.customers.split(",")):
            with filled(place, f"bench-{count}", count) as connection:
                connection.execute(HISTORY.format(months=12 * asked.history_years))
                figures = _measure(connection, count, asked.rounds) | {"history_years": asked.history_years}
                print(json.dumps(figures), flush=True)
        if asked.tenants:
            print(json.dumps(_measure_many(place, asked.tenants, figures)), flush=True)


@contextmanager
def filled(place: Workshop, subdomain: str, count: int) -> Iterator[psycopg.Connection[Any]]:
    """A company with so many customers, each with two lines that fall due on the day."""
    with company(subdomain) as tenant, superuser(place.settings, tenant.schema) as connection:
        with unit_of_work():
            companies.adopt("Bench")
        connection.execute(FILL.format(count=count))
        yield connection


def _measure(connection: psycopg.Connection[Any], count: int, rounds: int) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {"product": [], "floor": []}
    left: set[tuple[Any, ...]] = set()
    ways: dict[str, Callable[[], object]] = {
        "product": lambda: jobs.bill_now(DAY), "floor": lambda: connection.execute(FLOOR),
    }
    for _ in range(rounds):
        for name, bill in ways.items():
            connection.execute(RESET)
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
            started = time.perf_counter()
            bill()
            seconds[name].append(time.perf_counter() - started)
            left.add(connection.execute(CHECK).fetchone() or ())
    assert len(left) == 1, f"the two ways left different rows: {left}"
    ratios = [floor / product for product, floor in zip(seconds["product"], seconds["floor"], strict=True)]
    product, floor = (statistics.median(seconds[name]) for name in ("product", "floor"))
    return {
        "bench": "billing", "customers": count, "invoices_per_s": round(count / product),
        "set_based_per_s": round(count / floor), "ratio": round(statistics.median(ratios), 3),
        "ratio_range": [round(min(ratios), 3), round(max(ratios), 3)], "seconds": round(product, 3),
        "ms_per_invoice": round(1000 * product / count, 4), "rounds": rounds,
    }


def _measure_many(place: Workshop, tenants: int, one: dict[str, Any]) -> dict[str, object]:
    """Small companies billed by the night's sweep and the workers, beside the rate of the one before.

    The rate is that of the second month, for the one before has been billed before it is measured, too. In a company's
    first night ever PostgreSQL makes files besides; what it takes is told apart.
    """
    for ordinal in range(WARM_UP + tenants):
        with filled(place, f"small-{ordinal}", SMALL):
            pass
    with psycopg.connect(place.settings.admin_url, autocommit=True) as connection, _workers(place):
        first, seconds = (_night(connection, day, tenants) for day in (DAY, NEXT_DAY))
        buffers, huge_pages = connection.execute(BUFFERS).fetchone() or ("", "")
        named = "SELECT 't_' || lower(code) FROM platform.tenants WHERE subdomain LIKE 'small-%'"
        for (schema,) in connection.execute(named).fetchall():
            billed = sql.SQL("SELECT issued_on, count(*) FROM {} GROUP BY 1 ORDER BY 1").format(
                sql.Identifier(schema, "invoices"))
            assert connection.execute(billed).fetchall() == [(DAY, SMALL), (NEXT_DAY, SMALL)]
    return {
        "bench": "billing many", "tenants": tenants, "customers_each": SMALL, "workers": WORKERS,
        "invoices_per_s": round(tenants * SMALL / seconds), "ms_per_tenant": round(1000 * seconds / tenants, 1),
        "first_night_ms_per_tenant": round(1000 * first / tenants, 1),
        "one_tenant_customers": one["customers"], "one_tenant_per_s": one["invoices_per_s"],
        "ratio_to_one_tenant": round(tenants * SMALL / seconds / one["invoices_per_s"], 3),
        "first_night_ratio": round(tenants * SMALL / first / one["invoices_per_s"], 3),
        "shared_buffers": buffers, "huge_pages": huge_pages,
    }


def _night(connection: psycopg.Connection[Any], day: date, tenants: int) -> float:
    """Seconds that the sweep of a day and the workers take for so many companies, once the workers are warm."""
    # Of every table of every company: once, or the time grows with the square of their number.
    connection.execute("VACUUM ANALYZE")
    with at(datetime.combine(day, NOON.timetz())):
        _sweep(connection, day, most=WARM_UP)
        connection.execute("CHECKPOINT")
        started = time.perf_counter()
        assert _sweep(connection, day, most=tenants) == tenants
        return time.perf_counter() - started


def _sweep(connection: psycopg.Connection[Any], day: date, *, most: int) -> int:
    """Let the night's sweep find so many of the companies that are not billed, and wait for the workers."""
    connection.execute(
        "UPDATE platform.tenants SET status = CASE WHEN id IN (SELECT id FROM platform.tenants WHERE subdomain LIKE "
        "'small-%%' AND coalesce(billed_on < %s, true) ORDER BY id LIMIT %s) THEN 'active' ELSE 'suspended' END",
        [day, most])
    registry.forget()
    found = schedule.bill_due_tenants()
    while connection.execute(UNBILLED, [day]).fetchone() != (0,):
        time.sleep(0.05)
    return found


@contextmanager
def _workers(place: Workshop) -> Iterator[None]:
    """A worker process for each core and one more, waiting for jobs."""
    command = [str(Path(sys.executable).with_name("ispbill")), "worker"]
    environment = {**os.environ, "ISPBILL_HOME": str(place.settings.home), "ISPBILL_TESTING": "1",
                   "ISPBILL_DATABASE_URL": place.settings.admin_url, "ISPBILL_REDIS_URL": place.settings.redis_url}
    processes = [subprocess.Popen(command, env=environment) for _ in range(WORKERS)]
    try:
        assert wait_until(lambda: Worker.count(connection=queue.connection()) == len(processes), seconds=60)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=60)

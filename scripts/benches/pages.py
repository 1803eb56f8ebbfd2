"""Lists, search, customer page, dashboard and reports of a large company under 20 users, against bare indexed queries.

Users open a page, read for a moment, open it again; a time is from the request to the last byte of the answer, over
HTTP, with as many server processes as there are cores. The bare query reads the same rows by its index, alone.
"""
from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import crowd
import psycopg
from sqlalchemy import literal_column, select
from sqlalchemy.dialects import postgresql
from workshop import Workshop, company, superuser, workshop

from ispbill.accounts.users import service as users
from ispbill.company import service as companies
from ispbill.core.crypto import hash_password
from ispbill.core.current import current
from ispbill.core.db import platform_transaction
from ispbill.core.unit_of_work import unit_of_work
from ispbill.embedded.home import free_port
from ispbill.embedded.process import tail, wait_until
from ispbill.support.tickets.models import BY_TIME_LEFT, Ticket
from ispbill.tenancy import registry

EMAIL, PASSWORD = "owner@example.com", "four words not together"
BAR_MS = 150
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Page(NamedTuple):
    """A page with the bare query of the rows it shows; `{id}` is any customer's.

    Without a bar it reads a year of everything: one user opens it a few times, for nobody opens it all day.
    """

    name: str
    path: str
    bare: str
    has_bar: bool = True


PAGES = (
    Page("dashboard", "/dashboard",
         "SELECT sum(total_minor) FROM invoices WHERE issued_on >= date_trunc('month', now())"),
    Page("customers", "/customers", "SELECT * FROM customers ORDER BY name, id LIMIT 26"),
    Page("customers by name", "/customers?q=santos+{id}",
         "SELECT * FROM customers WHERE search_text LIKE '%santos%' AND search_text LIKE '%{id}%' LIMIT 26"),
    Page("customers of an area", "/customers?area=7",
         "SELECT * FROM customers WHERE area_id = 7 ORDER BY name, id LIMIT 26"),
    Page("suspended customers", "/customers?status=suspended",
         "SELECT * FROM customers WHERE status = 'suspended' ORDER BY name, id LIMIT 26"),
    Page("search by name", "/search?q=maria+santos",
         "SELECT * FROM customers WHERE search_text LIKE '%maria%' AND search_text LIKE '%santos%' LIMIT 8"),
    Page("search to a customer", "/search?q=santos+{id}",
         "SELECT * FROM customers WHERE search_text LIKE '%santos%' AND search_text LIKE '%{id}%' LIMIT 8"),
    Page("customer", "/customers/{id}", "SELECT * FROM customers WHERE id = {id}"),
    Page("newest of a customer", "/customers/{id}/timeline?newest=yes",
         "SELECT * FROM invoices WHERE customer_id = {id} ORDER BY created_at DESC LIMIT 9"),
    Page("invoices", "/invoices", "SELECT * FROM invoices ORDER BY issued_on DESC, id DESC LIMIT 26"),
    Page("overdue invoices", "/invoices?state=overdue",
         "SELECT * FROM invoices WHERE settled_on IS NULL AND status = 'issued' AND kind <> 'credit_note' "
         "AND due_on < now() ORDER BY issued_on DESC, id DESC LIMIT 26"),
    Page("invoice", "/invoices/{id}", "SELECT * FROM invoices WHERE id = {id}"),
    Page("payments", "/payments", "SELECT * FROM payments ORDER BY received_on DESC, id DESC LIMIT 26"),
    Page("collections", "/collections",
         "SELECT customer_id, min(due_on) FROM invoices WHERE settled_on IS NULL AND status = 'issued' "
         "AND kind <> 'credit_note' AND due_on < now() GROUP BY customer_id ORDER BY 2, 1 LIMIT 26"),
    Page("paid but blocked", "/collections/differences",
         "SELECT * FROM customers WHERE status = 'suspended' ORDER BY id LIMIT 26"),
    Page("duplicates", "/customers/duplicates",
         "SELECT phone, count(*) FROM customers WHERE phone <> '' GROUP BY phone HAVING count(*) > 1 LIMIT 50"),
    Page("numbers", "/ledger/numbers", "SELECT * FROM invoices ORDER BY number DESC LIMIT 26"),
    Page("statement", "/ledger/customers/{id}", "SELECT * FROM journal_postings WHERE customer_id = {id}"),
    Page("journal", "/ledger/journal", "SELECT * FROM journal_entries ORDER BY posted_on DESC, id DESC LIMIT 26"),
    Page("subscriptions", "/customer-subscriptions", "SELECT * FROM subscriptions ORDER BY id DESC LIMIT 26"),
    Page("postpaid", "/customer-subscriptions/postpaid", "SELECT * FROM subscriptions ORDER BY id DESC LIMIT 26"),
    Page("installations", "/installations",
         "SELECT * FROM installations ORDER BY scheduled_on DESC, id DESC LIMIT 26"),
    Page("tickets", "/tickets", "SELECT * FROM tickets ORDER BY id DESC LIMIT 26"),
    Page("unresolved tickets", "/tickets?status=unresolved",
         "SELECT * FROM tickets WHERE status IN ('open', 'in_progress', 'waiting') ORDER BY id DESC LIMIT 26"),
    Page("tickets by time left", "/tickets?status=unresolved&sort=due",
         str(select(Ticket).where(Ticket.resolved_at.is_(None)).order_by(*BY_TIME_LEFT).limit(literal_column("26"))
             .compile(dialect=postgresql.dialect()))),
    Page("ticket board", "/tickets/board",
         "SELECT * FROM tickets WHERE status IN ('open', 'in_progress', 'waiting') ORDER BY id DESC LIMIT 50"),
    Page("routers", "/routers", "SELECT * FROM routers ORDER BY id DESC LIMIT 26"),
    Page("routers by model", "/routers?sort=model", "SELECT * FROM routers ORDER BY brand, model, id LIMIT 26"),
    Page("routers by serial", "/routers?q=SN-00{id}",
         "SELECT * FROM routers WHERE search_text LIKE '%sn-00{id}%' LIMIT 26"),
    Page("LCPs", "/lcp", "SELECT * FROM lcps ORDER BY code, id LIMIT 26"),
    Page("NAPs", "/lcp/naps", "SELECT * FROM naps ORDER BY code, id LIMIT 26"),
    Page("hierarchy", "/network/hierarchy", "SELECT * FROM lcps ORDER BY code, id LIMIT 26"),
    Page("areas", "/barangays", "SELECT * FROM areas ORDER BY id LIMIT 26"),
    Page("audit log", "/audit-logs", "SELECT * FROM audit_entries ORDER BY id DESC LIMIT 26"),
    Page("trial balance", "/ledger",
         "SELECT account_id, sum(amount_minor) FROM journal_postings GROUP BY account_id", has_bar=False),
    Page("daily collection", "/reports/daily-collection",
         "SELECT sum(amount_minor) FROM payments WHERE received_on >= date_trunc('month', now())", has_bar=False),
    Page("receivables by age", "/reports/receivables-ageing",
         "SELECT sum(total_minor) FROM invoices WHERE settled_on IS NULL AND status = 'issued' "
         "AND kind <> 'credit_note'", has_bar=False),
    Page("financial dashboard", "/reports/financial-dashboard",
         "SELECT sum(total_minor) FROM invoices WHERE issued_on >= now() - interval '1 year'", has_bar=False),
)


def main(argv: list[str]) -> int:
    """Print a line a page, and the figures as one JSON object on the last line; 1 where a page is over the bar."""
    parser = argparse.ArgumentParser(prog="bench pages", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--requests", type=int, default=200, help="for each page, of all users together")
    parser.add_argument("--think", type=float, default=1.0, help="seconds that a user reads, on average (default 1)")
    parser.add_argument("--only", help="just the pages with this in their name")
    parser.add_argument("--json", action="store_true", help="the lines of the pages go to standard error")
    asked = parser.parse_args(argv)
    with workshop() as place, company("bench") as tenant, superuser(place.settings, tenant.schema) as admin:
        rows = _furnish(admin, asked.customers)
        pages = [page for page in PAGES if not asked.only or asked.only in page.name]
        with _server(place) as port:
            visit = _signed_in(place, port)
            figures = {}
            for page in pages:
                figures[page.name] = _measure(page, visit, admin, asked)
                print(f"{page.name:<22} {json.dumps(figures[page.name])}", flush=True,
                      file=sys.stderr if asked.json else sys.stdout)
    over = [page.name for page in pages if page.has_bar and figures[page.name]["p95_ms"] > BAR_MS]
    print(json.dumps({"bench": "pages", "rows": rows, "users": asked.users, "think_s": asked.think,
                      "pages": figures, "over_bar": over}), flush=True)
    return 1 if over else 0


def _furnish(admin: psycopg.Connection[Any], customers: int) -> dict[str, int]:
    with unit_of_work():
        companies.adopt("Bench")
        users.register_owner(EMAIL, full_name="Olivia Owner", password_hash=hash_password(PASSWORD))
    rows = crowd.settle(admin, customers, today=current.today())
    with platform_transaction() as connection:
        connection.exec_driver_sql("UPDATE platform.tenants SET status = 'active', billed_on = current_date + 1")
    registry.forget()
    return rows


@contextmanager
def _server(place: Workshop) -> Iterator[int]:
    """The web server as it is run in earnest; its port."""
    port, home = free_port(), Path(tempfile.mkdtemp(prefix="ispbill-bench-web-"))
    environment = {
        **os.environ, "ISPBILL_HOME": str(place.settings.home), "ISPBILL_DATABASE_URL": place.settings.admin_url,
        "ISPBILL_REDIS_URL": place.settings.redis_url, "ISPBILL_TESTING": "1",
    }
    command = [str(Path(sys.executable).with_name("ispbill")), "web", "--port", str(port)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            ready = wait_until(lambda: _is_up(port) or process.poll() is not None, seconds=60)
            assert ready and process.poll() is None, tail(home / "log")
            yield port
        finally:
            process.terminate()
            process.wait(timeout=40)
            shutil.rmtree(home, ignore_errors=True)


def _is_up(port: int) -> bool:
    try:
        return Visit(port, f"localhost:{port}").get("/healthz")[0] == 200
    except OSError:
        return False


class Visit:
    """A browser as far as the bench needs one: a host and a cookie."""

    def __init__(self, port: int, host: str, cookie: str = "") -> None:
        self.port, self.host, self.cookie = port, host, cookie

    def get(self, path: str) -> tuple[int, bytes, http.client.HTTPMessage]:
        """Status, body and headers of a page."""
        return self._send("GET", path, None)

    def post(self, path: str, values: dict[str, str]) -> tuple[int, bytes, http.client.HTTPMessage]:
        """The same of a form that is sent."""
        return self._send("POST", path, urlencode(values))

    def _send(self, method: str, path: str, body: str | None) -> tuple[int, bytes, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Host": self.host, "Cookie": self.cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()


def _signed_in(place: Workshop, port: int) -> Visit:
    host = f"bench.{place.settings.domain}:{port}"
    visit = Visit(port, host)
    _, page, headers = visit.get("/login")
    visit.cookie = _cookie(headers)
    found = _TOKEN.search(page.decode())
    assert found is not None, "the sign-in page has a token"
    status, _, headers = visit.post("/login", {"email": EMAIL, "password": PASSWORD, "csrf_token": found.group(1)})
    assert status == 302, f"sign-in answered {status}"
    return Visit(port, host, _cookie(headers))


def _cookie(headers: http.client.HTTPMessage) -> str:
    return "; ".join(line.partition(";")[0] for line in headers.get_all("Set-Cookie", []))


def _measure(page: Page, visit: Visit, admin: psycopg.Connection[Any], asked: argparse.Namespace) -> dict[str, float]:
    for _ in range(6 if page.has_bar else 1):
        _timed_page(page, visit, 1)
    times = _together(page, visit, asked) if page.has_bar else _alone(page, visit)
    bare = sorted(_timed_query(admin, page.bare.replace("{id}", _any(asked))) for _ in range(50))
    p95, floor = _p95(times), _p95(bare)
    return {"p50_ms": round(times[len(times) // 2], 1), "p95_ms": p95, "bare_p95_ms": floor,
            "ratio": round(p95 / floor, 1) if floor else 0.0}


def _together(page: Page, visit: Visit, asked: argparse.Namespace) -> list[float]:
    """Every user opens the page, reads, and opens it again; the milliseconds of all, in order."""
    times: list[float] = []

    def read() -> None:
        for _ in range(max(asked.requests // asked.users, 1)):
            time.sleep(random.uniform(0, 2 * asked.think))
            times.append(_timed_page(page, visit, int(_any(asked))))

    people = [threading.Thread(target=read) for _ in range(asked.users)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return sorted(times)


def _alone(page: Page, visit: Visit) -> list[float]:
    return sorted(_timed_page(page, visit, 1) for _ in range(5))


def _timed_page(page: Page, visit: Visit, key: int) -> float:
    began = time.perf_counter()
    path = page.path.replace("{id}", str(key))
    status, _, headers = visit.get(path)
    if status == 302:  # a search with one hit leads to it: the user waits for both answers
        path = headers["Location"]
        status, _, _ = visit.get(path)
    assert status == 200 and not path.startswith("/login"), f"{page.path} led to {path}, which answered {status}"
    return (time.perf_counter() - began) * 1000


def _timed_query(admin: psycopg.Connection[Any], query: str) -> float:
    began = time.perf_counter()
    admin.execute(query).fetchall()
    return (time.perf_counter() - began) * 1000


def _any(asked: argparse.Namespace) -> str:
    return str(random.randint(1, asked.customers))


def _p95(times: list[float]) -> float:
    return round(times[min(int(len(times) * 0.95), len(times) - 1)], 1)

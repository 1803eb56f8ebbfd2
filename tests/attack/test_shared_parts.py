"""What two companies share in a process: thread, pool, caches, worker. Nothing of one stays for the other."""
from __future__ import annotations

import contextvars
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from flask.logging import default_handler
from sqlalchemy import Engine, create_engine, event, select

from ispbill.company.models import CompanyIdentity
from ispbill.core.current import ANONYMOUS, SYSTEM, bound, current
from ispbill.core.db import db
from ispbill.core.errors import TenantNotBound
from ispbill.core.unit_of_work import after_commit, unit_of_work
from ispbill.jobs.queue import job, run_jobs
from ispbill.tenancy import scope
from tests.attack.victims import Pair, leaks
from tests.make.browsers import Browser

pytestmark = pytest.mark.attack

seen: list[str] = []


@job
def name_the_company(fails: str) -> None:
    """Notes who the job works for, and fails where it is told to, in the middle of its work."""
    db.session.add(CompanyIdentity(legal_name=f"{current.tenant.name} half done", created_at=current.now()))
    db.session.flush()
    seen.append(db.session.scalars(select(CompanyIdentity.legal_name).order_by(CompanyIdentity.id)).all()[-1])
    if fails:
        raise RuntimeError("the job breaks off")


def test_a_request_leaves_nothing_in_its_thread(pair: Pair) -> None:
    for furnished in (pair.victim, pair.attacker):
        client = pair.app.test_client()
        host = f"http://{furnished.tenant.subdomain}.isp.test"
        assert client.get("/login", base_url=host).status_code == 200
        assert current.tenant_or_none is None and current.actor == ANONYMOUS
        with pytest.raises(TenantNotBound), unit_of_work():
            db.session.execute(select(CompanyIdentity))
    assert client.get("/login", base_url="http://isp.test").status_code == 404


def test_after_a_page_of_the_victim_the_same_page_of_the_attacker_is_theirs(pair: Pair) -> None:
    victim, attacker = pair.victim.browser(), pair.attacker.browser()
    for path in ("/customers", "/customers/1", "/dashboard", "/invoices", "/search?q=person", "/settings", "/nowhere"):
        assert leaks(victim.get(path), pair.victim), path
        assert not leaks(attacker.get(path), pair.victim), path
    styles = [browser.get("/branding.css").text for browser in (victim, attacker, victim)]
    assert styles[0] == styles[2] != styles[1]


def test_error_pages_name_only_the_company_of_the_address(pair: Pair) -> None:
    attacker = pair.attacker.browser()
    for answer in (attacker.get("/customers/1000001"), attacker.get("/nowhere"), attacker.send("PUT", "/customers"),
                   attacker.send("POST", "/customers/1/suspend"), attacker.get("/api/v1/customers/1000001")):
        assert answer.status_code >= 400 and not leaks(answer, pair.victim)
    unknown = Browser(pair.app, pair.attacker.tenant)
    for host in (f"{pair.victim.tenant.code.lower()}.isp.test", f"{pair.victim.tenant.schema}.isp.test", "127.0.0.1",
                 f"{pair.victim.tenant.subdomain}.evil.example", f"x.{pair.victim.tenant.subdomain}.isp.test"):
        unknown.base_url = f"http://{host}"
        answer = unknown.get("/login")
        assert answer.status_code == 404 and not leaks(answer, pair.victim), host


def test_no_shared_cache_may_keep_a_page_or_a_file_of_a_company(pair: Pair) -> None:
    browser = pair.victim.browser()
    for path in ("/customers", "/customers/1", "/customers/export", "/invoices/1/document.pdf", "/dashboard/money",
                 "/api/v1/customers", "/profile"):
        answer = browser.get(path)
        assert answer.status_code == 200 and "private" in answer.headers["Cache-Control"], path
    assert "public" not in browser.get("/branding.css").headers.get("Cache-Control", "")


def test_two_companies_served_by_turns_on_one_connection_each_see_only_their_own(pair: Pair) -> None:
    """Both threads, and every request of theirs, take turns on a pool that holds a single connection."""
    engine = create_engine(db.engine.url, **{**scope.engine_options(), "pool_size": 1, "max_overflow": 0})
    scope.fence(engine)
    backends: set[int] = set()
    event.listen(engine, "checkout", lambda connection, *_: backends.add(connection.info.backend_pid))
    ready = Barrier(2)

    def visit(browser: Browser, own: str, other: str) -> None:
        ready.wait()
        for number in range(25):
            path = ("/customers", "/customers/1", "/nowhere", "/customers/99999", "/invoices")[number % 5]
            body = browser.get(path).data.lower()
            assert own.encode() in body and other.encode() not in body

    visits = [(pair.victim.browser(), pair.victim.canary, pair.attacker.canary),
              (pair.attacker.browser(), pair.attacker.canary, pair.victim.canary)]
    with _instead(engine), ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(contextvars.copy_context().run, visit, *one) for one in visits]
        for one in waiting:
            one.result()
    assert len(backends) == 1
    engine.dispose()


@contextmanager
def _instead(engine: Engine) -> Iterator[None]:
    """Serve requests through this engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(db.engines, None, engine)
        yield


def test_a_line_of_the_log_names_the_company_that_the_work_was_for(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    for furnished in (pair.victim, pair.attacker):
        with bound(furnished.tenant, SYSTEM):
            with unit_of_work():
                after_commit(lambda: db.engines["nowhere"])
            line = default_handler.format(caplog.records[-1])
        assert f" ERROR {furnished.tenant.code} ispbill.core.unit_of_work: a promise" in line and "KeyError" in line


def test_a_job_that_breaks_off_leaves_nothing_for_the_next_companys_job(pair: Pair) -> None:
    seen.clear()
    with pytest.raises(RuntimeError):
        run_jobs(name_the_company.path, [pair.victim.tenant.code], ("yes",))
    assert current.tenant_or_none is None
    run_jobs(name_the_company.path, [pair.attacker.tenant.code], ("",))
    assert seen == [f"{pair.victim.tenant.name} half done", f"{pair.attacker.tenant.name} half done"]
    assert "half done" not in pair.victim.browser().get("/settings").text
    assert "half done" in pair.attacker.browser().get("/settings").text

"""One row read by its key through the application: with tenant, role and limits bound, and without any tenancy.

Both ways take turns in one run, in one process, over engines with the same options; both use one transaction.
"""
from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder
from workshop import Workshop, company, superuser, workshop

from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import db, platform_transaction
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.tenancy import registry, scope
from ispbill.web.guards import anywhere, public

FILL = """
INSERT INTO customers (account_number, name, status, created_at, status_since)
    SELECT 'AC-' || g, 'Customer ' || g, 'active', now(), now() FROM generate_series(1, 100) g
"""
Way = Callable[[int], object]


def main(argv: list[str]) -> None:
    """Print the figures as one JSON object on the last line."""
    parser = argparse.ArgumentParser(prog="bench request", description=__doc__)
    parser.add_argument("--reads", type=int, default=300, help="reads a round and way (default 300)")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true", help="print only JSON (it always does)")
    arguments = parser.parse_args(argv)
    with workshop() as place, company("bench") as tenant, superuser(place.settings, tenant.schema) as admin:
        admin.execute(FILL)
        with platform_transaction() as connection:
            connection.exec_driver_sql("UPDATE platform.tenants SET status = 'active'")
        registry.forget()
        figures = _measure(place, tenant, arguments.reads, arguments.rounds)
    print(json.dumps({"bench": "request", **figures}), flush=True)


def _measure(place: Workshop, tenant: TenantRef, reads: int, rounds: int) -> dict[str, object]:
    plain = _plain_engine(place, tenant)
    bound_read, plain_read = _bound_read(tenant), _plain_read(plain)
    bound_page, plain_page = _pages(place, plain)
    return {
        "transaction": _compare(bound_read, plain_read, reads, rounds),
        "request": _compare(bound_page, plain_page, reads, rounds),
        "round_trips": {"with": _round_trips(db.engine, bound_read), "without": _round_trips(plain, plain_read)},
    }


def _compare(with_tenant: Way, without: Way, reads: int, rounds: int) -> dict[str, object]:
    """Medians of both ways, and the difference paired round by round."""
    for way in (with_tenant, without):
        _median_us(way, reads)
    pairs = [(_median_us(with_tenant, reads), _median_us(without, reads)) for _ in range(rounds)]
    return {
        "with_us": round(statistics.median(one for one, _ in pairs), 1),
        "without_us": round(statistics.median(other for _, other in pairs), 1),
        "added_us": round(statistics.median(one - other for one, other in pairs), 1),
        "ratio": round(statistics.median(one / other for one, other in pairs), 3),
    }


def _median_us(way: Way, reads: int) -> float:
    times = []
    for number in range(reads):
        began = time.perf_counter()
        way(1 + number % 100)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def _plain_engine(place: Workshop, tenant: TenantRef) -> Engine:
    """A login that is at home in the one schema, as an application for one company would have."""
    options = {name: value for name, value in scope.engine_options().items() if name != "isolation_level"}
    options["connect_args"] = {"prepare_threshold": None, "options": f"-c search_path={tenant.schema}"}
    return create_engine(place.settings.engine_url(place.settings.owner_url), **options)


def _bound_read(tenant: TenantRef) -> Way:
    def read(key: int) -> object:
        with bound(tenant, SYSTEM), unit_of_work():
            return db.session.get_one(Customer, key).name

    return read


def _plain_read(engine: Engine) -> Way:
    # One session for all reads, as the application has one a context.
    session = Session(engine)

    def read(key: int) -> object:
        with session.begin():
            return session.get_one(Customer, key).name

    return read


def _pages(place: Workshop, engine: Engine) -> tuple[Way, Way]:
    """The same read behind a page of a company, and behind one of no company."""

    @public
    def bound_page(key: int) -> ResponseReturnValue:
        return db.session.get_one(Customer, key).name

    @anywhere
    def plain_page(key: int) -> ResponseReturnValue:
        with Session(engine) as session, session.begin():
            return session.get_one(Customer, key).name

    place.app.add_url_rule("/bench/bound/<int:key>", view_func=bound_page)
    place.app.add_url_rule("/bench/plain/<int:key>", view_func=plain_page)
    company_site, own_site = f"bench.{place.settings.domain}", place.settings.domain
    return _page(place, company_site, "/bench/bound"), _page(place, own_site, "/bench/plain")


def _page(place: Workshop, host: str, path: str) -> Way:
    def call(key: int) -> object:
        environ: dict[str, Any] = EnvironBuilder(f"{path}/{key}", base_url=f"http://{host}/").get_environ()
        status: list[str] = []
        body = b"".join(place.app.wsgi_app(environ, lambda line, *rest: status.append(line)))  # type: ignore[arg-type]
        assert status == ["200 OK"] and body == f"Customer {key}".encode(), (status, body)
        return body

    return call


def _round_trips(engine: Engine, way: Way) -> int:
    """How often a read waits for the server: the answers “ready for query” in libpq's own trace."""
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    pooled.close()
    with tempfile.TemporaryFile("w+") as trace:
        driver.pgconn.trace(trace.fileno())
        way(1)
        driver.pgconn.untrace()
        trace.seek(0)
        return trace.read().count("ReadyForQuery")

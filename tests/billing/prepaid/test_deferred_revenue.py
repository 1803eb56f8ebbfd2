"""The report of deferred revenue: what is owed load by load comes to the ledger's account, always."""
from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.deferral import queries, service
from ispbill.billing.prepaid.models import PrepaidLoad
from ispbill.billing.proof import service as proof
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from tests.make import loads, offers, people
from tests.make.browsers import signed_in

REPORT = "/ledger/deferred-revenue"
DAY = timedelta(days=1)


def tied() -> tuple[int, int, int]:
    """How many loads are owed, what, and the difference to the ledger; the nightly proof says the same."""
    with unit_of_work():
        tie = queries.tie_out()
        found = {result["code"]: result["count"] for result in proof.check().results}
        assert (found["loads_deferred"] == 0) == (tie.difference_minor == 0)
        assert sum(row.owed_minor for row in queries.everything(queries.listing())) == tie.owed_minor
        return tie.load_count, tie.owed_minor, tie.difference_minor


def test_it_ties_out_at_every_moment(tenant: TenantRef) -> None:
    assert tied() == (0, 0, 0)
    with unit_of_work():
        plan = offers.plan(100_000, tax=offers.tax("12"), name="Fibre 50")
        first = loads.load(people.register_customer("Maria Santos").id, plan=plan)
        loads.load(people.register_customer("Ana Reyes").id, plan=plan, kind="fifteen_days")
        first_id = first.id
    assert tied() == (2, 89_286 + 44_643, 0)
    with unit_of_work(), at(current.now() + 10 * DAY):
        service.recognise()
    assert tied() == (2, 61_012 + 16_369, 0)
    with unit_of_work(), at(current.now() + 12 * DAY):
        cancelling.cancel_load(db.session.get_one(PrepaidLoad, first_id), reason="moved away")
    assert tied() == (1, 16_369, 0)
    with unit_of_work(), at(current.now() + 40 * DAY):
        service.recognise()
    assert tied() == (0, 0, 0)


def test_the_page_and_its_file_show_the_same_rows(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "Nothing is owed" in browser.get(REPORT).text
    with unit_of_work():
        plan = offers.plan(100_000, name="Fibre 50")
        for name in ("Maria Santos", "Ana Reyes"):
            loads.load(people.register_customer(name).id, plan=plan)
    with unit_of_work(), at(current.now() + DAY):
        service.recognise()
    page = browser.get(REPORT).text
    assert "It ties out" in page and "₱1,966.66" in page and "Earned each night" in page and "11 Mar 2026" in page
    rows = list(csv.DictReader(io.StringIO(browser.get(f"{REPORT}/export?q=maria").text.lstrip("\ufeff"))))
    assert [(row["customer"], row["billed_net"], row["earned"], row["owed"]) for row in rows] == [
        ("Maria Santos", "1000.00", "16.67", "983.33")]
    assert "Ana Reyes" not in browser.get(f"{REPORT}?q=maria").text


def test_a_difference_is_shown_and_not_hidden(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        loads.load(plan=offers.plan(100_000))
        db.session.execute(text("UPDATE prepaid_loads SET recognised_minor = 100"))
    page = signed_in(app, tenant).get(REPORT).text
    assert "differ by -₱1.00" in page or "differ by −₱1.00" in page


@pytest.mark.parametrize(("permission", "status"), [("view_ledger", 200), ("view_subscription_list", 403)])
def test_only_who_sees_the_books_sees_it(app: Flask, tenant: TenantRef, permission: str, status: int) -> None:
    browser = signed_in(app, tenant, permissions=[permission])
    assert {browser.get(path).status_code for path in (REPORT, f"{REPORT}/export")} == {status}


def test_the_dashboard_counts_what_runs_out(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100_000)
        loads.load(plan=plan, kind="custom", amount_minor=8_000)
        loads.load(plan=plan)
    page = signed_in(app, tenant).get("/dashboard").text
    assert "Prepaid running out" in page and "/customer-subscriptions?type=prepaid&amp;expiring=3" in page

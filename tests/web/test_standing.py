"""Figures over all of a large company are reckoned once a minute, not for each viewer."""
from __future__ import annotations

from datetime import timedelta

import pytest

from ispbill.billing.invoices import queries as invoices
from ispbill.core.current import TenantRef, at
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries as customers
from ispbill.customers.duplicates import service as merging
from ispbill.web.requests import IspbillFlask
from ispbill.web.standing.figures import standing
from tests.conftest import NOON_IN_MANILA
from tests.make import bills, people
from tests.make.browsers import signed_in

SOON, LATER = NOON_IN_MANILA + timedelta(seconds=50), NOON_IN_MANILA + timedelta(seconds=70)


@pytest.fixture
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoices, "MANY", 1)
    monkeypatch.setattr(customers, "_MANY", 1)


@pytest.mark.usefixtures("_large")
def test_a_large_companys_figures_stand_for_a_minute(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed(price_minor=100_000)
    browser = signed_in(app, tenant)
    with at(NOON_IN_MANILA):
        assert "₱1,000.00" in browser.get("/dashboard").text
    bills.billed(price_minor=50_000)
    with at(SOON):
        page = browser.get("/dashboard").text
    assert "₱1,000.00" in page and "₱1,500.00" not in page and "as of 10 Mar 2026, 12:00" in page
    with at(LATER):
        assert "₱1,500.00" in browser.get("/dashboard").text


def test_a_small_company_sees_each_bill_at_once(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed(price_minor=100_000)
    browser = signed_in(app, tenant)
    assert "₱1,000.00" in browser.get("/dashboard").text
    bills.billed(price_minor=50_000)
    page = browser.get("/dashboard").text
    assert "₱1,500.00" in page and "as of" not in page


@pytest.mark.usefixtures("tenant", "_large")
def test_figures_of_yesterday_never_stand_today() -> None:
    bills.billed(price_minor=100_000)
    midnight = NOON_IN_MANILA.replace(hour=16)
    with at(midnight - timedelta(seconds=10)), unit_of_work():
        standing("fresh", lambda: {"month": "this"}, is_large=True)
    with at(midnight + timedelta(seconds=10)), unit_of_work():
        assert standing("fresh", lambda: {"month": "next"}, is_large=True).figures == {"month": "next"}


@pytest.mark.usefixtures("_large")
def test_what_is_late_by_age_stands_for_a_minute_and_the_list_of_who_owes_does_not(
    app: IspbillFlask, tenant: TenantRef,
) -> None:
    due = NOON_IN_MANILA + timedelta(days=30)
    bills.billed("Ana Cruz", price_minor=100_000)
    with at(due):
        browser = signed_in(app, tenant)
        assert "1 customer late" in browser.get("/collections").text
    bills.billed("Ben Reyes", price_minor=50_000)
    with at(due + timedelta(seconds=50)):
        page = browser.get("/collections").text
    assert "1 customer late" in page and "As of" in page and "Ben Reyes" in page
    with at(due + timedelta(seconds=70)):
        assert "2 customers late" in browser.get("/collections").text


@pytest.mark.usefixtures("_large")
def test_duplicates_that_stand_are_shown_as_they_are_now(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        one, two = (people.register_customer(name, phone="+639171234567") for name in ("Ana Cruz", "A. Cruz"))
    browser = signed_in(app, tenant)
    assert "A. Cruz" in browser.get("/customers/duplicates").text
    with unit_of_work():
        merging.merge(one.id, merged_id=two.id)
    assert "No duplicates in sight" in browser.get("/customers/duplicates").text

"""The bell: what long work has come to, for those who may see it, new until it was looked at."""
from __future__ import annotations

from datetime import timedelta

from ispbill.billing.runs import jobs as runs
from ispbill.core.current import TenantRef, at, current
from ispbill.web.requests import IspbillFlask
from tests.make import bills, uploads
from tests.make.browsers import Browser, signed_in


def bell(browser: Browser) -> str:
    """The number on it."""
    text = browser.get("/news/unseen").text
    return text.partition('"bell-count">')[2].partition("<")[0]


def test_a_run_that_ended_rings_until_somebody_looked(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert bell(browser) == "" and "Nothing yet" in browser.get("/news").text
    with at(current.now() + timedelta(minutes=1)):
        bills.billed()
        assert bell(browser) == "1"
        page = browser.get("/news").text
        assert "The billing of 10 Mar 2026 is done" in page and "1 invoice" in page and "New" in page
    with at(current.now() + timedelta(minutes=2)):
        assert bell(browser) == "" and "The billing of" in browser.get("/news").text


def test_a_run_with_parked_customers_says_so(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.unbillable()
    bills.billed()
    assert "1 customer could not be billed" in signed_in(app, tenant).get("/news").text


def test_an_import_is_told(app: IspbillFlask, tenant: TenantRef) -> None:
    batch = uploads.brought_in("areas", "region\nLuzon\nVisayas\n")
    page = signed_in(app, tenant).get("/news").text
    assert "areas.csv is imported" in page and "2 new of 2 rows" in page and f"/imports/{batch.id}" in page


def test_nobody_is_told_of_what_they_may_not_see(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed()
    runs.bill_now(current.today())
    browser = signed_in(app, tenant, permissions=["view_dashboard"])
    assert "The billing of" not in browser.get("/news").text
    assert Browser(app, tenant).get("/news").status_code == 302

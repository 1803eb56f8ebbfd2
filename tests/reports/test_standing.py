"""The dashboard of a large company: figures over all of it are reckoned once a minute, not for each viewer."""
from __future__ import annotations

from datetime import timedelta

import pytest

from ispbill.core.current import TenantRef, at
from ispbill.core.unit_of_work import unit_of_work
from ispbill.reports.standing import service as standings
from ispbill.reports.standing.service import standing
from ispbill.web.requests import IspbillFlask
from tests.conftest import NOON_IN_MANILA
from tests.make import bills
from tests.make.browsers import signed_in

SOON, LATER = NOON_IN_MANILA + timedelta(seconds=50), NOON_IN_MANILA + timedelta(seconds=70)


@pytest.fixture
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "LARGE_FROM_INVOICES", 1)


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
        standing("fresh", lambda: {"month": "this"}, invoices=1)
    with at(midnight + timedelta(seconds=10)), unit_of_work():
        assert standing("fresh", lambda: {"month": "next"}, invoices=1).figures == {"month": "next"}

"""Somebody opens a report, narrows it, follows a row and takes the file; in both themes, at a desk and on a phone."""
from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ispbill.billing.runs import jobs
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.unit_of_work import unit_of_work
from ispbill.reports.contents import REPORTS
from tests.browser.visiting import DESKTOP, PHONE, Visitor
from tests.make import bills, loads, offers, people, support

# One of each kind of sheet: a long list, steps with two charts, areas, people; all are visited in tests/reports.
LOOKED_AT = ("receivables-ageing", "recurring-revenue", "area-performance", "technician-performance")


@pytest.fixture
def business(company: TenantRef) -> None:
    """A company with something in each report."""
    with bound(company, SYSTEM):
        with unit_of_work():
            area_id = people.area("Cavite", "Imus").id
        for price_minor in (149_900, 99_900, 199_900):
            customer_id = bills.subscriber(price_minor=price_minor, tax=lambda: offers.tax("12"), area_id=area_id)
            jobs.bill_now(current.today())
            bills.paid(customer_id, 120_000)
        with unit_of_work():
            loads.load()
            support.ticket()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_run_a_report_and_export_it(
    visit: Callable[..., Visitor], business: None, viewport: dict[str, int], tmp_path: Path
) -> None:
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    page = visitor.open("/reports")
    visitor.press("Daily collection")
    expect(page.get_by_role("main")).to_contain_text("Taken back")
    page.get_by_label("Area").select_option(index=1)
    visitor.press("Show")
    expect(page).to_have_url(re.compile("area=[0-9]"))
    with page.expect_download() as download:
        page.get_by_role("main").get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "collection.csv")
    with (tmp_path / "collection.csv").open(encoding="utf-8-sig") as file:
        assert list(csv.DictReader(file))[-1]["Payments"] == "3"
    for name in LOOKED_AT:
        visitor.open(f"/reports/{name}")
        expect(page.get_by_role("heading", level=1)).to_have_text(REPORTS[name].title)
    if viewport is PHONE:
        visitor.open("/reports/monthly-revenue")
        quiet = page.locator("tbody [role=row]").first
        assert quiet.inner_text().split()[-1] == "–", "a month in which nothing happened says so"
    visitor.open("/reports/schedules")
    visitor.press("Send a report")
    visitor.press("Send from now on")
    expect(page.get_by_role("main")).to_contain_text("Financial dashboard")
    visitor.assert_content()

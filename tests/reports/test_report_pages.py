"""The pages of the reports: who may read which, filters in the address, files, paper."""
from __future__ import annotations

import csv
import io

import pytest

from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, current
from ispbill.core.spreadsheets import read_file
from ispbill.reports.contents import REPORTS
from ispbill.reports.definitions.policy import Kind
from ispbill.reports.pages.printing import entry
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.browsers import signed_in


def test_the_index_offers_just_the_reports_that_one_may_read(app: IspbillFlask, tenant: TenantRef) -> None:
    page = signed_in(app, tenant, permissions=["view_reports_dashboard", "view_tax_report"]).get("/reports").text
    assert 'href="/reports/tax"' in page and "/reports/daily-collection" not in page


def test_who_may_read_no_report_is_told_so(app: IspbillFlask, tenant: TenantRef) -> None:
    page = signed_in(app, tenant, permissions=["view_reports_dashboard"]).get("/reports").text
    assert "No report is open to you" in page


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_asks_for_its_own_permission_and_its_files_for_that_of_exports_too(
    app: IspbillFlask, tenant: TenantRef, name: str
) -> None:
    permission = REPORTS[name].permission
    others = [report.permission for report in REPORTS.values() if report.permission != permission]
    reader = signed_in(app, tenant, permissions=[*others, "export_reports"])
    assert reader.get(f"/reports/{name}").status_code == 403
    assert reader.get(f"/reports/{name}/export").status_code == 403


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_says_what_its_numbers_mean_and_is_a_page_a_file_and_paper(
    app: IspbillFlask, tenant: TenantRef, name: str
) -> None:
    bills.paid(bills.billed("Ana & Sons", price_minor=100_000).customer_id, 130_000)
    browser, report = signed_in(app, tenant), REPORTS[name]
    page = browser.get(f"/reports/{name}").text
    assert report.title in page and report.definition[:40] in page
    assert "text-error" not in page, "a tie differs"
    file = browser.get(f"/reports/{name}/export")
    assert file.mimetype == "text/csv" and f"filename={name}-" in file.headers["Content-Disposition"]
    book = browser.get(f"/reports/{name}/export?format=xlsx")
    assert read_file(book.data).header == read_file(file.data).header
    assert browser.get(f"/reports/{name}/export?format=pdf").data.startswith(b"%PDF-")
    assert browser.get(f"/reports/{name}/export?format=doc").status_code == 404


def test_filters_stand_in_the_address_and_lead_on_to_the_file(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = bills.billed(price_minor=100_000).customer_id
    bills.paid(customer_id, 70_000)
    bills.paid(customer_id, 5_000, received_on=bills.current.today().replace(day=1))
    browser = signed_in(app, tenant)
    asked = "since=2026-03-02&until=2026-03-10"
    page = browser.get(f"/reports/daily-collection?{asked}").text
    assert "₱700.00" in page and "₱750.00" not in page and 'value="2026-03-02"' in page
    assert "/reports/daily-collection/export?format=csv&amp;since=2026-03-02&amp;until=2026-03-10" in page
    assert "/payments?since=2026-03-10&amp;until=2026-03-10&amp;status=recorded" in page
    rows = list(csv.DictReader(io.StringIO(
        browser.get(f"/reports/daily-collection/export?{asked}").data.decode("utf-8-sig"))))
    assert len(rows) == 10 and rows[-1]["Day"] == "Whole period" and rows[-1]["Collected (PHP)"] == "700.00"


def test_a_day_without_payments_says_so_once_and_a_service_that_ends_today_has_no_days_left() -> None:
    assert [entry(0, kind) for kind in (Kind.COUNT, Kind.DAYS)] == ["–", "0"]
    assert entry(1234, Kind.COUNT) == "1,234"


def test_a_period_that_cannot_be_is_refused_with_a_sentence(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    answer = browser.get("/reports/tax?since=2026-03-10&until=2026-03-01")
    assert answer.status_code == 422 and "The last day lies before the first." in answer.text
    assert browser.get("/reports/tax?since=1900-01-01").status_code == 422
    assert browser.get("/reports/tax/export?since=1900-01-01").status_code == 422


def test_rows_lead_only_where_one_may_go(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed()
    reader = signed_in(app, tenant, permissions=["view_receivables_ageing_report"])
    page = reader.get("/reports/receivables-ageing").text
    assert "/ledger/customers/" not in page and "Customer" in page and "export" not in page


def test_a_report_asks_as_much_of_the_database_for_many_rows_as_for_one(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)

    def sent() -> dict[str, int]:
        counts = {}
        for name in REPORTS:
            with bills.statements() as statements:
                assert browser.get(f"/reports/{name}").status_code == 200
            counts[name] = len(statements)
        return counts

    bills.paid(bills.billed().customer_id, 200_000)
    sent()
    few = sent()
    for _ in range(3):
        bills.paid(bills.billed().customer_id, 200_000)
        bills.billed()
    assert sent() == few


def test_a_report_draws_no_picture_of_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert 'class="chart"' not in browser.get("/reports/monthly-revenue").text
    bills.subscriber()
    jobs.bill_now(current.today())
    assert 'class="chart"' in browser.get("/reports/monthly-revenue").text

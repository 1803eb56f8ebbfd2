"""Number series: gapless under load, counted anew each year where wanted, ended by a range, told of in time."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from ispbill.company import service as company
from ispbill.company.models import NumberSeries, SeriesKind
from ispbill.company.numbers import queries
from ispbill.company.numbers import service as numbers
from ispbill.company.numbers.policy import SeriesFacts, checked, remaining
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import db
from ispbill.core.errors import Conflict, DomainError, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.browsers import signed_in

INVOICE = SeriesKind.INVOICE


def take(*, on: date | None = None, count: int = 1) -> str:
    with unit_of_work():
        return company.take_numbers(INVOICE, count, on=on).text(count - 1)


def change(pattern: str = "INV-", **facts: Any) -> None:
    with unit_of_work():
        numbers.change(INVOICE, SeriesFacts(pattern, **facts))


@pytest.mark.parametrize(("pattern", "facts", "first"), [
    ("INV-", {}, "INV-000001"),
    ("inv-{YEAR}-", {"digits": 4}, "INV-2026-0001"),
    ("{branch}/{yy}/", {"branch": "mnl"}, "MNL/26/000001"),
    ("SI-", {"first_number": 5001}, "SI-005001"),
])
def test_a_series_reads_as_its_pattern_says(tenant: TenantRef, pattern: str, facts: dict[str, Any], first: str) -> None:
    change(pattern, **facts)
    assert take() == first


@pytest.mark.parametrize(("facts", "field"), [
    ({"pattern": ""}, "pattern"), ({"pattern": "INV 1"}, "pattern"), ({"pattern": "INV-{month}-"}, "pattern"),
    ({"pattern": "INV{year}"}, "pattern"), ({"pattern": "INV1"}, "pattern"), ({"pattern": "X" * 41}, "pattern"),
    ({"pattern": "INV-", "resets_yearly": True}, "pattern"), ({"pattern": "INV-", "branch": "a b"}, "branch"),
    ({"pattern": "INV-", "digits": 0}, "digits"), ({"pattern": "INV-", "range_end": 0}, "range_end"),
    ({"pattern": "INV-", "first_number": 0}, "first_number"), ({"pattern": "INV-", "warn_below": -1}, "warn_below"),
])
def test_what_cannot_number_is_refused_with_its_field(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(SeriesFacts(**facts))
    assert refusal.value.field == field


@pytest.mark.parametrize("pattern", ["CN-", "cn-", "{branch}N-", "DN-"])
def test_two_series_never_read_alike(tenant: TenantRef, pattern: str) -> None:
    with pytest.raises(Invalid, match="numbered like this already") as refusal:
        change(pattern, branch="C")
    assert refusal.value.field == "pattern"


def test_a_year_that_is_written_out_meets_one_that_is_counted(tenant: TenantRef) -> None:
    with unit_of_work():
        numbers.change(SeriesKind.CREDIT_NOTE, SeriesFacts("INV-{year}-"))
    with pytest.raises(Invalid, match="numbered like this already"):
        change("INV-2027-")


def test_each_year_begins_with_one_by_the_day_of_issue(tenant: TenantRef) -> None:
    change("INV-{year}-", resets_yearly=True)
    assert [take(on=date(2026, 12, 31)), take(on=date(2026, 12, 31))] == ["INV-2026-000001", "INV-2026-000002"]
    assert [take(on=date(2027, 1, 1)), take(on=date(2027, 1, 2))] == ["INV-2027-000001", "INV-2027-000002"]


def test_a_document_of_a_year_before_takes_a_number_of_the_year_that_counts(tenant: TenantRef) -> None:
    change("INV-{year}-", resets_yearly=True)
    assert take(on=date(2027, 1, 1)) == "INV-2027-000001"
    assert take(on=date(2026, 12, 31)) == "INV-2027-000002"


def test_a_series_with_numbers_begins_anew_only_next_year(tenant: TenantRef) -> None:
    take(count=41)
    change("INV-{year}-", resets_yearly=True)
    assert take() == "INV-2026-000042"
    assert take(on=date(2027, 3, 1)) == "INV-2027-000001"


def test_a_pattern_changes_and_counting_goes_on(tenant: TenantRef) -> None:
    take(count=41)
    change("luz/")
    assert take() == "LUZ/000042"
    with pytest.raises(Conflict, match="counting goes on"):
        change("LUZ/", first_number=1)


def test_a_range_ends_and_a_new_one_lets_it_go_on(tenant: TenantRef) -> None:
    change(range_end=2, warn_below=1)
    take(count=2)
    with pytest.raises(Conflict, match="no numbers left"):
        take()
    with pytest.raises(Invalid, match="Number 2 is taken"):
        change(range_end=1)
    change(range_end=10)
    assert take() == "INV-000003"


@pytest.mark.parametrize(("next_number", "end", "warn", "expected"), [
    (5, None, 10, None), (1, 100, 10, (100, False)), (91, 100, 10, (10, False)), (92, 100, 10, (9, True)),
    (101, 100, 0, (0, True)),
])
def test_what_is_left_of_a_series(
    next_number: int, end: int | None, warn: int, expected: tuple[int, bool] | None
) -> None:
    assert remaining(next_number=next_number, range_end=end, warn_below=warn) == expected


def test_takers_at_once_get_every_number_once(tenant: TenantRef) -> None:
    """A third of them fail after taking: their numbers are given again."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def issue(place: int) -> str | None:
        try:
            with app.app_context(), bound(tenant, SYSTEM), unit_of_work():
                number = company.take_numbers(INVOICE, 1).text(0)
                if place % 3 == 0:
                    raise DomainError("the document was not written")
                return number
        except DomainError:
            return None

    with ThreadPoolExecutor(6) as pool:
        taken = sorted(filter(None, pool.map(issue, range(30))))
    assert taken == [f"INV-{number:06d}" for number in range(1, 21)]


def test_series_are_seen_and_changed_on_pages(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "INV-000001" in browser.get("/settings/numbers").text and "INV-000001" in browser.get("/settings").text
    entered = {"pattern": "inv-{year}-", "branch": "", "digits": "5", "resets_yearly": "y", "first_number": "",
               "range_end": "10", "warn_below": "20"}
    assert browser.post("/settings/numbers/change?kind=invoice", entered).status_code == 302
    page = browser.get("/settings/numbers").text
    assert "INV-2026-00001" in page and "10 left" in page
    answer = browser.post("/settings/numbers/change?kind=invoice", {**entered, "pattern": "a b"})
    assert answer.status_code == 422 and "end with a letter" in answer.text
    assert browser.get("/settings/numbers/change?kind=lottery").status_code == 404
    assert "invoice,INV-2026-00001,INV-{year}-,,5,yes,10,20" in browser.get("/settings/numbers/export").text


def test_the_dashboard_warns_of_a_series_that_runs_out(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed()
    browser = signed_in(app, tenant)
    assert "numbers run out" not in browser.get("/dashboard").text
    change(range_end=10, warn_below=20)
    with unit_of_work():
        assert [series.kind for series in queries.running_low()] == ["invoice"]
    assert "Invoices: the numbers run out" in browser.get("/dashboard").text


def test_invoices_are_found_by_number_under_a_pattern(app: IspbillFlask, tenant: TenantRef) -> None:
    change("INV-{year}-", resets_yearly=True)
    invoice = bills.billed()
    assert invoice.number == "INV-2026-000001"
    assert invoice.number in signed_in(app, tenant).get("/invoices?q=1").text


def test_who_may_only_look_changes_no_series(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_settings"])
    assert "/settings/numbers/change" not in browser.get("/settings/numbers").text
    assert browser.post("/settings/numbers/change?kind=invoice", {"pattern": "X-"}).status_code == 403
    with unit_of_work():
        assert db.session.scalars(select(NumberSeries.prefix).where(NumberSeries.kind == "invoice")).one() == "INV-"

"""The pages of imports: upload, look, confirm."""
from __future__ import annotations

import io
from datetime import UTC, datetime

from sqlalchemy import select

from ispbill.core.current import TenantRef, at
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries as customers
from ispbill.customers.models import ImportBatch
from ispbill.web.requests import IspbillFlask
from tests.make.browsers import Browser, signed_in
from tests.make.files import telco_file, telco_rows


def upload(browser: Browser, content: bytes, *, start_on: str = "2026-04-01") -> str:
    """Upload a file; the address of its review."""
    file = (io.BytesIO(content), "people.csv")
    answer = browser.post("/customers/import", {"file": file, "start_on": start_on})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def count() -> int:
    with unit_of_work():
        return customers.count(customers.CustomerFilter())


def test_a_file_is_looked_at_then_imported(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert 'value="2026-04-01"' in browser.get("/customers/import").text
    review = upload(browser, telco_file(telco_rows(12)))
    page = browser.get(review).text
    assert "Import 12 customers" in page and "1 Apr 2026" in page and count() == 0
    answer = browser.post(review)
    assert answer.headers["Location"] == "/customers" and count() == 12
    assert browser.get(review).status_code == 404, "what was imported waits no more"
    assert "people.csv" in browser.get("/customers/import").text


def test_the_text_of_a_file_is_dropped_once_it_is_imported(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    browser.post(upload(browser, b"name\nAna\n"))
    with unit_of_work():
        (batch,) = db.session.scalars(select(ImportBatch))
        assert (batch.content, batch.status, batch.imported_by) == (None, "imported", "Olivia Owner")


def test_errors_are_shown_and_downloaded_and_nothing_is_imported(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    review = upload(browser, b"name,email\nAna,nothing\nBen,\n")
    page = browser.get(review).text
    assert "1 error" in page and "1 errors" not in page and "is not an e-mail address" in page
    assert "2,email,nothing," in browser.get(f"{review}/errors").data.decode("utf-8-sig")
    assert browser.post(review).status_code == 422 and count() == 0


def test_a_file_that_is_there_already_has_nothing_to_import(app: IspbillFlask, tenant: TenantRef) -> None:
    browser, content = signed_in(app, tenant), telco_file(telco_rows(3))
    browser.post(upload(browser, content))
    assert "There is nothing to import" in browser.get(upload(browser, content)).text


def test_a_file_can_be_dropped_and_is_forgotten_after_a_day(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    dropped, kept = upload(browser, b"name\nAna\n"), upload(browser, b"name\nBen\n")
    browser.post(f"{dropped}/discard")
    assert browser.get(dropped).status_code == 404
    with at(datetime(2026, 3, 11, 5, tzinfo=UTC)):
        upload(browser, b"name\nCleo\n")
        assert browser.get(kept).status_code == 404


def test_what_is_no_file_is_told(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "Choose a file." in browser.post("/customers/import", {"start_on": ""}).text
    assert "not a CSV file" in browser.get(upload(browser, b"PK\x03\x04 a spreadsheet")).text

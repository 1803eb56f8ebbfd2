"""The pages of the import wizard: upload, columns, look, bring in, take back, and the lists around them."""
from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from ispbill.billing.ledger import queries as ledger
from ispbill.core.current import TenantRef, at
from ispbill.core.spreadsheets import read_file
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries as customers
from ispbill.imports import jobs
from ispbill.jobs.queue import delivering_to
from ispbill.web.requests import IspbillFlask
from tests.make import people
from tests.make.bills import jobs_done
from tests.make.browsers import Browser, colleague, signed_in
from tests.make.uploads import brought_in, taken_back

PEOPLE = b"Full name,Mobile,Colour\nAna Cruz,0917 123 4567,red\nBen Reyes,,blue\n"


def uploaded(browser: Browser, kind: str, content: bytes, **fields: str) -> str:
    """Upload a file; the address of its batch."""
    answer = browser.post(f"/imports/new/{kind}", {"file": (io.BytesIO(content), "people.csv"), **fields})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].removesuffix("/columns")


def said(browser: Browser, batch: str, **columns: str) -> None:
    """Say what the columns of a file are; the workers look at it."""
    with jobs_done():
        assert browser.post(f"{batch}/columns", columns).status_code == 302


def count() -> int:
    with unit_of_work():
        return customers.count(customers.CustomerFilter())


@pytest.mark.parametrize(("content", "words"), [
    (b"", "The file is empty."), (b"name,phone\n", "nothing below it"),
    ("name\nJosé Peña\n".encode("cp1252"), "Save it as “CSV UTF-8” and try again."),
    (b"name,phone,Phone\nAna,1,2\n", "Two columns are called “phone”. Give each a name of its own"),
])
def test_a_file_that_is_no_table_is_refused_at_once_with_what_to_do(
    app: IspbillFlask, tenant: TenantRef, content: bytes, words: str
) -> None:
    answer = signed_in(app, tenant).post("/imports/new/customers", {"file": (io.BytesIO(content), "people.csv")})
    assert answer.status_code == 422 and words in answer.text


def test_a_column_without_a_name_can_be_left_out(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    batch = uploaded(browser, "customers", b",name\n0,Ana Cruz\n")
    page = browser.get(f"{batch}/columns").text
    assert "Column 1" in page and "not used" in page
    said(browser, batch, name="name")
    assert "Bring in 1 line" in browser.get(batch).text


def test_a_file_goes_from_upload_to_customers_and_back(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "No file was brought in yet" in browser.get("/imports").text
    assert 'value="2026-04-01"' in browser.get("/imports/new/customers").text
    batch = uploaded(browser, "customers", PEOPLE)
    assert browser.get(batch).headers["Location"].endswith("/columns"), "first it must be known which column is which"
    asked = browser.get(f"{batch}/columns").text
    assert '<option selected value="Full name">' in asked and "not used" in asked and "red · blue" in asked
    assert browser.post(f"{batch}/columns", {"name": "", "phone": "Mobile"}).status_code == 422
    with jobs_done():
        assert browser.post(f"{batch}/columns", {"name": "Full name", "phone": "Mobile"}).status_code == 302
        page = browser.get(batch).text
        assert "aria-busy" in page and "The file is being looked at" in page and "Bring in" not in page
        assert "It is being read first" in page and "0 of 0" not in page, "how many lines it has is not known yet"
        assert "Being looked at" in browser.get("/imports").text
    page = browser.get(batch).text
    assert "Not brought in yet" in browser.get("/imports").text, "who left finds it again"
    assert "Bring in 2 lines" in page and "Customers in the file" in page and count() == 0
    with jobs_done():
        assert browser.post(batch).status_code == 302
        assert "aria-busy" in browser.get(batch).text, "it is being brought in"
    page = browser.get(batch).text
    assert "Every line was brought in" in page and count() == 2
    assert browser.post(f"{batch}/columns", {"name": "Full name"}).status_code == 404, "it waits no more"
    assert browser.post(batch).status_code == 422
    assert "people.csv" in browser.get("/imports").text and "people.csv" in browser.get("/imports/export").text
    assert "2 things that it added are removed" in browser.get(f"{batch}/undo").text
    with jobs_done():
        browser.post(f"{batch}/undo")
    assert "Taken back by Olivia Owner" in browser.get(batch).text and count() == 0
    assert browser.post(f"{batch}/undo").status_code == 422


def test_errors_are_shown_downloaded_and_mended(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    batch = uploaded(browser, "customers", b"name,email\nAna,nothing\nBen,\n")
    said(browser, batch, name="name", email="email")
    page = browser.get(batch).text
    assert "1 thing to mend" in page and "is not an e-mail address" in page and "Bring in" not in page
    assert "2,email,nothing," in browser.get(f"{batch}/errors").data.decode("utf-8-sig")
    table = read_file(browser.get(f"{batch}/errors?format=xlsx").data)
    assert table.rows[0].text("value") == "nothing"
    assert browser.post(batch).status_code == 422 and count() == 0


def test_refused_lines_are_a_file_again(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    batch = uploaded(browser, "routers", b"brand,model,serial_number,mac_address\nX,Y,S1,A42BB0010203\n")
    said(browser, batch, **{name: name for name in ("brand", "model", "serial_number", "mac_address")})
    with delivering_to(lambda *nudge: None):
        browser.post(batch)
    brought_in("routers", "brand,model,serial_number,mac_address\nX,Y,OLD,A42BB0010203\n")
    with jobs_done(), unit_of_work():
        jobs.resume()
    assert "Refused lines" in browser.get(batch).text
    assert "X,Y,S1,A42BB0010203,Router OLD has this address." in browser.get(f"{batch}/refused").text


def test_a_template_reads_back_and_shows_how(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    table = read_file(browser.get("/imports/new/plans/template?format=xlsx").data)
    assert table.header[:3] == ("code", "name", "price") and table.rows[0].text("code") == "FIBER-50"
    assert "FIBER-50,Fiber 50,1499.00" in browser.get("/imports/new/plans/template").text
    assert browser.get("/imports/new/unicorns").status_code == 404


def test_a_file_can_be_dropped_and_is_forgotten_after_a_day(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    dropped, kept = (uploaded(browser, "areas", b"region\nLuzon\n") for _ in range(2))
    browser.post(f"{dropped}/discard")
    assert browser.get(dropped).status_code == 404
    with at(datetime(2026, 3, 11, 5, tzinfo=UTC)):
        uploaded(browser, "areas", b"region\nLuzon\n")
        assert browser.get(kept).status_code == 404


def test_what_is_no_file_is_told(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "Choose a file." in browser.post("/imports/new/areas", {}).text
    broken = browser.post("/imports/new/areas", {"file": (io.BytesIO(b"PK\x03\x04 broken"), "a.xlsx")})
    assert broken.status_code == 422 and "neither a workbook" in broken.text


def test_a_file_that_is_there_already_has_nothing_to_bring_in(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    brought_in("areas", "region\nLuzon\n")
    batch = uploaded(browser, "areas", b"region\nLuzon\n")
    said(browser, batch, region="region")
    assert "There is nothing to bring in" in browser.get(batch).text


def test_who_may_import_brings_in_only_what_they_may_add(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        people.register_customer("Ana")
    browser = signed_in(app, tenant, permissions=["import_customers", "add_router"])
    page = browser.get("/imports").text
    assert "/imports/new/routers" in page and "/imports/new/customers" not in page
    file = {"file": (io.BytesIO(PEOPLE), "people.csv")}
    assert browser.post("/imports/new/customers", file).status_code in (403, 422) and count() == 1
    assert browser.get("/imports/1/undo").status_code == 403


def test_a_file_is_read_only_by_who_may_bring_such_things_in(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        people.register_customer("Ana")
    batch = brought_in("opening_balances", "account_number,amount\nAC-000001,900\n")
    waiting = uploaded(signed_in(app, tenant), "opening_balances", b"account_number,amount\nAC-000001,900\n")
    clerk = signed_in(app, tenant, permissions=["import_customers", "undo_import", "create_customer"])
    assert "opening" not in clerk.get("/imports").text and "opening" not in clerk.get("/imports/export").text
    for path in (f"/imports/{batch.id}", f"/imports/{batch.id}/refused", f"/imports/{batch.id}/undo", waiting,
                 f"{waiting}/columns", f"{waiting}/errors", "/imports/new/opening_balances/template"):
        assert clerk.get(path).status_code == 403, path
    assert clerk.post(f"{waiting}/discard").status_code == 403
    assert clerk.post(f"/imports/{batch.id}/undo").status_code == 403


def test_what_a_file_brought_in_is_taken_back_only_by_who_may_remove_it(app: IspbillFlask, tenant: TenantRef) -> None:
    batch = brought_in("areas", "region\nLuzon\n")
    rights = ["import_customers", "undo_import", "add_barangay"]
    adder = signed_in(app, tenant, permissions=rights)
    assert "Take back" not in adder.get(f"/imports/{batch.id}").text
    assert adder.post(f"/imports/{batch.id}/undo").status_code == 403
    remover = Browser(app, tenant)
    remover.sign_in(colleague("ben@example.com", permissions=[*rights, "delete_barangay"]).email)
    assert "Take back" in remover.get(f"/imports/{batch.id}").text
    assert remover.post(f"/imports/{batch.id}/undo").status_code == 302


def test_a_file_of_customers_subscribes_them_only_where_its_reader_may(app: IspbillFlask, tenant: TenantRef) -> None:
    clerk = signed_in(app, tenant, permissions=["import_customers", "create_customer"])
    assert "plan_code" not in clerk.get("/imports/new/customers/template").text
    batch = uploaded(clerk, "customers", b"name,plan_code\nAna,FIBER-50\n")
    said(clerk, batch, name="name", plan_code="plan_code")
    with jobs_done():
        assert clerk.post(batch).status_code == 302
    assert count() == 1


def test_who_takes_corrected_balances_back_is_told_that_the_former_ones_do_not_return(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    with unit_of_work():
        people.register_customer("Ana")
    first, second = (brought_in("opening_balances", f"account_number,amount\nAC-000001,{amount}\n")
                     for amount in (900, 800))
    browser = signed_in(app, tenant)
    assert "1 that it changed are taken back, too; for what they were, bring the former file in" in browser.get(
        f"/imports/{second.id}/undo").text
    for batch in (second, first):
        taken_back(batch.id)
    assert "is void already" in browser.get(f"/imports/{first.id}").text
    with unit_of_work():
        (ana,) = customers.search("Ana", limit=1)
        assert ledger.balance_of(ana.id) == 0


def test_how_dates_are_written_is_asked_where_the_file_does_not_tell(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    batch = uploaded(browser, "customers", b"name,e_billing_since\nAna,01/02/2026\n")
    asked = browser.get(f"{batch}/columns").text
    assert "“01/02/2026” can be read in two ways" in asked and '<option selected value="mdy">' in asked
    said(browser, batch, name="name", e_billing_since="e_billing_since", dates="ymd")
    assert "A date like 2026-03-31." in browser.get(batch).text
    assert "2,e_billing_since,01/02/2026,This is not a date." in browser.get(f"{batch}/errors").text
    said(browser, batch, name="name", e_billing_since="e_billing_since", dates="dmy")
    assert "“01/02/2026” is read as 1 February 2026" in browser.get(batch).text
    with jobs_done():
        browser.post(batch)
    assert "2026-02-01" in browser.get("/customers/export").text
    told = uploaded(browser, "customers", b"name,e_billing_since\nAna,31/12/2026\n")
    page = browser.get(f"{told}/columns").text
    assert "can be read in two ways" not in page and '<option selected value="dmy">' in page
    assert browser.post(f"{told}/columns", {"name": "name", "dates": "martian"}).status_code == 422


def test_a_file_that_is_being_looked_at_can_be_dropped(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    batch = uploaded(browser, "areas", b"region\nLuzon\n")
    with delivering_to(lambda *nudge: None):
        browser.post(f"{batch}/columns", {"region": "region"})
    assert browser.post(batch).status_code == 422, "nothing is brought in before it is looked at"
    assert browser.post(f"{batch}/discard").status_code == 302
    assert browser.get(batch).status_code == 404


def test_asking_which_column_is_which_does_not_read_the_file_again(
    app: IspbillFlask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(app, tenant)
    batch = uploaded(browser, "customers", PEOPLE)
    monkeypatch.setattr("ispbill.imports.service.read_file", lambda *facts, **more: pytest.fail("read again"))
    assert "red · blue" in browser.get(f"{batch}/columns").text
    said(browser, batch, name="Full name")
    assert "Bring in 2 lines" in browser.get(batch).text

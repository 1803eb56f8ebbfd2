"""The pages of notes, contacts, labels, own fields and documents, and the customer's page that shows them."""
from __future__ import annotations

import csv
import io
from decimal import Decimal

from ispbill.company import service as company
from ispbill.company.policy import MapTiles
from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.contacts import queries as contacts
from ispbill.customers.custom_fields import queries as custom_fields
from ispbill.customers.documents import queries as documents
from ispbill.customers.labels import queries as labels
from ispbill.web.requests import IspbillFlask
from tests.make import bills, people
from tests.make.browsers import signed_in

ANA = {"name": "Ana Cruz", "kind": "person", "status": "lead"}
PDF = b"%PDF-1.4 a contract"


def registered(name: str = "Ana Cruz") -> int:
    with unit_of_work():
        return people.register_customer(name).id


def test_a_note_is_written_and_stands_on_the_timeline(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, browser = registered(), signed_in(app, tenant)
    assert browser.post(f"/customers/{ana}/notes/add", {"body": " "}).status_code == 422
    assert browser.post(f"/customers/{ana}/notes/add", {"body": "Rang <twice>"}).status_code == 302
    page = browser.get(f"/customers/{ana}/timeline").text
    assert "Rang &lt;twice&gt;" in page and "Olivia Owner" in page


def test_what_is_rarely_asked_for_of_an_account_comes_when_the_reader_comes_near(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    ana, browser = registered(), signed_in(app, tenant)
    page = browser.get(f"/customers/{ana}").text
    assert f'hx-get="/customers/{ana}/account"' in page and "Nothing waits for the next bill" not in page
    account = browser.get(f"/customers/{ana}/account").text
    assert "Nothing waits for the next bill" in account and "Documents" in account


def test_the_customers_page_shows_the_newest_moments_when_the_reader_comes_near(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    ana, browser = registered(), signed_in(app, tenant)
    for number in range(9):
        browser.post(f"/customers/{ana}/notes/add", {"body": f"Call {number}"})
    newest = f"/customers/{ana}/timeline?newest=yes"
    assert f'hx-get="{newest}"' in browser.get(f"/customers/{ana}").text
    page = browser.get(newest).text
    assert page.count('class="moment-mark"') == 8 and "Call 8" in page and "Call 0" not in page


def test_contacts_are_added_changed_and_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, browser = registered(), signed_in(app, tenant)
    assert browser.post(f"/customers/{ana}/contacts/add", {"name": "Aunt", "role": "other"}).status_code == 422
    browser.post(f"/customers/{ana}/contacts/add", {"name": "Aunt", "role": "household", "phone": "0918 765 4321"})
    assert "0918 765 4321" in browser.get(f"/customers/{ana}").text
    with unit_of_work():
        (aunt,) = contacts.of_customer(ana)
    changed = {"name": "Uncle", "role": "billing", "email": "uncle@example.com"}
    assert browser.post(f"/customer-contacts/{aunt.id}/change", changed).status_code == 302
    assert "uncle@example.com" in browser.get(f"/customers/{ana}").text
    browser.post(f"/customer-contacts/{aunt.id}/remove")
    assert "uncle@example.com" not in browser.get(f"/customers/{ana}").text


def test_a_label_is_made_worn_and_filtered_by(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, browser = registered(), signed_in(app, tenant)
    registered("Ben Reyes")
    assert "No labels yet" in browser.get("/settings/customers").text
    assert browser.post("/settings/customers/labels/add", {"name": "VIP", "colour": "amber"}).status_code == 302
    again = browser.post("/settings/customers/labels/add", {"name": "vip", "colour": "red"})
    assert again.status_code == 422 and "already a label" in again.text
    with unit_of_work():
        (vip,) = labels.everything()
    assert browser.post(f"/customers/{ana}/labels", {"label_ids": [str(vip.id)]}).status_code == 302
    assert browser.post(f"/customers/{ana}/labels", {"label_ids": ["987654"]}).status_code == 422
    narrowed = browser.get(f"/customers?label={vip.id}").text
    assert "Ana Cruz" in narrowed and "Ben Reyes" not in narrowed and "VIP" in browser.get(f"/customers/{ana}").text
    browser.post(f"/settings/customers/labels/{vip.id}/change", {"name": "Very important", "colour": "red"})
    (row,) = csv.DictReader(io.StringIO(browser.get(f"/customers/export?label={vip.id}").data.decode("utf-8-sig")))
    assert row["labels"] == "Very important"
    assert "1 customer loses it" in browser.get(f"/settings/customers/labels/{vip.id}/remove").text
    browser.post(f"/settings/customers/labels/{vip.id}/remove")
    browser.get("/settings/customers")
    assert "Very important" not in browser.get(f"/customers/{ana}").text


def test_an_own_field_is_asked_for_shown_exported_and_imported(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    asked = {"label": "Pays by", "kind": "choice", "choices": "Cash\nGCash\n", "is_required": "y", "is_in_use": "y"}
    assert browser.post("/settings/customers/fields/add", asked).status_code == 302
    assert browser.post("/settings/customers/fields/add", asked).status_code == 422
    missing = browser.post("/customers/register", ANA)
    assert missing.status_code == 422 and "Pays by must be given." in missing.text
    answer = browser.post("/customers/register", {**ANA, "custom_pays_by": "GCash"})
    page = answer.headers["Location"]
    assert "GCash" in browser.get(page).text
    assert '<option selected value="GCash">' in browser.get(f"{page}/change").text
    content = browser.get("/customers/export").data
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["custom.pays_by"] == "GCash"
    mended = content.replace(b"AC-000001", b"AC-000009").replace(b"Ana Cruz", b"Ben Reyes")
    upload = {"file": (io.BytesIO(mended), "customers.csv")}
    batch = browser.post("/imports/new/customers", upload).headers["Location"].removesuffix("/columns")
    with bills.jobs_done():
        browser.post(f"{batch}/columns", {"name": "name", "custom.pays_by": "custom.pays_by"})
    with bills.jobs_done():
        assert browser.post(batch).status_code == 302
    rows = csv.DictReader(io.StringIO(browser.get("/customers/export?q=ben").data.decode("utf-8-sig")))
    assert [row["custom.pays_by"] for row in rows] == ["GCash"]


def test_a_field_goes_out_of_use(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    browser.post("/settings/customers/fields/add", {"label": "Floors", "kind": "number", "is_in_use": "y"})
    with unit_of_work():
        (field,) = custom_fields.everything()
    assert 'value="Floors"' in browser.get(f"/settings/customers/fields/{field.id}/change").text
    browser.post(f"/settings/customers/fields/{field.id}/change", {"label": "Storeys"})
    assert "Out of use" in browser.get("/settings/customers").text
    assert "Storeys" not in browser.get("/customers/register").text


def test_a_document_is_kept_downloaded_and_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, browser = registered(), signed_in(app, tenant)

    def send(content: bytes) -> int:
        answer = browser.post(f"/customers/{ana}/documents/add",
                              {"file": (io.BytesIO(content), "contract.pdf"), "title": "Contract"})
        return answer.status_code

    assert send(b"MZ\x90\x00\x01\xff") == 422 and send(PDF) == 302
    with unit_of_work():
        (paper,) = documents.of_customer(ana)
    remove = f"/customer-documents/{paper.id}/remove"
    assert f'href="/customers/{ana}/account"' in browser.get(remove).text, "back to where it is listed"
    assert "Contract" in browser.get(f"/customers/{ana}/account").text
    sent = browser.get(f"/customer-documents/{paper.id}")
    assert sent.data == PDF and sent.headers["Content-Disposition"].startswith("attachment")
    assert browser.post(f"/customer-documents/{paper.id}/remove").status_code == 302
    assert browser.get(f"/customer-documents/{paper.id}").status_code == 404


def test_who_may_only_look_sees_no_documents_and_no_actions(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = registered()
    browser = signed_in(app, tenant, permissions=["view_customer_detail"])
    assert f"/customers/{ana}/account" not in browser.get(f"/customers/{ana}").text
    assert "Nothing here for you" in browser.get(f"/customers/{ana}/account").text
    page = browser.get(f"/customers/{ana}").text
    assert "Documents" not in page and "Record payment" not in page and "Write a note" not in page
    for path in ("notes/add", "documents/add", "contacts/add", "labels"):
        assert browser.get(f"/customers/{ana}/{path}").status_code == 403


def test_the_customers_page_offers_what_the_viewer_may_do(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = registered()
    page = signed_in(app, tenant).get(f"/customers/{ana}").text
    for address in (f"/payments/record/{ana}", f"/customers/{ana}/subscribe", f"/customers/{ana}/statement"):
        assert f'href="{address}"' in page


def test_the_list_asks_for_labels_once(app: IspbillFlask, tenant: TenantRef) -> None:
    browser, counts = signed_in(app, tenant), []
    for _ in range(2):
        for _ in range(3):
            registered()
        with bills.statements() as sent:
            browser.get("/customers")
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_the_page_says_when_the_next_bill_comes_and_what_of(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    customer_id = bills.subscriber("Ana Cruz", price_minor=149_900)
    page = browser.get(f"/customers/{customer_id}").text
    assert "Next bill" in page and "1,499.00 for full periods" in page
    assert "No subscription has more to bill" in browser.get(f"/customers/{registered('Ben')}").text


def test_the_map_may_show_the_companys_tiles_and_only_where_there_is_a_map(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        company.change_map(MapTiles("https://tiles.example.com/{z}/{x}/{y}.png", "Example"))
        known = people.register_customer("Ana", latitude=Decimal("14.6"), longitude=Decimal("120.98")).id
    answer = browser.get(f"/customers/{known}")
    assert "https://tiles.example.com" in answer.headers["Content-Security-Policy"] and "place-map" in answer.text
    answer = browser.get(f"/customers/{registered('Ben')}")
    assert "tiles" not in answer.headers["Content-Security-Policy"] and "place-map" not in answer.text


def test_while_typing_a_few_of_each_kind_are_found_and_none_is_opened(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    for number in range(7):
        registered(f"Ana Cruz {number}")
    only = registered("Ben Reyes")
    assert browser.get("/search?q=reyes").location.endswith(f"/customers/{only}")
    assert "Ben Reyes" in browser.get("/search?q=reyes&live=1").text
    found = browser.get("/search?q=cruz&live=1").text
    assert found.count("Ana Cruz") == 5 and "All results" in found and "<html" not in found
    assert "Nothing found" in browser.get("/search?q=zzz&live=1").text
    assert browser.get("/search?q=&live=1").text.strip() == ""


def test_where_there_are_no_labels_their_page_says_so_and_leads_to_them(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, browser = registered(), signed_in(app, tenant)
    page = browser.get(f"/customers/{ana}/labels").text
    assert "No labels yet" in page and "/settings/customers" in page and "Save labels" not in page

"""The pages of customers."""
from __future__ import annotations

import csv
import io
import re

import pytest

from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries
from ispbill.customers.policy import FILE_COLUMNS, LABELS_COLUMN
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people
from tests.make.browsers import signed_in

ANA = {"name": "Ana Cruz", "kind": "person", "phone": "0917 123 4567", "email": "ana@example.com", "status": "lead"}


def registered(name: str = "Ana Cruz", **facts: object) -> int:
    with unit_of_work():
        return people.register_customer(name, **facts).id


def test_a_customer_is_registered_and_found(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "No customers yet" in browser.get("/customers").text
    answer = browser.post("/customers/register", ANA)
    assert answer.status_code == 302
    page = browser.get(answer.headers["Location"]).text
    assert "AC-000001" in page and "0917 123 4567" in page and "Lead" in page
    assert "Ana Cruz" in browser.get("/customers?q=0917123").text


@pytest.mark.parametrize(("field", "value", "words"), [
    ("name", "", "Give the customer a name."),
    ("email", "ana@", "is not an e-mail address"),
    ("latitude", "north", "Write the coordinate in degrees"),
    ("latitude", "14.5", "Give both latitude and longitude"),
    ("area_id", "77", "Choose one of the list."),
])
def test_what_is_wrong_is_told_beside_its_field(
    app: IspbillFlask, tenant: TenantRef, field: str, value: str, words: str
) -> None:
    answer = signed_in(app, tenant).post("/customers/register", {**ANA, field: value})
    assert answer.status_code == 422 and words in answer.text and "aria-invalid" in answer.text
    with unit_of_work():
        assert queries.count(queries.CustomerFilter()) == 0
        assert people.register_customer().account_number == "AC-000001", "the refused form took no number"


def test_a_customer_is_changed(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, browser = registered(), signed_in(app, tenant)
    assert 'value="Ana Cruz"' in browser.get(f"/customers/{ana}/change").text
    answer = browser.post(f"/customers/{ana}/change", {**ANA, "name": "Ana Reyes", "notes": "Rings twice"})
    assert answer.status_code == 302
    assert "Rings twice" in browser.get(f"/customers/{ana}").text
    answer = browser.post(f"/customers/{ana}/change", {**ANA, "email": "x"})
    assert answer.status_code == 422 and "Ana Reyes" in answer.text


def test_two_people_who_change_a_customer_do_not_undo_each_other(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, browser = registered(phone="0917 123 4567", street="1 Rizal Street"), signed_in(app, tenant)
    page = f"/customers/{ana}/change"

    def opened() -> dict[str, str]:
        return dict(re.findall(r'name="(as_opened)" value="([^"]+)"', browser.get(page).text))

    mine, theirs = opened(), opened()
    known = {"name": "Ana Cruz", "kind": "person"}
    new_phone = {**known, "phone": "0918 765 4321", "street": "1 Rizal Street"}
    assert browser.post(page, {**new_phone, **theirs}).status_code == 302
    late = browser.post(page, {**known, **mine, "phone": "0917 123 4567", "street": "2 Rizal Street"})
    assert late.status_code == 422 and "+639187654321" in late.text and "Somebody else changed this" in late.text
    seen = dict(re.findall(r'name="(as_opened)" value="([^"]+)"', late.text))
    assert browser.post(page, {**new_phone, **seen, "street": "2 Rizal Street"}).status_code == 302


def test_a_status_is_changed_after_a_question(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, browser = registered(), signed_in(app, tenant)
    question = browser.get(f"/customers/{ana}/suspend").text
    assert "Suspend Ana Cruz?" in question and "Every running subscription is suspended" in question
    assert browser.post(f"/customers/{ana}/suspend", {"reason": "Away"}).status_code == 422, "why?"
    assert browser.post(f"/customers/{ana}/suspend", {"reason_id": "1", "reason": "Two bills"}).status_code == 302
    assert "Suspended since 10 Mar 2026" in browser.get(f"/customers/{ana}").text
    browser.post(f"/customers/{ana}/restore", {"reason": ""})
    browser.post(f"/customers/{ana}/terminate", {"reason": "Moved"})
    assert "Terminated on 10 Mar 2026" in browser.get(f"/customers/{ana}").text
    browser.post(f"/customers/{ana}/reinstate", {"reason": "Back"})
    assert "Terminated on" not in browser.get(f"/customers/{ana}").text
    assert "Non-payment: Two bills" in browser.get(f"/customers/{ana}/timeline").text, "the timeline still tells it"


def test_a_refused_termination_says_why_and_changes_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        offers.subscribe(ana)
        ana_id = ana.id
    answer = signed_in(app, tenant).post(f"/customers/{ana_id}/terminate", {"reason": "Moved"})
    assert answer.status_code == 422 and "still has a subscription" in answer.text
    with unit_of_work():
        assert queries.get(ana_id).status == "active"


def test_the_page_shows_what_other_features_know(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer(area_id=people.area("Luzon", "Manila").id)
        offers.subscribe(ana, plans=[(offers.plan(149900, name="Fibre 50"), 1, None)])
        offers.installation(ana, address="7 Rizal Avenue")
        ana_id = ana.id
    page = signed_in(app, tenant).get(f"/customers/{ana_id}").text
    assert "Fibre 50" in page and "₱1,499.00" in page and "7 Rizal Avenue" in page and "Luzon › Manila" in page


def test_panels_are_only_for_those_who_may_see_them(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = registered()
    page = signed_in(app, tenant, permissions=["view_customer_detail"]).get(f"/customers/{ana}").text
    assert "Subscriptions" not in page and "Nothing here for you" in page


def test_an_export_holds_what_the_filters_show_and_no_formula(app: IspbillFlask, tenant: TenantRef) -> None:
    registered("=Ana()", area_id=_area())
    registered("Ben")
    browser = signed_in(app, tenant)
    rows = list(csv.DictReader(io.StringIO(browser.get("/customers/export?q=ana").data.decode("utf-8-sig"))))
    assert tuple(rows[0]) == (*FILE_COLUMNS, LABELS_COLUMN)
    assert [(row["name"], row["area"]) for row in rows] == [("'=Ana()", "Luzon > Manila")]


def test_the_search_box_opens_a_single_hit_and_lists_several(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = registered("Ana Cruz")
    registered("Ben Cruz")
    browser = signed_in(app, tenant)
    assert browser.get("/search?q=ana").headers["Location"] == f"/customers/{ana}"
    both = browser.get("/search?q=cruz").text
    assert "Ana Cruz" in both and "Ben Cruz" in both
    assert "Nothing found" in browser.get("/search?q=zoe").text
    assert "What are you looking for?" in browser.get("/search").text


def test_the_search_finds_nothing_for_who_may_see_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    registered("Ana Cruz")
    browser = signed_in(app, tenant, permissions=["view_settings"])
    assert "Nothing found" in browser.get("/search?q=ana").text


def test_an_unknown_customer_is_not_found(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    for path in ("", "/change", "/suspend", "/terminate", "/subscribe", "/installations/add"):
        assert browser.get(f"/customers/987654{path}").status_code == 404
    assert browser.get("/customers/99999999999999999999999").status_code == 404


@pytest.mark.parametrize("address", [
    "/customers?cursor=nonsense", "/customers?cursor=WyJuIiwgMV0", "/customers?sort=password", "/customers?area=x",
    "/customers?status=none&q=%00", "/customers?area=99999999999999999999999",
])
def test_a_strange_address_is_answered_calmly(app: IspbillFlask, tenant: TenantRef, address: str) -> None:
    assert signed_in(app, tenant).get(address).status_code in (200, 422)


def _area() -> int:
    with unit_of_work():
        return people.area("Luzon", "Manila").id

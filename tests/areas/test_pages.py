"""The pages of areas."""
from __future__ import annotations

from ispbill.areas import queries
from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import people
from tests.make.browsers import signed_in
from tests.make.uploads import brought_in


def area_id(*names: str) -> int:
    with unit_of_work():
        return people.area(*names).id


def paths() -> list[str]:
    with unit_of_work():
        return [path for _, path in queries.choices()]


def test_areas_are_added_one_inside_the_other(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "No areas yet" in browser.get("/barangays").text
    browser.post("/barangays/add", {"name": "Luzon"})
    (luzon,) = [area for area, path in _choices() if path == "Luzon"]
    answer = browser.post(f"/barangays/add?parent={luzon}", {"name": "Manila"})
    assert answer.headers["Location"].endswith(f"/barangays?inside={luzon}")
    assert paths() == ["Luzon", "Luzon › Manila"]


def test_nothing_is_added_below_the_last_level(app: IspbillFlask, tenant: TenantRef) -> None:
    tondo = area_id("Luzon", "Manila", "Tondo")
    answer = signed_in(app, tenant).get(f"/barangays/add?parent={tondo}")
    assert answer.status_code == 422 and "nothing can lie below" in answer.text


def test_the_levels_are_called_what_the_company_calls_them(app: IspbillFlask, tenant: TenantRef) -> None:
    area_id("Luzon")
    browser = signed_in(app, tenant)
    assert "Region › City › Barangay" in browser.get("/barangays").text
    assert "Add city" in browser.get("/barangays?inside=1").text


def test_a_name_that_is_taken_is_told_on_the_form(app: IspbillFlask, tenant: TenantRef) -> None:
    area_id("Luzon")
    answer = signed_in(app, tenant).post("/barangays/add", {"name": "luzon"})
    assert answer.status_code == 422 and "already an area with this name" in answer.text


def test_an_area_is_renamed_and_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    luzon = area_id("Luzn")
    browser = signed_in(app, tenant)
    browser.post(f"/barangays/{luzon}/rename", {"name": "Luzon"})
    assert paths() == ["Luzon"]
    assert "Only an area in which no customer lives" in browser.get(f"/barangays/{luzon}/remove").text
    browser.post(f"/barangays/{luzon}/remove")
    assert paths() == []


def test_an_area_with_customers_is_not_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    luzon = area_id("Luzon")
    with unit_of_work():
        people.register_customer(area_id=luzon)
    answer = signed_in(app, tenant).post(f"/barangays/{luzon}/remove")
    assert answer.status_code == 422 and "still refers to this" in answer.text
    assert paths() == ["Luzon"]


def test_the_list_counts_residents_and_leads_to_them(app: IspbillFlask, tenant: TenantRef) -> None:
    luzon = area_id("Luzon")
    with unit_of_work():
        people.register_customer("Ana Cruz", area_id=luzon)
    browser = signed_in(app, tenant)
    assert f"/customers?area={luzon}" in browser.get("/barangays").text
    assert "Ana Cruz" in browser.get(f"/customers?area={luzon}").text


def test_an_export_is_what_the_import_reads(app: IspbillFlask, tenant: TenantRef) -> None:
    area_id("Luzon", "Manila", "Tondo")
    browser = signed_in(app, tenant)
    content = browser.get("/barangays/export").data
    assert content.decode("utf-8-sig").splitlines()[0] == "region,city,barangay"
    assert brought_in("areas", content).unchanged_count == 3 and len(paths()) == 3


def test_who_may_only_look_sees_no_buttons_and_gets_nowhere(app: IspbillFlask, tenant: TenantRef) -> None:
    luzon = area_id("Luzon")
    browser = signed_in(app, tenant, permissions=["view_barangay_list"])
    page = browser.get("/barangays").text
    assert "Luzon" in page and "/barangays/add" not in page and "Customers</th>" not in page
    assert browser.post(f"/barangays/{luzon}/rename", {"name": "X"}).status_code == 403


def _choices() -> list[tuple[int, str]]:
    with unit_of_work():
        return queries.choices()

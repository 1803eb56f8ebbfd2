"""The pages of routers."""
from __future__ import annotations

import csv
import io

from ispbill.core.current import TenantRef, current
from ispbill.core.unit_of_work import unit_of_work
from ispbill.network.routers import service as routers
from ispbill.web.requests import IspbillFlask
from tests.make import equipment, offers, people
from tests.make.bills import statements
from tests.make.browsers import Browser, colleague, signed_in

LABEL = {"brand": "Huawei", "model": "HG8145V5", "serial_number": "hw-77", "mac_address": "a42b.b001.0203"}
FILE = b"brand,model,serial_number\nHuawei,HG8145V5,S1\n"


def test_a_router_is_added_and_found_by_its_mac_address(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "No routers yet" in browser.get("/routers").text
    answer = browser.post("/routers/add", LABEL)
    page = browser.get(answer.headers["Location"]).text
    assert "HW-77" in page and "A4:2B:B0:01:02:03" in page and "In stock" in page
    assert "HW-77" in browser.get("/routers?q=A4-2B-B0").text
    assert browser.get("/search?q=A4-2B-B0-01-02-03").headers["Location"] == answer.headers["Location"]
    again = browser.post("/routers/add", LABEL)
    assert again.status_code == 422 and "already a router with this" in again.text


def test_a_mac_address_leads_to_the_customer_at_whose_line_it_stands(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Cruz")
        device = equipment.router("S-1", model="FACE", mac_address="a42b.b001.0203")
        equipment.assigned(device, line=offers.installation(ana))
        other = offers.installation(people.register_customer("Ben"))
        equipment.assigned(equipment.router("S-2", model="A42BB001"), line=other)
        ana_id = ana.id
    cashier = signed_in(app, tenant, permissions=["view_customer_list", "view_customer_detail"])
    assert cashier.get("/search?q=A4-2B-B0-01-02").location == f"/customers/{ana_id}"
    assert "Nothing found" in cashier.get("/search?q=face").text, "part of a model is no address"
    blind = Browser(app, tenant)
    blind.sign_in(colleague("ben@example.com", permissions=["view_dashboard"]).email)
    assert "Ana" not in blind.get("/search?q=A4-2B-B0-01-02").text


def test_the_file_of_installations_names_the_routers_at_each_line(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana, ben = (offers.installation(people.register_customer(name)) for name in ("Ana", "Ben"))
        for serial in ("HW-2", "HW-1"):
            equipment.assigned(equipment.router(serial), line=ana)
        device = equipment.router("HW-3")
        equipment.assigned(device, line=ben)
        routers.take_back(device, on=current.today(), condition="in_stock")
    rows = csv.DictReader(io.StringIO(signed_in(app, tenant).get("/installations/export").data.decode("utf-8-sig")))
    assert {row["customer"]: row["router"] for row in rows} == {"Ana": "HW-1; HW-2", "Ben": ""}
    planner = Browser(app, tenant)
    planner.sign_in(colleague("ben@example.com", permissions=["export_installation_data"]).email)
    assert "router" not in planner.get("/installations/export").text.lower()


def test_a_router_is_assigned_from_the_customers_page_and_taken_back(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Cruz")
        line, device = offers.installation(ana, address="7 Rizal Avenue"), equipment.router("HW-77")
        ana_id, line_id, device_id = ana.id, line.id, device.id
    browser = signed_in(app, tenant)
    assert f"/installations/{line_id}/router" in browser.get(f"/customers/{ana_id}").text
    assert f"/installations/{line_id}/router" in browser.get(f"/routers/{device_id}/assign?q=rizal").text
    refused = browser.post(f"/installations/{line_id}/router", {"router": "nothing", "on": "2026-03-10"})
    assert refused.status_code == 422 and "Add it first" in refused.text
    assert browser.post(f"/installations/{line_id}/router", {"router": "hw-77", "on": "2026-03-09"}).status_code == 302
    assert "HW-77" in browser.get(f"/customers/{ana_id}").text and "Ana Cruz" in browser.get("/routers").text
    back = {"on": "2026-03-10", "condition": "faulty", "reason": "No light"}
    assert browser.post(f"/routers/{device_id}/return", back).status_code == 302
    page = browser.get(f"/routers/{device_id}").text
    assert "Faulty" in page and "No light" in page and "7 Rizal Avenue" in page
    assert browser.post(f"/routers/{device_id}/mark", {"status": "in_stock"}).status_code == 302
    assert browser.post(f"/routers/{device_id}/remove").status_code == 422


def test_the_export_shows_the_filters_rows_and_reads_back(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        equipment.router("S1", notes="=1+1")
        equipment.router("S2", status="faulty")
    browser = signed_in(app, tenant)
    rows = list(csv.DictReader(io.StringIO(browser.get("/routers/export?status=in_stock").data.decode("utf-8-sig"))))
    assert [(row["serial_number"], row["notes"]) for row in rows] == [("S1", "'=1+1")]


def test_who_may_only_look_changes_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        device_id = equipment.router().id
    browser = signed_in(app, tenant, permissions=["view_router_list"])
    page = browser.get(f"/routers/{device_id}").text
    assert f"/routers/{device_id}/" not in page
    for path in ("change", "mark", "remove", "assign", "return"):
        assert browser.get(f"/routers/{device_id}/{path}").status_code == 403


def test_the_list_asks_the_database_as_often_for_many_rows_as_for_one(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    counts = []
    for _ in range(2):
        with unit_of_work():
            for _ in range(4):
                equipment.assigned()
        with statements() as sent:
            browser.get("/routers")
        counts.append(len(sent))
    assert counts[0] == counts[1]

"""The pages of the plant, and the addresses that port pickers ask."""
from __future__ import annotations

import csv
import io

import pytest

from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.plant.naps import queries
from ispbill.web.requests import IspbillFlask
from tests.make import bills, people, plants
from tests.make.browsers import Browser, signed_in
from tests.make.programs import program

LCP = {"code": "lcp-1", "name": "Plaza", "splitter_capacity": "8", "accuracy": "exact"}
NAP = {"code": "nap-1", "port_count": "8", "max_drop_metres": "100", "accuracy": "exact"}


def test_a_plant_is_built_from_the_cabinet_to_the_port(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "No LCPs yet" in browser.get("/lcp").text and "No NAPs yet" in browser.get("/lcp/naps").text
    assert "Nothing to show" in browser.get("/network/hierarchy").text
    lcp = _sent(browser, "/lcp/add", LCP)
    assert "No splitter yet" in browser.get(lcp).text
    assert _sent(browser, f"{lcp}/splitters/add", {"code": "sp-1", "output_count": "4"}) == lcp
    assert "0 of 4 outputs feed a NAP" in browser.get(lcp).text
    nap = _sent(browser, "/lcp/splitters/1/naps/add", {**NAP, "latitude": "14.5", "longitude": "121"})
    page = browser.get(nap).text
    assert "LCP-1 › SP-1 (1:4)" in page and page.count("Free<") == 8
    assert "LCP-1" in browser.get("/lcp?q=plaza&free=1").text and "NAP-1" in browser.get("/lcp/naps?lcp=1").text
    tree = browser.get("/network/hierarchy").text
    assert "NAP-1" in tree and "1 of 4 outputs" in tree and "8 of 8" in tree


@pytest.mark.parametrize(("path", "data", "words"), [
    ("/lcp/add", {**LCP, "code": ""}, "Give it a code."),
    ("/lcp/add", {**LCP, "code": "TWIN"}, "There is already an LCP with this code."),
    ("/lcp/add", {**LCP, "latitude": "north"}, "Write the coordinate in degrees"),
    ("/lcp/add", {**LCP, "splitter_capacity": "many"}, "Enter a whole number"),
    ("/lcp/1/splitters/add", {"code": "s", "output_count": "3"}, "Choose one of the list"),
    ("/lcp/splitters/1/naps/add", {**NAP, "port_count": "65"}, "Enter 1 to 64 ports."),
    ("/lcp/ports/1", {"condition": "faulty", "note": ""}, "Say for whom it is reserved, or what is wrong with it."),
])
def test_what_is_wrong_is_told(
    app: IspbillFlask, tenant: TenantRef, path: str, data: dict[str, str], words: str
) -> None:
    with unit_of_work():
        plants.nap(plants.splitter(plants.lcp(code="twin")))
    answer = signed_in(app, tenant).post(path, data)
    assert answer.status_code == 422 and words in answer.text


def test_parts_are_changed_and_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plants.splitter(plants.lcp(code="other"), code="spare")
        nap = plants.nap(plants.splitter(plants.lcp(code="first"), code="sp"))
        nap_id, splitter_id, lcp_id = nap.id, nap.splitter_id, nap.splitter_id
    browser = signed_in(app, tenant)
    _sent(browser, f"/lcp/{lcp_id}/change", {**LCP, "name": "Market"})
    assert "Market" in browser.get(f"/lcp/{lcp_id}").text
    _sent(browser, f"/lcp/splitters/{splitter_id}/change", {"code": "sp-2", "output_count": "16"})
    _sent(browser, f"/lcp/naps/{nap_id}/change", {**NAP, "port_count": "2", "splitter_id": "1"})
    assert "OTHER › SPARE" in browser.get(f"/lcp/naps/{nap_id}").text
    question = browser.get(f"/lcp/{lcp_id}/remove").text
    assert "Remove LCP-1?" in question
    assert browser.post(f"/lcp/{lcp_id}/remove").status_code == 422
    for path in (f"/lcp/splitters/{splitter_id}", f"/lcp/{lcp_id}", f"/lcp/naps/{nap_id}"):
        assert browser.post(f"{path}/remove").status_code == 302
    assert browser.get(f"/lcp/naps/{nap_id}").status_code == browser.get(f"/lcp/{lcp_id}").status_code == 404


def test_a_port_is_marked_on_its_naps_page(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        nap = plants.nap()
        port_id, nap_id = plants.port(nap, 3).id, nap.id
    browser = signed_in(app, tenant)
    assert "Port 3 of" in browser.get(f"/lcp/ports/{port_id}").text
    _sent(browser, f"/lcp/ports/{port_id}", {"condition": "faulty", "note": "Broken latch"})
    page = browser.get(f"/lcp/naps/{nap_id}").text
    assert "Broken latch" in page and "Faulty" in page
    with unit_of_work():
        assert queries.totals().free == 7


def test_the_nearest_free_ports_are_found_by_coordinates(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plants.nap(code="near", latitude="14.5004", longitude="121")
        plants.nap(code="far", latitude="14.505", longitude="121")
    browser = signed_in(app, tenant)
    page = browser.get("/network/nearest?latitude=14.5&longitude=121").text
    assert page.index("NEAR") < page.index("FAR") and "45 m" in page and "Too far" in page and "In reach" in page
    assert "Where is the house?" in browser.get("/network/nearest").text
    assert "No free port near" in browser.get("/network/nearest?latitude=1&longitude=1").text
    for strange in ("latitude=x&longitude=1", "latitude=1", "latitude=NaN&longitude=1", "latitude=%00&longitude=1e999"):
        assert browser.get(f"/network/nearest?{strange}").status_code == 422


def test_exports_hold_what_the_filters_show(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        area = people.area("Luzon", "Manila")
        plants.nap(plants.splitter(plants.lcp(code="=a", name="One", area_id=area.id), code="s"), code="n1")
        plants.nap(plants.splitter(plants.lcp(code="b", name="Two")), code="n2")
    browser = signed_in(app, tenant)
    (row,) = _rows(browser, "/lcp/export?q=one")
    assert (row["code"], row["area"], row["splitters"], row["free_ports"]) == ("'=A", "Luzon > Manila", "1", "8")
    (row,) = _rows(browser, "/lcp/naps/export?q=n1")
    assert (row["lcp"], row["splitter"], row["code"], row["free_ports"]) == ("'=A", "S", "N1", "8")


def test_the_tree_is_a_file_with_what_hangs_on_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        full = plants.lcp(code="a", name="One")
        plants.nap(plants.splitter(full, code="s"), code="n1")
        plants.splitter(full, code="t")
        plants.lcp(code="b", name="Two")
    rows = _rows(signed_in(app, tenant), "/network/hierarchy/export")
    assert [(row["lcp"], row["splitter"], row["nap"], row["ports"]) for row in rows] == [
        ("A", "S", "N1", "8"), ("A", "T", "", "0"), ("B", "", "", "0"),
    ]
    assert [row["lcp"] for row in _rows(signed_in(app, tenant), "/network/hierarchy/export?free=1")] == ["A", "A"]


def test_the_chain_is_given_step_by_step(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plants.nap(plants.splitter(plants.lcp(code="l", name="Plaza"), code="s", output_count=4), code="n")
    api = program(app, tenant)
    (lcp,) = api.get("/lcp/api/lcps/").json["items"]
    assert (lcp["code"], lcp["splitter_count"], lcp["free_count"]) == ("L", 1, 8)
    (splitter,) = api.get(f"/lcp/api/lcp/{lcp['id']}/splitters/").json["items"]
    assert (splitter["code"], splitter["output_count"], splitter["nap_count"]) == ("S", 4, 1)
    (nap,) = api.get(f"/lcp/api/splitter/{splitter['id']}/naps/").json["items"]
    assert (nap["code"], nap["free_count"], nap["max_drop_metres"]) == ("N", 8, 100)
    assert api.get(f"/lcp/api/nap/{nap['id']}/hierarchy/").json == {"lcp": lcp, "splitter": splitter, "nap": nap}
    assert api.get("lcps", q="plaza").json["items"] == [lcp] and api.get("naps").json["items"] == [nap]
    assert api.get(f"lcps/{lcp['id']}").json["splitters"] == [splitter]
    assert [port["number"] for port in api.get(f"naps/{nap['id']}").json["ports"]] == list(range(1, 9))
    for path in ("/lcp/api/lcp/99/splitters/", "/lcp/api/splitter/99/naps/", "/lcp/api/nap/99/hierarchy/"):
        assert api.get(path).status_code == 404


def test_who_may_only_look_is_offered_nothing_to_change(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        nap_id = plants.nap().id
    browser = signed_in(app, tenant, permissions=["view_lcp_list", "view_lcp_detail"])
    for path in ("/lcp", "/lcp/1", f"/lcp/naps/{nap_id}"):
        page = browser.get(path).text
        assert not any(f"/{word}" in page.split("<main")[1] for word in ("add", "change", "remove", "lcp/ports"))
    assert browser.get("/lcp/1/change").status_code == 403


def test_no_page_asks_more_of_the_database_for_more_rows(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    counts = []
    for number in range(2):
        with unit_of_work():
            lcp = plants.lcp()
            for splitter in [plants.splitter(lcp) for _ in range(1 + 5 * number)]:
                plants.nap(splitter, port_count=2 + 6 * number)
            paths = ("/lcp", "/lcp/naps", "/network/hierarchy", f"/lcp/{lcp.id}", "/network/nearest")
        for path in paths:
            browser.get(path)
        counts.append([_asked_for(browser, path) for path in paths])
    assert counts[0] == counts[1]


def _asked_for(browser: Browser, path: str) -> int:
    with bills.statements() as asked:
        assert browser.get(path).status_code == 200
    return len(asked)


def _sent(browser: Browser, path: str, data: dict[str, str]) -> str:
    answer = browser.post(path, data)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def _rows(browser: Browser, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.get(path).data.decode("utf-8-sig"))))

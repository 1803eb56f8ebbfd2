"""The pages on which a line gets its port, and the ports of a NAP as JSON."""
from __future__ import annotations

import html
from decimal import Decimal

from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions.connections import queries
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people, plants
from tests.make.browsers import signed_in
from tests.make.programs import program


def test_a_planned_line_is_led_to_its_port_step_by_step(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Cruz").id
        splitter = plants.splitter(plants.lcp(code="L"), code="S")
        nap, other = plants.nap(splitter, code="N"), plants.nap(plants.splitter(code="OTHER"), code="M")
        lcp_id, splitter_id, nap_id, other_id = splitter.lcp_id, splitter.id, nap.id, other.id
        port_id = plants.port(nap, 5).id
    browser = signed_in(app, tenant)
    planned = {"address": "12 Mabini Street", "scheduled_on": "2026-03-10", "technician_id": "", "notes": ""}
    line = browser.post(f"/customers/{ana}/installations/add", planned).headers["Location"]
    assert "On no port yet" in browser.get(line).text
    first = browser.get(f"{line}/port").text
    assert "L · Cabinet L" in first and "S · 1:8" not in first and "Give the customer coordinates" in first
    assert "S · 1:8 · 8 free" in browser.get(f"{line}/port?lcp={lcp_id}").text
    assert "N · 8 free" in browser.get(f"{line}/port?lcp={lcp_id}&splitter={splitter_id}").text
    chosen = f"{line}/port?lcp={lcp_id}&splitter={splitter_id}&nap={nap_id}"
    assert "Port 5" in browser.get(chosen).text
    assert "Port 5" not in browser.get(f"{line}/port?lcp={lcp_id}&splitter={splitter_id}&nap={other_id}").text
    assert browser.post(chosen, {"port_id": str(port_id)}).headers["Location"] == line
    page = html.unescape(browser.get(line).text)
    assert "N</a> · port 5" in page and "L › S (1:8)" in page
    assert browser.post(chosen, {"port_id": str(port_id)}).status_code == 422
    assert "N · 5" in browser.get("/installations").text and "N, port 5" in browser.get(f"/customers/{ana}").text
    assert "Ana Cruz" in browser.get(f"/lcp/naps/{nap_id}").text
    assert ",N,5" in browser.get("/installations/export").text


def test_the_nearest_ports_are_offered_and_a_far_one_asks_why(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer(latitude=Decimal("14.5"), longitude=Decimal("121"))
        line_id = offers.installation(ana).id
        far = plants.nap(code="far", latitude="14.503", longitude="121")
        plants.nap(code="near", latitude="14.5003", longitude="121")
        far_id, port_id = far.id, plants.port(far).id
    browser = signed_in(app, tenant)
    offered = browser.get(f"/installations/{line_id}/port").text
    assert offered.index("NEAR") < offered.index("FAR") and "34 m away" in offered
    chosen = f"/installations/{line_id}/port?nap={far_id}"
    assert "The house is too far" in browser.get(chosen).text
    refused = browser.post(chosen, {"port_id": str(port_id)})
    assert refused.status_code == 422 and "Say why it may be used" in refused.text
    assert browser.post(chosen, {"port_id": str(port_id), "override_reason": "Coil"}).status_code == 302
    assert "Coil" in browser.get(f"/installations/{line_id}").text


def test_a_port_is_freed_after_a_question(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation()
        plants.connect(line, plants.nap(code="N"), 2)
        line_id = line.id
    browser = signed_in(app, tenant)
    assert "Take the line off port 2 of N?" in browser.get(f"/installations/{line_id}/port/release").text
    assert browser.post(f"/installations/{line_id}/port/release").status_code == 302
    assert "Earlier ports" in browser.get(f"/installations/{line_id}").text
    assert browser.get(f"/installations/{line_id}/port/release").status_code == 404
    with unit_of_work():
        assert queries.present(line_id) is None


def test_the_ports_of_a_nap_say_who_is_on_them(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        nap = plants.nap(port_count=3)
        line = offers.installation(people.register_customer("Ana Cruz"))
        plants.connect(line, nap, 2)
        plants.mark(nap, 3, condition="faulty")
        nap_id, line_id, ana_id = nap.id, line.id, line.customer_id
    api = program(app, tenant, scopes=["view_installation_list"])
    free, used, faulty = api.get(f"/installations/api/nap/{nap_id}/ports/").json["items"]
    assert (free["number"], free["is_free"], free["used_by"]) == (1, True, None)
    assert (faulty["condition"], faulty["is_free"]) == ("faulty", False)
    assert (used["is_used"], used["is_free"]) == (True, False)
    assert used["used_by"] == {"installation_id": str(line_id), "customer_id": str(ana_id),
                               "account_number": "AC-000001", "customer_name": "Ana Cruz"}
    assert api.get("/installations/api/nap/99/ports/").status_code == 404


def test_an_unknown_line_is_not_found(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    for path in ("", "/port", "/port/release", "/photos/add"):
        assert browser.get(f"/installations/987{path}").status_code == 404

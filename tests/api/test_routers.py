"""Routers through the API."""
from __future__ import annotations

from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers
from tests.make.programs import Program

LABEL = {"brand": "Huawei", "model": "HG8145V5", "serial_number": "hw-77", "mac_address": "a42b.b001.0203"}


def test_a_router_is_added_changed_assigned_and_taken_back(api: Program) -> None:
    with unit_of_work():
        line_id = str(offers.installation().id)
    made = api.post("routers", **LABEL)
    assert made.status_code == 201 and made.json is not None
    here = f"routers/{made.json['id']}"
    assert made.json["mac_address"] == "A4:2B:B0:01:02:03" and made.json["assignments"] == []
    assert api.patch(here, notes="Blue").json["notes"] == "Blue"  # type: ignore[index]
    stay = api.post(f"{here}/assign", installation_id=line_id, on="2026-03-10").json
    assert stay is not None and (stay["installation_id"], stay["returned_on"]) == (line_id, None)
    assert api.post(f"{here}/assign", installation_id=line_id, on="2026-03-10").status_code == 409
    back = api.post(f"{here}/return", on="2026-03-10", condition="in_stock").json
    assert back is not None and (back["status"], back["assignments"][0]["returned_on"]) == ("in_stock", "2026-03-10")
    found = api.get("routers", q="A4-2B-B0").json
    assert found is not None and [item["serial_number"] for item in found["items"]] == ["HW-77"]


def test_a_line_that_does_not_exist_is_a_mistake_in_the_request(api: Program) -> None:
    made = api.post("routers", **LABEL).json
    assert made is not None
    answer = api.post(f"routers/{made['id']}/assign", installation_id="987654", on="2026-03-10")
    assert answer.status_code == 422

"""Customers through the API: registered, changed in part, moved through their statuses, found, put on the map."""
from __future__ import annotations

import pytest

from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers, people
from tests.make.programs import Program


def test_a_customer_is_registered_under_the_next_number(api: Program) -> None:
    answer = api.post("customers", name="  Juana  Dela Cruz ", email="juana@Example.COM", phone="0917 123 4567")
    assert answer.status_code == 201 and answer.json is not None
    made = answer.json
    assert (made["name"], made["email"], made["phone"]) == ("Juana Dela Cruz", "juana@example.com", "+639171234567")
    assert (made["status"], made["status_since"]) == ("lead", "2026-03-10")
    assert isinstance(made["id"], str)
    assert api.get(f"customers/{made['id']}").json == made


def test_what_is_not_sent_stays_as_it_is(api: Program) -> None:
    with unit_of_work():
        area = people.area("Luzon", "Cavite", "Imus")
    known = {"name": "Ana", "notes": "Dog bites", "area_id": str(area.id), "latitude": "14.4", "longitude": "120.9"}
    made = api.post("customers", **known)
    assert made.json is not None
    changed = api.patch(f"customers/{made.json['id']}", street="1 Mabini Street", latitude=None, longitude=None)
    assert changed.json == {**made.json, "street": "1 Mabini Street", "latitude": None, "longitude": None}
    assert changed.json["area"] == "Luzon › Cavite › Imus"


def test_the_statuses_follow_each_other_by_the_same_rules_as_on_the_pages(api: Program) -> None:
    made = api.post("customers", name="Ana").json
    assert made is not None
    here = f"customers/{made['id']}"
    steps = [
        ("activate", 200, "active"), ("suspend", 200, "suspended"), ("suspend", 409, None),
        ("restore", 200, "active"), ("terminate", 200, "terminated"), ("activate", 409, None),
        ("reinstate", 200, "active"),
    ]
    for action, status, after in steps:
        answer = api.post(f"{here}/{action}", reason="As agreed")
        assert (action, answer.status_code) == (action, status)
        assert after is None or answer.json["status"] == after  # type: ignore[index]


def test_a_reason_is_required_where_somebody_will_ask_for_it(api: Program) -> None:
    with unit_of_work():
        customer = people.register_customer()
    for body in ({}, {"reason": "   "}):
        answer = api.post(f"customers/{customer.id}/suspend", **body)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["field"] == "reason"  # type: ignore[index]


def test_customers_are_found_by_what_a_caller_says(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        for name in ("Ana Santos", "Ben Cruz", "Carla Santos"):
            people.register_customer(name)
    found = api.get("customers", q="santos", sort="-name").json
    assert [item["name"] for item in found["items"]] == ["Carla Santos", "Ana Santos"]  # type: ignore[index]
    assert api.get("customers", status="lead").json["items"] == []  # type: ignore[index]


def test_pages_follow_each_other_without_gaps_or_repeats(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        names = [people.register_customer(f"Customer {number:02}").name for number in range(7)]
    seen: list[str] = []
    cursor, rounds = "", 0
    while cursor is not None:
        page = api.get("customers", sort="name", limit="3", cursor=cursor).json
        assert page is not None
        seen += [item["name"] for item in page["items"]]
        cursor, rounds = page["next_cursor"], rounds + 1
    assert (seen, rounds) == (names, 3)


@pytest.mark.parametrize("query", [
    {"limit": "0"}, {"limit": "201"}, {"limit": "ten"}, {"cursor": "nonsense"}, {"sort": "password_hash"},
    {"status": "dead"}, {"area_id": "x"}, {"filter": "all"}, {"q": "a\x00b"},
])
def test_a_query_that_makes_no_sense_is_refused(api: Program, query: dict[str, str]) -> None:
    answer = api.get("customers", **query)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")


@pytest.mark.parametrize("body", [
    {"nickname": "Ani"}, {"id": "7"}, {"account_number": "X"}, {"kind": "dog"}, {"email": "no address"},
    {"latitude": 14.5, "longitude": 120.9}, {"latitude": "14.5"}, {"latitude": "95", "longitude": "120"},
    {"area_id": 5}, {"name": ""}, {"name": None}, {"name": "x" * 201}, {"name": "nul\x00"}, {"name": "\ud800"},
])
def test_a_body_with_anything_unknown_or_wrong_changes_nothing(api: Program, body: dict[str, object]) -> None:
    answer = api.post("customers", **{"name": "Ana", **body})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert set(answer.json["errors"][0]) <= {"field", "message"}  # type: ignore[index]
    assert api.get("customers").json["items"] == []  # type: ignore[index]


def test_an_area_that_does_not_exist_is_a_mistake_in_the_request(api: Program) -> None:
    assert api.post("customers", name="Ana", area_id="99").status_code == 422


def test_who_has_a_subscription_cannot_be_terminated(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        customer = people.register_customer()
        offers.subscribe(customer)
    answer = api.post(f"customers/{customer.id}/terminate", reason="Moves away")
    assert answer.status_code == 409 and "still has a subscription" in answer.json["detail"]  # type: ignore[index]


def test_the_map_shows_who_has_coordinates(api: Program) -> None:
    api.post("customers", name="Nowhere")
    made = api.post("customers", name="Ana", latitude="14.599512", longitude="120.984222").json
    assert made is not None
    answer = api.get("/customers/api/coordinates/")
    assert answer.json == {"type": "FeatureCollection", "features": [{
        "type": "Feature", "id": made["id"],
        "geometry": {"type": "Point", "coordinates": [120.984222, 14.599512]},
        "properties": {"account_number": made["account_number"], "name": "Ana", "status": "lead"},
    }]}

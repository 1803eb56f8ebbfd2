"""Prepaid as JSON: the figures of the given addresses exactly, loading once for each key, refusals with reasons."""
from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from ispbill.catalogue import queries as plans
from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from tests.make import loads, offers, people
from tests.make.programs import Program, program

PREVIEW = "/customer-subscriptions/api/calculate-preview/"
LATEST = "/customer-subscriptions/api/latest-subscription/"


@pytest.fixture
def api(app: Flask, tenant: TenantRef) -> Program:
    """A program with every right."""
    return program(app, tenant)


@pytest.fixture
def plan_id(tenant: TenantRef) -> int:
    """A plan of 1,000."""
    with unit_of_work():
        return offers.plan(100_000, name="Fibre 50").id


@pytest.mark.parametrize(("kind", "amount", "days", "hours", "display", "price"), [
    ("one_month", None, 30, 0, "30 days", 1000), ("fifteen_days", None, 15, 0, "15 days", 500),
    ("custom", 200, 6, 0, "6 days", 200), ("custom", 100, 3, 0, "3 days", 100),
    ("custom", 150, 4, 12, "4 days 12 hours", 150), ("custom", "150.00", 4, 12, "4 days 12 hours", 150),
    ("custom", 150.5, 4, 12, "4 days 12 hours 21 minutes", 150.5),
])
def test_the_preview_gives_the_figures_it_was_given(
    api: Program, plan_id: int, kind: str, amount: Any, days: int, hours: int, display: str, price: float
) -> None:
    answer = api.post(PREVIEW, plan_id=plan_id, amount=amount, subscription_type=kind)
    found = answer.json
    assert answer.status_code == 200 and found is not None
    assert (found["days"], found["hours"], found["display"], found["amount"]) == (days, hours, display, price)
    assert found["total_days"] == pytest.approx(days + hours / 24, abs=0.02)
    assert found["amount_minor"] == price * 100 and found["currency"] == "PHP"


def test_a_price_of_zero_and_less_than_a_day_answer_422_with_the_reason(api: Program, plan_id: int) -> None:
    short = api.post(PREVIEW, plan_id=str(plan_id), amount=33, subscription_type="custom")
    assert short.status_code == 422 and "below the price of one day" in short.text
    with unit_of_work():
        free_id = offers.plan(0).id
    free = api.post(PREVIEW, plan_id=free_id, amount=100, subscription_type="custom")
    assert free.status_code == 422 and "price of zero" in free.text
    for amount in (True, "abc", None, 0, -5, [], 1e308, 100.001):
        answer = api.post(PREVIEW, plan_id=plan_id, amount=amount, subscription_type="custom")
        assert answer.status_code == 422, amount
    assert api.post(PREVIEW, plan_id=plan_id, amount=1, subscription_type="week").status_code == 422
    assert api.post(PREVIEW, plan_id=999, amount=1, subscription_type="custom").status_code == 404


def test_the_price_in_force(api: Program, plan_id: int) -> None:
    answer = api.get("/customer-subscriptions/api/plan-price/", plan_id=plan_id)
    assert answer.json == {"plan_id": str(plan_id), "plan": "Fibre 50", "price": 1000, "price_minor": 100_000,
                           "currency": "PHP"}
    assert api.get("/customer-subscriptions/api/plan-price/", plan_id=999).status_code == 404


def test_the_latest_subscription_of_a_line_and_where_a_renewal_would_start(api: Program, plan_id: int) -> None:
    with unit_of_work():
        customer = people.register_customer()
        line = offers.installation(customer)
    bare = api.get(LATEST, installation_id=line.id).json
    assert bare is not None and bare["type"] is None and bare["renewal_start"].endswith("+08:00")
    with unit_of_work():
        loads.load(customer.id, plan=plans.get(plan_id), installation_id=line.id)
    found = api.get(LATEST, installation_id=line.id).json
    assert found is not None
    assert (found["type"], found["plan"], found["status"]) == ("prepaid", "Fibre 50", "active")
    assert (found["start"], found["end"]) == ("2026-03-10T12:00:00+08:00", "2026-04-09T12:00:00+08:00")
    assert found["renewal_start"] == found["end"]
    assert api.get(LATEST, installation_id=999).status_code == 404
    assert api.get(LATEST).status_code == 422


def test_the_latest_subscription_may_be_a_postpaid_one(api: Program, plan_id: int) -> None:
    with unit_of_work():
        customer = people.register_customer()
        line = offers.installation(customer)
        offers.subscribe(customer, plans=[(plans.get(plan_id), 1, None)], installation=line)
    found = api.get(LATEST, installation_id=line.id).json
    assert found is not None
    assert (found["type"], found["plan"], found["end"]) == ("postpaid", "Fibre 50", None)
    assert found["start"] == "2026-03-10T00:00:00+08:00"


def test_loading_and_renewing_by_program(api: Program, plan_id: int) -> None:
    with unit_of_work():
        customer_id = str(people.register_customer("Maria Santos").id)
    body = {"customer_id": customer_id, "plan_id": str(plan_id), "kind": "one_month"}
    short = api.post("prepaid-subscriptions", **body)
    assert short.status_code == 409 and short.json["errors"][0]["field"] == "received"  # type: ignore[index]
    made = api.post("prepaid-subscriptions", key="one", payment={"method": "cash"}, **body)
    assert made.status_code == 201 and made.json is not None
    assert made.json["expires_at"] == "2026-04-09T04:00:00+00:00"
    assert api.post("prepaid-subscriptions", key="one", payment={"method": "cash"}, **body).json == made.json
    renewed = api.post(f"prepaid-subscriptions/{made.json['id']}/renew", plan_id=str(plan_id), kind="custom",
                       amount_minor=20_000, payment={"method": "cash", "amount_minor": 25_000}).json
    assert renewed is not None and renewed["expires_at"] == "2026-04-15T04:00:00+00:00"
    assert [load["total_minor"] for load in renewed["history"]] == [100_000, 20_000]
    (listed,) = api.get("prepaid-subscriptions", expires_by="2026-05-01T00:00:00Z", q="maria").json["items"]  # type: ignore[index]
    assert listed["plan_name"] == "Fibre 50" and listed["customer_name"] == "Maria Santos"
    assert api.get("prepaid-subscriptions", expires_by="2026-04-01T00:00:00Z").json["items"] == []  # type: ignore[index]


def test_a_load_is_cancelled_and_the_wallet_says_so(api: Program, plan_id: int) -> None:
    with unit_of_work():
        customer_id = people.register_customer("Maria Santos").id
    made = api.post("prepaid-subscriptions", customer_id=str(customer_id), plan_id=str(plan_id), kind="one_month",
                    payment={"method": "cash"}).json
    assert made is not None
    (load,) = made["history"]
    assert (load["deferred_minor"], load["credit_note_id"]) == (100_000, None)
    gone = api.post(f"prepaid-subscriptions/loads/{load['id']}/cancel", reason="wrong line").json
    assert gone is not None and gone["status"] == "expired" and gone["history"][0]["credited_minor"] == 100_000
    wallet = api.get(f"customers/{customer_id}/wallet").json
    assert wallet == {"customer_id": str(customer_id), "currency": "PHP", "balance_minor": 100_000}
    moved = {one["kind"]: one for one in api.get(f"customers/{customer_id}/wallet/movements").json["items"]}  # type: ignore[index]
    assert moved.keys() == {"paid_in", "spent", "credited"} and moved["spent"]["amount_minor"] == -100_000
    assert moved["credited"]["note_id"] == gone["history"][0]["credit_note_id"]
    assert api.get("customers/999/wallet").status_code == api.get("customers/999/wallet/movements").status_code == 404
    again = api.post(f"prepaid-subscriptions/{made['id']}/cancel", reason="moves").json
    assert again is not None and again["status"] == "cancelled"


def test_a_line_is_converted_both_ways(api: Program, plan_id: int) -> None:
    with unit_of_work():
        customer = people.register_customer("Maria Santos")
        line = offers.installation(customer)
        prepaid_id = loads.load(customer.id, plan=plans.get(plan_id), installation_id=line.id).subscription_id
    postpaid = api.post(f"prepaid-subscriptions/{prepaid_id}/to-postpaid").json
    assert postpaid is not None and postpaid["start_on"] == "2026-04-10"
    at_once = api.post(f"prepaid-subscriptions/{prepaid_id}/to-postpaid", at_once=True)
    assert at_once.status_code == 409
    with unit_of_work():
        other = offers.subscribe(people.register_customer(), plans=[(plans.get(plan_id), 1, None)]).id
    body = {"plan_id": str(plan_id), "kind": "one_month", "payment": {"method": "cash"}}
    made = api.post(f"subscriptions/{other}/to-prepaid", key="once", **body)
    assert made.status_code == 201 and made.json is not None and len(made.json["history"]) == 1
    assert api.post(f"subscriptions/{other}/to-prepaid", key="once", **body).json == made.json


def test_a_program_foresees_what_a_load_costs_the_customer_and_is_asked_that(api: Program, plan_id: int) -> None:
    with unit_of_work():
        maria, other = people.register_customer("Maria Santos"), people.register_customer("Ana Reyes")
        place = offers.installation(maria)
        offers.grant(offers.discount("Loyalty", percent="10"), maria)
        body: dict[str, Any] = {"customer_id": str(maria.id), "installation_id": str(place.id), "plan_id": str(plan_id)}
        other_id = str(other.id)
    asked = api.post("prepaid-subscriptions/foresee", kind="custom", amount_minor=20_000, **body).json
    assert asked is not None and asked["display"] == "6 days"
    amounts = ("price_minor", "discount_minor", "total_minor", "wallet_minor", "missing_minor")
    assert [asked[name] for name in amounts] == [20_000, 2_000, 18_000, 0, 18_000]
    made = api.post("prepaid-subscriptions", kind="custom", amount_minor=20_000, payment={"method": "cash"},
                    **body).json
    assert made is not None and made["history"][0]["total_minor"] == 18_000
    again = api.post(f"prepaid-subscriptions/{made['id']}/renew/foresee", kind="one_month", plan_id=str(plan_id)).json
    assert again is not None and (again["starts_at"], again["total_minor"]) == (made["expires_at"], 90_000)
    refused = api.post("prepaid-subscriptions/foresee", kind="one_month", **{**body, "customer_id": other_id})
    assert refused.status_code == 422 and "line of this customer" in refused.text
    unknown = api.post("prepaid-subscriptions/foresee", kind="one_month", **{**body, "customer_id": "999"})
    assert unknown.status_code == 422

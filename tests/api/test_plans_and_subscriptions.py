"""Plans, their prices and subscriptions through the API."""
from __future__ import annotations

from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, current
from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers, people
from tests.make.programs import Program


def test_a_plan_is_put_on_sale_and_its_price_changes_by_a_new_version(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        tax = offers.tax("12")
    answer = api.post("plans", code="fiber-50", name="Fiber 50", download_mbps=50, tax_rate_id=str(tax.id),
                      amount_minor=149_900, currency="PHP")
    assert answer.status_code == 201 and answer.json is not None
    plan = answer.json
    assert (plan["code"], plan["tax_rate"]["rate_percent"]) == ("FIBER-50", "12.0000")
    dearer = api.post(f"plans/{plan['id']}/prices", amount_minor=159_900, valid_from="2026-04-01").json
    assert dearer is not None
    assert [(price["valid_from"], price["amount_minor"]) for price in dearer["prices"]] == [
        ("2026-03-10", 149_900), ("2026-04-01", 159_900)
    ]
    (listed,) = api.get("plans", q="fiber", kind="internet", status="active").json["items"]  # type: ignore[index]
    assert (listed["amount_minor"], listed["currency"]) == (149_900, "PHP")
    assert api.get("taxes").json[0]["id"] == str(tax.id)  # type: ignore[index]


def test_two_prices_from_the_same_day_are_a_conflict(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan()
    answers = [api.post(f"plans/{plan.id}/prices", amount_minor=5, valid_from="2026-05-01") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]


def test_a_code_that_is_taken_is_a_conflict_on_its_field(api: Program) -> None:
    answers = [api.post("plans", code="A", name="A", amount_minor=1) for _ in range(2)]
    assert answers[1].status_code == 409
    assert answers[1].json["errors"][0]["field"] == "code"  # type: ignore[index]


def test_a_subscription_begins_stops_goes_on_and_ends(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan(100_000)
    answer = api.post("subscriptions", customer_id=str(customer.id), start_on="2026-03-10",
                      plans=[{"plan_id": str(plan.id), "quantity": 2, "unit_price_minor": 90_000}])
    assert answer.status_code == 201 and answer.json is not None
    begun = answer.json
    (part,) = begun["components"]
    assert (part["plan_code"], part["quantity"], part["unit_price_minor"]) == (plan.code, 2, 90_000)
    assert (part["start_on"], part["end_on"], part["billed_until"]) == ("2026-03-10", None, "2026-03-10")
    here = f"subscriptions/{begun['id']}"
    jobs.bill_now(current.today())
    steps = [("suspend", "suspended"), ("resume", "active"), ("end", "active")]
    for action, status in steps:
        changed = api.post(f"{here}/{action}", reason="As agreed").json
        assert (action, changed["status"]) == (action, status)  # type: ignore[index]
    assert api.get(here).json["end_on"] == "2026-04-10"  # type: ignore[index]
    (listed,) = api.get("subscriptions", customer_id=str(customer.id), plan_id=str(plan.id)).json["items"]  # type: ignore[index]
    assert (listed["monthly_minor"], listed["plan_names"]) == (180_000, plan.name)


def test_a_pause_is_booked_and_cancelled(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        here = f"subscriptions/{offers.subscribe().id}"
    booked = api.post(f"{here}/suspend", on="2026-04-01", until="2026-04-15", reason="Holiday", billing="credit").json
    assert booked["status"] == "active"  # type: ignore[index]
    (pause,) = booked["pauses"]  # type: ignore[index]
    assert (pause["start_on"], pause["end_on"], pause["billing"]) == ("2026-04-01", "2026-04-15", "credit")
    again = api.post(f"{here}/suspend", on="2026-04-14", until="2026-04-20", reason="Holiday")
    assert again.status_code == 409 and "from 1 Apr 2026 to 14 Apr 2026 already" in again.text
    assert api.post(f"subscriptions/pauses/{pause['id']}/cancel").json["pauses"] == []  # type: ignore[index]


def test_a_running_subscription_is_changed(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        customer, plan, dearer, extra = people.register_customer(), offers.plan(310_000), offers.plan(620_000), \
            offers.plan(31_000, kind="addon")
        subscription_id = offers.subscribe(customer, plans=[(plan, 1, None)]).id
    jobs.bill_now(current.today())
    here = f"subscriptions/{subscription_id}"
    (part,) = api.get(here).json["components"]  # type: ignore[index]
    changed = api.post(f"{here}/components/{part['id']}/change", key="once", plan_id=str(dearer.id), on="2026-03-20")
    assert changed.status_code == 200 and changed.json is not None
    assert [(one["plan_code"], one["end_on"]) for one in changed.json["components"]] == [
        (plan.code, "2026-03-20"), (dearer.code, None)]
    again = api.post(f"{here}/components/{part['id']}/change", key="once", plan_id=str(dearer.id), on="2026-03-20")
    assert again.json == changed.json
    assert api.post(f"{here}/components/{part['id']}/change", quantity=2).status_code == 409, "that was replaced"
    more = api.post(f"{here}/components", plan_id=str(extra.id), quantity=2, unit_price_minor=30_000).json
    assert more is not None and more["components"][-1]["unit_price_minor"] == 30_000
    last_id = more["components"][-1]["id"]
    less = api.post(f"{here}/components/{last_id}/remove", on="2026-03-25").json
    assert less is not None and less["components"][-1]["end_on"] == "2026-03-25"
    moved = api.post(f"{here}/billing-day", anchor_day=1).json
    assert moved is not None and moved["anchor_day"] == 1
    api.post(f"{here}/end", on="2026-05-01", reason="Moves")
    assert api.post(f"{here}/keep").json["end_on"] is None  # type: ignore[index]
    assert api.post(f"{here}/keep").status_code == 409
    assert api.post(f"{here}/components/999/remove").status_code == 404
    assert api.post(f"{here}/components", plan_id="999").json["errors"][0]["field"] == "plan_id"  # type: ignore[index]


def test_the_price_in_force_is_agreed_where_no_other_is_sent(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan(123_400)
    begun = api.post("subscriptions", customer_id=str(customer.id), start_on="2026-03-15", anchor_day=1,
                     plans=[{"plan_id": str(plan.id)}]).json
    assert begun is not None
    assert (begun["components"][0]["unit_price_minor"], begun["anchor_day"]) == (123_400, 1)


def test_a_reference_of_another_system_names_one_subscription(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan()
    whole = {"customer_id": str(customer.id), "start_on": "2026-03-10", "plans": [{"plan_id": str(plan.id)}],
             "external_reference": "CRM-7"}
    answers = [api.post("subscriptions", **whole) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json["errors"][0]["field"] == "external_reference"  # type: ignore[index]


def test_an_id_in_a_body_that_names_nothing_is_a_mistake_on_its_field(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan()
    whole = {"customer_id": str(customer.id), "start_on": "2026-03-10", "plans": [{"plan_id": str(plan.id)}]}
    for wrong, field in (
        ({"customer_id": "99"}, "customer_id"), ({"installation_id": "99"}, "installation_id"),
        ({"plans": [{"plan_id": str(plan.id)}, {"plan_id": "99"}]}, "plans.1.plan_id"),
        ({"plans": [{"plan_id": str(plan.id), "quantity": True}]}, "plans.0.quantity"), ({"plans": []}, "plans"),
    ):
        answer = api.post("subscriptions", **{**whole, **wrong})
        assert answer.status_code == 422
        assert answer.json["errors"][0]["field"] == field  # type: ignore[index]


def test_a_tax_is_added_and_changes_from_a_day_on(api: Program, tenant: TenantRef) -> None:
    tax = api.post("taxes", name="GST", rate_percent="18", mode="exclusive").get_json()
    parts = [{"name": "CGST", "rate_percent": "9"}, {"name": "SGST", "rate_percent": "9"}]
    answer = api.post(f"taxes/{tax['id']}/versions", valid_from="2199-01-01", components=parts)
    versions = answer.get_json()["versions"]
    assert answer.status_code == 201 and len(versions) == 2 and versions[1]["components"][1]["rate_percent"] == "9.0000"
    assert api.get(f"taxes/{tax['id']}").get_json()["rate_percent"] == "18.0000"

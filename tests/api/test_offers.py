"""Contracts, bundles and discounts through the API: offered, sold or granted, ended."""
from __future__ import annotations

from decimal import Decimal

from ispbill.billing.runs import jobs
from ispbill.catalogue.contracts import service as contracts
from ispbill.catalogue.contracts.policy import ContractFacts
from ispbill.core.current import TenantRef, current
from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers, people
from tests.make.programs import Program


def test_a_plan_is_sold_with_a_contract_and_without(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100_000)
    path = f"plans/{plan.id}/contract"
    assert api.get(path).status_code == 404
    bound = api.post(path, months=24, fixed_minor=240_000, is_declining=True, remaining_percent="10.5").json
    assert bound == api.get(path).json and bound is not None
    assert (bound["months"], bound["fixed_minor"]) == (24, 240_000)
    assert Decimal(bound["remaining_percent"]) == Decimal("10.5")
    assert api.post(path, months=0).status_code == 422 and api.post(path, months=True).status_code == 422
    assert api.post(f"{path}/release").status_code == 200 and api.post(f"{path}/release").status_code == 409


def test_leaving_early_is_quoted_without_being_charged(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100_000)
        contracts.bind(plan, facts=ContractFacts(months=12, fixed_minor=120_000, is_declining=True))
        line = offers.subscribe(plans=[(plan, 1, None)])
        free = offers.subscribe()
    agreed = api.get(f"subscriptions/{line.id}/contract").json
    assert agreed is not None and (agreed["months"], agreed["end_on"]) == (12, "2027-03-10")
    quoted = api.get(f"subscriptions/{line.id}/contract/quote", on="2026-09-10").json
    assert quoted is not None and quoted["fee_minor"] == 60_000 and quoted["promised_until"] == "2027-03-10"
    assert api.get(f"subscriptions/{line.id}/contract/quote", on="2027-03-10").json["fee_minor"] == 0  # type: ignore[index]
    assert api.get(f"subscriptions/{free.id}/contract/quote").status_code == 404
    assert api.get("charges").json["items"] == []  # type: ignore[index]


def test_a_bundle_is_put_on_sale_sold_and_retired(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        fibre, phone, customer = offers.plan(150_000), offers.plan(30_000), people.register_customer("Ana")
    parts = [{"plan_id": str(fibre.id), "unit_price_minor": 140_000}, {"plan_id": str(phone.id)}]
    bundle = api.post("bundles", name="Fibre and phone", parts=parts).json
    assert bundle is not None and [part["unit_price_minor"] for part in bundle["parts"]] == [140_000, None]
    assert api.post("bundles", name="One", parts=parts[:1]).status_code == 422
    sold = api.post(f"bundles/{bundle['id']}/sell", customer_id=str(customer.id), start_on="2026-03-10").json
    assert sold is not None and [part["unit_price_minor"] for part in sold["components"]] == [140_000, 30_000]
    assert api.post(f"bundles/{bundle['id']}/retire").json["status"] == "retired"  # type: ignore[index]
    refused = api.post(f"bundles/{bundle['id']}/sell", customer_id=str(customer.id), start_on="2026-03-10")
    assert refused.status_code == 409
    assert api.get("bundles", status="active").json["items"] == []  # type: ignore[index]
    assert api.post(f"bundles/{bundle['id']}/activate").json["status"] == "active"  # type: ignore[index]


def test_a_discount_is_granted_once_for_each_key_and_lessens_the_bill(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        customer = people.register_customer("Ana")
        offers.subscribe(customer, plans=[(offers.plan(100_000), 1, None)])
    discount = api.post("discounts", name="Loyal", kind="percent", rate_percent="10").json
    assert discount is not None and api.post("discounts", name="Loyal", kind="percent").status_code in (409, 422)
    wanted = {"discount_id": discount["id"], "customer_id": str(customer.id), "reason": "Ten years"}
    assert api.send("POST", "discounts/grants", json=wanted).status_code == 400
    given = [api.post("discounts/grants", key="grant-1", **wanted).json for _ in range(2)]
    assert given[0] == given[1] and given[0] is not None and given[0]["starts_on"] == "2026-03-10"
    jobs.bill_now(current.today())
    (invoice,) = api.get("invoices", customer_id=str(customer.id)).json["items"]  # type: ignore[index]
    assert invoice["total_minor"] == 90_000
    ended = api.post(f"discounts/grants/{given[0]['id']}/end").json
    assert ended is not None and ended["ends_on"] == "2026-03-10"
    assert api.get("discounts/grants", state="active").json["items"] == []  # type: ignore[index]
    assert api.post(f"discounts/{discount['id']}/retire").json["status"] == "retired"  # type: ignore[index]
    assert api.post("discounts/grants", key="grant-2", **wanted).status_code == 422


def test_a_discount_names_plans_that_exist_and_customers_of_ours(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100_000)
    wrong = api.post("discounts", name="Odd", kind="percent", rate_percent="5", plan_ids=["999"])
    assert wrong.status_code == 422 and wrong.json["errors"][0]["field"] == "plan_ids.0"  # type: ignore[index]
    made = api.post("discounts", name="Even", kind="percent", rate_percent="5", plan_ids=[str(plan.id)]).json
    assert made is not None and made["plan_ids"] == [str(plan.id)] and made == api.get(f"discounts/{made['id']}").json
    nobody = api.post("discounts/grants", key="k", discount_id=made["id"], customer_id="999")
    assert nobody.status_code == 422


def test_what_usage_costs_is_listed_and_begins_anew_on_a_day(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        path = f"plans/{offers.plan(100_000).id}/usage-prices"
    assert api.get(path).json == {"items": []}
    tiers = [{"up_to": "100", "block_price": "40"}, {"block_price": "12.5", "flat_minor": 500}]
    made = api.post(path, valid_from="2026-04-01", unit="GB", included="10", tiers=tiers).json
    assert made == api.get(path).json and made is not None
    (listed,) = made["items"]
    assert (listed["unit"], Decimal(listed["included"]), listed["minimum_minor"]) == ("GB", 10, 0)
    assert [(tier["up_to"] and Decimal(tier["up_to"]), Decimal(tier["block_price"]), tier["flat_minor"])
            for tier in listed["tiers"]] == [(100, 40, 0), (None, Decimal("12.5"), 500)]
    assert api.post(path, valid_from="2026-04-01", unit="GB", tiers=tiers).status_code == 409
    assert api.post(path, valid_from="2026-05-01", unit="GB", tiers=tiers[:1]).status_code == 422
    assert api.post("plans/999/usage-prices", valid_from="2026-05-01", unit="GB", tiers=tiers).status_code == 404

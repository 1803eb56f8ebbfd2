"""The guide's story, sent as it is written there."""
from __future__ import annotations

import json
import re
from pathlib import Path

from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, current
from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers
from tests.make.programs import Program

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_the_subscriber_of_the_guide_comes_to_be_billed_and_pays(api: Program, tenant: TenantRef) -> None:
    bodies = {address: json.loads(body) for address, body in re.findall(
        r"curl -X POST \$BASE/api/v1/(\w+) .*?-d '(\{.*?\})'", GUIDE.read_text(encoding="utf-8"), re.DOTALL
    )}
    with unit_of_work():
        plan = offers.plan(149_900)
    customer = api.post("customers", **bodies["customers"]).json
    assert customer is not None and customer["status"] == "lead"
    ids = {"customer_id": customer["id"], "plans": [{"plan_id": str(plan.id)}]}
    begun = api.post("subscriptions", **{**bodies["subscriptions"], **ids})
    assert begun.status_code == 201
    jobs.bill_now(current.today())
    (invoice,) = api.get("invoices", customer_id=customer["id"], state="open").json["items"]  # type: ignore[index]
    assert (invoice["total_minor"], invoice["due_on"]) == (149_900, "2026-03-25")
    paid = api.post("payments", **{**bodies["payments"], "customer_id": customer["id"]})
    assert paid.status_code == 201
    assert api.get("invoices", state="open").json["items"] == []  # type: ignore[index]

"""Billing runs through the API: looked at, opened, approved, watched; each verb with the right of its page."""
from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from ispbill.billing.runs.preview import service as previews
from ispbill.core.current import TenantRef
from tests.make import bills
from tests.make.programs import Program, program

DAY = "2026-03-10"


@pytest.fixture
def two_due(tenant: TenantRef) -> None:
    """Somebody who can be billed, and somebody who cannot."""
    bills.subscriber("Ana Reyes", price_minor=149_900)
    bills.unbillable("Broken Record")


def read(api: Program, path: str, **query: Any) -> dict[str, Any]:
    answer = api.get(path, **query)
    assert answer.status_code == 200 and answer.json is not None, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_a_run_is_looked_at_opened_billed_and_listed(api: Program, two_due: None) -> None:
    seen = read(api, "billing-runs/preview", day=DAY)
    assert (seen["invoice_count"], seen["total_minor"], seen["currency"]) == (1, 149_900, "PHP")
    assert seen["differences"] == [{"cause": "new", "amount_minor": 149_900}]
    assert "periods behind" in seen["parked"][0]["reason"]
    (bill,) = read(api, "billing-runs/preview/customers", day=DAY)["items"]
    assert bill["total_minor"] == 149_900
    assert read(api, "billing-runs")["items"] == [], "looking writes nothing"
    with bills.jobs_done():
        opened = api.post("billing-runs", billing_on=DAY, approve=True)
    assert opened.status_code == 201 and opened.json is not None
    run = read(api, f"billing-runs/{opened.json['id']}")
    assert (run["status"], run["invoice_count"], run["total_minor"], run["pending_chunk_count"]) == (
        "completed", 1, 149_900, 0)
    assert {"fate": "billed", "count": 1} in run["coverage"] and run["unexplained"] == []
    (parked,) = read(api, f"billing-runs/{run['id']}/parked")["items"]
    assert parked["name"] == "Broken Record" and not parked["is_unusual"]
    listed = read(api, "billing-runs", limit=1)
    assert [(row["id"], row["parked_count"]) for row in listed["items"]] == [(run["id"], 1)]
    assert api.post(f"billing-runs/{run['id']}/parked/{parked['customer_id']}/release").status_code == 404
    assert api.post(f"billing-runs/{run['id']}/again").status_code == 200


def test_who_may_not_approve_opens_a_run_that_waits(app: Flask, tenant: TenantRef, two_due: None) -> None:
    clerk = program(app, tenant, scopes=["view_billing_run", "start_billing_run"])
    assert clerk.post("billing-runs", billing_on=DAY, approve=True).status_code == 403
    run = clerk.post("billing-runs", billing_on=DAY).json
    assert run is not None and (run["status"], run["approved_by"]) == ("awaiting_approval", None)
    assert clerk.post(f"billing-runs/{run['id']}/approve").status_code == 403
    manager = program(app, tenant, scopes=["approve_billing_run"])
    held = manager.post(f"billing-runs/{run['id']}/hold").json
    assert held is not None and held["held_by"]
    approved = manager.post(f"billing-runs/{run['id']}/approve").json
    assert approved is not None and approved["status"] == "running" and approved["pending_chunk_count"] == 1
    assert manager.post(f"billing-runs/{run['id']}/approve").status_code == 409


def test_the_preview_of_a_large_day_is_ordered_first(
    api: Program, two_due: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "AT_ONCE", 1)
    assert api.get("billing-runs/preview", day=DAY).status_code == 409
    with bills.jobs_done():
        ordered = api.post("billing-runs/preview", day=DAY)
    assert ordered.status_code == 202 and ordered.json is not None and ordered.json["made_at"] is None
    assert read(api, "billing-runs/preview", day=DAY)["total_minor"] == 149_900
    assert len(read(api, "billing-runs/preview/customers", day=DAY)["items"]) == 1


def test_a_far_day_is_refused_and_a_key_counts_once(api: Program, two_due: None) -> None:
    assert api.get("billing-runs/preview", day="2027-03-10").status_code == 422
    assert api.post("billing-runs", billing_on="2027-03-10").status_code == 422
    assert api.post("billing-runs", billing_on=DAY, approve="at once").status_code == 422
    answers = [api.post("billing-runs", key="one", billing_on=DAY) for _ in range(2)]
    assert answers[0].json == answers[1].json and answers[1].headers["Idempotent-Replayed"] == "true"

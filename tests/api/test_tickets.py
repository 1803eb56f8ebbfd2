"""Tickets through the API: opened, changed, commented, moved, listed."""
from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from tests.make import people, support
from tests.make.programs import Program, program


@pytest.fixture
def ticket(api: Program) -> dict[str, Any]:
    """A ticket of a customer, as the API shows it."""
    with unit_of_work():
        customer, category = people.register_customer("Ana Cruz").id, support.category()
    answer = api.post(
        "tickets", subject="No light", category_id=str(category), customer_id=str(customer), priority="high"
    )
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


def test_a_ticket_is_opened_and_read(api: Program, ticket: dict[str, Any]) -> None:
    assert (ticket["number"], ticket["status"], ticket["source"]) == ("TKT-2026-0001", "open", "phone")
    assert ticket["comments"] == []
    assert ticket["response_due_at"] == "2026-03-10T06:00:00+00:00"
    assert api.get(f"tickets/{ticket['id']}").json == ticket


def test_it_is_changed_commented_and_moved(api: Program, ticket: dict[str, Any]) -> None:
    path = f"tickets/{ticket['id']}"
    changed = api.patch(path, priority="low", customer_id=None).json
    assert changed is not None
    assert (changed["priority"], changed["customer_id"], changed["subject"]) == ("low", None, "No light")
    written = api.post(f"{path}/comments", body="On our way", is_public=True)
    assert written.status_code == 201
    assert [(c["body"], c["is_public"]) for c in written.json["comments"]] == [("On our way", True)]  # type: ignore[index]
    assert api.post(f"{path}/status", status="resolved").status_code == 422
    done = api.post(f"{path}/status", status="resolved", reason="New cable").json
    assert done is not None and (done["status"], done["status_reason"]) == ("resolved", "New cable")
    assert api.post(f"{path}/status", status="waiting").status_code == 409


def test_the_list_is_filtered(api: Program, ticket: dict[str, Any]) -> None:
    def found(**query: str) -> list[str]:
        return [item["number"] for item in api.get("tickets", **query).json["items"]]  # type: ignore[index]

    assert found() == found(q="ana") == found(status="unresolved") == found(priority="high") == ["TKT-2026-0001"]
    assert found(customer_id=ticket["customer_id"]) == found(sort="due") == ["TKT-2026-0001"]
    assert found(status="closed") == found(assignee_id="9") == found(q="zoe") == []
    assert api.get("tickets", status="strange").status_code == 422


def test_what_does_not_exist_is_told_with_its_field(api: Program, ticket: dict[str, Any]) -> None:
    for field in ("category_id", "assignee_id", "customer_id"):
        body = {"subject": "x", "category_id": ticket["category_id"], field: "987654"}
        answer = api.post("tickets", **body)
        assert answer.status_code == 422 and answer.json["errors"][0]["field"] == field  # type: ignore[index]
    assert api.get("tickets/987654").status_code == 404


def test_each_operation_has_its_own_right(app: Flask, tenant: TenantRef, ticket: dict[str, Any]) -> None:
    reader = program(app, tenant, scopes=["view_ticket_list"])
    path = f"tickets/{ticket['id']}"
    assert reader.get(path).status_code == 200
    assert reader.post(f"{path}/comments", body="x").status_code == 403
    assert reader.post(f"{path}/status", status="in_progress").status_code == 403
    assert reader.patch(path, subject="x").status_code == 403

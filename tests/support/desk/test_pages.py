"""The page of the desk and its forms."""
from __future__ import annotations

import pytest
from flask import Flask

from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.support.desk import queries
from tests.make.browsers import signed_in


def targets(**changed: object) -> dict[str, object]:
    with unit_of_work():
        known = {f"{row.priority}_{kind}": getattr(row, f"{kind}_hours")
                 for row in queries.targets() for kind in ("response", "resolution")}
    return {**known, **changed}


def test_a_new_company_has_categories_and_promises(app: Flask, tenant: TenantRef) -> None:
    page = signed_in(app, tenant).get("/tickets/settings").text
    for name in ("No connection", "Slow connection", "Intermittent connection", "Router", "Billing", "Relocation",
                 "Upgrade", "Downgrade", "No answers yet"):
        assert name in page
    with unit_of_work():
        assert [row.priority for row in queries.targets()] == ["urgent", "high", "normal", "low"]


def test_a_category_is_added_renamed_and_retired(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert browser.post("/tickets/settings/categories/add", {"name": "Leaning pole"}).status_code == 302
    refused = browser.post("/tickets/settings/categories/add", {"name": "leaning POLE"})
    assert refused.status_code == 422 and "already a category with this name" in refused.text
    with unit_of_work():
        pole = next(key for key, name in queries.category_choices() if name == "Leaning pole")
    assert browser.post(f"/tickets/settings/categories/{pole}", {"name": "Pole"}).status_code == 302
    page = browser.get("/tickets/settings").text
    assert "Pole" in page and "Retired" in page
    with unit_of_work():
        assert pole not in dict(queries.category_choices())
        assert dict(queries.category_choices(including=pole))[pole] == "Pole"


@pytest.mark.parametrize(("field", "value"), [
    ("high_response", ""), ("high_response", "x"), ("high_response", "0"), ("high_resolution", "1"),
    ("low_resolution", "9" * 30),
])
def test_a_promise_that_cannot_be_kept_is_refused_beside_its_field(
    app: Flask, tenant: TenantRef, field: str, value: str
) -> None:
    answer = signed_in(app, tenant).post("/tickets/settings/targets", targets(**{field: value}))
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text


def test_promises_are_changed(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert browser.post("/tickets/settings/targets", targets(urgent_response=2, urgent_resolution=6)).status_code == 302
    with unit_of_work():
        promise = queries.promise_of("urgent")
    assert (promise.response_hours, promise.resolution_hours) == (2, 6)


def test_an_answer_is_kept_changed_and_removed(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert browser.post("/tickets/settings/answers/add", {"title": "Restart", "body": "Off and on."}).status_code == 302
    assert browser.post("/tickets/settings/answers/add", {"title": "RESTART", "body": "x"}).status_code == 422
    with unit_of_work():
        answer = queries.answers()[0].id
    changed = browser.post(f"/tickets/settings/answers/{answer}", {"title": "Restart", "body": "On and off."})
    assert changed.status_code == 302
    assert "On and off." in browser.get("/tickets/settings").text
    assert "Remove “Restart”?" in browser.get(f"/tickets/settings/answers/{answer}/remove").text
    assert browser.post(f"/tickets/settings/answers/{answer}/remove").status_code == 302
    assert "No answers yet" in browser.get("/tickets/settings").text


def test_looking_and_changing_are_two_rights(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_settings"])
    assert browser.get("/tickets/settings").status_code == 200
    assert browser.get("/tickets/settings/targets").status_code == 403
    assert "Add category" not in browser.get("/tickets/settings").text

"""Who may call the API: a token within its rights, a browser of the same company; and how refusals read."""
from __future__ import annotations

from flask import Flask

from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.web.limiter import limiter
from tests.make.browsers import OWNER_EMAIL, PASSWORD, Browser, signed_in
from tests.make.programs import Program, program


def test_without_a_token_nobody_is_let_in_and_is_told_how(app: Flask, tenant: TenantRef) -> None:
    answer = Program(app, tenant, None).get("customers")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json == {
        "type": "about:blank", "title": "Sign in first", "status": 401, "detail": "Sign in to go on.",
    }


def test_a_wrong_token_is_refused_even_with_a_good_cookie(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert browser.get("/api/v1/customers").status_code == 200
    assert browser.get("/api/v1/customers", headers={"Authorization": "Bearer isp_pat_wrong"}).status_code == 401


def test_a_token_of_another_company_is_void_here(app: Flask, tenant: TenantRef, other_tenant: TenantRef) -> None:
    here = program(app, tenant)
    with bound(other_tenant, SYSTEM):
        there = program(app, other_tenant)
    there._browser.base_url = here._browser.base_url
    assert here.get("customers").status_code == 200
    assert there.get("customers").status_code == 401


def test_a_token_may_only_what_its_scopes_name(app: Flask, tenant: TenantRef) -> None:
    answer = program(app, tenant, scopes=["view_customer_list"]).get("invoices")
    assert answer.status_code == 403
    assert answer.json["detail"] == "You need the permission “View invoice list” for this page."  # type: ignore[index]


def test_a_browser_changes_something_only_from_a_page_of_ours(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    body = {"name": "Ana"}
    for headers in ({}, {"X-CSRFToken": "forged"}):
        answer = browser.send("POST", "/api/v1/customers", json=body, headers=headers)
        assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
        assert "X-CSRFToken" in answer.json["detail"] and "Authorization: Bearer" in answer.json["detail"]
    assert browser.get("/api/v1/customers").json["items"] == [], "nothing is done"
    token = browser._token()
    answer = browser.send("POST", "/api/v1/customers", json=body, headers={"X-CSRFToken": token})
    assert answer.status_code == 201


def test_who_is_not_signed_in_is_told_so_whatever_token_of_a_form_they_lack(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    browser.post("/logout")
    assert browser.send("POST", "/api/v1/customers", json={"name": "Ana"}).status_code == 401


def test_what_is_open_to_all_asks_a_browser_for_no_form_token(app: Flask, tenant: TenantRef) -> None:
    body = {"email": OWNER_EMAIL, "password": PASSWORD}
    assert signed_in(app, tenant).send("POST", "/api/v1/login", json=body).status_code == 200


def test_a_program_needs_no_form_token(app: Flask, tenant: TenantRef) -> None:
    assert program(app, tenant).post("customers", name="Ana").status_code == 201


def test_the_api_is_not_served_on_the_platforms_own_site(app: Flask, tenant: TenantRef) -> None:
    visitor = Browser(app, tenant)
    for host, status in (("isp.test", 404), ("nobody.isp.test", 404)):
        visitor.base_url = f"http://{host}"
        answer = visitor.get("/api/v1/customers")
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_unknown_addresses_and_methods_answer_as_problems(api: Program) -> None:
    for method, path, status in (("GET", "nothing", 404), ("PUT", "customers", 405), ("GET", "customers/0", 404),
                                 ("GET", "customers/99999999999999999999", 404), ("DELETE", "customers/1", 405)):
        answer = api.send(method, path)
        assert (method, path, answer.status_code) == (method, path, status)
        assert answer.content_type == "application/problem+json"


def test_a_body_that_is_no_json_object_is_refused(api: Program) -> None:
    def sent(data: bytes, content_type: str = "application/json") -> int:
        return api.send("POST", "customers", data=data, content_type=content_type).status_code

    assert [sent(data) for data in (b"[]", b'[{"name": "Ana"}]', b'"Ana"', b"5", b"null", b"true")] == [422] * 6
    assert [sent(data) for data in (b"{", b'{"name": NaN}', b"\xff\xfe", b"[" * 100_000, b"name=Ana")] == [400] * 5
    assert sent(b'{"name": "Ana"}', "text/plain") == sent(b"name=Ana", "application/x-www-form-urlencoded") == 415
    assert sent(b'{"name": "' + b"x" * 1024 * 1024 + b'"}') == 413
    assert sent(b"") == 422


def test_too_many_requests_in_a_minute_are_refused_for_that_token_only(app: Flask, tenant: TenantRef) -> None:
    busy, calm = program(app, tenant), program(app, tenant)
    assert limiter.enabled
    answers = [busy.get("taxes") for _ in range(601)]
    assert [answer.status_code for answer in answers] == [200] * 600 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].content_type == "application/problem+json"
    assert calm.get("taxes").status_code == 200

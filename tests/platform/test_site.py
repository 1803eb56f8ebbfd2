"""The root of every site, the health check, and what a visitor is told about a company that is not served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from ispbill.core.current import TenantRef, at
from ispbill.platform import health
from ispbill.platform import service as platform
from ispbill.tenancy import registry
from ispbill.tenancy.provisioning import reserve
from ispbill.web.requests import IspbillFlask
from tests.make.tenants import a_new_company

APEX = "http://isp.test/"
JSON = {"Accept": "application/json"}


@pytest.fixture
def client(app: IspbillFlask, context: None) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def trial(context: None) -> TenantRef:
    """A company just opened, on trial until 9 April 2026."""
    return platform.open_company(a_new_company()).tenant


def site(ref: TenantRef, path: str = "/") -> str:
    return f"http://{ref.subdomain}.isp.test{path}"


def test_the_root_of_a_company_leads_to_where_work_begins(client: FlaskClient, trial: TenantRef) -> None:
    response = client.get(site(trial))
    assert response.status_code == 302 and response.location.endswith("/home")


def test_the_platforms_root_asks_for_the_companys_address(client: FlaskClient) -> None:
    response = client.get(APEX)
    assert response.status_code == 200 and "Which company do you work for?" in response.text
    assert "form-action 'self' http://*.isp.test:8000;" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "typed", ["{0}", " {0} ", "{0}.isp.test", "http://{0}.isp.test:8000/login", "{0}.ISP.test"]
)
def test_an_address_as_people_type_it_leads_to_the_company(
    client: FlaskClient, trial: TenantRef, typed: str
) -> None:
    response = client.get(APEX, query_string={"company": typed.format(trial.subdomain)})
    assert (response.status_code, response.location) == (302, f"http://{trial.subdomain}.isp.test:8000")


@pytest.mark.parametrize(
    "typed", ["nobody-here", "admin", "x", "evil.example.com", "//evil.example.com", "<b>"]
)
def test_an_address_where_nobody_lives_is_said_to_be_one(client: FlaskClient, typed: str) -> None:
    response = client.get(APEX, query_string={"company": typed})
    assert response.status_code == 422 and "alert" in response.text and "<b>" not in response.text


def test_the_pages_of_a_company_are_not_on_the_platforms_site(client: FlaskClient) -> None:
    assert client.get(f"{APEX}login").status_code == 404


@pytest.mark.parametrize(
    "base", [APEX, "http://127.0.0.1:8000", "http://nobody.isp.test", "http://isp.test.evil.com"]
)
def test_health_is_asked_under_any_host(client: FlaskClient, base: str) -> None:
    response = client.get("/healthz", base_url=base)
    assert response.status_code == 200
    assert (
        response.json["status"] == "ok" and response.json["redis"]["ok"] and response.json["database"]["ok"]
    )


@pytest.mark.parametrize("part", ["_read_registry", "_ping_redis"])
def test_health_names_the_part_that_does_not_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fail() -> None:
        raise ConnectionError

    monkeypatch.setattr(health, part, fail)
    response = client.get("/healthz", base_url=APEX)
    name = "database" if part == "_read_registry" else "redis"
    assert response.status_code == 503 and response.json["status"] == "unavailable"
    assert response.json[name] == {"ok": False, "problem": "ConnectionError"}


def unknown(ref: TenantRef, monkeypatch: pytest.MonkeyPatch) -> str:
    return "http://nobody-here.isp.test"


def half_made(ref: TenantRef, monkeypatch: pytest.MonkeyPatch) -> str:
    return site(reserve(a_new_company()), "")


def another_domain(ref: TenantRef, monkeypatch: pytest.MonkeyPatch) -> str:
    return "http://ispbill.example.com"


def below_a_company(ref: TenantRef, monkeypatch: pytest.MonkeyPatch) -> str:
    return f"http://www.{ref.subdomain}.isp.test"


def moved(ref: TenantRef, monkeypatch: pytest.MonkeyPatch) -> str:
    platform.rename(ref, subdomain=f"{ref.subdomain}-moved")
    return site(ref, "")


def suspended(ref: TenantRef, monkeypatch: pytest.MonkeyPatch) -> str:
    platform.suspend(ref, reason="a reason that is nobody's business")
    return site(ref, "")


def cancelled(ref: TenantRef, monkeypatch: pytest.MonkeyPatch) -> str:
    platform.cancel(ref)
    return site(ref, "")


def registry_down(ref: TenantRef, monkeypatch: pytest.MonkeyPatch) -> str:
    def fail() -> None:
        raise OperationalError("select", {}, Exception("the server is gone"))

    registry.forget()
    monkeypatch.setattr(registry, "platform_transaction", fail)
    return site(ref, "")


STATES: list[tuple[Callable[[TenantRef, pytest.MonkeyPatch], str], int, str]] = [
    (unknown, 404, "No company at this address"),
    (half_made, 404, "No company at this address"),
    (another_domain, 404, "No company at this address"),
    (below_a_company, 404, "No company at this address"),
    (moved, 404, "No company at this address"),
    (suspended, 403, "access is suspended"),
    (cancelled, 410, "This company has left"),
    (registry_down, 503, "Temporarily unavailable"),
]


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere"])
@pytest.mark.parametrize(("state", "status", "title"), STATES)
def test_a_company_that_is_not_served_answers_its_state_on_every_page(
    client: FlaskClient,
    trial: TenantRef,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    state: Callable[[TenantRef, pytest.MonkeyPatch], str],
    status: int,
    title: str,
) -> None:
    client.get(site(trial, "/login"))
    check_both_faces(client, state(trial, monkeypatch) + path, status, title)


def test_a_company_whose_trial_is_over_answers_402(client: FlaskClient, trial: TenantRef) -> None:
    with at(datetime(2026, 4, 9, 15, 59, tzinfo=UTC)):
        assert client.get(site(trial, "/login")).status_code == 200
    with at(datetime(2026, 4, 9, 16, 0, tzinfo=UTC)):
        check_both_faces(client, site(trial, "/login"), 402, "The trial has ended")


def check_both_faces(client: FlaskClient, url: str, status: int, title: str) -> None:
    page = client.get(url)
    assert page.status_code == status and page.mimetype == "text/html"
    assert title in page.text and "nobody&#39;s business" not in page.text
    assert_problem(client.get(url, headers=JSON), status, title)


def assert_problem(response: TestResponse, status: int, title: str) -> None:
    assert response.status_code == status and response.mimetype == "application/problem+json"
    assert response.json["status"] == status and title in response.json["title"] and response.json["detail"]


def test_the_api_of_a_company_that_is_not_served_answers_in_its_own_format(
    client: FlaskClient, trial: TenantRef
) -> None:
    platform.suspend(trial, reason="unpaid")
    assert_problem(client.get(site(trial, "/api/v1/customers")), 403, "access is suspended")


def test_a_verb_of_the_operator_is_in_force_at_once_in_this_process(
    client: FlaskClient, trial: TenantRef
) -> None:
    assert client.get(site(trial, "/login")).status_code == 200
    platform.suspend(trial, reason="unpaid")
    assert client.get(site(trial, "/login")).status_code == 403
    platform.activate(trial)
    assert client.get(site(trial, "/login")).status_code == 200


def test_a_verb_of_the_operator_outdoes_a_look_up_that_began_before_it(
    client: FlaskClient, trial: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = registry._read

    def overtaken(*conditions: Any) -> TenantRef | None:
        found = read(*conditions)
        monkeypatch.setattr(registry, "_read", read)
        platform.suspend(trial, reason="unpaid")
        return found

    registry.forget()
    monkeypatch.setattr(registry, "_read", overtaken)
    assert client.get(site(trial, "/login")).status_code == 200
    assert client.get(site(trial, "/login")).status_code == 403


def test_another_process_learns_of_it_when_its_cache_goes_stale(
    client: FlaskClient, trial: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "CACHE_SECONDS", 0.0)
    assert client.get(site(trial, "/login")).status_code == 200
    monkeypatch.setattr(registry, "forget", lambda: None)
    platform.suspend(trial, reason="unpaid")
    assert client.get(site(trial, "/login")).status_code == 403
    assert registry.CACHE_SECONDS <= 5.0


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Tenant", "X-Original-Host", "Forwarded"])
def test_no_header_but_the_host_names_a_company(client: FlaskClient, trial: TenantRef, header: str) -> None:
    other = platform.suspend(platform.open_company(a_new_company()).tenant, reason="x")
    response = client.get(site(other, "/login"), headers={header: f"host={trial.subdomain}.isp.test"})
    assert response.status_code == 403
    response = client.get(site(other, "/login"), headers={header: f"{trial.subdomain}.isp.test"})
    assert response.status_code == 403


@pytest.mark.parametrize("host", ["{0}.ISP.TEST", "{0}.isp.test.", "{0}.isp.test:8443"])
def test_spellings_of_the_same_host_lead_to_the_same_company(
    client: FlaskClient, trial: TenantRef, host: str
) -> None:
    assert client.get("/login", headers={"Host": host.format(trial.subdomain)}).status_code == 200

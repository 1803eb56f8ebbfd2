"""Signing in: by password only, on one company's site only, locked after failures, ended from anywhere."""
from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from limits.storage import RedisStorage
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import event, select, update

from ispbill.accounts import identity
from ispbill.accounts.models import User, UserSession
from ispbill.audit.models import AuditEntry
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from tests.make import tenants
from tests.make.browsers import OWNER_EMAIL, PASSWORD, Browser, colleague, owner, signed_in


def actions() -> list[str]:
    with unit_of_work():
        return list(db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.entity.in_(("session", "user")))
            .order_by(AuditEntry.id)
        ))


def test_a_visitor_is_sent_to_the_sign_in_page_and_back(app: Flask, tenant: TenantRef) -> None:
    owner()
    browser = Browser(app, tenant)
    turned_away = browser.get("/users?q=ana")
    assert turned_away.status_code == 302
    assert turned_away.location == "/login?next=/users?q%3Dana"
    answer = browser.post(turned_away.location, {"email": OWNER_EMAIL, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (302, "/users?q=ana")
    assert browser.get("/users").status_code == 200


def test_work_begins_at_the_first_page_one_may_open(app: Flask, tenant: TenantRef) -> None:
    assert signed_in(app, tenant, permissions=["view_audit_log", "view_role_list"]).get("/home").location == "/roles"
    person = colleague("nobody@example.com")
    browser = Browser(app, tenant)
    assert browser.get("/home").location == "/login?next=/home"
    browser.sign_in(email=person.email)
    assert browser.get("/home").location == "/profile"
    assert browser.get("/").location == "/home"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_nobody_is_led_to_another_site(app: Flask, tenant: TenantRef, address: str) -> None:
    owner()
    browser = Browser(app, tenant)
    answer = browser.post("/login", {"email": OWNER_EMAIL, "password": PASSWORD, "next": address})
    assert answer.location == "/home"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(app: Flask, tenant: TenantRef) -> None:
    owner()
    browser = Browser(app, tenant)
    answers = [browser.sign_in(email=email, password="wrong") for email in (OWNER_EMAIL, "x@y.com")]
    assert [answer.status_code for answer in answers] == [422, 422]
    texts = [re.sub(r'name="csrf_token"[^>]*|x@y.com|owner@example.com', "", answer.text) for answer in answers]
    assert "is not right" in texts[0] and texts[0] == texts[1]


def test_the_cookie_is_of_this_host_only_and_out_of_reach_for_scripts(app: Flask, tenant: TenantRef) -> None:
    owner()
    cookie = Browser(app, tenant).sign_in().headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Domain" not in cookie


def test_a_cookie_of_one_company_is_void_at_another_even_where_all_ids_are_equal(
    app: Flask, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        original = db.session.scalars(select(UserSession)).one()
        copied = {column.name: getattr(original, column.name) for column in UserSession.__table__.columns}
    with bound(other_tenant, SYSTEM):
        owner()
        with unit_of_work():
            db.session.add(UserSession(**copied))
    assert browser.get("/users").status_code == 200
    cookie = browser.client.get_cookie("ispbill", domain=f"{tenant.subdomain}.isp.test")
    assert cookie is not None
    thief = Browser(app, other_tenant)
    thief.client.set_cookie("ispbill", cookie.value, domain=f"{other_tenant.subdomain}.isp.test")
    answer = thief.get("/users")
    assert (answer.status_code, answer.location) == (302, "/login?next=/users")


def test_five_failures_lock_the_account_even_for_the_right_password(app: Flask, tenant: TenantRef) -> None:
    owner()
    browser = Browser(app, tenant)
    for _ in range(5):
        browser.sign_in(password="wrong")
    assert browser.sign_in().status_code == 422
    assert actions().count("locked_out") == 1
    with at(current.now() + timedelta(minutes=16)):
        assert browser.sign_in().status_code == 302


def test_the_lock_grows_with_every_further_failure(app: Flask, tenant: TenantRef) -> None:
    owner()
    browser = Browser(app, tenant)
    for _ in range(5):
        browser.sign_in(password="wrong")
    later = current.now() + timedelta(minutes=16)
    with at(later):
        browser.sign_in(password="wrong")
    with at(later + timedelta(minutes=16)):
        assert browser.sign_in().status_code == 422
    with at(later + timedelta(minutes=31)):
        assert browser.sign_in().status_code == 302


def test_signing_out_ends_the_session_itself_not_only_the_cookie(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    cookie = browser.client.get_cookie("ispbill", domain=f"{tenant.subdomain}.isp.test")
    assert cookie is not None
    browser.post("/logout")
    assert browser.get("/users").status_code == 302
    browser.client.set_cookie("ispbill", cookie.value, domain=f"{tenant.subdomain}.isp.test")
    assert browser.get("/users").status_code == 302
    assert actions()[-2:] == ["signed_in", "signed_out"]


def test_signing_in_again_ends_the_session_before(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    browser.sign_in()
    with unit_of_work():
        ended = db.session.scalars(select(UserSession.revoked_at.is_not(None)).order_by(UserSession.id)).all()
    assert ended == [True, False]


def test_a_session_ends_by_itself_after_two_weeks(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with at(current.now() + timedelta(days=13)):
        assert browser.get("/users").status_code == 200
    with at(current.now() + timedelta(days=14, minutes=1)):
        assert browser.get("/users").status_code == 302


def test_who_sends_a_form_after_the_session_ended_is_told_and_comes_back_to_it(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    token, form = browser._token(), f"{browser.base_url}/roles/add?like=1"
    with unit_of_work():
        db.session.execute(update(UserSession).values(revoked_at=current.now()))
    answer = browser.post("/roles/add?like=1", {"csrf_token": token}, headers={"Referer": form})
    assert answer.headers["Location"] == "/login?next=/roles/add?like%3D1"
    page = browser.get(answer.headers["Location"]).text
    assert "what you sent is not saved" in page
    elsewhere = browser.post("/roles/add", {"csrf_token": token}, headers={"Referer": "https://elsewhere.example/x"})
    assert elsewhere.headers["Location"] == "/login"


def test_who_signed_out_in_another_tab_is_told_too(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    form = {"csrf_token": browser._token()}
    browser.post("/logout")
    answer = browser.post("/roles/add", form, headers={"Referer": f"{browser.base_url}/roles/add"})
    assert answer.headers["Location"] == "/login?next=/roles/add"
    assert "what you sent is not saved" in browser.get("/login").text


def test_when_a_session_was_last_used_is_written_at_most_once_a_minute(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    start = current.now()
    seen = []
    for seconds in (30, 61, 90):
        with at(start + timedelta(seconds=seconds)):
            browser.get("/profile")
        with unit_of_work():
            moment = db.session.scalars(select(UserSession.last_seen_at)).one()
        seen.append((moment - start).total_seconds())
    assert seen == [0, 61, 61]


def test_somebody_who_is_deactivated_is_out_at_once(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_user_list"])
    with unit_of_work():
        db.session.execute(update(User).values(status="deactivated"))
    assert browser.get("/users").status_code == 302


def test_a_browser_can_be_signed_out_from_another(app: Flask, tenant: TenantRef) -> None:
    here = signed_in(app, tenant)
    there = Browser(app, tenant)
    there.sign_in()
    assert there.get("/profile").status_code == 200
    with unit_of_work():
        newest = db.session.scalars(select(UserSession.id).order_by(UserSession.id.desc())).first()
    assert here.post(f"/profile/sessions/{newest}/revoke").status_code == 302
    assert there.get("/profile").status_code == 302
    assert here.get("/profile").status_code == 200


def test_nobody_signs_another_user_out_by_their_own_profile(app: Flask, tenant: TenantRef) -> None:
    signed_in(app, tenant)
    intruder = signed_in(app, tenant, permissions=[])
    assert intruder.post("/profile/sessions/1/revoke").status_code == 404


def test_too_many_tries_from_one_address_are_refused_at_that_company_only(
    app: Flask, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    browser = Browser(app, tenant)
    answers = [browser.sign_in(email=f"u{i}@example.com", password="x").status_code for i in range(21)]
    assert answers == [422] * 20 + [429]
    assert Browser(app, other_tenant).sign_in(email="u@example.com", password="x").status_code == 422


def test_while_redis_is_away_tries_are_counted_in_memory(
    app: Flask, context: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(RedisStorage, "incr", away)
    # A company of its own: what is in memory counts on when Redis is back.
    browser = Browser(app, tenants.open_company())
    answers = [browser.sign_in(email=f"u{i}@example.com", password="x").status_code for i in range(21)]
    assert answers == [422] * 20 + [429]


def test_who_calls_and_what_they_may_is_one_query(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_user_list", "view_role_list"])
    cookie = browser.client.get_cookie("ispbill", domain=f"{tenant.subdomain}.isp.test")
    assert cookie is not None
    statements: list[str] = []

    def count(*call: object) -> None:
        statements.append(str(call[2]))

    event.listen(db.engine, "before_cursor_execute", count)
    with app.app_context(), app.test_request_context("/users", headers={"Cookie": f"ispbill={cookie.value}"}):
        with unit_of_work():
            actor = identity.identify()
    event.remove(db.engine, "before_cursor_execute", count)
    assert actor.permissions == {"view_user_list", "view_role_list"}
    assert len(statements) == 1


def test_every_outcome_is_in_the_audit_without_the_password(app: Flask, tenant: TenantRef) -> None:
    colleague()
    browser = Browser(app, tenant)
    browser.sign_in(email="ana@example.com", password="wr0ng-secret")
    browser.sign_in(email="ana@example.com")
    browser.post("/logout")
    assert actions()[-3:] == ["sign_in_failed", "signed_in", "signed_out"]
    with unit_of_work():
        rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert "wr0ng-secret" not in str([(row.before, row.after, row.label) for row in rows])
        assert {row.ip_address for row in rows[-3:]} == {"127.0.0.1"}

"""Signed tokens: an hour of what the user may, at this company only, dead with the session that stands behind them."""
from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from ispbill.accounts.models import SignInRules, User, UserSession
from ispbill.accounts.passwords import service as passwords
from ispbill.accounts.roles import service as roles
from ispbill.accounts.signed_tokens import policy, queries
from ispbill.audit.models import AuditEntry
from ispbill.core.current import SYSTEM, TenantRef, acting_as, at, bound, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from tests.make.browsers import OWNER_EMAIL, PASSWORD, Browser, colleague, owner, two_factors
from tests.make.programs import Program

pytestmark = pytest.mark.attack
RIGHT = {"email": "ana@example.com", "password": PASSWORD}


def asked(app: Flask, tenant: TenantRef, **body: str) -> TestResponse:
    return Program(app, tenant, None).send("POST", "login", json=body)


def token_of(app: Flask, tenant: TenantRef, **body: str) -> str:
    answer = asked(app, tenant, **(body or RIGHT))
    assert answer.status_code == 200, answer.text
    return str(answer.json["access_token"])  # type: ignore[index]


def said(token: str) -> dict[str, Any]:
    """The claims, as anybody reads them."""
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def opens(app: Flask, tenant: TenantRef, token: str, path: str = "customers") -> int:
    return Program(app, tenant, token).get(path).status_code


def test_signing_in_gives_an_hour_of_what_the_user_may(app: Flask, tenant: TenantRef) -> None:
    user = colleague(permissions=["view_customer_list"])
    answer = asked(app, tenant, **RIGHT)
    assert answer.json is not None
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 3600)
    token = answer.json["access_token"]
    claims = said(token)
    assert claims["exp"] - claims["iat"] == 3600 and claims.pop("jti") and claims.pop("iat") and claims.pop("exp")
    assert claims == {"sub": str(user.id), "role": "Role of ana@example.com", "tenant": tenant.code,
                      "email": "ana@example.com"}
    assert (opens(app, tenant, token), opens(app, tenant, token, "invoices")) == (200, 403)


def test_the_owners_token_says_so_and_opens_everything(app: Flask, tenant: TenantRef) -> None:
    owner()
    token = token_of(app, tenant, email=OWNER_EMAIL, password=PASSWORD)
    assert said(token)["role"] == "Owner"
    assert opens(app, tenant, token, "invoices") == 200


def test_what_a_token_does_stands_in_the_log_under_its_users_name(app: Flask, tenant: TenantRef) -> None:
    user = colleague(permissions=["create_customer"])
    assert Program(app, tenant, token_of(app, tenant)).post("customers", name="Berta").status_code == 201
    with unit_of_work():
        made = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "customer")).first()
        signed = db.session.scalars(select(AuditEntry.actor_id).where(AuditEntry.action == "signed_in")).all()
    assert made is not None and (made.actor_id, made.actor_name) == (user.id, "Ana")
    assert signed == [user.id]


def test_a_wrong_password_is_counted_and_locks_as_on_the_page(app: Flask, tenant: TenantRef) -> None:
    colleague()
    answers = [asked(app, tenant, email="ana@example.com", password="a wrong one") for _ in range(5)]
    assert {(answer.status_code, answer.content_type) for answer in answers} == {(401, "application/problem+json")}
    assert asked(app, tenant, **RIGHT).status_code == 401, "locked, though right"
    nobody = asked(app, tenant, email="nobody@example.com", password="a wrong one")
    assert nobody.json == answers[0].json, "whether there is such a user is not told"
    with at(current.now() + timedelta(minutes=16)):
        assert asked(app, tenant, **RIGHT).status_code == 200


def test_the_twenty_first_attempt_within_a_minute_is_refused(app: Flask, tenant: TenantRef) -> None:
    statuses = [asked(app, tenant, email="nobody@example.com", password="x").status_code for _ in range(21)]
    assert statuses == [401] * 20 + [429]


def test_two_factors_are_asked_for(app: Flask, tenant: TenantRef) -> None:
    user = colleague(permissions=["view_customer_list"])
    with unit_of_work():
        secret = two_factors(user.id)
    with at(current.now() + timedelta(minutes=2)):
        code = pyotp.TOTP(secret).at(current.now())
        missing = asked(app, tenant, **RIGHT)
        assert missing.status_code == 401 and missing.json is not None
        assert missing.json["errors"][0]["field"] == "code"
        assert asked(app, tenant, **RIGHT, code="000000").status_code == 401
        token = token_of(app, tenant, **RIGHT, code=code)
        assert opens(app, tenant, token) == 200
        assert asked(app, tenant, **RIGHT, code=code).status_code == 401, "no code is taken twice"


def test_who_must_set_up_a_second_factor_gets_no_token_and_an_old_one_sleeps(app: Flask, tenant: TenantRef) -> None:
    colleague(permissions=["view_customer_list"])
    token = token_of(app, tenant)
    with unit_of_work():
        db.session.get_one(SignInRules, 1).requires_second_factor = True
    assert asked(app, tenant, **RIGHT).status_code == 403
    assert opens(app, tenant, token) == 403


def test_a_token_dies_with_the_hour(app: Flask, tenant: TenantRef) -> None:
    colleague(permissions=["view_customer_list"])
    token = token_of(app, tenant)
    with at(current.now() + timedelta(minutes=59)):
        assert opens(app, tenant, token) == 200
    with at(current.now() + timedelta(hours=1, seconds=1)):
        assert opens(app, tenant, token) == 401


def test_a_token_dies_by_signing_out_and_only_that_one(app: Flask, tenant: TenantRef) -> None:
    colleague(permissions=["view_customer_list"])
    gone, other = token_of(app, tenant), token_of(app, tenant)
    assert Program(app, tenant, gone).send("POST", "logout").status_code == 204
    assert (opens(app, tenant, gone), opens(app, tenant, other)) == (401, 200)


def test_a_token_dies_with_a_new_password_a_blocked_user_or_a_revoked_session(app: Flask, tenant: TenantRef) -> None:
    user = colleague(permissions=["view_customer_list"])

    def survives(**values: Any) -> int:
        with unit_of_work():
            db.session.execute(update(User).where(User.id == user.id).values(**values))
        return opens(app, tenant, token)

    token = token_of(app, tenant)
    assert (survives(status="deactivated"), survives(status="active")) == (401, 200)
    with unit_of_work():
        passwords.change(user.id, present=PASSWORD, password="quite another one", session_id=0)
    assert opens(app, tenant, token) == 401
    token = token_of(app, tenant, email="ana@example.com", password="quite another one")
    with unit_of_work():
        db.session.execute(update(UserSession).values(revoked_at=current.now()))
    assert opens(app, tenant, token) == 401


def test_a_right_that_was_taken_is_gone_at_once_whatever_the_token_says(app: Flask, tenant: TenantRef) -> None:
    user = colleague(permissions=["view_customer_list"])
    token = token_of(app, tenant)
    with unit_of_work(), acting_as(SYSTEM):
        roles.assign(user.id, name=user.full_name, role_ids=[])
    assert opens(app, tenant, token) == 403


def test_a_token_is_void_at_another_company_even_where_both_have_the_user_and_the_session(
    app: Flask, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    colleague(permissions=["view_customer_list"])
    token = token_of(app, tenant)
    with unit_of_work():
        session = db.session.scalars(select(UserSession)).one()
        values = {column.key: getattr(session, column.key) for column in UserSession.__table__.columns
                  if column.key != "id"}
    with bound(other_tenant, SYSTEM):
        colleague(permissions=["view_customer_list"])
        with unit_of_work():
            db.session.add(UserSession(**values))
        assert opens(app, other_tenant, token) == 401
        assert opens(app, other_tenant, token_of(app, other_tenant)) == 200


def test_forged_altered_and_unsigned_tokens_are_refused(app: Flask, tenant: TenantRef) -> None:
    colleague(permissions=["view_customer_list"])
    token = token_of(app, tenant)
    claims, (head, body, signature) = said(token), token.split(".")
    altered = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "1"}).encode()).decode().rstrip("=")
    with app.app_context():
        key = queries.signing_key()
    forged = [
        f"{head}.{altered}.{signature}", f"{head}.{body}.", "..", "a.b.c", f"{head}.{body}.{signature[:-2]}AA",
        jwt.encode(claims, key="", algorithm="none"), jwt.encode(claims, key="x" * 32, algorithm=policy.ALGORITHM),
        jwt.encode(claims, key=key, algorithm="HS512"),
        *(jwt.encode({**claims, **change}, key=key, algorithm=policy.ALGORITHM) for change in (
            {"jti": "unknown"}, {"jti": 7}, {"tenant": "ABCDEFGHJ"}, {"exp": 1}, {"exp": "soon"}, {"exp": None},
        )),
        *(jwt.encode({name: claims[name] for name in claims if name != missing}, key=key, algorithm=policy.ALGORITHM)
          for missing in claims),
    ]
    assert [opens(app, tenant, one) for one in forged] == [401] * len(forged)
    assert opens(app, tenant, token) == 200


def test_a_token_is_for_the_api_only_and_an_api_token_cannot_sign_out(app: Flask, tenant: TenantRef) -> None:
    colleague(permissions=["view_customer_list"])
    token = token_of(app, tenant)
    page = Browser(app, tenant).get("/customers", headers={"Authorization": f"Bearer {token}"})
    assert page.status_code == 302 and "/login" in page.location
    assert Program(app, tenant, None).send("POST", "logout").status_code == 401


def test_a_body_that_is_not_as_it_should_be_is_refused(app: Flask, tenant: TenantRef) -> None:
    for body in ({}, {"email": "ana@example.com"}, {**RIGHT, "password": ""}, {**RIGHT, "password": "\ud800"},
                 {**RIGHT, "password": "x" * 201}, {**RIGHT, "tenant": "ABCDEFGHJ"}):
        assert Program(app, tenant, None).send("POST", "login", json=body).status_code == 422, body

"""Bearer tokens: shown once, never more than their user may, void when revoked, expired or at another company."""
from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from ispbill.accounts import identity
from ispbill.accounts.models import ApiToken, User
from ispbill.accounts.queries import permissions_of
from ispbill.accounts.roles import service as roles
from ispbill.accounts.tokens import service as tokens
from ispbill.core.current import SYSTEM, Actor, TenantRef, acting_as, at, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Forbidden, Invalid, Unauthenticated
from ispbill.core.permissions import ALL
from ispbill.core.unit_of_work import unit_of_work
from tests.make.browsers import colleague, owner, signed_in


def token_of(user: User, *, scopes: Collection[str], days: int | None = 30) -> str:
    with unit_of_work():
        actor = Actor(kind="user", name=user.full_name, user_id=user.id, is_owner=user.is_owner,
                      permissions=permissions_of(user.id))
        with acting_as(actor):
            return tokens.create("Accounting", scopes=scopes, days=days)


def caller(app: Flask, token: str, *, path: str = "/api/v1/customers", method: str = "GET") -> Actor:
    headers = {"Authorization": f"Bearer {token}"}
    with app.test_request_context(path, method=method, headers=headers), unit_of_work():
        return identity.identify()


def test_a_token_acts_for_its_user_within_its_scopes(app: Flask, tenant: TenantRef) -> None:
    user = colleague(permissions=["view_customer_list", "view_payment_list"])
    actor = caller(app, token_of(user, scopes=["view_customer_list"]))
    assert (actor.kind, actor.user_id, actor.name) == ("api", user.id, "Ana (Accounting)")
    assert actor.permissions == {"view_customer_list"} and not actor.is_owner


def test_a_token_of_the_owner_still_has_only_its_scopes(app: Flask, tenant: TenantRef) -> None:
    actor = caller(app, token_of(owner(), scopes=["view_customer_list"]))
    assert actor.may("view_customer_list") and not actor.may("void_invoice")


def test_a_token_loses_what_its_user_loses(app: Flask, tenant: TenantRef) -> None:
    user = colleague(permissions=["view_customer_list"])
    token = token_of(user, scopes=["view_customer_list"])
    with unit_of_work():
        roles.assign(user.id, name=user.full_name, role_ids=[])
    assert caller(app, token).permissions == frozenset()


def test_nobody_makes_a_token_that_may_more_than_they(tenant: TenantRef) -> None:
    user = colleague(permissions=["manage_api_tokens"])
    with pytest.raises(Forbidden):
        token_of(user, scopes=["void_invoice"])
    for scopes in ([], ["fly"]):
        with pytest.raises(Invalid):
            token_of(user, scopes=scopes)


def test_a_token_is_stored_as_a_digest_only(tenant: TenantRef) -> None:
    plain = token_of(owner(), scopes=sorted(ALL))
    with unit_of_work():
        row = db.session.scalars(select(ApiToken)).one()
        assert plain.startswith(row.prefix) and len(row.prefix) < 20
        assert plain not in str({column.name: getattr(row, column.name) for column in ApiToken.__table__.columns})


def test_an_expired_revoked_or_foreign_token_is_refused(
    app: Flask, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    user = owner()
    expiring, revoked = token_of(user, scopes=["view_dashboard"]), token_of(user, scopes=["view_dashboard"])
    with unit_of_work():
        tokens.revoke(2)
    with pytest.raises(Unauthenticated):
        caller(app, revoked)
    assert caller(app, expiring).kind == "api"
    with at(current.now() + timedelta(days=30)), pytest.raises(Unauthenticated):
        caller(app, expiring)
    with bound(other_tenant, SYSTEM):
        owner()
        with pytest.raises(Unauthenticated):
            caller(app, expiring)


def test_a_token_of_somebody_deactivated_is_refused(app: Flask, tenant: TenantRef) -> None:
    token = token_of(owner(), scopes=["view_dashboard"])
    with unit_of_work():
        db.session.execute(update(User).values(status="deactivated"))
    with pytest.raises(Unauthenticated):
        caller(app, token)


def test_a_token_is_good_for_programs_only(app: Flask, tenant: TenantRef) -> None:
    token = token_of(owner(), scopes=["view_user_list"])
    assert caller(app, token, path="/users").kind == "anonymous"


def test_when_a_token_was_last_used_is_written_at_most_once_a_minute(app: Flask, tenant: TenantRef) -> None:
    token, start = token_of(owner(), scopes=["view_dashboard"]), current.now()
    used = []
    for seconds in (0, 30, 61):
        with at(start + timedelta(seconds=seconds)):
            caller(app, token)
        with unit_of_work():
            moment = db.session.scalars(select(ApiToken.last_used_at)).one()
        used.append((moment - start).total_seconds() if moment else None)
    assert used == [0, 0, 61]


def test_a_cookie_may_read_under_the_api_but_not_change(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    cookie = browser.client.get_cookie("ispbill", domain=f"{tenant.subdomain}.isp.test")
    assert cookie is not None
    kinds = []
    for method in ("GET", "POST", "DELETE"):
        headers = {"Cookie": f"ispbill={cookie.value}"}
        with app.app_context(), app.test_request_context("/api/v1/x", method=method, headers=headers):
            with unit_of_work():
                kinds.append(identity.identify().kind)
    assert kinds == ["user", "anonymous", "anonymous"]


def test_a_token_is_shown_once_and_revoked_from_the_list(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    answer = browser.post("/api-tokens/create", {"name": "Export", "expires": "90", "group_0": ["export_customers"]})
    plain = "isp_pat_" + answer.text.partition("isp_pat_")[2].partition("<")[0]
    assert caller(app, plain).permissions == {"export_customers"}
    listed = browser.get("/api-tokens/export?q=Exp").text
    assert "Export," in listed and "export_customers" in listed and plain not in listed
    listed = browser.get("/api-tokens").text
    assert "Export" in listed and plain not in listed
    assert "cannot be brought back" in browser.get("/api-tokens/1/revoke").text
    assert browser.post("/api-tokens/1/revoke").status_code == 302
    with pytest.raises(Unauthenticated):
        caller(app, plain)


def test_a_token_needs_a_name_and_a_permission(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    answer = browser.post("/api-tokens/create", {"name": "Export", "expires": "90"})
    assert answer.status_code == 422 and "at least one permission" in answer.text
    assert browser.post("/api-tokens/create", {"name": "", "expires": "5"}).status_code == 422

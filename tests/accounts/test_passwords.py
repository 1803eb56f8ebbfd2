"""Links that set a password: sent to the address, good once, for an hour; only the newest, only here."""
from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ispbill.accounts.models import OneTimeToken, User, UserSession
from ispbill.accounts.passwords import service as passwords
from ispbill.accounts.passwords.service import LinkPurpose
from ispbill.core.crypto import password_matches
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.errors import NotFound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications.models import Message
from tests.make.browsers import PASSWORD, Browser, colleague, owner, signed_in

NEW = {"password": "another four words", "again": "another four words"}


def link(user: User, purpose: LinkPurpose = LinkPurpose.RESET) -> str:
    with unit_of_work():
        return passwords.send_link(db.session.get_one(User, user.id), purpose)


def messages() -> list[str]:
    with unit_of_work():
        return list(db.session.scalars(select(Message.recipient).order_by(Message.id)))


def test_a_reset_sends_a_link_and_the_link_sets_the_password(app: Flask, tenant: TenantRef) -> None:
    person = owner()
    browser = Browser(app, tenant)
    assert browser.post("/password/reset", {"email": " OWNER@example.com"}).status_code == 200
    assert messages() == ["owner@example.com"]
    token = link(person)
    assert browser.get(f"/password/set/{token}").status_code == 200
    assert browser.post(f"/password/set/{token}", NEW).location == "/login"
    assert browser.sign_in(password=PASSWORD).status_code == 422
    assert browser.sign_in(password=NEW["password"]).status_code == 302


def test_whoever_asks_does_not_learn_who_has_an_account(app: Flask, tenant: TenantRef) -> None:
    owner()
    browser = Browser(app, tenant)
    pages = [browser.post("/password/reset", {"email": email}) for email in ("owner@example.com", "nobody@x.com")]
    assert pages[0].status_code == pages[1].status_code == 200
    assert pages[0].text.replace("owner@example.com", "nobody@x.com") == pages[1].text
    assert messages() == ["owner@example.com"]


def test_a_mailbox_is_not_flooded(app: Flask, tenant: TenantRef) -> None:
    owner()
    with unit_of_work():
        passwords.request_reset("owner@example.com")
        passwords.request_reset("owner@example.com")
    with at(current.now() + timedelta(minutes=3)), unit_of_work():
        passwords.request_reset("owner@example.com")
    assert len(messages()) == 2


def test_a_link_works_once(app: Flask, tenant: TenantRef) -> None:
    token = link(owner())
    browser = Browser(app, tenant)
    assert browser.post(f"/password/set/{token}", NEW).status_code == 302
    for answer in (browser.get(f"/password/set/{token}"), browser.post(f"/password/set/{token}", NEW)):
        assert answer.status_code == 404 and "does not work any more" in answer.text


def test_a_poor_password_does_not_use_the_link_up(app: Flask, tenant: TenantRef) -> None:
    token = link(owner())
    browser = Browser(app, tenant)
    poor = browser.post(f"/password/set/{token}", {"password": "password123", "again": "password123"})
    assert poor.status_code == 422 and "easy to guess" in poor.text
    unequal = browser.post(f"/password/set/{token}", {**NEW, "again": "something else"})
    assert unequal.status_code == 422 and "do not match" in unequal.text
    assert browser.post(f"/password/set/{token}", NEW).status_code == 302


def test_only_the_newest_link_works(app: Flask, tenant: TenantRef) -> None:
    person = owner()
    older, newer = link(person), link(person)
    browser = Browser(app, tenant)
    assert browser.get(f"/password/set/{older}").status_code == 404
    assert browser.get(f"/password/set/{newer}").status_code == 200


@pytest.mark.parametrize(("purpose", "lifetime"), [
    (LinkPurpose.RESET, timedelta(hours=1)), (LinkPurpose.INVITATION, timedelta(days=7)),
])
def test_a_link_is_too_old_one_day(tenant: TenantRef, purpose: LinkPurpose, lifetime: timedelta) -> None:
    token, issued = link(owner(), purpose), current.now()
    with at(issued + lifetime), pytest.raises(NotFound), unit_of_work():
        passwords.set_by_link(token, password=NEW["password"])
    with at(issued + lifetime - timedelta(seconds=1)), unit_of_work():
        passwords.set_by_link(token, password=NEW["password"])


def test_a_link_of_one_company_is_void_at_another(
    app: Flask, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    token = link(owner())
    with bound(other_tenant, SYSTEM):
        owner()
    assert Browser(app, other_tenant).get(f"/password/set/{token}").status_code == 404


def test_a_new_password_ends_every_session_and_unlocks(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    for _ in range(5):
        Browser(app, tenant).sign_in(password="wrong")
    with unit_of_work():
        person = db.session.scalars(select(User)).one()
    token = link(person)
    with unit_of_work():
        passwords.set_by_link(token, password=NEW["password"])
    assert browser.get("/profile").status_code == 302
    assert Browser(app, tenant).sign_in(password=NEW["password"]).status_code == 302


def test_who_is_deactivated_gets_no_link_and_uses_none(app: Flask, tenant: TenantRef) -> None:
    person = colleague()
    token = link(person)
    with unit_of_work():
        db.session.get_one(User, person.id).status = "deactivated"
    assert Browser(app, tenant).get(f"/password/set/{token}").status_code == 404
    before = messages()
    with unit_of_work():
        passwords.request_reset(person.email)
    assert messages() == before


def test_a_link_is_stored_as_a_digest_only(tenant: TenantRef) -> None:
    token = link(owner())
    with unit_of_work():
        row = db.session.scalars(select(OneTimeToken)).one()
        assert token not in row.token_digest and len(row.token_digest) == 64


def test_one_changes_ones_own_password_and_other_browsers_are_out(app: Flask, tenant: TenantRef) -> None:
    browser, other = signed_in(app, tenant), Browser(app, tenant)
    other.sign_in()
    wrong = browser.post("/profile/password", {"present": "wrong", **NEW})
    assert wrong.status_code == 422 and "not your present password" in wrong.text
    assert browser.post("/profile/password", {"present": PASSWORD, **NEW}).status_code == 302
    assert browser.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 302
    with unit_of_work():
        person = db.session.scalars(select(User)).one()
        assert password_matches(person.password_hash, NEW["password"])
        assert db.session.scalars(select(UserSession.revoked_at).order_by(UserSession.id)).all()[0] is None
    assert messages() == ["owner@example.com"]

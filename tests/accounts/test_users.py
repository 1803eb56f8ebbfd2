"""The staff: invited by link, changed and put out only by those who may do as much; the owner stays."""
from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ispbill.accounts.models import Role, User
from ispbill.accounts.queries import permissions_of
from ispbill.accounts.roles import queries as role_queries
from ispbill.accounts.roles import service as roles
from ispbill.accounts.users import service as users
from ispbill.audit.models import AuditEntry
from ispbill.core.current import Actor, TenantRef, acting_as
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Forbidden, Invalid
from ispbill.core.permissions import GROUPS
from ispbill.core.unit_of_work import unit_of_work
from tests.make.browsers import PASSWORD, Browser, colleague, member, owner, signed_in

INVOICES = f"group_{[group.label for group in GROUPS].index('Invoices')}"


def role(name: str) -> int:
    with unit_of_work():
        return db.session.scalars(select(Role.id).where(Role.name == name)).one()


def as_user(user: User) -> Actor:
    with unit_of_work():
        return Actor(kind="user", name=user.full_name, user_id=user.id, permissions=permissions_of(user.id))


def test_the_owner_is_registered_once_and_sets_a_password_by_link(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        first = users.register_owner("Boss@Example.com", full_name="Bo Boss")
    with unit_of_work():
        token = users.register_owner("boss@example.com", full_name="Bo Boss")
    assert first and token and first != token
    browser = Browser(app, tenant)
    browser.post(f"/password/set/{token}", {"password": PASSWORD, "again": PASSWORD})
    assert browser.sign_in(email="boss@example.com").status_code == 302
    with unit_of_work():
        assert users.register_owner("boss@example.com", full_name="Bo Boss") is None
        assert db.session.scalars(select(User.email)).all() == ["boss@example.com"]
    with pytest.raises(Conflict, match="another owner"), unit_of_work():
        users.register_owner("other@example.com", full_name="Other")


def test_the_owner_passes_every_check(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    for path in ("/users", "/roles", "/api-tokens", "/audit-logs", "/messages", "/settings"):
        assert browser.get(path).status_code == 200, path


def test_without_the_permission_there_is_no_page(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_user_list"])
    assert browser.get("/users").status_code == 200
    for path in ("/users/invite", "/roles", "/api-tokens", "/audit-logs", "/messages", "/settings"):
        assert browser.get(path).status_code == 403, path


def test_somebody_is_invited_and_may_do_what_the_role_says(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    answer = browser.post("/users/invite", {
        "full_name": "Cora Cash", "email": "Cora@Example.com", "role_ids": [str(role("Cashier"))],
    })
    assert answer.status_code == 200 and "No mail server is set up" in answer.text
    link = answer.text.partition("/password/set/")[2].partition("<")[0]
    assert "Invited" in browser.get("/users").text
    cora = Browser(app, tenant)
    assert cora.post(f"/password/set/{link}", {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    cora.sign_in(email="cora@example.com")
    assert cora.get("/profile").status_code == 200
    assert cora.get("/users").status_code == 403


def test_an_address_is_invited_once(app: Flask, tenant: TenantRef) -> None:
    colleague("ana@example.com")
    browser = signed_in(app, tenant)
    answer = browser.post("/users/invite", {"full_name": "Ana", "email": "ANA@example.com"})
    assert answer.status_code == 422 and "already a user" in answer.text


def test_nobody_gives_a_role_that_holds_what_they_lack(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["invite_user", "view_user_list"])
    assert "Manager" not in browser.get("/users/invite").text
    answer = browser.post("/users/invite", {
        "full_name": "Evil Eve", "email": "eve@example.com", "role_ids": [str(role("Manager"))],
    })
    assert answer.status_code == 422
    actor = Actor(kind="user", name="Ana", user_id=1, permissions=frozenset({"invite_user"}))
    with acting_as(actor), pytest.raises(Forbidden), unit_of_work():
        users.invite("eve@example.com", full_name="Eve", role_ids=[role_queries.rights()[0].id])
    with unit_of_work():
        assert db.session.scalars(select(User).where(User.email == "eve@example.com")).all() == []


def test_roles_one_may_not_give_are_kept_when_somebody_is_changed(app: Flask, tenant: TenantRef) -> None:
    deputy = colleague("deputy@example.com", permissions=["change_user", "view_user_list", "view_invoice_list"])
    target = colleague("target@example.com", permissions=["view_invoice_list"])
    browser = Browser(app, tenant)
    browser.sign_in(email=deputy.email)
    answer = browser.post(f"/users/{target.id}/change", {"full_name": "New Name", "email": target.email})
    assert answer.status_code == 302
    with unit_of_work():
        assert permissions_of(target.id) == frozenset()
    manager = colleague("manager@example.com", permissions=["void_invoice"])
    renaming = {"full_name": "X", "email": "x@example.com"}
    assert browser.post(f"/users/{manager.id}/change", renaming).status_code == 422


def test_an_invitation_is_void_once_the_invited_may_do_more(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        invited = users.invite("nena@example.com", full_name="Nena", role_ids=[])
    path = invited.url.partition("isp.test:8000")[2]
    browser = Browser(app, tenant)
    assert browser.get(path).status_code == 200
    for role_ids, status in (([], 200), ([role("Cashier")], 404)):
        with unit_of_work():
            users.change(invited.user.id, full_name="Nena", email="nena@example.com", role_ids=role_ids)
        assert browser.get(path).status_code == status


def test_nobody_changes_or_puts_out_a_user_who_may_do_more(app: Flask, tenant: TenantRef) -> None:
    boss, deputy = owner(), colleague(permissions=["change_user", "deactivate_user"])
    senior = colleague("senior@example.com", permissions=["change_user", "deactivate_user", "void_invoice"])
    with acting_as(as_user(deputy)):
        for target in (boss, senior):
            with pytest.raises(Forbidden, match="rights that you lack"), unit_of_work():
                users.deactivate(target.id)
            with pytest.raises(Forbidden), unit_of_work():
                users.change(target.id, full_name="X", email="x@example.com", role_ids=[])
            with pytest.raises(Forbidden), unit_of_work():
                users.sign_out_elsewhere(target.id, session_id=1)


def test_the_owner_cannot_be_put_out_even_by_the_owner_nor_anybody_by_themselves(tenant: TenantRef) -> None:
    boss = owner()
    with pytest.raises(Conflict, match="owner"), unit_of_work():
        users.deactivate(boss.id)
    deputy = colleague(permissions=["deactivate_user"])
    with acting_as(as_user(deputy)), pytest.raises(Conflict, match="yourself"), unit_of_work():
        users.deactivate(deputy.id)


def test_somebody_is_put_out_and_let_in_again(app: Flask, tenant: TenantRef) -> None:
    browser, person = signed_in(app, tenant), colleague()
    theirs = Browser(app, tenant)
    theirs.sign_in(email=person.email)
    assert "cannot sign in" in browser.get(f"/users/{person.id}/deactivate").text
    assert browser.post(f"/users/{person.id}/deactivate").status_code == 302
    assert theirs.get("/profile").status_code == 302
    assert theirs.sign_in(email=person.email).status_code == 422
    assert browser.post(f"/users/{person.id}/activate").status_code == 302
    assert theirs.sign_in(email=person.email).status_code == 302


def test_a_change_of_roles_is_recorded_by_name(app: Flask, tenant: TenantRef) -> None:
    browser, person = signed_in(app, tenant), colleague()
    browser.post(f"/users/{person.id}/change", {
        "full_name": "Ana", "email": person.email, "role_ids": [str(role("Cashier"))],
    })
    with unit_of_work():
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.before, entry.after) == ({"roles": []}, {"roles": ["Cashier"]})
        assert (entry.actor_name, entry.entity_id) == ("Olivia Owner", person.id)


def test_the_list_is_searched_filtered_and_exported(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    colleague("zed@example.com")
    assert "zed@example.com" in browser.get("/users").text
    assert "zed@example.com" not in browser.get("/users?q=olivia").text
    assert "zed@example.com" not in browser.get("/users?status=deactivated").text
    assert "zed@example.com" not in browser.get(f"/users?role={role('Cashier')}").text
    exported = browser.get("/users/export?q=zed").text
    assert "zed@example.com" in exported and "owner@example.com" not in exported


def test_a_role_holds_no_more_than_its_maker(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_role_list", "change_role", "view_invoice_list"])
    page = browser.get("/roles/add").text
    assert 'value="view_invoice_list"' in page and 'value="void_invoice"' not in page
    assert browser.post("/roles/add", {"name": "Sneaky", INVOICES: ["void_invoice"]}).status_code == 422
    assert browser.post("/roles/add", {"name": "Clerk", INVOICES: ["view_invoice_list"]}).status_code == 302
    with unit_of_work():
        assert role_queries.permissions_in(role_queries.rights()[1].id)


def test_rights_that_one_lacks_stay_in_a_role_whatever_one_ticks(tenant: TenantRef) -> None:
    cashier = role("Cashier")
    actor = Actor(kind="user", name="Ana", user_id=1, permissions=frozenset({"change_role", "view_dashboard"}))
    with unit_of_work():
        present, described = role_queries.permissions_in(cashier), db.session.get_one(Role, cashier).description
    with acting_as(actor):
        with pytest.raises(Forbidden), unit_of_work():
            roles.change(cashier, name="Cashier", description=described, permissions=[])
        with pytest.raises(Forbidden), unit_of_work():
            roles.change(cashier, name="Cashier", description=described, permissions=present | {"void_invoice"})
        with unit_of_work():
            roles.change(cashier, name="Cashier", description=described, permissions=present - {"view_dashboard"})
    with unit_of_work():
        assert role_queries.permissions_in(cashier) == present - {"view_dashboard"}


@pytest.mark.parametrize("change", [
    {"name": "Nobody"}, {"description": "Of no use"}, {"requires_second_factor": False},
], ids=["name", "description", "second factor"])
def test_who_may_less_than_a_role_neither_renames_it_nor_takes_its_second_factor(
    tenant: TenantRef, change: dict[str, Any]
) -> None:
    manager = role("Manager")
    with unit_of_work():
        present = role_queries.permissions_in(manager)
        known = {"name": "Manager", "description": "", "permissions": present, "requires_second_factor": True}
        roles.change(manager, **known)
    lesser = Actor(kind="user", name="Ana", user_id=1, permissions=frozenset({"change_role", "view_dashboard"}))
    with acting_as(lesser):
        with unit_of_work():
            roles.change(manager, **known)
        with pytest.raises(Forbidden), unit_of_work():
            roles.change(manager, **{**known, **change})
    greater = Actor(kind="user", name="Ben", user_id=2, permissions=present)
    with acting_as(greater), unit_of_work():
        roles.change(manager, **{**known, **change})


def test_a_role_is_removed_only_when_nobody_has_it(app: Flask, tenant: TenantRef) -> None:
    colleague(permissions=["view_invoice_list"])
    browser, used = signed_in(app, tenant), role("Role of ana@example.com")
    answer = browser.post(f"/roles/{used}/remove")
    assert answer.status_code == 422 and "Users have this role" in answer.text
    assert browser.post(f"/roles/{role('Marketing')}/remove").status_code == 302
    assert "Marketing" not in browser.get("/roles/export").text


def test_the_file_of_roles_holds_what_the_search_shows(app: Flask, tenant: TenantRef) -> None:
    text = signed_in(app, tenant).get("/roles/export?q=cash").text
    assert "Cashier" in text and "Technician" not in text


def test_a_role_name_is_taken_once(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    answer = browser.post("/roles/add", {"name": "Cashier"})
    assert answer.status_code == 422 and "already a role" in answer.text


def test_an_unknown_permission_is_refused(tenant: TenantRef) -> None:
    with pytest.raises(Invalid), unit_of_work():
        roles.add("Odd", permissions=["fly"])



def test_the_menu_of_a_person_names_their_roles(app: Flask, tenant: TenantRef) -> None:
    browser = Browser(app, tenant)
    browser.sign_in(member("Cashier").email)
    assert "Cashier: your menu" in browser.get("/profile").text
    assert "Owner: your menu" in signed_in(app, tenant).get("/profile").text

"""`ispbill tenant administrators` and `restore-owner`: an owner without password and telephone comes back in."""
from __future__ import annotations

from ispbill.accounts.users import queries as users
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.cli.conftest import CommandLine
from tests.make.browsers import OWNER_EMAIL, Browser, colleague, owner, two_factors


def test_who_may_change_users_is_listed(ispbill: CommandLine, tenant: TenantRef) -> None:
    owner()
    colleague("deputy@example.com", permissions=["change_user"])
    colleague("clerk@example.com", permissions=["view_user_list"])
    listed = ispbill.json("tenant", "administrators", tenant.subdomain)
    assert [row["email"] for row in listed] == ["deputy@example.com", OWNER_EMAIL]


def test_an_owner_who_lost_everything_comes_back_in(
    app: IspbillFlask, ispbill: CommandLine, tenant: TenantRef
) -> None:
    boss_id = owner().id
    with unit_of_work():
        two_factors(boss_id)
    url = ispbill.json("tenant", "restore-owner", tenant.subdomain)["url"]
    browser = Browser(app, tenant)
    path = "/password/set/" + url.rpartition("/")[2]
    assert browser.post(path, {"password": "five words that also fit", "again": "five words that also fit"}).location
    assert browser.sign_in(password="five words that also fit").location == "/home"
    with bound(tenant, SYSTEM), unit_of_work():
        assert users.owner().id == boss_id

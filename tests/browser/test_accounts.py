"""Rights and signing in, in a browser: a role that changes a menu; two factors from the picture to the sign-in."""
from __future__ import annotations

from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import expect

from ispbill.accounts.roles import service as roles
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.unit_of_work import unit_of_work
from tests.browser.visiting import DESKTOP, PHONE, Visitor
from tests.make.browsers import colleague

BOTH = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])


@BOTH
def test_a_role_is_made_and_the_menu_changes(
    visit: Callable[..., Visitor], company: TenantRef, viewport: dict[str, int]
) -> None:
    with bound(company, SYSTEM):
        ana = colleague().email
        with unit_of_work():
            roles.add("Counter", permissions=["view_customer_list", "view_customer_detail"])
    boss, clerk = visit(viewport=viewport), visit(viewport=viewport)
    clerk.sign_in(ana)
    _unfold(clerk)
    menu = clerk.page.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link", name="Customers", exact=True)).to_have_count(0)
    boss.sign_in()
    _add_role(boss)
    _give(boss, ana, "Evening desk")
    clerk.open("/home")
    _unfold(clerk)
    expect(menu.get_by_role("link", name="Customers", exact=True)).to_be_visible()
    expect(menu.get_by_role("link", name="Invoices")).to_be_visible()
    expect(menu.get_by_role("link", name="Users")).to_have_count(0)
    for visitor in (boss, clerk):
        visitor.assert_content()


@BOTH
def test_two_factors_from_the_picture_to_the_sign_in(
    visit: Callable[..., Visitor], company: TenantRef, viewport: dict[str, int]
) -> None:
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    secret = _set_up(visitor)
    codes = visitor.page.get_by_role("list", name="Recovery codes").get_by_role("listitem").all_inner_texts()
    assert len(codes) == 10 and pyotp.TOTP(secret).now()
    visitor.press("I have kept them")
    expect(visitor.page.get_by_role("main")).to_contain_text("10 of 10")
    again = visit(viewport=viewport)
    again.sign_in()
    again.fill(code="000000")
    again.press("Sign in")
    expect(again.page.get_by_role("alert")).to_contain_text("not right")
    again.fill(code=codes[0])
    again.press("Sign in")
    again.open("/profile")
    expect(again.page.get_by_role("main")).to_contain_text("9 of 10")
    again.press("Turn off")
    again.fill(code=codes[1])
    again.press("Turn off")
    expect(again.page.get_by_role("main")).to_contain_text("your password alone opens your account")


@BOTH
def test_the_pages_about_people_and_rights(
    visit: Callable[..., Visitor], company: TenantRef, viewport: dict[str, int]
) -> None:
    with bound(company, SYSTEM):
        ana_id = colleague(permissions=["view_customer_list"]).id
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    for path in (
        f"/users/{ana_id}", f"/users/{ana_id}/change", "/users/invite", "/roles/add", "/roles/1", "/roles/1/change",
        "/settings/sign-in", "/api-tokens", "/api-tokens/create", "/audit-logs", "/audit-logs/1", "/profile",
    ):
        visitor.open(path)
        visitor.assert_content()


def _unfold(visitor: Visitor) -> None:
    """On a phone the menu is folded away."""
    box = visitor.page.get_by_role("checkbox", name="Navigation")
    if box.is_visible():
        visitor.page.get_by_title("Navigation").click()


def _add_role(boss: Visitor) -> None:
    page = boss.open("/roles")
    boss.press("Add role")
    boss.press("Counter")
    boss.fill(name="Evening desk", description="Answers after six")
    expect(page.get_by_label("View customer list")).to_be_checked()
    page.get_by_label("View invoice list").check()
    boss.press("Save role")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Evening desk")


def _give(boss: Visitor, email: str, role: str) -> None:
    page = boss.open("/users?q=" + email)
    page.get_by_role("main").get_by_role("link", name="Ana").click()
    page.wait_for_url("**/users/*")
    boss.press("Change")
    page.get_by_label(role).check()
    boss.press("Save user")


def _set_up(visitor: Visitor) -> str:
    page = visitor.open("/profile")
    visitor.press("Set up")
    page.get_by_text("Cannot scan it?").click()
    secret = page.locator("details p.font-mono").inner_text().replace(" ", "")
    visitor.look()
    visitor.fill(code=pyotp.TOTP(secret).now(), password="four words that fit")
    visitor.press("Turn on")
    return secret

"""Prepaid at a browser: an expired line is found, shown what it would get, renewed; on a desk and on a phone."""
from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from ispbill.billing.prepaid.upkeep import service as upkeep
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.unit_of_work import unit_of_work
from tests.browser.visiting import DESKTOP, OWNER, PASSWORD, PHONE, Visitor
from tests.make import loads, offers, people
from tests.make.browsers import member


@pytest.fixture
def expired(company: TenantRef) -> int:
    """Maria's line, loaded for 30 days a while ago and run out since; the subscription's id."""
    with bound(company, SYSTEM):
        with unit_of_work(), at(current.now() - timedelta(days=40)):
            maria = people.register_customer("Maria Santos")
            place = offers.installation(maria, address="12 Mabini Street")
            load = loads.load(maria.id, plan=offers.plan(100_000, name="Fibre 50"), installation_id=place.id)
            key = load.subscription_id
        with unit_of_work():
            upkeep.expire_due()
    return key


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_cashier_renews_an_expired_prepaid(
    visit: Callable[..., Visitor], company: TenantRef, expired: int, viewport: dict[str, int]
) -> None:
    with bound(company, SYSTEM):
        cashier = member("Cashier").email
    visitor = visit(viewport=viewport)
    visitor.sign_in(cashier)
    page = visitor.open("/customer-subscriptions?status=expired")
    expect(page.get_by_role("main")).to_contain_text("Maria Santos")
    visitor.press("Renew")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("30 days")
    page.get_by_label("Any amount").check()
    page.locator("[name=amount]").fill("150")
    expect(preview).to_contain_text("4 days 12 hours")
    expect(preview).to_contain_text("To collect")
    visitor.look()
    visitor.press("Renew")
    page.wait_for_url(f"**/customer-subscriptions/prepaid/{expired}")
    main = page.get_by_role("main")
    expect(main).to_contain_text("Served until")
    expect(main).to_contain_text("₱150.00")
    expect(main.get_by_text("Running")).to_be_visible()
    visitor.open("/customer-subscriptions?status=active")
    expect(page.get_by_role("main")).to_contain_text("Maria Santos")
    visitor.assert_content()


def test_the_preview_works_without_javascript(visit: Callable[..., Visitor], expired: int) -> None:
    visitor = visit(java_script_enabled=False)
    page, site = visitor.page, visitor.site
    page.goto(f"{site}/login")
    page.locator("[name=email]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{site}/customer-subscriptions/prepaid/{expired}/renew")
    page.get_by_label("15 days, half the price").check()
    page.get_by_role("button", name="Show what it gives").click()
    expect(page.locator("#preview")).to_contain_text("15 days")
    expect(page.locator("#preview")).to_contain_text("₱500.00")
    page.get_by_role("main").get_by_role("button", name="Renew").click()
    expect(page.get_by_role("main")).to_contain_text("Served until")

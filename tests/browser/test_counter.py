"""The counter: change for a customer, and the count at night, at a desk and on a phone."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.unit_of_work import unit_of_work
from tests.browser.visiting import DESKTOP, PHONE, Visitor
from tests.make import bills, offers
from tests.make.browsers import member

BOTH = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])


@pytest.fixture
def cashier(visit: Callable[..., Visitor], company: TenantRef, viewport: dict[str, int]) -> Visitor:
    """A cashier with an open drawer."""
    with bound(company, SYSTEM):
        email = member("Cashier").email
    visitor = visit(viewport=viewport)
    visitor.sign_in(email)
    visitor.open("/cash/open")
    visitor.press("Open")
    return visitor


@pytest.fixture
def customer_id(company: TenantRef) -> int:
    """Somebody who owes ₱1,499.00."""
    with bound(company, SYSTEM):
        return bills.billed(price_minor=149_900).customer_id


@BOTH
def test_the_page_reckons_the_change_while_it_is_typed(cashier: Visitor, customer_id: int) -> None:
    page = cashier.open(f"/payments/record/{customer_id}")
    change = page.locator("[aria-live=polite] > #change")
    page.get_by_label("Cash given").press_sequentially("2000")
    expect(change).to_have_text("Give back ₱501.00.")
    expect(page.get_by_label("Cash given")).to_be_focused()
    cashier.fill(amount="2,500.00")
    expect(change).to_have_text("₱500.00 is missing.")
    expect(page.locator("#settles")).to_contain_text("₱1,001.00")
    page.get_by_label("Method").select_option("e_wallet")
    expect(page.get_by_label("Cash given")).to_have_count(0)
    page.get_by_label("Method").select_option("cash")
    cashier.fill(given="3000")
    expect(change).to_have_text("Give back ₱500.00.")
    cashier.look()
    cashier.press("Record payment")
    expect(page.locator("main header")).to_contain_text("CR-000001")
    expect(page.get_by_text("Give back ₱500.00.")).to_be_visible()
    cashier.assert_content()


@BOTH
def test_the_prepaid_form_reckons_the_change_of_what_the_load_costs(
    cashier: Visitor, customer_id: int, company: TenantRef
) -> None:
    with bound(company, SYSTEM), unit_of_work():
        offers.plan(100_000, name="Load 30")
    page = cashier.open(f"/customer-subscriptions/new/{customer_id}")
    change = page.locator("[aria-live=polite] > #change")
    page.get_by_label("Plan").select_option(label="Load 30, ₱1,000.00 for 30 days")
    page.get_by_label("Cash given").press_sequentially("2000")
    expect(change).to_have_text("Give back ₱1,000.00.")
    expect(page.get_by_label("Cash given")).to_be_focused()
    page.get_by_label("Paid by").select_option("bank")
    expect(page.get_by_label("Cash given")).to_have_count(0)
    page.get_by_label("Paid by").select_option("cash")
    cashier.fill(received="1200", given="1500")
    expect(change).to_have_text("Give back ₱300.00.")
    cashier.look()
    cashier.assert_content()


@BOTH
def test_the_count_is_added_up_while_it_is_written(cashier: Visitor) -> None:
    cashier.press("Count")
    page = cashier.page
    total = page.locator("[aria-live=polite] > #written")
    expect(total).to_be_hidden()
    page.get_by_label("₱1,000.00", exact=True).press_sequentially("12")
    expect(total).to_contain_text("₱12,000.00")
    page.get_by_label("₱0.25", exact=True).fill("3")
    expect(total).to_contain_text("₱12,000.75")
    expect(total).to_be_in_viewport()
    page.get_by_label("₱1,000.00", exact=True).fill("")
    expect(total).to_contain_text("₱0.75")
    cashier.look()
    cashier.press("This is all")
    expect(page.get_by_role("main")).to_contain_text("It waits for the person")
    cashier.assert_content()


@pytest.mark.parametrize("viewport", [DESKTOP])
def test_without_scripts_the_counter_works_as_it_is_sent(
    cashier: Visitor, visit: Callable[..., Visitor], customer_id: int
) -> None:
    plain = visit(java_script_enabled=False, storage_state=cashier.page.context.storage_state())
    page = plain.page
    page.goto(f"{plain.site}/payments/record/{customer_id}")
    plain.fill(given="1000")
    page.get_by_role("button", name="Record payment").click()
    expect(page.get_by_role("main")).to_contain_text("₱499.00 is missing.")
    plain.fill(given="2000")
    page.get_by_role("button", name="Record payment").click()
    expect(page.locator("main header")).to_contain_text("CR-000001")
    page.goto(cashier.page.url)
    page.get_by_role("link", name="Count", exact=True).click()
    expect(page.locator("#written")).to_be_hidden()
    page.get_by_label("₱500.00", exact=True).fill("3")
    page.get_by_role("button", name="This is all").click()
    expect(page.get_by_role("main")).to_contain_text("It waits for the person")

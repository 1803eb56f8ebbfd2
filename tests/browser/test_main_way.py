"""The way the product exists for: sign in, register a customer, subscribe, bill, be paid. At a desk and on a phone."""
from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.unit_of_work import unit_of_work
from tests.browser.visiting import DESKTOP, PHONE, Visitor
from tests.make import offers


@pytest.fixture
def plan(company: TenantRef) -> str:
    """A plan on sale; its name."""
    with bound(company, SYSTEM), unit_of_work():
        return offers.plan(149900, tax=offers.tax("12"), name="Fibre 100", code="FIBRE-100").name


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_from_a_new_customer_to_a_paid_invoice(
    visit: Callable[..., Visitor], worker: subprocess.Popen[bytes], viewport: dict[str, int]
) -> None:
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    _register(visitor, "Maria Santos")
    _subscribe(visitor)
    _bill(visitor)
    assert worker.poll() is None
    _pay(visitor)
    visitor.assert_content()


def _register(visitor: Visitor, name: str) -> None:
    page = visitor.open("/customers")
    visitor.press("Register customer")
    visitor.fill(name=name, phone="0917 123 4567", street="12 Mabini Street")
    visitor.press("Register customer")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    expect(page.get_by_role("main")).to_contain_text("0917 123 4567")


def _subscribe(visitor: Visitor) -> None:
    page = visitor.page
    visitor.press("Subscribe")
    page.locator("select[name=plan_id]").select_option(index=1)
    visitor.press("Show the first bill")
    expect(page.get_by_role("main")).to_contain_text("First bill")
    expect(page.get_by_role("main")).to_contain_text("₱1,499.00")
    visitor.press("Subscribe")
    expect(page.get_by_role("main")).to_contain_text("Fibre 100")


def _bill(visitor: Visitor) -> None:
    page = visitor.open("/billing/runs/prepare")
    expect(page.get_by_role("main")).to_contain_text("₱1,499.00")
    visitor.press("Start and bill now")
    expect(page.get_by_role("main")).to_contain_text("Nobody was parked", timeout=30_000)
    visitor.look()
    visitor.press("Invoices")
    expect(page.get_by_role("main")).to_contain_text("INV-000001")


def _pay(visitor: Visitor) -> None:
    page = visitor.page
    visitor.press("INV-000001")
    expect(page.get_by_role("main")).to_contain_text("Still open")
    visitor.press("Maria Santos")
    visitor.press("Record payment")
    visitor.fill(amount="1,499.00")
    visitor.press("Record payment")
    visitor.open("/invoices")
    visitor.press("INV-000001")
    expect(page.locator("main header")).to_contain_text("Paid")
    expect(page.get_by_role("region", name="Settlement")).to_contain_text("₱0.00")

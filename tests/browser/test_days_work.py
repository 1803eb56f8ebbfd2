"""A day's work by those who do it: reception registers and sells, a technician installs, a cashier takes the money."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.unit_of_work import unit_of_work
from tests.browser.visiting import DESKTOP, PHONE, Visitor
from tests.make import equipment, offers, plants
from tests.make.browsers import member

BOTH = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
STAFF = ("Customer Service", "Technician", "Cashier")


@pytest.fixture
def staff(company: TenantRef) -> dict[str, str]:
    """Who works there, one of each role, with a plan to sell, a free port and a router; their e-mail addresses."""
    with bound(company, SYSTEM):
        with unit_of_work():
            offers.plan(100_000, name="Fibre 50", code="FIBRE-50")
            plants.nap(plants.splitter(plants.lcp(code="LCP-1"), code="SP-1"), code="NAP-1")
            equipment.router("SN-1")
        return {role: member(role).email for role in STAFF}


@BOTH
def test_from_the_counter_to_the_receipt(
    visit: Callable[..., Visitor], staff: dict[str, str], viewport: dict[str, int]
) -> None:
    reception, technician, cashier = (_arrived(visit, staff[role], viewport) for role in STAFF)
    _register(reception)
    _install(technician)
    _subscribe(reception)
    _collect(cashier)
    for person in (reception, technician, cashier):
        person.assert_content()


def _arrived(visit: Callable[..., Visitor], email: str, viewport: dict[str, int]) -> Visitor:
    visitor = visit(viewport=viewport)
    visitor.sign_in(email)
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    return visitor


def _register(visitor: Visitor) -> None:
    page = visitor.open("/customers/register")
    visitor.fill(name="Maria Santos", phone="0917 123 4567", street="12 Mabini Street")
    visitor.press("Register customer")
    page.get_by_role("heading", name="Timeline").scroll_into_view_if_needed()
    expect(page.locator("#story li")).to_have_count(1)
    visitor.press("Plan an installation")
    page.locator("select[name=technician_id]").select_option(label="Technician")
    visitor.press("Plan installation")
    expect(page.get_by_role("main")).to_contain_text("On no port yet")


def _install(visitor: Visitor) -> None:
    page = visitor.open("/installations?status=open&technician=me")
    visitor.press("Maria Santos")
    visitor.press("Complete")
    expect(page.locator("dialog[open]")).to_contain_text("It is on no port yet")
    expect(page.locator("dialog[open]")).to_contain_text("No router stands there yet")
    visitor.press("Choose a port")
    for name, label in (("lcp", "LCP-1"), ("splitter", "SP-1"), ("nap", "NAP-1")):
        choice = page.locator(f"select[name={name}]")
        expect(choice).to_be_enabled()
        choice.select_option(label=next(text for text in choice.locator("option").all_inner_texts() if label in text))
    page.locator("select[name=port_id]").select_option(label="Port 3")
    visitor.press("Put the line on this port")
    visitor.press("Assign a router")
    visitor.fill(router="SN-1")
    visitor.press("Assign router")
    expect(page.get_by_role("region", name="Router")).to_contain_text("SN-1")
    visitor.press("Complete")
    visitor.press("Complete installation")
    expect(page.locator("main header")).to_contain_text("Active")


def _subscribe(visitor: Visitor) -> None:
    page = visitor.open("/customers?q=maria+0917")
    visitor.press("Maria Santos")
    visitor.press("Subscribe")
    page.locator("select[name=plan_id]").select_option(index=1)
    visitor.press("Show the first bill")
    expect(page.get_by_role("main")).to_contain_text("₱1,000.00")
    visitor.press("Subscribe")
    expect(page.get_by_role("main")).to_contain_text("Fibre 50")


def _collect(visitor: Visitor) -> None:
    page = visitor.open("/customers?q=mabini")
    visitor.press("Maria Santos")
    visitor.press("Record payment")
    visitor.fill(amount="1,000.00")
    visitor.press("Record payment")
    visitor.open("/payments")
    visitor.press("CR-000001")
    expect(page.locator("main header")).to_contain_text("Maria Santos")
    with page.expect_download() as receipt:
        page.get_by_role("main").get_by_role("link", name="Receipt").click()
    assert receipt.value.suggested_filename.endswith(".pdf")

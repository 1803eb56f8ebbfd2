"""A call comes in: the ticket is opened, assigned, answered, resolved and closed. At a desk and on a phone."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.support.desk import service as desk
from tests.browser.visiting import DESKTOP, PHONE, Visitor
from tests.make import people


@pytest.fixture
def caller(company: TenantRef) -> str:
    """A customer who calls; a canned answer is ready."""
    with bound(company, SYSTEM), unit_of_work():
        desk.add_answer("Restart", body="Please switch the router off and on.")
        return people.register_customer("Maria Santos", phone="0917 123 4567", email="maria@example.com").name


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_from_a_call_to_a_closed_ticket(
    visit: Callable[..., Visitor], caller: str, viewport: dict[str, int]
) -> None:
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    _open(visitor, caller)
    _assign(visitor)
    _answer(visitor)
    _finish(visitor)
    visitor.assert_content()


def test_the_board_is_worked_with_the_keyboard(visit: Callable[..., Visitor], caller: str) -> None:
    visitor = visit()
    visitor.sign_in()
    _open(visitor, caller)
    page = visitor.open("/tickets/board")
    column = page.get_by_role("region", name="Open", exact=True)
    column.get_by_role("link", name="Start").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text("It counts as the first response")
    visitor.press("Start work")
    expect(page).to_have_url(visitor.site + "/tickets/board")
    expect(page.get_by_role("region", name="In progress")).to_contain_text("No light since noon")
    for path in ("/tickets", "/tickets/settings", "/tickets/settings/targets", "/tickets/board?q=nothing"):
        visitor.open(path)
    visitor.assert_content()


def _open(visitor: Visitor, caller: str) -> None:
    page = visitor.open("/tickets")
    visitor.press("Open ticket")
    page.get_by_placeholder("Name, phone, account no., street").fill("0917123")
    page.get_by_role("link", name=caller).click()
    page.wait_for_url("**/tickets/open/*")
    visitor.fill(subject="No light since noon", description="The lamp is red")
    page.locator("select[name=category_id]").select_option("No connection")
    page.locator("select[name=priority]").select_option("high")
    visitor.press("Open ticket")
    expect(page.get_by_role("heading", level=1)).to_contain_text("No light since noon")
    expect(page.get_by_role("main")).to_contain_text("TKT-")


def _assign(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_label("More actions").click()
    visitor.press("Assign")
    page.locator("dialog select[name=assignee_id]").select_option(index=1)
    visitor.press("Assign")
    expect(page.get_by_role("region", name="History")).to_contain_text("Assigned to")


def _answer(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_label("Begin with a canned answer").select_option("Restart")
    expect(page.locator("textarea[name=body]")).to_have_value("Please switch the router off and on.")
    visitor.press("Write comment")
    expect(page.get_by_role("region", name="Conversation")).to_contain_text("To the customer")


def _finish(visitor: Visitor) -> None:
    page = visitor.page
    for step, button, words in (("Start", "Start work", "In progress"), ("Resolve", "Resolve ticket", "Resolved"),
                                ("Close", "Close ticket", "Closed")):
        visitor.press(step)
        if step == "Resolve":
            visitor.fill(reason="A new connector")
        visitor.press(button)
        expect(page.locator("main header")).to_contain_text(words)
    expect(page.get_by_role("main")).to_contain_text("A new connector")

"""Without a mouse, without JavaScript, in the dark: the same work gets done."""
from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from ispbill.areas import service as areas
from ispbill.company import service as settings
from ispbill.company.policy import MapTiles
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries as customers
from tests.browser.visiting import DESKTOP, OWNER, PASSWORD, PHONE, Visitor
from tests.make import offers, people


@pytest.fixture
def maria(company: TenantRef) -> int:
    """Maria Santos among others; her id."""
    with bound(company, SYSTEM), unit_of_work():
        people.register_customer("Ana Reyes")
        people.register_customer("Ben Cruz")
        return people.register_customer("Maria Santos", phone="+639171234567").id


def test_sign_in_and_find_a_customer_by_keyboard_alone(visit: Callable[..., Visitor], maria: int) -> None:
    visitor = visit()
    page = visitor.open("/login")
    _tab_to(visitor, "email")
    page.keyboard.type(OWNER)
    _tab_to(visitor, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "global-search"
    page.keyboard.type("maria")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{maria}")
    visitor.assert_content()


def test_what_is_found_while_typing_is_walked_through_by_the_arrow_keys(
    visit: Callable[..., Visitor], maria: int
) -> None:
    visitor = visit()
    visitor.sign_in()
    page = visitor.open("/dashboard")
    page.keyboard.press("Control+k")
    page.keyboard.type("maria")
    hit = page.locator("#search-found").get_by_role("link", name="Maria Santos")
    expect(hit).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(hit).to_be_focused()
    page.keyboard.press("Escape")
    expect(hit).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "global-search"
    page.keyboard.type(" s")
    expect(hit).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{maria}")
    visitor.assert_content()


def test_the_place_of_a_customer_is_a_map_of_ours(visit: Callable[..., Visitor], company: TenantRef) -> None:
    with bound(company, SYSTEM), unit_of_work():
        settings.change_map(MapTiles("https://tiles.example.com/{z}/{x}/{y}.png", "Example"))
        known = people.register_customer("Lita Ramos", latitude=Decimal("14.6"), longitude=Decimal("120.98")).id
    visitor = visit()
    visitor.page.route("**/*.png", lambda route: route.fulfill(body=offers.PNG, content_type="image/png"))
    visitor.sign_in()
    page = visitor.open(f"/customers/{known}")
    expect(page.locator("#place-map[data-ready] .leaflet-marker-icon")).to_be_visible()
    visitor.assert_content()


def test_the_skip_link_is_first_and_leads_to_the_content(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in()
    page = visitor.open("/customers")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_a_dialog_keeps_the_focus_and_escape_closes_it(visit: Callable[..., Visitor], maria: int) -> None:
    visitor = visit()
    visitor.sign_in()
    page = visitor.open("/customers")
    page.get_by_role("link", name="Maria Santos").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{maria}")
    page.locator("main summary").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Activate").or_(page.get_by_role("link", name="Suspend")).first.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("dialog => dialog.contains(document.activeElement)")
    visitor.look()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("main summary").first).to_be_focused()
    visitor.assert_content()


def test_a_dialog_takes_the_focus_where_less_motion_is_wished_and_never_on_what_cannot_be_undone(
    visit: Callable[..., Visitor], company: TenantRef
) -> None:
    with bound(company, SYSTEM), unit_of_work():
        areas.add("Laguna")
    visitor = visit(reduced_motion="reduce")
    visitor.sign_in()
    page = visitor.open("/barangays")
    page.evaluate("document.adoptedStyleSheets = []")
    for label, first in (("Remove", "Cancel"), ("Rename", "Name")):
        page.get_by_role("link", name=label, exact=True).focus()
        page.keyboard.press("Enter")
        dialog = page.locator("dialog[open]")
        expect(dialog.get_by_role("link", name=first).or_(dialog.get_by_role("textbox", name=first))).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("link", name=label, exact=True)).to_be_focused()
    visitor.assert_content()


def test_on_a_phone_the_focus_goes_into_the_navigation_and_closes_it_when_it_leaves(
    visit: Callable[..., Visitor]
) -> None:
    visitor = visit(viewport=PHONE, reduced_motion="reduce")
    visitor.sign_in()
    page = visitor.open("/customers")
    page.evaluate("document.adoptedStyleSheets = []")
    switch = page.get_by_role("checkbox", name="Navigation")
    switch.focus()
    page.keyboard.press("Space")
    expect(page.locator(".shell-nav a").first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(switch).not_to_be_checked()
    visitor.assert_content()


def test_text_marked_past_the_edge_of_a_dialog_does_not_close_it(visit: Callable[..., Visitor], maria: int) -> None:
    visitor = visit()
    visitor.sign_in()
    page = visitor.open(f"/customers/{maria}")
    page.locator("main summary").first.click()
    page.get_by_role("link", name="Labels", exact=True).click()
    dialog = page.locator("dialog[open]")
    box = dialog.locator(".modal-box").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] - 80, box["y"] + 40)
    page.mouse.up()
    expect(dialog).to_be_visible()
    page.mouse.click(box["x"] - 80, box["y"] + 40)
    expect(dialog).to_have_count(0)
    visitor.assert_content()


def test_the_chosen_theme_stays(visit: Callable[..., Visitor]) -> None:
    visitor = visit(color_scheme="light")
    visitor.sign_in()
    page = visitor.page
    page.get_by_role("button", name="Use the dark theme").click()
    for path in ("/customers", "/invoices"):
        page.goto(visitor.site + path)
        assert page.evaluate("document.documentElement.dataset.theme") == "ispbill-dark"
    page.get_by_role("button", name="Use the light theme").click()
    assert page.evaluate("document.documentElement.dataset.theme ?? 'as the system'") == "as the system"


def test_on_paper_a_chart_is_dark_on_white_and_no_button_leaves_a_gap(
    visit: Callable[..., Visitor], company: TenantRef, maria: int
) -> None:
    with bound(company, SYSTEM), unit_of_work():
        offers.subscribe(customers.get(maria))
    visitor = visit(color_scheme="dark")
    visitor.sign_in()
    page = visitor.open("/reports/customer-acquisition")
    letters = page.locator("[data-chart] svg text").first
    page.emulate_media(color_scheme="dark")
    expect(letters).to_have_attribute("fill", re.compile(r"^rgb\([12]\d\d,"))
    page.emulate_media(media="print", color_scheme="dark")
    expect(letters).to_have_attribute("fill", re.compile(r"^rgb\(\d\d,"))
    page.goto(f"{visitor.site}/customers/{maria}")
    page.emulate_media(media="print")
    tickets = page.get_by_role("region", name="Tickets")
    expect(tickets).to_contain_text("Nothing was reported")
    expect(tickets.locator(".border-t:has(.btn)")).to_be_hidden()
    visitor.assert_content()


def test_the_navigation_shows_where_one_is(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in()
    here = visitor.open("/settings").locator(".shell-nav [aria-current]")
    expect(here).to_have_text("Settings")
    expect(here).to_be_in_viewport()
    visitor.assert_content()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_what_a_long_form_ends_with_stays_in_sight_and_hides_no_field_that_has_the_focus(
    visit: Callable[..., Visitor], viewport: dict[str, int]
) -> None:
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    page = visitor.open("/roles/add")
    save = page.get_by_role("button", name="Save role")
    expect(save).to_be_in_viewport()
    boxes = page.get_by_role("checkbox").all()
    boxes[len(boxes) // 2].focus()
    for _box in boxes[len(boxes) // 2:]:
        page.keyboard.press("Tab")
        focused = page.locator(":focus").bounding_box()
        bar = save.locator("..").bounding_box()
        assert focused and bar and (focused["y"] + focused["height"] <= bar["y"] or focused["y"] >= bar["y"])
    visitor.assert_content()


def test_reading_and_simple_forms_work_without_javascript(visit: Callable[..., Visitor], maria: int) -> None:
    visitor = visit(java_script_enabled=False)
    page, site = visitor.page, visitor.site
    page.goto(f"{site}/login")
    page.locator("[name=email]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{site}/customers")
    page.get_by_role("search", name="Filter this list").get_by_role("searchbox").fill("maria")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).not_to_contain_text("Ben Cruz")
    page.get_by_role("link", name="Maria Santos").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Maria Santos")
    page.goto(f"{site}/customers/{maria}/suspend")
    page.locator("main [name=reason_id]").select_option(label="At the customer's request – not billed")
    page.locator("main [name=reason]").fill("Asked for a pause")
    page.get_by_role("main").get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("main")).to_contain_text("Suspended")


def test_the_counter_works_without_javascript(visit: Callable[..., Visitor], maria: int) -> None:
    visitor = visit(java_script_enabled=False)
    page, site = visitor.page, visitor.site
    page.goto(f"{site}/login")
    page.locator("[name=email]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{site}/customers/register")
    page.locator("main [name=name]").fill("Lito Lapid")
    page.get_by_role("main").get_by_role("button", name="Register customer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lito Lapid")
    page.get_by_role("main").get_by_role("link", name="Record payment").first.click()
    page.locator("main [name=amount]").fill("500")
    page.get_by_role("main").get_by_role("button", name="Record payment").click()
    page.goto(f"{site}/payments")
    expect(page.get_by_role("main")).to_contain_text("Lito Lapid")
    page.get_by_role("link", name="CR-000001").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("CR-000001")
    with page.expect_download() as receipt:
        page.get_by_role("main").get_by_role("link", name="Receipt").click()
    assert receipt.value.suggested_filename.endswith(".pdf")


def test_the_tab_key_goes_down_a_form_in_its_order_and_what_has_the_focus_is_seen(
    visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    visitor.sign_in()
    page = visitor.open("/customers/register")
    page.locator("[name=name]").focus()
    walked = []
    for _ in range(5):
        page.keyboard.press("Tab")
        walked.append(page.evaluate("document.activeElement.name"))
        assert page.evaluate(_IS_MARKED), f"{walked[-1]} has the focus, and nothing shows it"
    assert walked == ["kind", "tax_identifier", "phone", "email", "e_billing_since"]
    visitor.assert_content()


def test_wherever_the_tab_key_leads_in_a_page_and_its_menus_the_focus_is_seen(
    visit: Callable[..., Visitor], maria: int
) -> None:
    visitor = visit()
    visitor.sign_in()
    page = visitor.page
    for path, menu in (("/settings", "Quick actions"), (f"/customers/{maria}", "Owner")):
        page.goto(visitor.site + path)
        page.locator(f"header summary[aria-label*='{menu}']").focus()
        page.keyboard.press("Enter")
        for _ in range(30):
            page.keyboard.press("Tab")
            where = page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            assert page.evaluate(_IS_MARKED), f"{where} has the focus, and nothing shows it"
        page.locator(".shell-nav a").nth(1).focus()
        page.keyboard.press("Tab")
        assert page.evaluate(_IS_MARKED), "a place of the navigation has the focus, and nothing shows it"
    visitor.assert_content()


# An outline, on the field itself, on the box that is drawn around it, or on the row that a link covers.
_IS_MARKED = """
    [[document.activeElement], [document.activeElement, "::after"], [document.activeElement.parentElement]].some(
        part => parseFloat(getComputedStyle(...part).outlineWidth) >= 2
            && getComputedStyle(...part).outlineStyle !== "none"
    )
"""


def _tab_to(visitor: Visitor, name: str) -> None:
    for _ in range(12):
        if visitor.page.evaluate("document.activeElement.name") == name:
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"the field {name} is not reached by the Tab key")

"""From a new customer to a line on a port, with and without JavaScript; and the map, with fifty thousand on it."""
from __future__ import annotations

import os
import re
import struct
import time
import zlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.unit_of_work import unit_of_work
from tests.browser.visiting import DESKTOP, OWNER, PASSWORD, PHONE, Visitor
from tests.make import crowds, offers, people, plants

BOTH = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])


@pytest.fixture
def nap(company: TenantRef) -> int:
    """A NAP near Maria's house; its id."""
    with bound(company, SYSTEM), unit_of_work():
        lcp = plants.lcp(code="LCP-1", name="Plaza", latitude="14.5", longitude="121")
        near = plants.nap(plants.splitter(lcp, code="SP-1"), code="NAP-1", latitude="14.5002", longitude="121")
        offers.plan(149900, tax=offers.tax("12"), name="Fibre 100", code="FIBRE-100")
        return near.id


def noise(width: int, height: int) -> bytes:
    """A picture (PNG) that takes three bytes for each point."""
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + os.urandom(3 * width) for _ in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


@BOTH
def test_from_a_new_customer_to_a_line_on_a_port(
    visit: Callable[..., Visitor], nap: int, viewport: dict[str, int], tmp_path: Path
) -> None:
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    page = visitor.open("/customers/register")
    visitor.fill(name="Maria Santos", street="12 Mabini Street", latitude="14.5", longitude="121")
    visitor.press("Register customer")
    visitor.press("Plan an installation")
    visitor.press("Plan installation")
    visitor.press("Choose a port")
    expect(page.get_by_role("main")).to_contain_text("23 m away")
    page.get_by_label("LCP", exact=True).select_option(index=1)
    page.get_by_label("Splitter", exact=True).select_option(label="SP-1 · 1:8 · 8 free")
    page.get_by_label("NAP", exact=True).select_option(label="NAP-1 · 8 free")
    page.locator("select[name=port_id]").select_option(label="Port 3")
    visitor.press("Put the line on this port")
    expect(page.get_by_role("region", name="Port")).to_contain_text("NAP-1 · port 3")
    visitor.press("Add a photo")
    picture = tmp_path / "pole.png"
    picture.write_bytes(noise(1600, 1200))
    page.locator("dialog[open] input[type=file]").set_input_files(picture)
    visitor.press("Add photo")
    shown = page.get_by_role("img", name="pole.jpg")
    expect(shown, "it is larger than what is kept, so it was made smaller").to_have_js_property("naturalWidth", 1600)
    visitor.press("Complete")
    visitor.press("Complete installation")
    expect(page.locator("main header")).to_contain_text("Active")
    visitor.press("Maria Santos")
    visitor.press("Subscribe")
    page.locator("select[name=plan_id]").select_option(index=1)
    page.locator("select[name=installation_id]").select_option(index=1)
    visitor.press("Show the first bill")
    visitor.press("Subscribe")
    visitor.open(f"/lcp/naps/{nap}")
    expect(page.get_by_role("main")).to_contain_text("Maria Santos")
    for path in ("/lcp", "/lcp/1", "/lcp/naps", "/network/hierarchy", "/network/nearest?latitude=14.5&longitude=121"):
        visitor.open(path)
    visitor.assert_content()


def test_a_choice_made_the_moment_it_is_offered_counts(
    visit: Callable[..., Visitor], nap: int, company: TenantRef
) -> None:
    with bound(company, SYSTEM), unit_of_work():
        line = offers.installation(people.register_customer("Maria Santos")).id
    visitor = visit()
    visitor.sign_in()
    page = visitor.open(f"/installations/{line}/port")
    page.evaluate("""new MutationObserver((_, observer) => {
        const offered = document.querySelector("select[name=splitter]:enabled");
        if (!offered) return;
        observer.disconnect();
        offered.selectedIndex = 1;
        offered.dispatchEvent(new Event("change", {bubbles: true}));
    }).observe(document.body, {childList: true, subtree: true})""")
    page.get_by_label("LCP", exact=True).select_option(index=1)
    expect(page.get_by_label("NAP", exact=True)).to_be_enabled()
    visitor.assert_content()


def test_a_port_is_chosen_without_javascript(visit: Callable[..., Visitor], company: TenantRef, nap: int) -> None:
    with bound(company, SYSTEM), unit_of_work():
        line_id = offers.installation().id
    visitor = visit(java_script_enabled=False)
    page, site = visitor.page, visitor.site
    page.goto(f"{site}/login")
    page.locator("[name=email]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{site}/installations/{line_id}/port")
    for label in ("LCP", "Splitter", "NAP"):
        page.get_by_label(label, exact=True).select_option(index=1)
        page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Put the line on this port").click()
    expect(page.get_by_role("main")).to_contain_text("NAP-1 · port 1")
    page.goto(f"{site}/network/map")
    expect(page.get_by_role("main").get_by_role("link", name="LCP-1")).to_be_visible()
    expect(page.locator("#network-map")).to_be_hidden()


@BOTH
def test_the_map_shows_what_lies_where(
    visit: Callable[..., Visitor], company: TenantRef, nap: int, viewport: dict[str, int]
) -> None:
    with bound(company, SYSTEM), unit_of_work():
        people.register_customer("Maria <b>Santos", latitude=Decimal("14.5004"), longitude=Decimal("121.0002"))
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    page = visitor.open("/network/map")
    drawn = page.locator("#network-map[data-ready]")
    expect(drawn).to_be_attached()
    page.get_by_text("Reach of NAPs").click()
    visitor.look()
    page.get_by_role("button", name="Maria <b>Santos").focus()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup-content")
    expect(popup).to_contain_text("Maria <b>Santos")
    expect(popup.get_by_role("link")).to_have_attribute("href", "/customers/1")
    expect(popup.get_by_role("link")).to_be_focused()
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(page.get_by_role("button", name="Maria <b>Santos")).to_be_focused()
    page.get_by_role("checkbox", name="Customers").uncheck()
    expect(page.get_by_role("button", name="Maria <b>Santos")).to_have_count(0)
    expect(page.get_by_role("button", name="NAP-1")).to_have_count(1)
    visitor.look()
    visitor.assert_content()


def test_no_cluster_lies_on_another_and_each_says_what_is_in_it(
    visit: Callable[..., Visitor], company: TenantRef
) -> None:
    with bound(company, SYSTEM), unit_of_work():
        crowds.settle(5_000)
        for number in range(40):
            on = plants.splitter(plants.lcp(latitude=f"{14.5 + number / 2000}", longitude=f"{120.9 + number / 180}"))
            plants.nap(on, latitude=f"{14.5003 + number / 2000}", longitude=f"{120.9003 + number / 180}")
    visitor = visit()
    visitor.sign_in()
    page = visitor.open("/network/map")
    expect(page.get_by_role("button", name=re.compile(r"Customers .*NAPs .*LCPs")).first).to_be_visible()
    for _ in range(6):
        moving = ".leaflet-zoom-anim, .leaflet-cluster-anim"
        expect(page.locator(f"#network-map[data-ready]:not(:has({moving}))")).to_be_attached()
        page.wait_for_function(f"({_OVERLAPS})().length === 0")
        page.get_by_role("button", name="Zoom in").click()
    visitor.assert_content()


_OVERLAPS = """() => {
    const icons = document.querySelectorAll("#network-map .leaflet-marker-icon");
    const boxes = [...icons].map(one => one.getBoundingClientRect());
    const shared = (a, b) => Math.min(Math.min(a.right, b.right) - Math.max(a.left, b.left),
                                      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
    return boxes.flatMap((a, index) => boxes.slice(index + 1).map(b => shared(a, b))).filter(depth => depth > 0);
}"""


def test_fifty_thousand_customers_are_drawn_in_clusters(visit: Callable[..., Visitor], company: TenantRef) -> None:
    with bound(company, SYSTEM), unit_of_work():
        crowds.settle(50_000)
    visitor = visit()
    visitor.sign_in()
    visitor.page.add_init_script(_COUNT_LONG_TASKS)
    began = time.monotonic()
    visitor.page.goto(f"{visitor.site}/network/map")
    expect(visitor.page.locator("#network-map[data-ready]")).to_be_attached(timeout=30_000)
    expect(visitor.page.locator(".map-cluster").first).to_be_visible()
    seconds = time.monotonic() - began
    assert visitor.page.locator(".leaflet-marker-icon").count() < 500, "many lie in one cluster"
    assert "50,000" in visitor.page.locator("[data-count=customers]").inner_text()
    assert visitor.page.get_by_role("button", name=re.compile(r"^[\d,]+K? Customers$")).count(), "of what?"
    assert seconds < 30, f"{seconds:.1f} s"
    longest = visitor.page.evaluate("Math.max(0, ...window.longTasks)")
    assert longest < 1500, f"the page stood still for {longest} ms"
    visitor.assert_content()


_COUNT_LONG_TASKS = """
    window.longTasks = [];
    new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(entry => entry.duration)))
        .observe({ type: "longtask", buffered: true });
"""

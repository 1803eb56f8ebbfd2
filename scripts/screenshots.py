"""Pictures of the product for README and docs, taken from a running demo: the same pages each time.

    screenshots.py [--port 8000] [--chromium /usr/bin/chromium]

Rule: together they stay below a megabyte, for they are kept in the repository.
"""
from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
MOST_BYTES = 1_000_000
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
# Invoices that are looked through for one whose first month is a part of a month.
LOOKED_AT = range(1, 400)


def main() -> int:
    """Take all pictures; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    site = f"http://bayanihan.localhost:{options.port}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, scheme, viewport, find in PICTURES:
            with signed_in(browser, site, scheme, viewport) as page:
                take(page, site + find(page, site), FOLDER / f"{name}.png")
        browser.close()
    total = sum(file.stat().st_size for file in FOLDER.glob("*.png"))
    print(f"{len(PICTURES)} pictures, {total // 1000} kB in all, in {FOLDER}")
    return 0 if total <= MOST_BYTES else 1


@contextmanager
def signed_in(browser: Browser, site: str, scheme: str, viewport: dict[str, int]) -> Iterator[Page]:
    """A page of the owner."""
    password = Path(os.environ["ISPBILL_HOME"], "secrets", "demo_password").read_text(encoding="ascii")
    context = browser.new_context(color_scheme=scheme, viewport=viewport, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site}/login")
    page.locator("[name=email]").fill("owner@bayanihan.example")
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def take(page: Page, address: str, file: Path) -> None:
    """A picture of what a person sees without scrolling."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file)


def _at(path: str) -> Callable[[Page, str], str]:
    return lambda page, site: path


def _first(path: str) -> Callable[[Page, str], str]:
    """The page behind the first row of a list."""
    def find(page: Page, site: str) -> str:
        page.goto(site + path)
        return page.locator("main tbody a").first.get_attribute("href") or path

    return find


def _prorated_invoice(page: Page, site: str) -> str:
    """The first invoice that shows the arithmetic of a part of a month."""
    for key in LOOKED_AT:
        if "÷" in page.evaluate("path => fetch(path).then(answer => answer.text())", f"/invoices/{key}"):
            return f"/invoices/{key}"
    return "/invoices/1"


PICTURES: tuple[tuple[str, str, dict[str, int], Callable[[Page, str], str]], ...] = (
    ("dashboard", "light", DESK, _at("/dashboard")),
    ("customer", "light", DESK, _at("/customers/5")),
    ("invoice", "light", DESK, _prorated_invoice),
    ("billing-run", "light", DESK, _first("/billing/runs?")),
    ("dark", "dark", DESK, _at("/invoices")),
    ("phone", "light", PHONE, _at("/customers/5")),
)

if __name__ == "__main__":
    sys.exit(main())

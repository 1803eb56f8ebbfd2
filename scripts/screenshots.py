"""Pictures of the product, taken from the demo: the same pages each time, and the page of docs that shows them.

    screenshots.py [--port 8000] [--chromium /usr/bin/chromium]

The demo of ISPBILL_HOME (./var) is started, and at first plays its months; where it runs already, say its --port.
Rule: together they stay below a megabyte, for they are kept in the repository.
"""
from __future__ import annotations

import argparse
import base64
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from ispbill.demo import serving

DEMO, READY = Path(__file__).with_name("demo"), "ispbill is ready."
FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
MOST_BYTES = 1_000_000
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
# Half the size of a PNG, and letters as sharp; every browser since 2020 shows it.
FORMAT, QUALITY = "webp", 85
# Invoices that are looked through for one whose first month is a part of a month.
LOOKED_AT = range(1, 400)
# What is brought in for the picture: a person who lacks a name, one with half an address, two who are well.
NEWCOMERS = """name,phone,email,street
Lourdes Manalastas,09171234501,lourdes@example.com,12 Sampaguita Street
,09171234502,ernesto@example.com,7 Rosal Street
Nenita Villarosa,09171234503,nenita-at-example.com,9 Rosal Street
Benigno Arguelles,09171234504,,31 Ilang-Ilang Street
"""

Way = Callable[[Page, str], None]


@dataclass(frozen=True, slots=True)
class Picture:
    """A page of the demo's fibre provider: what it shows, in a sentence, and how a person gets there.

    `alt` says what is seen to whoever does not see it; `way` goes to the page on the site and leaves it as it is taken.
    """

    name: str
    title: str
    caption: str
    alt: str
    way: Way
    is_dark: bool = False
    is_phone: bool = False

    @property
    def file(self) -> Path:
        """Where the picture is kept."""
        return FOLDER / f"{self.name}.{FORMAT}"


def main() -> int:
    """Take all pictures and write their page; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, help="where the demo runs already")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo(options.port) as port, sync_playwright() as playwright:
        site = f"http://bayanihan.localhost:{port}"
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox", "--disable-gpu"])
        for picture in PICTURES:
            with signed_in(browser, site, picture) as page:
                picture.way(page, site)
                take(page, picture.file)
        browser.close()
    (FOLDER / "README.md").write_text(text(PICTURES), encoding="utf-8")
    total = sum(picture.file.stat().st_size for picture in PICTURES)
    print(f"{len(PICTURES)} pictures, {total // 1000} kB in all, in {FOLDER}")
    return 0 if total <= MOST_BYTES else 1


@contextmanager
def demo(running: int | None) -> Iterator[int]:
    """The port of the demo, which is started and stopped where none is named. Raises SystemExit where it cannot be."""
    if running is not None:
        yield running
        return
    port = serving.choose_port(None)
    process = subprocess.Popen([str(DEMO), "--port", str(port)], stdout=subprocess.PIPE, text=True)
    try:
        if not any(line.startswith(READY) for line in process.stdout or ()):
            sys.exit("The demo did not start; where it runs already, say its --port.")
        yield port
    finally:
        process.terminate()
        process.wait()


def text(pictures: tuple[Picture, ...]) -> str:
    """The page: each picture below the sentence that says what it shows."""
    parts = ["# Screenshots\n\nTaken by `./scripts/screenshots` from the demo, whose people are made up."]
    for picture in pictures:
        parts.append(f"## {picture.title}\n\n{picture.caption}\n\n![{picture.alt}]({picture.file.name})")
    return "\n\n".join(parts) + "\n"


@contextmanager
def signed_in(browser: Browser, site: str, picture: Picture) -> Iterator[Page]:
    """A page of the owner, in the theme and at the width of the picture."""
    password = Path(os.environ["ISPBILL_HOME"], "secrets", "demo_password").read_text(encoding="ascii")
    context = browser.new_context(
        color_scheme="dark" if picture.is_dark else "light", reduced_motion="reduce",
        viewport=PHONE if picture.is_phone else DESK,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.goto(f"{site}/login")
    page.locator("[name=email]").fill("owner@bayanihan.example")
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def take(page: Page, file: Path) -> None:
    """Keep what a person sees without scrolling."""
    page.wait_for_load_state("networkidle")
    shot = page.context.new_cdp_session(page).send("Page.captureScreenshot", {"format": FORMAT, "quality": QUALITY})
    file.write_bytes(base64.b64decode(shot["data"]))


def _at(path: str) -> Way:
    def go(page: Page, site: str) -> None:
        page.goto(site + path)

    return go


def _first(path: str) -> Way:
    """The page behind the first row of a list."""
    def go(page: Page, site: str) -> None:
        page.goto(site + path)
        page.goto(site + (page.locator("main tbody a").first.get_attribute("href") or path))

    return go


def _prorated_invoice(page: Page, site: str) -> None:
    """The first invoice that shows the arithmetic of a part of a month; that of prepaid days is another."""
    page.goto(f"{site}/invoices")
    for key in LOOKED_AT:
        text = page.evaluate("path => fetch(path).then(answer => answer.text())", f"/invoices/{key}")
        if "÷" in text and not re.search(r"prepaid \d", text):
            page.goto(f"{site}/invoices/{key}")
            return
    raise LookupError("None of the first invoices shows the arithmetic of a part of a month.")


def _payment(page: Page, site: str) -> None:
    """A payment about to be recorded, of the customer who has owed for longest: what it settles is told before."""
    page.goto(f"{site}/collections")
    customer = (page.locator("main tbody a").first.get_attribute("href") or "").rpartition("/")[2]
    page.goto(f"{site}/payments/record/{customer}")
    page.locator("[name=amount]").fill("1000")
    page.locator("[name=reference]").fill("Official receipt 2041")


def _tree(page: Page, site: str) -> None:
    """A cabinet opened down to its NAPs."""
    page.goto(f"{site}/network/hierarchy")
    page.locator("main summary.tree-line").first.click()
    page.locator("main details details summary.tree-line").first.click()


def _role(page: Page, site: str) -> None:
    """The editor of a role, scrolled to what it permits."""
    _first("/roles")(page, site)
    page.goto(f"{page.url}/change")
    page.get_by_role("heading", name="What it permits").evaluate(
        "heading => window.scrollTo(0, heading.getBoundingClientRect().top + scrollY - 90)")


def _map(page: Page, site: str) -> None:
    page.goto(f"{site}/network/map")
    page.locator("#network-map[data-ready]").wait_for()


def _dry_run(page: Page, site: str) -> None:
    """What an uploaded list would do; nothing of it is saved, and the file is forgotten after a day."""
    page.goto(f"{site}/imports/new/customers")
    page.locator("[type=file]").set_input_files(
        {"name": "newcomers.csv", "mimeType": "text/csv", "buffer": NEWCOMERS.encode()})
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("table", name="Errors").wait_for()


PICTURES = (
    Picture("dashboard", "Dashboard",
            "What was billed, collected and is overdue, who is served and what waits; each part for whom it concerns.",
            "Cards with figures of money, subscribers and technical work", _at("/dashboard")),
    Picture("customer", "Customer",
            "One glance at a customer: balance and why, the next bill, services, lines, tickets, all that happened.",
            "The page of a customer with figures on top and cards of services and installations", _at("/customers/5")),
    Picture("invoice", "Invoice", "A month that began late is billed by days, and the line shows its arithmetic.",
            "An invoice whose line says price times days by days of the month", _prorated_invoice),
    Picture("balance", "Why this balance", "Every document behind what a customer owes, down to the last centavo.",
            "A table of invoices and payments with the balance after each", _at("/customers/5/balance")),
    Picture("payment", "Cash desk", "While the amount is typed, the page says which invoices it settles.",
            "The form of a payment beside the invoices it settles", _payment),
    Picture("billing-run", "Billing run",
            "Each day bills who is due; every service is accounted for, who fails is parked.",
            "Figures of a completed billing run and its details", _first("/billing/runs?")),
    Picture("report", "Report", "Receivables by age, tied to the ledger, as a chart, a table, CSV, a workbook or PDF.",
            "A bar chart of open amounts by days since they were due", _at("/reports/receivables-ageing")),
    Picture("tickets", "Tickets", "What customers report, who sees to it, and what is left of the time promised.",
            "A list of tickets with status, customer, technician and time left",
            _at("/tickets?status=unresolved&sort=due")),
    Picture("plant", "Fibre plant", "From the cabinet over its splitters to each box, with the ports that are free.",
            "A tree of a cabinet, a splitter and eight boxes, each with a bar of its free ports", _tree),
    Picture("map", "Network map", "Customers, boxes and cabinets in clusters; it works without map pictures, too.",
            "A map with clusters of customers and boxes", _map),
    Picture("role", "Role editor", "Who may do what, group by group; nobody can give what they lack.",
            "Boxes to tick, in groups such as customers, routers and reports", _role),
    Picture("import", "Import", "Before anything is saved, each line that is wrong says how it would be right.",
            "A list of the faults in an uploaded file", _dry_run),
    Picture("dark", "By night", "Every page has a dark theme, which follows the system or a button.",
            "The list of invoices on a dark ground", _at("/invoices"), is_dark=True),
    Picture("phone", "On a phone", "The same pages for who stands at a customer's door.",
            "The page of a customer on a narrow screen", _at("/customers/5"), is_phone=True),
    Picture("board", "Tickets on a board", "Step by step, by day and night, on any screen.",
            "A board of tickets on a narrow dark screen", _at("/tickets/board"), is_dark=True, is_phone=True),
)

if __name__ == "__main__":
    sys.exit(main())

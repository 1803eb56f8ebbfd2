"""Somebody at a browser. What the page complains about is collected, and every page can be held against axe.

Rule: a visit ends with `assert_content()`: no error in the console, nothing that the security policy refused.
"""
from __future__ import annotations

from typing import Literal

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page

from ispbill.config import PROJECT_ROOT

AXE = PROJECT_ROOT / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
Scheme = Literal["dark", "light"]
# What a page fetches after it is shown: charts and maps.
DRAWN_LATER = "[data-chart], .map, .map-small"
OWNER, PASSWORD = "owner@example.com", "four words that fit"
# Colours that are still changing would be measured half-way, so nothing moves.
_BEFORE_EACH_PAGE = """
    window.refused = [];
    document.addEventListener("securitypolicyviolation", event => {
        window.refused.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
    const still = new CSSStyleSheet();
    still.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important; }");
    document.addEventListener("DOMContentLoaded", () => document.adoptedStyleSheets.push(still));
"""
# Axe comes in with the question, as one call: a page that arrived between two would not know of it.
_RUN_AXE = """
    async rules => {
        %s
        await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
        return (await axe.run(document, rules ? { runOnly: rules } : {})).violations.map(
            fault => `${fault.id}: ${fault.nodes.map(node => node.target.join(" ")).join(", ")}`
        );
    }
"""


class Visitor:
    """A person with one page open at one company's site."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        context.add_init_script(_BEFORE_EACH_PAGE)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.site = site
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def open(self, path: str) -> Page:
        """Go to an address of the site, wait until it is drawn, and hold it against axe."""
        answer = self.page.goto(self.site + path)
        assert answer is not None and answer.status == 200, f"{path} answered {answer and answer.status}"
        self.look()
        return self.page

    def press(self, label: str) -> None:
        """Press the button or follow the link that is called so, and look at what comes."""
        part = self._part()
        button = part.get_by_role("button", name=label, exact=True)
        (button if button.count() else part.get_by_role("link", name=label, exact=True)).first.click()
        self.look()

    def look(self) -> None:
        """The page fits its window and has no fault that axe knows, in light and in dark."""
        self.page.wait_for_load_state("networkidle")
        try:
            faults = self.faults("dark", "light")
        except Error as error:
            assert "context was destroyed" in error.message, error
            # What a dialog sends is answered by another page, which came while this one was looked at.
            self.page.wait_for_load_state("networkidle")
            faults = self.faults("dark", "light")
        assert not faults, faults

    def faults(self, *schemes: Scheme) -> list[str]:
        """What is wrong with the page as it is drawn now: wider than its window, or what axe finds in these themes.

        Themes differ in colours alone, so all but the first are asked only whether they can be read.
        """
        if self.page.locator(DRAWN_LATER).count():
            self.page.wait_for_load_state("networkidle")
        width = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found = [f"{self.page.url} is {width} px wider than the window"] if width > 0 else []
        run_axe = _RUN_AXE % AXE.read_text(encoding="utf-8")
        for scheme in schemes:
            self.page.emulate_media(color_scheme=scheme)
            rules = None if scheme == schemes[0] else ["color-contrast"]
            found += [f"{self.page.url}, {scheme}: {fault}" for fault in self.page.evaluate(run_axe, rules)]
        return found

    def fill(self, **values: str) -> None:
        """Fill in fields of the form by their names."""
        for name, value in values.items():
            self._part().locator(f"[name={name}]").first.fill(value)

    def sign_in(self, email: str = OWNER, password: str = PASSWORD) -> None:
        """Sign in by the form."""
        self.open("/login")
        self.fill(email=email, password=password)
        self.press("Sign in")

    def assert_content(self) -> None:
        """Nothing was complained about, nothing refused."""
        assert not self.complaints, self.complaints
        refused = self.page.evaluate("window.refused")
        assert not refused, refused

    def _part(self) -> Locator:
        """What a person sees: the open dialog, else the page."""
        dialog = self.page.locator("dialog[open]")
        return dialog if dialog.count() else self.page.get_by_role("main")

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

"""How a browser is called in a list of sessions. A guess for people, never a proof of anything."""
from __future__ import annotations

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

# The order matters: most browsers also name those they wish to be taken for.
_BROWSERS = (
    (lazy("Edg"), lazy("Edge")), ("OPR/", lazy("Opera")), (lazy("SamsungBrowser"), lazy("Samsung Internet")),
    (lazy("Firefox/"), lazy("Firefox")),
    (lazy("FxiOS"), lazy("Firefox")), (lazy("CriOS"), lazy("Chrome")), (lazy("Chrome/"), lazy("Chrome")),
    (lazy("Safari/"), lazy("Safari")),
)
_SYSTEMS = (
    (lazy("Android"), lazy("Android")), ("iPhone", "iPhone"), ("iPad", "iPad"), (lazy("Windows"), lazy(
            "Windows")), (lazy("Mac OS X"), "macOS"),
    (lazy("CrOS"), lazy("ChromeOS")), (lazy("Linux"), lazy("Linux")),
)
_LONGEST = 60


def browser_name(user_agent: str | None) -> str:
    """“Firefox on Windows”; what the browser says of itself where that is unknown."""
    text = user_agent or ""
    browser = next((name for sign, name in _BROWSERS if sign in text), None)
    system = next((name for sign, name in _SYSTEMS if sign in text), None)
    if browser is None:
        return text[:_LONGEST] or _("Unknown browser")
    return _("%(browser)s on %(system)s", browser=browser, system=system) if system else browser

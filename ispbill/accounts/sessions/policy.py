"""How a browser is called in a list of sessions. A guess for people, never a proof of anything."""
from __future__ import annotations

# The order matters: most browsers also name those they wish to be taken for.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)
_LONGEST = 60


def browser_name(user_agent: str | None) -> str:
    """“Firefox on Windows”; what the browser says of itself where that is unknown."""
    text = user_agent or ""
    browser = next((name for sign, name in _BROWSERS if sign in text), None)
    system = next((name for sign, name in _SYSTEMS if sign in text), None)
    if browser is None:
        return text[:_LONGEST] or "Unknown browser"
    return f"{browser} on {system}" if system else browser

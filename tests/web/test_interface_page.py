"""The page for those who write pages names what there is; the navigation draws what the sprite holds."""
from __future__ import annotations

import re

from ispbill.web.navigation import GROUPS
from tests.web.test_templates import ICONS, MACROS, ROOT


def test_every_macro_in_the_interface_page_exists_and_every_macro_stands_there() -> None:
    page = (ROOT / "docs" / "interface.md").read_text("utf-8")
    table = page.split("## All macros")[1].split("Messages:")[0]
    rows = (line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert {name for row in rows for name in re.findall(r"`(\w+)\(", row)} == MACROS


def test_the_navigation_draws_icons_of_the_sprite() -> None:
    assert {entry.icon for _, entries in GROUPS for entry in entries} <= ICONS

"""The sprite holds what is listed, and a wrong name stops the build."""
from __future__ import annotations

from pathlib import Path

import pytest

from ispbill.web.assets import icons
from ispbill.web.assets.node import AssetsError


def _drawings(folder: Path) -> Path:
    drawing = '<!-- licence -->\n<svg width="24"\n>\n  <path d="M1 2"/>\n</svg>'
    (folder / "wifi.svg").write_text(drawing, encoding="utf-8")
    return folder


def test_the_list_is_read_without_headings_blanks_and_repeats(tmp_path: Path) -> None:
    listing = tmp_path / "icons.txt"
    listing.write_text("# network\nwifi\n\nplug\nwifi\n", encoding="utf-8")
    assert icons.listed(listing) == ["plug", "wifi"]


def test_each_icon_becomes_one_symbol(tmp_path: Path) -> None:
    made = icons.sprite(["wifi"], source=_drawings(tmp_path))
    assert '<symbol id="wifi" viewBox="0 0 24 24"><path d="M1 2"/></symbol>' in made


def test_a_name_without_a_drawing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssetsError, match="“wfi”"):
        icons.sprite(["wfi"], source=_drawings(tmp_path))

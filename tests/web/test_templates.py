"""What holds for every template: no inline code or style; icons and macros that exist."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

from ispbill.web.assets import icons

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "ispbill").glob("**/templates/**/*.html"))
ICONS = set(icons.listed(ROOT / "ispbill" / "web" / "assets" / "icons.txt"))
UI = ROOT / "ispbill" / "web" / "templates" / "components" / "ui.html"
MACROS = set(re.findall(r"{% set (\w+) = _", UI.read_text("utf-8")))

_JINJA = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
_INLINE = re.compile(
    r"""\sstyle=|\son[a-z]+=|hx-on|<style|javascript:|<script(?![^>]*(?:\ssrc=|application/json))"""
)
_ICON = re.compile(r"""(?:\bicon=|\bicon\(|"icon": )"([a-z0-9-]+)\"""")
_CLASS_PART = re.compile(r"""class="[^"]*[a-z]-{{""")

pytestmark = [
    pytest.mark.architecture,
    pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "ispbill"))),
]


def test_a_template_holds_no_inline_code_or_style(template: Path) -> None:
    assert not _INLINE.findall(_JINJA.sub("", template.read_text("utf-8")))


def test_a_template_names_only_icons_of_the_sprite(template: Path) -> None:
    assert set(_ICON.findall(template.read_text("utf-8"))) <= ICONS


def test_a_template_calls_only_macros_that_exist(template: Path) -> None:
    assert set(re.findall(r"\bui\.(\w+)\(", template.read_text("utf-8"))) <= MACROS


def test_a_template_writes_its_class_names_whole(template: Path) -> None:
    assert not _CLASS_PART.findall(template.read_text("utf-8"))

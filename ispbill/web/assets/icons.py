"""Makes one SVG sprite of the icons that are listed in icons.txt, and of no others."""
from __future__ import annotations

import re
from pathlib import Path

from ispbill.web.assets.node import AssetsError

_SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def listed(listing: Path) -> list[str]:
    """The names in the list; a line that begins with # is a heading."""
    lines = (line.strip() for line in listing.read_text(encoding="utf-8").splitlines())
    return sorted({line for line in lines if line and not line.startswith("#")})


def sprite(names: list[str], *, source: Path) -> str:
    """The sprite's text: one <symbol> an icon. Raises AssetsError for a name that Lucide does not have."""
    symbols = "".join(_symbol(name, source / f"{name}.svg") for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def _symbol(name: str, drawing: Path) -> str:
    if not drawing.is_file():
        raise AssetsError(f"icons.txt names “{name}”, which Lucide does not have.")
    found = _SHAPES.search(drawing.read_text(encoding="utf-8"))
    if found is None:
        raise AssetsError(f"The drawing of the icon “{name}” cannot be read.")
    shapes = re.sub(r"\s+", " ", found[1]).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'

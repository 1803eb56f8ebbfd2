"""Typst makes the PDF. One compiler a process; the same values always give the same bytes.

Only the product's own fonts are used, so a document looks the same on every machine.
"""
from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from threading import Lock

import fontpkg_noto_sans
import typst

from ispbill.config import PROJECT_ROOT

PAPERS = PROJECT_ROOT / "tenant_templates" / "documents"
# The compiler keeps the values of its last run, so threads take turns; a document takes some 15 ms.
_turn = Lock()


def pdf(template: str, words: Mapping[str, object], *, on: date) -> bytes:
    """The document of a template of `tenant_templates/documents`, dated by the day of issue."""
    stamp = datetime.combine(on, time(), UTC)
    with _turn:
        made = _compiler().compile(
            PAPERS / f"{template}.typ", format="pdf", sys_inputs={"data": json.dumps(words)}, timestamp=stamp
        )
    assert isinstance(made, bytes), "one document is one file"
    return made


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False,
        font_paths=[str(fontpkg_noto_sans.ROOT / "files")],
    )
    return typst.Compiler(root=PAPERS, font_paths=fonts, ignore_system_fonts=True)

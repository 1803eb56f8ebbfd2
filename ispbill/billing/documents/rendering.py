"""Typst makes the PDF. One compiler a process; the same values always give the same bytes.

Only the product's own fonts are used, so a document looks the same on every machine. Many documents for the printer are
set in sheaves, which share their letters, and the sheaves are laid one upon the other (docs/decisions/0047).
"""
from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from threading import Lock

import fontpkg_noto_sans
import typst
from pypdf import PdfWriter

from ispbill.config import PROJECT_ROOT

PAPERS = PROJECT_ROOT / "tenant_templates" / "documents"
# A sheaf of so many keeps the compiler at some 50 MB beyond what it takes for one.
DOCUMENTS_PER_SHEAF = 50
# What the compiler remembers it forgets after ten further runs.
RUNS_TO_FORGET = 11
# The compiler keeps the values of its last run, so threads take turns; a document takes some 15 ms.
_turn = Lock()
Words = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Many documents in one file. `left_out` are the places, from 0, of those that could not be set."""

    content: bytes
    page_count: int
    left_out: tuple[int, ...]


def pdf(template: str, words: Words, *, on: date) -> bytes:
    """The document of a template of `tenant_templates/documents`, dated by the day of issue.

    Raises ValueError where it cannot be set: whoever sends it by mail tries again later, and says so.
    """
    try:
        with _turn:
            return _made(template, [words], on)
    except typst.TypstError as error:
        raise ValueError(f"The document cannot be set: {error}") from error


def bundle(template: str, documents: Sequence[Words], *, title: str, on: date) -> Bundle:
    """Documents of one template in one file, in their order, each with pages counted for itself.

    One that cannot be set is left out, and the others are there all the same.
    """
    writer, left_out = PdfWriter(), []
    for first in range(0, len(documents), DOCUMENTS_PER_SHEAF):
        sheaves, failed = _sheaf(template, documents[first:first + DOCUMENTS_PER_SHEAF], on)
        left_out += [first + place for place in failed]
        for sheaf in sheaves:
            writer.append(io.BytesIO(sheaf), import_outline=False)
    writer.add_metadata({"/Title": title})
    file = io.BytesIO()
    writer.write(file)
    return Bundle(file.getvalue(), len(writer.pages), tuple(left_out))


def _sheaf(template: str, documents: Sequence[Words], on: date) -> tuple[list[bytes], list[int]]:
    """The documents in one file; or each in its own, with the places of those that cannot be set."""
    try:
        with _turn:
            made = _made(template, documents, on)
            _forget()
        return [made], []
    except typst.TypstError:
        return _one_by_one(template, documents, on)


def _one_by_one(template: str, documents: Sequence[Words], on: date) -> tuple[list[bytes], list[int]]:
    made, failed = [], []
    for place, words in enumerate(documents):
        try:
            made.append(pdf(template, words, on=on))
        except ValueError:
            failed.append(place)
    return made, failed


def _made(template: str, documents: Sequence[Words], on: date) -> bytes:
    made = _compiler().compile(
        PAPERS / f"{template}.typ", format="pdf", sys_inputs={"data": json.dumps(documents)},
        timestamp=datetime.combine(on, time(), UTC),
    )
    assert isinstance(made, bytes), "one compilation is one file"
    return made


def _forget() -> None:
    for _ in range(RUNS_TO_FORGET):
        _compiler().compile(b"", format="pdf")


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False,
        font_paths=[str(fontpkg_noto_sans.ROOT / "files")],
    )
    return typst.Compiler(root=PAPERS, font_paths=fonts, ignore_system_fonts=True)

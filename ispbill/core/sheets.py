"""The first sheet of a workbook (XLSX), read row by row and only as far as it is asked for.

openpyxl reads all strings, and a sheet that does not say its size to its end, before it gives the first row.
"""
from __future__ import annotations

import io
from typing import IO
from xml.parsers import expat

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

_PIECE_BYTES = 1 << 16
# How a string is pronounced stands beside it, as a text that is none of the cell's.
_STRING, _TEXT, _PRONOUNCED = (f"{SHEET_MAIN_NS} {name}" for name in ("si", "t", "rPh"))


class Sheet(ReadOnlyWorksheet):  # type: ignore[misc]
    """A sheet that is as large as its cells: what it says of its size may be wrong, or missing."""

    def _get_size(self) -> None:
        """Not asked for."""

    def source(self) -> IO[bytes]:
        """Its XML."""
        source: IO[bytes] = self._get_source()
        return source


class _Workbook(ExcelReader):  # type: ignore[misc]
    def first_sheet(self) -> Sheet:
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        sheet, part = next(found for found in self.parser.find_sheets() if "chartsheet" not in found[1].Type)
        return Sheet(self.wb, sheet.name, part.target, self.shared_strings)

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            self.shared_strings = _Strings(self.archive.open(part.PartName[1:]))


class _Strings:
    """The strings that the cells of a workbook share, by number. Each is of one or several texts."""

    def __init__(self, part: IO[bytes]) -> None:
        self._part, self._parser = part, expat.ParserCreate(namespace_separator=" ")
        self._known: list[str] = []
        self._texts: list[str] = []
        self._pieces: list[str] = []
        self._parser.buffer_text = True
        self._parser.StartElementHandler = lambda name, attributes: self._pieces.clear()
        self._parser.CharacterDataHandler = self._pieces.append
        self._parser.EndElementHandler = self._end

    def __getitem__(self, number: int) -> str:
        while number >= len(self._known) and (piece := self._part.read(_PIECE_BYTES)):
            self._parser.Parse(piece)
        return self._known[number]

    def _end(self, name: str) -> None:
        if name == _TEXT:
            self._texts.append("".join(self._pieces))
        elif name == _STRING:
            self._known.append("".join(self._texts).replace("x005F_", ""))
            self._texts.clear()
        elif name == _PRONOUNCED:
            self._texts.pop()


def first_sheet(content: bytes) -> Sheet:
    """The first sheet of a workbook; whatever the library raises for a broken one."""
    return _Workbook(io.BytesIO(content), read_only=True, data_only=True).first_sheet()

"""Workbooks (XLSX): the first sheet of one that people upload as a table, and a list as one they download.

Cells are read as text, as a CSV file would have them, and text is written as text: nothing becomes a formula.
"""
from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.sheets import first_sheet
from ispbill.core.tables import MOST_ROWS, RowError, Table, read_table, table_of

MIME_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# An archive may hold a thousand times what it weighs; more than this is no list of customers.
MOST_UNPACKED_BYTES = 300 * 1024 * 1024
_PIECE_BYTES = 1 << 20
_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_FORMULA_ALONE = re.compile(
    rb'<c r="([A-Z]+)([0-9]+)"[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)
_SAVE_AGAIN = lazy("Save it as a workbook (XLSX) or as “CSV UTF-8” and try again.")


def read_file(content: bytes, *, most_rows: int | None = None) -> Table:
    """The table of a CSV file or of a workbook's first sheet, or its first rows; or why it cannot be read."""
    if content.startswith(_ZIP):
        return _read_workbook(content, most_rows)
    if content.startswith(_OLD):
        return _unreadable(_("This is a workbook of the old kind (XLS), or one with a password."), _SAVE_AGAIN)
    return read_table(content, most_rows=most_rows)


def write_workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of one sheet; numbers and days are what they are, all else is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _read_workbook(content: bytes, most_rows: int | None) -> Table:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED_BYTES:
            return _unreadable(_("The workbook is too large."), _("Split it."))
        sheet = first_sheet(content)
        errors = _formulas_without_result(sheet.source()) if most_rows is None else []
        return table_of(_records(sheet.iter_rows(), errors), errors, most_rows=most_rows)
    except Exception:  # noqa: BLE001 - whatever a broken archive makes the library raise, it is a broken archive
        return _unreadable(_("This is neither a workbook (XLSX) nor a CSV file."), _SAVE_AGAIN)


def _formulas_without_result(sheet: IO[bytes]) -> list[RowError]:
    return [
        RowError(int(found[2]), found[1].decode(), "", _("This formula has no result in the file."),
                 _("Open the workbook in a spreadsheet program, save it there, and upload it again."))
        for rows in _whole_rows(sheet) for found in _FORMULA_ALONE.finditer(rows)
    ]


def _whole_rows(sheet: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while piece := sheet.read(_PIECE_BYTES):
        rows, end, rest = (rest + piece).rpartition(b"</row>")
        yield rows + end
    yield rest


def _records(rows: Iterable[Sequence[Any]], errors: list[RowError]) -> Iterator[tuple[int, list[str]]]:
    width = 0
    for line, row in enumerate(rows, start=1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1].strip() and len(cells) > width:
            cells.pop()
        if not any(cell.strip() for cell in cells):
            continue
        if line > MOST_ROWS:
            errors.append(RowError(line, "", "", _("The file has more than %(most_rows)s rows.", most_rows=MOST_ROWS),
                                   _("Split it.")))
            return
        width = width or len(cells)
        yield line, cells + [""] * (width - len(cells))


def _text(cell: Any) -> str:
    match value := cell.value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            # A number shown as 000123 is one that somebody gave as such.
            shown = cell.number_format
            return str(value).zfill(len(shown)) if set(shown) == {"0"} else str(value)
        case float():
            # Spreadsheets keep fifteen digits; what is beyond is how computers write a fraction.
            return str(int(value)) if value.is_integer() else f"{value:.15g}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)


def _cell(sheet: WriteOnlyWorksheet, value: object) -> WriteOnlyCell:
    if value is None or (isinstance(value, (int, Decimal, date)) and not isinstance(value, bool)):
        plain = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        return WriteOnlyCell(sheet, plain)
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    cell.data_type = "s"
    return cell


def _unreadable(problem: str, hint: str) -> Table:
    return Table(errors=[RowError(1, "", "", problem, hint)])

"""Lists as files: what the filters show is what the file holds, and no cell becomes a formula.

`?format=xlsx` of any such address gives a workbook instead of a CSV file.
"""
from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response, request

from ispbill.core.current import current
from ispbill.core.spreadsheets import MIME_TYPE, write_workbook
from ispbill.core.text import safe_cell
from ispbill.web.downloads import attachment

# Excel takes a file without it for the local 8-bit code page and garbles every “ñ”.
BYTE_ORDER_MARK = "\ufeff"


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A download named `<filename>-<today>`, as a CSV file or, where the address asks for it, as a workbook.

    The rows are read now, inside the request's transaction.
    """
    if request.args.get("format") == "xlsx":
        return _download(write_workbook(filename, header, rows), f"{filename}.xlsx", content_type=MIME_TYPE)
    text = BYTE_ORDER_MARK + csv_text(header, rows)
    return _download(text, f"{filename}.csv", content_type="text/csv; charset=utf-8")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Header and rows as RFC 4180 text, each cell made safe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _download(content: str | bytes, name: str, *, content_type: str) -> Response:
    stem, _, ending = name.rpartition(".")
    return attachment(content, name=f"{stem}-{current.today():%Y-%m-%d}.{ending}", content_type=content_type)

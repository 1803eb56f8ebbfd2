"""Lists as CSV files: what the filters show is what the file holds, and no cell becomes a formula."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from ispbill.core.current import current
from ispbill.core.text import safe_cell

# Excel takes a file without it for the local 8-bit code page and garbles every “ñ”.
_BYTE_ORDER_MARK = "\ufeff"


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A download named `<filename>-<today>.csv`; the rows are read now, inside the request's transaction."""
    response = Response(_BYTE_ORDER_MARK + csv_text(header, rows), content_type="text/csv; charset=utf-8")
    dated = f"{filename}-{current.today():%Y-%m-%d}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=dated)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Header and rows as RFC 4180 text, each cell made safe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue()

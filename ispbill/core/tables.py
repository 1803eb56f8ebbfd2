"""Tables that people upload (CSV): read whole, every fault named by line and column, nothing guessed.

Columns are known by their name whatever its capitals. Cells written by our own exports read back as they
were.
"""
from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import islice

from ispbill.core.errors import DomainError
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import exponent, to_minor
from ispbill.core.notations import DATES, DECIMALS, PLAIN, Notation

MOST_ROWS, MOST_COLUMNS = 200_000, 500
_LONGEST_SHOWN = 80
_SAVE_AS_UTF8 = lazy("Save it as “CSV UTF-8” and try again.")
_DELIMITERS, _HEAD_LINES = ",;\t", 10
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_FAILED = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
_FORMULA_START = ("'=", "'+", "'-", "'@", "'\t", "'\r")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one cell: its line (the header is 1), what stands there, what would be right."""

    line: int
    column: str
    value: str
    problem: str
    hint: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. Its readers give a typed value, or note an error and give nothing."""

    line: int
    cells: dict[str, str]
    errors: list[RowError]
    notation: Notation = PLAIN

    def text(self, column: str, *, required: bool = False, most: int | None = None) -> str:
        """The cell without outer blanks, of so many characters at most; empty where the column is missing."""
        value = plain_cell(self.cells.get(column.lower(), ""))
        if value in _FAILED:
            self.refuse(column, _("The spreadsheet could not work this cell out."),
                        _("Mend its formula, or write the value."))
            return ""
        if required and not value:
            self.refuse(column, _("Nothing stands here."), _("Every row needs a value in this column."))
        if most is not None and len(value) > most:
            self.refuse(column, _("This has at most %(most)s characters.", most=most), _("Shorten it."))
        return value

    def choice(self, column: str, choices: Collection[str], *, default: str | None = None) -> str:
        """One of the choices, spelled as they are; the default for an empty cell where there is one."""
        value = self.text(column)
        if not value and default is not None:
            return default
        for choice in choices:
            if choice.lower() == value.lower():
                return choice
        self.refuse(column, _("This is not one of the values that can stand here."), " or ".join(choices))
        return default or ""

    def money(self, column: str, *, currency: str, signed: bool = False) -> int | None:
        """An amount in minor units, of zero or more unless it may be `signed`; None for an empty cell."""
        value = self.text(column)
        if not value:
            return None
        hint = _("An amount like %(example)s.", example=self.notation.example(exponent(currency)))
        try:
            amount_minor = to_minor(self.notation.number(value), currency)
        except ValueError:
            self.refuse(column, _("This is not an amount as the file writes them."), hint)
            return None
        except DomainError as refusal:
            self.refuse(column, refusal.message, hint)
            return None
        if amount_minor < 0 and not signed:
            self.refuse(column, _("The amount is negative."), _("An amount of zero or more."))
        return amount_minor

    def whole(self, column: str, *, low: int, high: int) -> int | None:
        """A whole number within bounds; None for an empty cell."""
        value = self.text(column)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 10 and low <= int(value) <= high):
            self.refuse(column, _("This is not a whole number that can stand here."), _(
                    "%(low)s to %(high)s", low=low, high=high))
            return None
        return int(value)

    def decimal(self, column: str) -> Decimal | None:
        """A decimal number; None for an empty cell."""
        value = self.text(column)
        try:
            return Decimal(self.notation.number(value)) if value else None
        except (InvalidOperation, ValueError):
            hint = _("A number like %(example)s.", example=DECIMALS[self.notation.decimals])
            self.refuse(column, _("This is not a number."), hint)
            return None

    def day(self, column: str) -> date | None:
        """A calendar day; None for an empty cell."""
        value = self.text(column)
        try:
            return self.notation.day(value) if value else None
        except ValueError:
            example = DATES[self.notation.dates]
            self.refuse(column, _("This is not a date."), _("A date like %(example)s.", example=example))
            return None

    def refuse(self, column: str, problem: str, hint: str) -> None:
        """Note what is wrong in a column of this row."""
        shown = self.cells.get(column.lower(), "")[:_LONGEST_SHOWN]
        error = RowError(self.line, column, shown, problem, hint)
        if error not in self.errors:
            self.errors.append(error)


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows under its header. With errors nothing of it may be used."""

    header: tuple[str, ...] = ()
    rows: Sequence[Row] = ()
    errors: list[RowError] = field(default_factory=list)

    def columns(self) -> frozenset[str]:
        """The names of the columns, in lower case."""
        return frozenset(name.lower() for name in self.header)

    def check_columns(self, *, required: Sequence[str], optional: Sequence[str] | None = None) -> None:
        """Note columns that are missing, and unknown ones where `optional` says which others may stand."""
        for name in required:
            if name.lower() not in self.columns():
                hint = _("The header needs: %(required)s.", required=", ".join(required))
                self._refuse_header(name, _("This column is missing."), hint)
        if optional is None:
            return
        known = {name.lower() for name in (*required, *optional)}
        for name in self.header:
            if name.lower() not in known:
                hint = _("Known columns: %(value)s.", value=", ".join((*required, *optional)))
                self._refuse_header(name, _("This column is unknown."), hint)

    def _refuse_header(self, name: str, problem: str, hint: str) -> None:
        self.errors.append(RowError(1, name, "", problem, hint))


def plain_cell(value: str) -> str:
    """A cell as it was before an export made it safe for spreadsheets, without outer blanks."""
    text = value.strip()
    return text[1:].strip() if text.startswith(_FORMULA_START) else text


def read_table(content: bytes, *, most_rows: int | None = None) -> Table:
    """The table of a CSV file (comma, semicolon or tab), or its first rows; or why it cannot be read."""
    errors: list[RowError] = []
    text = _decoded(content, errors)
    return table_of(_records(text, errors) if text is not None else (), errors, most_rows=most_rows)


def table_of(lines: Iterable[tuple[int, list[str]]], errors: list[RowError], *, most_rows: int | None) -> Table:
    """The table that the first lines make, the very first its header; with the errors that reading them noted."""
    records = list(islice(lines, most_rows + 1 if most_rows else None))
    if errors:
        return Table(errors=errors)
    if not records:
        return Table(errors=[RowError(1, "", "", _("The file is empty."), _("The first line names the columns."))])
    first = enumerate(_without_blank_end(records[0][1], width=0), start=1)
    header = tuple(name.strip() or _("Column %(number)s", number=number) for number, name in first)
    if len(header) > MOST_COLUMNS:
        problem = _("The file has more than %(most)s columns.", most=MOST_COLUMNS)
        return Table(errors=[RowError(1, "", "", problem, _("Take out those that are not needed."))])
    rows = [_row(header, line, cells, errors) for line, cells in records[1:]]
    names = [name.lower() for name in header]
    for name in {name.lower(): name for name in reversed(header) if names.count(name.lower()) > 1}.values():
        errors.append(RowError(1, name, "", _("Two columns are called “%(name)s”.", name=name),
                               _("Give each a name of its own, or take one out.")))
    return Table(header=header, rows=rows, errors=errors)


def _decoded(content: bytes, errors: list[RowError]) -> str | None:
    is_wide = content.startswith(_UTF_16)
    if content.startswith(b"PK\x03\x04") or (b"\x00" in content and not is_wide):
        errors.append(RowError(1, "", "", _("This is not a CSV file in UTF-8."), _SAVE_AS_UTF8))
        return None
    try:
        return content.decode("utf-16" if is_wide else "utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        shown = content[max(0, error.start - 10):error.start + 10].decode("utf-8", "replace")
        errors.append(RowError(line, "", shown, _("A character is not written in UTF-8."), _SAVE_AS_UTF8))
        return None


def _records(text: str, errors: list[RowError]) -> Iterator[tuple[int, list[str]]]:
    head = text.split("\n", _HEAD_LINES)[:_HEAD_LINES]
    first_line = next((line for line in head if any(mark in line for mark in _DELIMITERS)), "")
    delimiter = max(_DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            if line > MOST_ROWS:
                problem = _("The file has more than %(most_rows)s rows.", most_rows=MOST_ROWS)
                errors.append(RowError(line, "", "", problem, _("Split it.")))
                return
            line = reader.line_num + 1
    except csv.Error as error:
        errors.append(RowError(line, "", "", _("This line is not CSV: %(error)s.", error=error),
                               _("Check the quotes.")))


def _without_blank_end(cells: list[str], *, width: int) -> list[str]:
    """The cells up to the last that holds something, at least so many: spreadsheets save columns beside the table."""
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _row(header: tuple[str, ...], line: int, cells: list[str], errors: list[RowError]) -> Row:
    cells = _without_blank_end(cells, width=len(header))
    if len(cells) != len(header):
        problem = _("The row has %(count)s values, the header %(count_2)s.", count=len(cells), count_2=len(header))
        errors.append(RowError(line, "", "", problem, _("Put values that contain a comma in quotes.")))
    return Row(line, dict(zip((name.lower() for name in header), cells, strict=False)), [])

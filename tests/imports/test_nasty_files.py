"""Files as people have them: what can be read is read, and what cannot says where it is and what would be right."""
from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.xml.constants import SHEET_MAIN_NS

from ispbill.core import spreadsheets
from ispbill.core.current import TenantRef
from ispbill.core.errors import Invalid
from ispbill.core.spreadsheets import read_file
from ispbill.core.unit_of_work import unit_of_work
from ispbill.plant.lcps import service as lcps
from ispbill.plant.policy import LcpFacts
from tests.make import offers
from tests.make.uploads import brought_in, looked_at, uploaded


def workbook(*rows: list[Any], change: Callable[[Any], object] = lambda sheet: None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    change(book.active)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def cells(content: bytes) -> list[dict[str, str]]:
    table = read_file(content)
    assert table.errors == []
    return [row.cells for row in table.rows]


@pytest.mark.parametrize("content", [
    "name;phone\nJosé;0917\n".encode("utf-8-sig"), "name\tphone\nJosé\t0917\n".encode("utf-16"),
    b"name,phone,,\n\"Jos\xc3\xa9\",0917,,\n,,,\n\n ,\n", "name;phone\r\nJosé;0917\r\n".encode(),
])
def test_a_file_of_any_common_making_is_read(content: bytes) -> None:
    assert cells(content) == [{"name": "José", "phone": "0917"}]


@pytest.mark.parametrize(("content", "words"), [
    ("name\nJosé\n".encode("cp1252"), "Save it as “CSV UTF-8”"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "workbook of the old kind (XLS), or one with a password"),
    (b"Subscribers of May\n\nname,phone,area\nAna,1,\nBen,2,\n", "If the names stand further down, delete"),
    (b"Subscribers of May\n\nname;phone;area\nAna;1;\nBen;2;\n", "If the names stand further down, delete"),
    (workbook(["Subscribers of May"], [], ["name", "phone"], ["Ana", "1"]), "If the names stand further down, delete"),
    (",".join(f"c{number}" for number in range(501)).encode() + b"\n1\n", "more than 500 columns"),
    (b"name,notes\nBen,\nAna," + b"x" * 200_000 + b"\n", "Line 3: This line is not CSV: field larger than"),
    (b'name,notes\nBen,\nAna "the boss,"x"y\n', "Line 3: This line is not CSV"),
])
def test_a_file_that_is_no_table_says_at_once_what_to_do(tenant: TenantRef, content: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        uploaded("customers", content)
    assert words in refusal.value.message and refusal.value.field == "file"


def test_two_hundred_columns_are_no_trouble(tenant: TenantRef) -> None:
    names = ["name", *(f"column {number}" for number in range(199))]
    assert looked_at("customers", ",".join(names) + "\nAna" + "," * 199 + "\n").errors == []


def test_a_workbook_that_unpacks_to_more_than_a_list_could_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_UNPACKED_BYTES", 10_000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 10_001)
    assert [error.problem for error in read_file(buffer.getvalue()).errors] == ["The workbook is too large."]


def rewritten(content: bytes, parts: dict[str, Callable[[bytes], bytes]]) -> bytes:
    """A workbook with some of its parts otherwise, or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in {*old.namelist(), *parts}:
            part = old.read(name) if name in old.namelist() else b""
            new.writestr(name, parts.get(name, lambda part: part)(part))
    return buffer.getvalue()


def sharing(strings: str, *numbers: int) -> bytes:
    """A workbook of one column whose cells, below `name`, are strings that it shares."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    cell = '<row r="{0}"><c r="A{0}" t="s"><v>{1}</v></c></row>'
    rows = "".join(cell.format(line, number) for line, number in enumerate(numbers, start=2))
    sheet = f'<worksheet xmlns="{SHEET_MAIN_NS}"><sheetData><row><c t="str"><v>name</v></c></row>{rows}</sheetData>'
    return rewritten(workbook(["name"]), {
        "xl/sharedStrings.xml": lambda part: strings.encode(),
        "xl/worksheets/sheet1.xml": lambda part: f"{sheet}</worksheet>".encode(),
        "[Content_Types].xml": lambda part: part.replace(
            b"</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()),
    })


def test_strings_that_cells_share_are_read_without_how_they_are_pronounced() -> None:
    strings = (f'<x:sst xmlns:x="{SHEET_MAIN_NS}">\n <x:si>\n  <x:t>Ana &amp; Ben</x:t></x:si><x:si/><x:si>'
               '<x:r><x:rPr/><x:t xml:space="preserve">Cleo </x:t></x:r><x:r><x:t>Cruz</x:t></x:r>'
               '<x:rPh sb="0" eb="1"><x:t>CLEO</x:t></x:rPh></x:si></x:sst>')
    assert cells(sharing(strings, 2, 0, 1, 2)) == [{"name": "Cleo Cruz"}, {"name": "Ana & Ben"}, {"name": "Cleo Cruz"}]


def test_no_more_of_a_workbook_is_read_than_the_rows_that_are_asked_for(tenant: TenantRef) -> None:
    names = "".join(f"<si><t>Customer {number}</t></si>" for number in range(20_000))
    broken = sharing(f'<sst xmlns="{SHEET_MAIN_NS}">{names}</broken>', *range(20_000))
    assert [row.text("name") for row in read_file(broken, most_rows=2).rows] == ["Customer 0", "Customer 1"]
    (error,) = looked_at("customers", broken).errors
    assert (error.line, error.problem) == (1, "This is neither a workbook (XLSX) nor a CSV file.")


def test_a_sheet_that_claims_a_million_columns_is_as_wide_as_its_cells() -> None:
    content = rewritten(workbook(["name"], ["Ana"]), {
        "xl/worksheets/sheet1.xml": lambda part: part.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'),
    })
    assert cells(content) == [{"name": "Ana"}]


def test_what_a_workbook_shows_is_what_is_read() -> None:
    def shown_with_zeros(sheet: Any) -> None:
        sheet["A2"].number_format = "000000"

    seen = datetime(2026, 3, 31, 14, 5, tzinfo=UTC).replace(tzinfo=None)
    (row,) = cells(workbook(
        ["account", "phone", "price", "since", "seen"], [123, "0917", 1399 * 1.12, date(2026, 3, 31), seen],
        change=shown_with_zeros,
    ))
    assert row == {"account": "000123", "phone": "0917", "price": "1566.88", "since": "2026-03-31",
                   "seen": "2026-03-31T14:05:00"}


def test_a_formula_without_a_result_is_an_error_and_not_an_empty_cell(tenant: TenantRef) -> None:
    (error,) = looked_at("plans", workbook(["code", "name", "price"], ["A", "One", 5], ["B", "Two", "=A2*2"])).errors
    assert (error.line, error.column, error.problem) == (3, "C", "This formula has no result in the file.")


@pytest.mark.parametrize("content", [
    workbook(["code", "name", "price"], ["A", "#N/A", 5], ["B", "Two", "#DIV/0!"]),
    b"code,name,price\nA,#N/A,5\nB,Two,#DIV/0!\n",
])
def test_what_a_spreadsheet_could_not_work_out_is_nobodys_name(tenant: TenantRef, content: bytes) -> None:
    found = looked_at("plans", content).errors
    assert [(error.line, error.column, error.value, error.problem) for error in found] == [
        (2, "name", "#N/A", "The spreadsheet could not work this cell out."),
        (3, "price", "#DIV/0!", "The spreadsheet could not work this cell out."),
    ]


@pytest.mark.parametrize(("kind", "line"), [
    ("areas", {"region": "Cavite", "city": "Bacoor"}),
    ("plans", {"code": "P", "name": "Plan", "price": "10", "description": "Fast"}),
    ("lcps", {"code": "L", "name": "Lcp", "address": "Street", "notes": "Note"}),
    ("routers", {"brand": "X", "model": "Y", "serial_number": "S", "notes": "Note"}),
    ("customers", {"name": "Ana", "account_number": "A", "external_reference": "R", "tax_identifier": "T",
                   "street": "S", "landmark": "L", "phone": "1", "notes": "N"}),
    ("subscriptions", {"account_number": "A", "plan_code": "P", "reference": "R"}),
    ("naps", {"code": "N", "lcp": "L", "splitter": "S", "address": "Street"}),
])
def test_a_text_that_is_too_long_is_named_by_line_and_column(
    tenant: TenantRef, kind: str, line: dict[str, str]
) -> None:
    with unit_of_work():
        offers.plan(code="P")
        lcps.add(LcpFacts(code="L", name="Lcp"))
    brought_in("customers", "account_number,name\nA,Ana\n")
    for column in line:
        content = ",".join(line) + "\n" + ",".join({**line, column: "x" * 60_000}.values()) + "\n"
        (error,) = looked_at(kind, content).errors
        assert (error.line, error.column) == (2, column) and len(error.value) <= 80

"""Uploaded tables: every fault is named by line and column, and nothing is guessed."""
from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.core.tables import Row, read_table
from ispbill.core.text import safe_cell


def row_of(**cells: str) -> Row:
    return Row(2, {name.lower(): value for name, value in cells.items()}, [])


def test_rows_are_known_by_their_line_even_after_blank_lines_and_broken_cells() -> None:
    table = read_table(b'\xef\xbb\xbfName,Note\nAna,"two\nlines"\n\n  \nBen,\n')
    assert [(row.line, row.text("name")) for row in table.rows] == [(2, "Ana"), (6, "Ben")]
    assert table.errors == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_of_all_countries_are_read(delimiter: str) -> None:
    table = read_table(delimiter.join(("name", "street")).encode() + b"\n" + delimiter.join(("Ana", "x")).encode())
    assert table.rows[0].text("street") == "x"


@pytest.mark.parametrize(("content", "line", "words"), [
    (b"", 1, "empty"),
    (b"PK\x03\x04rest", 1, "not a CSV"),
    (b"name\n\x00Ana", 1, "not a CSV"),
    (b"name\nAna\nPe\xf1a\n", 3, "not written in UTF-8"),
    (b"name,street\nAna\n", 2, "1 values, the header 2"),
    (b'name\n"Ana', 2, "not CSV"),
    (b"name,NAME\nAna,Ben\n", 1, "called"),
])
def test_a_file_that_cannot_be_read_says_where_and_why(content: bytes, line: int, words: str) -> None:
    errors = read_table(content).errors
    assert [error.line for error in errors] == [line] and words in errors[0].problem


def test_columns_beside_the_table_are_passed_over_and_one_without_a_name_gets_one() -> None:
    table = read_table(b",name,,\n0,Ana,,\n1,Ben\n2,Cora,,,\n")
    assert table.header == ("Column 1", "name") and table.errors == []
    assert [row.text("name") for row in table.rows] == ["Ana", "Ben", "Cora"]


def test_missing_and_unknown_columns_are_named() -> None:
    table = read_table(b"name,colour\nAna,red\n")
    table.check_columns(required=("name", "street"), optional=("notes",))
    assert [(error.column, error.problem) for error in table.errors] == [
        ("street", "This column is missing."), ("colour", "This column is unknown."),
    ]


@pytest.mark.parametrize(("column", "read", "value"), [
    ("amount", lambda row: row.money("amount", currency="PHP"), "12.345"),
    ("amount", lambda row: row.money("amount", currency="PHP"), "-1"),
    ("day", lambda row: row.day("day"), "31/12/2026"),
    ("number", lambda row: row.whole("number", low=1, high=31), "32"),
    ("number", lambda row: row.whole("number", low=1, high=31), "²"),
    ("degrees", lambda row: row.decimal("degrees"), "north"),
    ("answer", lambda row: row.choice("answer", ("Yes", "No")), "Maybe"),
    ("name", lambda row: row.text("name", required=True), "  "),
])
def test_a_cell_that_is_wrong_is_noted_with_what_stands_there(column, read, value) -> None:  # type: ignore[no-untyped-def]
    row = row_of(**{column: value})
    read(row)
    assert [(error.line, error.column, error.value) for error in row.errors] == [(2, column, value)]


def test_cells_that_are_right_are_read() -> None:
    row = row_of(amount="1,499.50", day="2026-03-31", number="31", degrees="14.5", answer="yes", name="'+63 917")
    assert row.money("amount", currency="PHP") == 149950
    assert row.day("day") == date(2026, 3, 31)
    assert row.whole("number", low=1, high=31) == 31
    assert row.decimal("degrees") == Decimal("14.5")
    assert row.choice("answer", ("Yes", "No")) == "Yes"
    assert row.text("name") == "+63 917", "what our export made safe reads back as it was"
    assert row.errors == []


def test_empty_cells_are_nothing() -> None:
    row = row_of()
    empty = (row.money("a", currency="PHP"), row.day("a"), row.whole("a", low=0, high=1), row.decimal("a"))
    assert empty == (None,) * 4
    assert row.choice("a", ("x", "y"), default="x") == "x" and row.errors == []


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r\n")))
def test_what_an_export_writes_is_what_an_import_reads(value: str) -> None:
    assert row_of(name=safe_cell(value)).text("name") == (
        value.strip() if not value.startswith("'") else row_of(name=value).text("name")
    )

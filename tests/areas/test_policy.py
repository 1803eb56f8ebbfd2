"""Rules of the area tree."""
from __future__ import annotations

import pytest

from ispbill.areas.policy import area_name, child_level, path_key, path_text, read_list, read_path
from ispbill.core.errors import Invalid
from ispbill.core.tables import read_table


@pytest.mark.parametrize("text", ["", "  ", "a" * 101, "Luzon > Manila"])
def test_a_name_that_cannot_stand_in_a_path_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        area_name(text)


def test_a_name_has_single_blanks() -> None:
    assert area_name("  San   Juan ") == "San Juan"


def test_there_are_three_levels() -> None:
    assert [child_level(level) for level in (None, 1, 2)] == [1, 2, 3]
    with pytest.raises(Invalid):
        child_level(3)


def test_paths_are_compared_whatever_their_capitals_and_blanks() -> None:
    assert path_key("Luzon>MANILA  > tondo ") == path_key(path_text(("Luzon", "Manila", "Tondo")))


def test_missing_levels_at_the_end_are_left_out_but_not_in_between() -> None:
    assert read_path(["Luzon", "", ""]) == ("Luzon",)
    with pytest.raises(Invalid):
        read_path(["Luzon", "", "Tondo"])


def test_a_list_says_which_lines_are_wrong() -> None:
    paths, errors = read_list(read_table(b"region,city,barangay\nLuzon,Manila,Tondo\nLuzon,,Tondo\n,Manila,\n"))
    assert paths == [("Luzon", "Manila", "Tondo")]
    assert [error.line for error in errors] == [3, 4]


def test_a_list_has_at_most_three_columns() -> None:
    _, errors = read_list(read_table(b"a,b,c,d\n1,2,3,4\n"))
    assert [(error.line, error.column) for error in errors] == [(1, "d")]

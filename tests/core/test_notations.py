"""Days and numbers of people's files: one notation a file, told by its cells or asked."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.core.notations import Notation, Told, dates_told, decimals_told, usual

LAST_OF_MARCH = date(2026, 3, 31)


@pytest.mark.parametrize(("dates", "text"), [
    ("ymd", "2026-03-31"), ("dmy", "2026-03-31"), ("mdy", "2026-03-31"), ("ymd", "2026/3/31"), ("ymd", "20260331"),
    ("ymd", "2026-03-31 00:00:00"), ("dmy", "31/03/2026"), ("dmy", "31.3.26"), ("dmy", "31. 3. 2026"),
    ("dmy", "31-03-2026 14:05"), ("mdy", "03/31/2026"), ("mdy", "3/31/26"), ("mdy", "3/31/2026 0:00"),
])
def test_a_day_is_read_in_the_order_of_its_file(dates: str, text: str) -> None:
    assert Notation(dates=dates).day(text) == LAST_OF_MARCH


@pytest.mark.parametrize(("dates", "text"), [
    ("ymd", "31/03/2026"), ("ymd", "26-03-31"), ("dmy", "03/31/2026"), ("mdy", "31/03/2026"), ("dmy", "30/02/2026"),
    ("dmy", "31/03.2026"), ("dmy", "31/03/0026"), ("dmy", "31/03/226"), ("dmy", "131/03/2026"), ("dmy", "46112"),
    ("dmy", ""), ("dmy", "31 March"), ("ymd", "2026-03-31x"), ("dmy", "３１/03/2026"),
])
def test_what_does_not_fit_the_order_is_refused(dates: str, text: str) -> None:
    with pytest.raises(ValueError):
        Notation(dates=dates).day(text)


def test_two_digits_are_a_year_of_our_time() -> None:
    german = Notation(dates="dmy")
    assert (german.day("1.1.68").year, german.day("1.1.69").year) == (2068, 1969)


@pytest.mark.parametrize(("decimals", "text", "plain"), [
    ("point", "1,499.50", "1499.50"), ("point", "1,49,900.5", "149900.5"), ("point", "1499", "1499"),
    ("point", "-0.5", "-0.5"), ("comma", "1.499,50", "1499.50"), ("comma", "1 499,50", "1499.50"),
    ("comma", "1499,5", "1499.5"), ("comma", "-20", "-20"), ("comma", "1.499", "1499"), ("comma", "14,4067", "14.4067"),
])
def test_a_number_is_read_by_the_mark_of_its_file(decimals: str, text: str, plain: str) -> None:
    assert Notation(decimals=decimals).number(text) == plain


@pytest.mark.parametrize(("decimals", "text"), [
    ("point", "1499,00"), ("point", "1.490,00"), ("point", "29,85"), ("point", "1,4999"), ("comma", "1499.50"),
    ("comma", "1,499.50"), ("comma", "14.99"), ("comma", "₱20"), ("comma", ""),
])
def test_a_number_of_the_other_mark_is_refused_and_not_a_hundred_times_itself(decimals: str, text: str) -> None:
    with pytest.raises(ValueError):
        Notation(decimals=decimals).number(text)


@pytest.mark.parametrize(("cells", "told"), [
    (["01/02/2026", "31/03/2026"], Told("dmy")), (["01/02/2026", "03/31/2026"], Told("mdy")),
    (["2026-01-02"], Told("mdy")), ([], Told("mdy")), (["n/a", "13.1.26"], Told("dmy")), (["05/05/2026"], Told("mdy")),
    (["05/05/2026", "01/02/2026"], Told("mdy", "01/02/2026")), (["31/03/2026", "03/31/2026"], Told("mdy")),
    (["31/03/2026", "03/31/2026", "01/02/2026"], Told("mdy", "01/02/2026")),
])
def test_the_cells_tell_the_order_of_dates_or_one_of_them_is_asked_about(cells: list[str], told: Told) -> None:
    assert dates_told(cells, usual="mdy") == told


@pytest.mark.parametrize(("cells", "told"), [
    (["1,499", "29.85"], Told("point")), (["1.499", "29,85"], Told("comma")), (["1499", "20"], Told("point")),
    (["20", "1.499"], Told("point", "1.499")),
])
def test_the_cells_tell_the_mark_before_decimals(cells: list[str], told: Told) -> None:
    assert decimals_told(cells, usual="point") == told


@pytest.mark.parametrize(("locale", "notation"), [
    ("en_PH", Notation("mdy", "point")), ("en_GB", Notation("dmy", "point")), ("de_DE", Notation("dmy", "comma")),
    ("en_CA", Notation("ymd", "point")), ("fil_PH", Notation("mdy", "point")),
])
def test_each_country_has_its_usual_notation(locale: str, notation: Notation) -> None:
    assert usual(locale) == notation

"""How people's files write days and numbers: the order within a date, the mark before decimals. Pure.

One notation holds for a whole file. A cell is never read in whichever way happens to fit: what does not fit the
notation is refused, and where nothing in a file tells which it is, a person is asked.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from babel import Locale
from babel.numbers import get_decimal_symbol

YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "ymd", "dmy", "mdy"
POINT, COMMA = "point", "comma"
DATES = {YEAR_FIRST: "2026-03-31", DAY_FIRST: "31/03/2026", MONTH_FIRST: "03/31/2026"}
DECIMALS = {POINT: "1,499.50", COMMA: "1.499,50"}
"""What may be chosen, each with what it looks like."""
_DAY = re.compile(
    r"([0-9]{1,4})([-/.]) ?([0-9]{1,2})\2 ?([0-9]{4}|[0-9]{1,2})"
    r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9.]+)?)?"
)
# Groups have three digits, in India two before the last: “1,49,900.50”.
_POINTED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]*)?")
_COMMAED = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:[. \u00a0\u202f][0-9]{3})+)(?:,[0-9]*)?")
_FIRST_YEAR, _LAST_YEAR, _LAST_OF_THIS_CENTURY = 1900, 2199, 68


@dataclass(frozen=True, slots=True)
class Notation:
    """The order of dates and the mark before decimals of a file."""

    dates: str = YEAR_FIRST
    decimals: str = POINT

    def day(self, text: str) -> date:
        """The day that a cell names; a time after it counts for nothing. Raises ValueError where it does not fit.

        With the year first, in four digits, no order is mistaken for another. Two digits are years of 1969 to 2068.
        """
        if text.isascii() and text.isdigit():
            return date.fromisoformat(text)
        found = _DAY.fullmatch(text)
        if found is None:
            raise ValueError(text)
        first, _, second, third = found.groups()
        if len(first) == 4:
            return _day(first, second, third)
        if self.dates == YEAR_FIRST or len(first) > 2:
            raise ValueError(text)
        return _day(_year(third), second, first) if self.dates == DAY_FIRST else _day(_year(third), first, second)

    def number(self, text: str) -> str:
        """A number as programs write it, without groups. Raises ValueError where it does not fit."""
        if self.decimals == POINT:
            if "," in text and not _POINTED.fullmatch(text):
                raise ValueError(text)
            return text.replace(",", "")
        if not _COMMAED.fullmatch(text):
            raise ValueError(text)
        return re.sub(r"[^0-9,+-]", "", text).replace(",", ".")

    def example(self, places: int) -> str:
        """An amount with so many decimals, as such a file writes it."""
        text = DECIMALS[self.decimals]
        return text[:-3] + text[-3:].ljust(places + 1, "0") if places else text[:-3]


PLAIN = Notation()


@dataclass(frozen=True, slots=True)
class Told:
    """What cells tell of a notation; `doubtful` is one of them that can be read in two ways, where nothing decides."""

    choice: str
    doubtful: str = ""


def usual(locale: str) -> Notation:
    """How files of a country are written as a rule (CLDR)."""
    pattern = str(Locale.parse(locale).date_formats["short"].pattern).lower()
    order = "".join(sorted("ymd", key=pattern.index))
    return Notation(order if order in DATES else YEAR_FIRST, COMMA if get_decimal_symbol(locale) == "," else POINT)


def dates_told(cells: Iterable[str], *, usual: str) -> Told:
    """In which order cells write dates; the usual one where they do not tell."""
    return _told(cells, {order: Notation(dates=order).day for order in (DAY_FIRST, MONTH_FIRST)}, usual)


def decimals_told(cells: Iterable[str], *, usual: str) -> Told:
    """Which mark stands before decimals; the usual one where the cells do not tell."""
    return _told(cells, {mark: _reader(mark) for mark in (POINT, COMMA)}, usual)


def _reader(mark: str) -> Callable[[str], float]:
    return lambda text: float(Notation(decimals=mark).number(text))


def _told(cells: Iterable[str], readers: Mapping[str, Callable[[str], object]], usual: str) -> Told:
    (one, read_one), (other, read_other) = readers.items()
    told: set[str] = set()
    doubtful = ""
    for cell in cells:
        first, second = _tried(read_one, cell), _tried(read_other, cell)
        if first is not None and second is not None:
            doubtful = doubtful or (cell if first != second else "")
        elif first is not None or second is not None:
            told.add(one if first is not None else other)
    if len(told) == 1:
        return Told(told.pop())
    return Told(usual, doubtful)


def _tried(read: Callable[[str], object], cell: str) -> object | None:
    try:
        return read(cell)
    except ValueError:
        return None


def _year(text: str) -> str:
    if len(text) != 2:
        return text
    return f"20{text}" if int(text) <= _LAST_OF_THIS_CENTURY else f"19{text}"


def _day(year: str, month: str, day: str) -> date:
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        raise ValueError(year)
    return date(int(year), int(month), int(day))

"""A published case as it is written: where its values are found, whatever the publisher calls them."""
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ispbill.core.current import current
from ispbill.core.errors import DomainError
from ispbill.core.money import exponent
from tests.conformance.naming import usual

_UNITS = {"month": ("month", 1), "quarter": ("month", 3), "half-year": ("month", 6), "semester": ("month", 6),
          "year": ("month", 12), "annual": ("month", 12), "week": ("day", 7), "day": ("day", 1),
          "fortnight": ("day", 14), "biweek": ("day", 14)}
_ADVERBS = {"daily": "day", "biweekly": "fortnight", "weekly": "week", "quarterly": "quarter", "semiannual": "semester",
            "half-yearly": "half-year", "annually": "year", "yearly": "year", "monthly": "month"}
_DURATION = re.compile(rf"(?:(\d+)[\s-]*)?({'|'.join(_UNITS)})", re.I)
_OF_ALL_ROWS = ("rows", "zones", "timezones")
PUBLISHED = Path(__file__).with_name("published_cases.json")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class CannotExpress(Exception):
    """The case asks for something that ispbill, or this reading of the case, has no words for; says what."""


class NotOurs(CannotExpress):
    """The reading of the case is clear, and that ispbill does not do it."""


class Cadence(NamedTuple):
    """How long a period is; `is_calendar`: it begins with the calendar's week, month or year."""

    unit: str = "month"
    count: int = 1
    is_calendar: bool = False


MONTHLY = Cadence()


class Given(dict[str, Any]):
    """What a case gives. `taken` is what a reading has made something of; to ask whether it is there takes nothing."""

    def __init__(self, values: Mapping[str, Any], taken: set[str] | None = None) -> None:
        super().__init__(values)
        self.taken: set[str] = set() if taken is None else taken

    def __getitem__(self, name: str) -> Any:
        self.taken.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The value under a name, which is taken where it is there."""
        return self[name] if name in self else default


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what is given, what must come out, under which conventions."""

    id: str
    category: str
    description: str
    adopt: str
    given: Given
    expected: Mapping[str, Any]
    conventions: Mapping[str, str]
    before: tuple[Case, ...] = ()
    """The cases of its category before it in the file, the nearest first, then the published ones: some say only what
    differs from them.
    """

    def has(self, *names: str) -> bool:
        """Whether any of these is given."""
        return any(dict.get(self.given, name) is not None for name in names)

    def find(self, *names: str, default: Any = None) -> Any:
        """The first of these that is given."""
        return next((self.given[name] for name in names if self.has(name)), default)

    def days(self, *names: str) -> date | None:
        """The first of these that is given, as a day."""
        found = self.find(*names)
        return None if found is None else day(found)

    def row(self, values: Mapping[str, Any], expected: Mapping[str, Any]) -> Case:
        """The case with the values of one of its rows."""
        rest = {name: value for name, value in self.given.items() if name not in _OF_ALL_ROWS}
        return replace(self, given=Given({**rest, **usual(values)}, self.given.taken), expected=expected)

    def says(self, *words: str) -> bool:
        """Whether one of the words stands in the options or the description; an option that says it is taken."""
        for name in ("option", "mode", "billing_time", "alignment"):
            if any(word in str(dict.get(self.given, name, "")).lower() for word in words):
                self.given.taken.add(name)
                return True
        return any(word in self.description.lower() for word in words)


def load(file: Path) -> list[Case]:
    """The cases of a file. Raises ValueError, saying what is wrong with it, for a file of another shape."""
    cases, published = _read(file), _read(PUBLISHED)
    return [replace(case, before=(*_of_its_category(case, reversed(cases[:place])),
                                  *_of_its_category(case, reversed(published))))
            for place, case in enumerate(cases)]


def _of_its_category(case: Case, others: Iterable[Case]) -> Iterator[Case]:
    return (other for other in others if other.category == case.category and other.id != case.id)


def _read(file: Path) -> list[Case]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file}: {error}") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{file} is no JSON: line {error.lineno}: {error.msg}") from error
    rows = content.get("cases") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise ValueError(f"{file}: expected a list of cases under “cases”.")
    return [_case(row, place) for place, row in enumerate(rows, start=1)]


def currency_of(case: Case) -> str:
    """The currency that a case names, or one with as many decimals as it says; US dollars where it says nothing."""
    if case.has("currency"):
        name = str(case.given["currency"]).upper()
        try:
            exponent(name)
        except DomainError as refusal:
            raise CannotExpress(refusal.message) from refusal
        return name
    text = f"{case.category} {case.description}".lower().replace("_", "-")
    return "JPY" if "zero-decimal" in text else "KWD" if "three-decimal" in text else "USD"


def zone_of(case: Case) -> str:
    """The time zone that a case lies in. Raises CannotExpress for one that nobody knows."""
    name = str(case.find("tz", "timezone", "time_zone", default="UTC"))
    try:
        return ZoneInfo(name).key
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise CannotExpress(f"“{name}” is no time zone") from error


def _case(row: Any, place: int) -> Case:
    if not isinstance(row, dict) or not {"id", "input", "expected"} <= row.keys():
        raise ValueError(f"Case {place}: expected an object with id, input and expected.")
    return Case(
        str(row["id"]), str(row.get("category", "")), str(row.get("description", "")), str(row.get("adopt", "adopt")),
        Given(usual(_mapping(row["input"]))), _mapping(row["expected"]), _mapping(row.get("conventions") or {}),
    )


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {"rows": value} if isinstance(value, list) else {"value": value}


def day(text: Any) -> date:
    """The day of an ISO date or time; of an instant, the day that it is where the case lies, if it says where."""
    if _INSTANT.fullmatch(str(text)) and current.tenant.timezone != "UTC":
        return instant(str(text)).astimezone(current.tenant.zone).date()
    found = _DAY.search(str(text))
    if found is None:
        raise CannotExpress(f"“{text}” is no day")
    return date.fromisoformat(found[0])


def instant(text: str) -> datetime:
    """An ISO instant; Z means UTC."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def after(last_day: date) -> date:
    """The first day after an inclusive end."""
    return last_day + timedelta(days=1)


def amount(text: Any) -> Decimal:
    """The number at the start of a text such as “249.95/month”. Raises CannotExpress without one."""
    found = re.match(r"\s*[$€£₱]?\s*(-?\d[\d,]*(?:\.\d+)?)(?![\d.]*\s*(?:%|[×x*]\s*\d))", str(text))
    if found is None:
        raise CannotExpress(f"“{text}” is no amount")
    return Decimal(found[1].replace(",", ""))


def amounts(told: Any) -> list[Decimal]:
    """Several amounts: a list of them, or “3 × 10.00”."""
    times = re.fullmatch(r"(\d+) ?[×x*] ?([\d.,]+)", str(told).strip())
    return [amount(times[2])] * int(times[1]) if times else [amount(each) for each in told]


def number(value: Any) -> Decimal | None:
    """A value as a number, where it is one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def cadence(text: Any) -> Cadence:
    """The period in a text such as “3 months”, “1 week calendar” or “249.95/year”; a month where it names none."""
    words = (str(text).partition("/")[2] or str(text)).lower().replace("_", " ")
    for adverb, unit in _ADVERBS.items():
        words = words.replace(adverb, unit)
    found = _DURATION.search(words)
    if found is None:
        return MONTHLY
    unit, count = _UNITS[found[2].lower()]
    return Cadence(unit, count * int(found[1] or 1), "calendar" in str(text))

"""What a list page is asked for: search term, order, cursor. Unknown orders fall back to the list's own."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from flask import request

from ispbill.core.current import current
from ispbill.core.pagination import SortKey

# What a calendar of people can mean; days beyond have no neighbours to reckon with.
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
_LONGEST_TERM = 200
# More digits are beyond what the database can hold.
_LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class Asked:
    """The query arguments that all lists share."""

    term: str
    sort: SortKey
    cursor: str | None


def asked(sorts: Mapping[str, SortKey], *, default: str) -> Asked:
    """Read `q`, `sort` (`name`, or `-name` for descending) and `cursor` of the request."""
    wanted = request.args.get("sort", default)
    if wanted.removeprefix("-") not in sorts:
        wanted = default
    key = sorts[wanted.removeprefix("-")]
    if wanted.startswith("-"):
        key = replace(key, descending=not key.descending)
    return Asked(term=request.args.get("q", "").replace("\x00", "").strip()[:_LONGEST_TERM], sort=key,
                 cursor=request.args.get("cursor"))


def chosen(name: str, allowed: type[StrEnum]) -> str | None:
    """The value of a filter, if it is a member of the vocabulary `allowed`."""
    value = request.args.get(name, "")
    return value if value in [member.value for member in allowed] else None


def chosen_id(name: str) -> int | None:
    """The id that a filter names, if it is one."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _LONGEST_ID else None


def chosen_day(name: str) -> date | None:
    """The day that a filter names, if it is one that people can mean."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def chosen_instants(prefix: str = "") -> tuple[datetime | None, datetime | None]:
    """When the days that the filters `since` and `until` name begin and end, by the company's clock: half-open."""
    since, until = chosen_day(f"{prefix}since"), chosen_day(f"{prefix}until")
    return _midnight(since), _midnight(until + timedelta(days=1) if until else None)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, current.tenant.zone) if day else None

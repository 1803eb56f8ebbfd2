"""What an audit entry says: which values may be kept, how a row is named. Secrets never pass."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from ispbill.core.i18n import gettext

NOT_RECORDED = "(not recorded)"
_SECRET = re.compile(r"(password|secret|digest|token|sealed)")
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
# What people call a row by: its number, then its name.
_NUMBERS = ("account_number", "number", "code", "serial_number")
_NAMES = ("full_name", "name", "legal_name", "title", "subject", "email", "file_name", "description", "address", "kind")
_INSTANT, _DAY = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d"), re.compile(r"\d{4}-\d\d-\d\d")
_ACRONYM = re.compile(r"\b(api|lcp|nap)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that a change touched; None where there was or is nothing."""

    name: str
    before: object
    after: object


def is_secret(column: str) -> bool:
    """Whether a column's values must not be kept, by its name."""
    return _SECRET.search(column) is not None


def recordable(column: str, value: object) -> Any:
    """A column's value as JSON can hold it; of a secret only that there was one, of a file's content the size."""
    if value is not None and is_secret(column):
        return NOT_RECORDED
    return f"({len(value)} bytes)" if isinstance(value, bytes) else _plain(value)


def _plain(value: object) -> Any:
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case date() | datetime():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Mapping():
            return {str(key): recordable(str(key), inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case set() | frozenset():
            return sorted(map(_plain, value))
        case _:
            return str(value)


def entity_name(class_name: str) -> str:
    """“role_permission” for the class RolePermission."""
    return _CAPITAL.sub("_", class_name).lower()


def entity_label(name: str) -> str:
    """“API token” for api_token: how a reader of the log knows it."""
    return gettext(english_label(name))


def english_label(name: str) -> str:
    """The message that `entity_label` translates."""
    return _ACRONYM.sub(lambda found: found[0].upper(), name.replace("_", " ").capitalize())


def label_of(values: Mapping[str, object]) -> str:
    """What a person calls the row, from its columns; empty where none of them names it."""
    known = (next((str(values[column]) for column in columns if values.get(column)), None)
             for columns in (_NUMBERS, _NAMES))
    return " · ".join(filter(None, known))


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Difference]:
    """The values of an entry side by side, in the order of their names."""
    old, new = before or {}, after or {}
    return [Difference(name, _revived(old.get(name)), _revived(new.get(name))) for name in sorted({*old, *new})]


def _revived(value: Any) -> Any:
    """An instant or a day from the words in which it is kept; all else as it is."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else value

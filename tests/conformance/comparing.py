"""What came out beside what must: numbers by value, lines in any order, every expected value answered."""
from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from tests.conformance.cases import number

_SAME_TYPES = {"CREDIT": "REPAIR", "ITEM_ADJ": "REPAIR", "CHARGE": "RECURRING", "EXTERNAL_CHARGE": "RECURRING"}
_FRACTIONS = re.compile(r"[\d\s/+.]+")
MISSING = object()


def differences(expected: Any, answered: Any, path: str = "") -> tuple[list[str], list[str]]:
    """What differs, and what nobody answered; each as a sentence or a name."""
    if answered is MISSING:
        return [], [path]
    if expected == {}:
        return [], [] if answered == {} else [path]
    if isinstance(expected, Mapping) and isinstance(answered, Mapping):
        return _together(
            differences(value, answered.get(key, MISSING), f"{path}.{key}".strip("."))
            for key, value in expected.items()
        )
    if isinstance(expected, list) and isinstance(answered, list | tuple):
        return _lists(expected, list(answered), path)
    if isinstance(answered, list) and len(answered) == 1:
        answered = answered[0]
    return ([] if same(expected, answered) else [f"{path}: expected {_shown(expected)}, got {_shown(answered)}"]), []


def same(expected: Any, answered: Any) -> bool:
    """Whether two values are equal as numbers, days or words."""
    if isinstance(answered, Fraction):
        return _is_fraction(str(expected), answered)
    numbers = number(expected), number(answered)
    if None not in numbers:
        return numbers[0] == numbers[1]
    if isinstance(answered, datetime):
        moment = answered.strftime("%Y-%m-%d %H:%M")
        return str(expected).replace("T", " ") in (moment, moment[:10])
    if isinstance(answered, date):
        return str(expected)[:10] == answered.isoformat()
    return _SAME_TYPES.get(str(expected), expected) == answered


def _lists(expected: list[Any], answered: list[Any], path: str) -> tuple[list[str], list[str]]:
    if len(expected) != len(answered):
        return [f"{path}: expected {_shown(expected)}, got {_shown(answered)}"], []
    if path.rpartition(".")[2] == "lines":
        return _any_order(expected, answered, path)
    return _together(
        differences(value, other, f"{path}[{place}]")
        for place, (value, other) in enumerate(zip(expected, answered, strict=True))
    )


def _any_order(expected: list[Any], answered: list[Any], path: str) -> tuple[list[str], list[str]]:
    asked, told = _names(expected), _names(answered)
    left = list(answered)
    for line in expected:
        known = {name: line[name] for name in line if name in told} if isinstance(line, Mapping) else line
        match = next((other for other in left if differences(known, other) == ([], [])), None)
        if match is None:
            return [f"{path}: expected {_shown(expected)}, got {_shown(answered)}"], []
        left.remove(match)
    return [], [f"{path}.{name}" for name in sorted(asked - told)]


def _names(lines: list[Any]) -> set[str]:
    return {name for line in lines if isinstance(line, Mapping) for name in line}


def _together(parts: Any) -> tuple[list[str], list[str]]:
    wrong: list[str] = []
    unanswered: list[str] = []
    for one, other in parts:
        wrong += one
        unanswered += other
    return wrong, unanswered


def _is_fraction(expected: str, answered: Fraction) -> bool:
    if not _FRACTIONS.fullmatch(expected):
        return False
    if "/" in expected or "+" in expected:
        return sum((Fraction(part.strip()) for part in expected.split("+")), Fraction(0)) == answered
    exact = Decimal(answered.numerator) / Decimal(answered.denominator)
    return exact.quantize(Decimal(expected), ROUND_HALF_UP) == Decimal(expected)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} {_shown(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return str(value)

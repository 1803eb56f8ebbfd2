"""Rules about the company's own settings: how numbers read, which colours and prefixes are allowed."""
from __future__ import annotations

import re
from dataclasses import dataclass

from ispbill.core.errors import Invalid

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_PREFIX = re.compile(r"[A-Z0-9][A-Z0-9/-]{0,11}")


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """Consecutive numbers of a series, taken together; index 0 is the first."""

    prefix: str
    digits: int
    first: int
    count: int

    def text(self, index: int) -> str:
        """The number at an index as documents print it, such as “INV-000042”."""
        assert 0 <= index < self.count, "an index inside the block"
        return number_text(self.prefix, self.digits, self.first + index)


def number_text(prefix: str, digits: int, number: int) -> str:
    """A number of a series with its prefix and leading zeros; it outgrows its digits, never wraps."""
    return f"{prefix}{number:0{digits}d}"


def accent_colour(text: str) -> str:
    """A colour as `#rrggbb`. Raises Invalid: it is written into a style sheet, so nothing else may pass."""
    colour = text.strip().lower()
    if not _COLOUR.fullmatch(colour):
        message = "Write the colour as # and six hexadecimal digits, such as #0f766e."
        raise Invalid(message, field="accent_colour")
    return colour


def series_prefix(text: str, *, field: str) -> str:
    """A prefix in capitals. Raises Invalid for other characters than letters, digits, dash and slash."""
    prefix = text.strip().upper()
    if not _PREFIX.fullmatch(prefix):
        raise Invalid("A prefix has 1 to 12 letters, digits, dashes or slashes, such as INV-.", field=field)
    return prefix

"""How a series may read: a pattern of letters, digits and tokens that ends before the number begins."""
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

YEAR_TOKENS = ("{year}", "{yy}")
MOST_DIGITS = 12
_LARGEST = 10**MOST_DIGITS
_BRANCH = re.compile(r"[A-Z0-9-]{0,12}")
# It ends with a letter, dash or slash: so the number after it can be told from it.
_PATTERN = re.compile(r"(?=.{1,40}$)(?:[A-Z0-9/-]|\{branch\}|\{year\}|\{yy\})*[A-Z/-]")


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """How a series numbers from now on. `first_number` counts only before the first number is taken."""

    pattern: str
    branch: str = ""
    digits: int = 6
    resets_yearly: bool = False
    first_number: int | None = None
    range_end: int | None = None
    warn_below: int = 0


class Remaining(NamedTuple):
    """What is left of a series that ends; `is_low` from the number on at which the company wants to be told."""

    left: int
    is_low: bool


def checked(facts: SeriesFacts) -> SeriesFacts:
    """The facts in capitals. Raises Invalid, with the field, for what cannot number."""
    known = replace(facts, pattern=_pattern(facts.pattern), branch=facts.branch.strip().upper())
    if not _BRANCH.fullmatch(known.branch):
        raise Invalid(_("A branch code has at most 12 letters, digits and dashes."), field="branch")
    if not 1 <= known.digits <= MOST_DIGITS:
        raise Invalid(_("A number has 1 to %(most_digits)s digits.", most_digits=MOST_DIGITS), field="digits")
    if known.resets_yearly and not any(token in known.pattern for token in YEAR_TOKENS):
        raise Invalid(_("A series that begins anew each year needs the year in it: {year} or {yy}."), field="pattern")
    if known.range_end is not None and not 1 <= known.range_end < _LARGEST:
        raise Invalid(_("Enter the last number that you may use."), field="range_end")
    if known.first_number is not None and not 1 <= known.first_number < _LARGEST:
        raise Invalid(_("Enter the first number to use, from 1 on."), field="first_number")
    if not 0 <= known.warn_below < _LARGEST:
        raise Invalid(_("Enter how many numbers shall be left, or 0."), field="warn_below")
    return known


def remaining(*, next_number: int, range_end: int | None, warn_below: int) -> Remaining | None:
    """What is left of a series; None where it never ends."""
    if range_end is None:
        return None
    left = max(0, range_end - next_number + 1)
    return Remaining(left, is_low=left < warn_below or left == 0)


def _pattern(text: str) -> str:
    """The pattern with its letters in capitals and its tokens in small ones. Raises Invalid."""
    pattern = re.sub(r"\{[A-Z]+\}", lambda token: token.group().lower(), text.strip().upper())
    if not _PATTERN.fullmatch(pattern):
        message = _("Use letters, digits, dashes, slashes, {branch}, {year} and {yy}; end with a letter, dash or "
                    "slash.")
        raise Invalid(message, field="pattern")
    return pattern

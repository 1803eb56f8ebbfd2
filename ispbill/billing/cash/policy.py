"""Notes and coins: which there are, and what a count of them comes to."""
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import exponent

_MOST_PIECES = 1_000_000
# Notes and coins in circulation, in major units, as the central banks list them; notes and coins of one value are
# counted together.
_FACES = {
    "PHP": "1000 500 200 100 50 20 10 5 1 0.25 0.05 0.01",
    "USD": "100 50 20 10 5 2 1 0.50 0.25 0.10 0.05 0.01",
    "EUR": "500 200 100 50 20 10 5 2 1 0.50 0.20 0.10 0.05 0.02 0.01",
    "GBP": "50 20 10 5 2 1 0.50 0.20 0.10 0.05 0.02 0.01",
}


def faces(currency: str) -> list[int]:
    """The values of a currency's notes and coins in minor units, the largest first.

    A currency that is not listed gets a 1, 2 and 5 of each power of ten from its smallest unit to a hundred thousand.
    """
    if currency in _FACES:
        return [int(Decimal(face).scaleb(exponent(currency))) for face in _FACES[currency].split()]
    return [digit * 10 ** power for power in reversed(range(exponent(currency) + 6)) for digit in (5, 2, 1)][2:]


def in_pieces(amount_minor: int, currency: str) -> dict[int, int]:
    """An amount in the largest notes and coins, by their value in minor units."""
    pieces = {}
    for face in faces(currency):
        pieces[face], amount_minor = divmod(amount_minor, face)
    return pieces


def counted_minor(denominations: Mapping[int, int], *, currency: str) -> int:
    """What counted pieces come to, by their value in minor units. Raises Invalid for a value that does not exist."""
    known = set(faces(currency))
    for face, pieces in denominations.items():
        if face not in known:
            raise Invalid(_("There is no note or coin of %(face)s.", face=face), field="denominations")
        if not 0 <= pieces <= _MOST_PIECES:
            raise Invalid(_("Count between 0 and %(most)s pieces.", most=_MOST_PIECES), field="denominations")
    return sum(face * pieces for face, pieces in denominations.items())


def written_denominations(denominations: Mapping[int, int]) -> dict[str, int]:
    """Counted pieces as they are stored, the largest first, without those that were not there."""
    return {str(face): pieces for face, pieces in sorted(denominations.items(), reverse=True) if pieces}

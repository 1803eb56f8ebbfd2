"""How usage can be priced. Plain values in and out; prices of a unit are Decimal, in minor units."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import LARGEST_MINOR

LONGEST_UNIT, MOST_TIERS = 20, 12
LARGEST_QUANTITY = Decimal(10) ** 12
_SMALLEST = Decimal("0.000001")


class Model(StrEnum):
    """How tiers are read.

    Graduated: each unit at the price of the tier it falls in. Volume: all at the price of the tier that the whole
    falls in (Kill Bill's TOP_TIER is the same, with blocks).
    """

    GRADUATED = "graduated"
    VOLUME = "volume"


class Tier(NamedTuple):
    """Units up to a bound, which belongs to the tier (None: no end): the price of a block, and a fee for reaching it.

    A block of 1 with `whole_blocks` off charges fractions of a unit; else a block that is begun is charged.
    """

    up_to: Decimal | None
    price_minor: Decimal
    flat_minor: int = 0
    block: Decimal = Decimal(1)
    whole_blocks: bool = False


class PriceList(NamedTuple):
    """How usage is charged: tiers in rising order, and a quantity that costs nothing, taken off first."""

    tiers: tuple[Tier, ...]
    model: str = Model.GRADUATED
    included: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class UsageFacts:
    """A price list from a day on: the unit usage is counted in, and what a period costs at least (minor units)."""

    prices: PriceList
    unit: str
    valid_from: date
    minimum_minor: int = 0


def checked(facts: UsageFacts) -> UsageFacts:
    """The facts as they are stored. Raises Invalid, naming the field, for what cannot be computed."""
    if not 0 < len(facts.unit.strip()) <= LONGEST_UNIT:
        raise Invalid(_("Say what is counted, such as GB or minutes."), field="unit")
    if not 0 <= facts.minimum_minor <= LARGEST_MINOR:
        raise Invalid(_("A minimum is zero or more."), field="minimum")
    if facts.prices.model not in list(Model):
        raise Invalid(_("Choose how the steps are read."), field="model")
    _check_quantities([facts.prices.included], field="included")
    _check_tiers(facts.prices.tiers)
    return facts


def _check_tiers(tiers: tuple[Tier, ...]) -> None:
    if not 0 < len(tiers) <= MOST_TIERS:
        raise Invalid(_("A price list has 1 to %(most_tiers)s steps.", most_tiers=MOST_TIERS), field="tiers")
    if any(tier.up_to is None for tier in tiers[:-1]) or tiers[-1].up_to is not None:
        raise Invalid(_("Every step but the last has an upper bound, and the last has none."), field="tiers")
    bounds = [tier.up_to for tier in tiers[:-1] if tier.up_to is not None]
    if any(bound <= 0 for bound in bounds) or any(one >= other for one, other in pairwise(bounds)):
        raise Invalid(_("The bounds of the steps rise."), field="tiers")
    _check_quantities([*bounds, *(tier.price_minor for tier in tiers)], field="tiers")
    if any(not tier.block.is_finite() or tier.block <= 0 or tier.block > LARGEST_QUANTITY for tier in tiers):
        raise Invalid(_("A block has more than nothing."), field="tiers")
    if any(not 0 <= tier.flat_minor <= LARGEST_MINOR for tier in tiers):
        raise Invalid(_("A fee is zero or more."), field="tiers")


def _check_quantities(quantities: Iterable[Decimal], *, field: str) -> None:
    for quantity in quantities:
        if not (quantity.is_finite() and 0 <= quantity <= LARGEST_QUANTITY):
            raise Invalid(_("A quantity or a price is zero or more."), field=field)
        if quantity != quantity.quantize(_SMALLEST):
            raise Invalid(_("A quantity or a price has at most six decimals."), field=field)

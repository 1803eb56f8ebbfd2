"""What a tax consists of, and which of its versions applies on which days. Plain values in and out."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import LARGEST_MINOR
from ispbill.core.periods import Period

LONGEST_NAME, MOST_COMPONENTS = 120, 6
_ZERO = Decimal(0)


class ComponentKind(StrEnum):
    """How a part of a tax is found: of the price, of the price with the tax in it, by the unit, by the document."""

    PERCENT = "percent"
    DIVISION = "division"
    PER_UNIT = "per_unit"
    PER_DOCUMENT = "per_document"


class TaxComponent(NamedTuple):
    """One part of a tax: a rate, or an amount in minor units; inclusive where prices contain it.

    `raises_next`: the parts after it are found on the price with this part in it; unless such a part says
    `ignores_previous`. Odoo calls these include_base_amount and is_base_affected.
    """

    name: str
    kind: str = ComponentKind.PERCENT
    rate_percent: Decimal = _ZERO
    amount_minor: int = 0
    is_inclusive: bool = False
    raises_next: bool = False
    ignores_previous: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether it is an amount and not a rate."""
        return self.kind in (ComponentKind.PER_UNIT, ComponentKind.PER_DOCUMENT)


class TaxVersion(NamedTuple):
    """What a tax consists of from a day on, in the order in which its parts are found."""

    valid_from: date
    components: tuple[TaxComponent, ...]


class TaxSpan(NamedTuple):
    """Days of a period on which one version of a tax applies."""

    period: Period
    components: tuple[TaxComponent, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """A tax in one figure, as lists print it: the sum of its rates, and whether prices contain all of it."""

    rate_percent: Decimal
    is_inclusive: bool


def version_on(versions: Sequence[TaxVersion], day: date) -> tuple[TaxComponent, ...]:
    """What the tax consists of on a day: its newest version that has begun; nothing before the first."""
    begun = [version for version in versions if version.valid_from <= day]
    return max(begun, key=lambda version: version.valid_from).components if begun else ()


def spans(versions: Sequence[TaxVersion], period: Period) -> list[TaxSpan]:
    """A period cut where the tax changes inside it (Kill Bill: two dated tax lines), the oldest days first."""
    changes = sorted(version.valid_from for version in versions if period.start < version.valid_from < period.end)
    edges = [period.start, *changes, period.end]
    return [
        TaxSpan(Period(start, end), version_on(versions, start))
        for start, end in zip(edges, edges[1:], strict=False)
    ]


def headline(components: Sequence[TaxComponent]) -> Headline:
    """The tax in one figure; of compound parts the plain sum of the rates."""
    return Headline(
        rate_percent=sum((part.rate_percent for part in components), _ZERO),
        is_inclusive=bool(components) and all(part.is_inclusive for part in components),
    )


def checked_components(components: Sequence[TaxComponent]) -> tuple[TaxComponent, ...]:
    """The parts as they are stored. Raises Invalid, naming the field, for what cannot be computed."""
    if not 0 < len(components) <= MOST_COMPONENTS:
        raise Invalid(_("A tax has 1 to %(most_components)s parts.", most_components=MOST_COMPONENTS),
                      field="components")
    known = tuple(_checked(part) for part in components)
    for inclusive in (True, False):
        _check_sum(known, inclusive=inclusive)
    return known


def tax_percent(text: str) -> Decimal:
    """A rate such as 12 or 8.875, at most four decimals, from 0 to below 100. Raises Invalid."""
    try:
        rate = Decimal(text.strip().removesuffix("%").strip())
    except InvalidOperation:
        raise Invalid(_("Write the rate as a number, like 12 or 8.875."), field="rate_percent") from None
    return _rate(rate)


def tax_name(text: str) -> str:
    """The name that documents print. Raises Invalid when it is empty or too long."""
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(_("Give the tax a name of at most %(longest_name)s characters, such as VAT.",
                        longest_name=LONGEST_NAME), field="name")
    return name


def _rate(rate: Decimal) -> Decimal:
    if not (rate.is_finite() and 0 <= rate < 100):
        raise Invalid(_("A rate lies from 0 to below 100 percent."), field="rate_percent")
    if rate != rate.quantize(Decimal("0.0001")):
        raise Invalid(_("A rate has at most four decimals."), field="rate_percent")
    return rate.quantize(Decimal("0.0001"))


def _checked(part: TaxComponent) -> TaxComponent:
    if part.kind not in list(ComponentKind):
        raise Invalid(_("Choose how the part is found."), field="kind")
    if part.kind == ComponentKind.PER_DOCUMENT and (part.is_inclusive or part.raises_next):
        raise Invalid(_("An amount by the document is added once, to the whole: no price contains it."), field="kind")
    if not 0 <= part.amount_minor <= LARGEST_MINOR:
        raise Invalid(_("An amount of tax is zero or more."), field="amount")
    return part._replace(
        name=tax_name(part.name), rate_percent=_ZERO if part.is_fixed else _rate(part.rate_percent),
        amount_minor=part.amount_minor if part.is_fixed else 0,
    )


def _check_sum(components: Sequence[TaxComponent], *, inclusive: bool) -> None:
    divided = [part for part in components if part.kind == ComponentKind.DIVISION and part.is_inclusive == inclusive]
    if sum(part.rate_percent for part in divided) >= 100:
        raise Invalid(_("Parts of the price with the tax in it stay below 100 percent together."), field="rate_percent")

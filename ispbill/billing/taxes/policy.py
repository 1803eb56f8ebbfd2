"""Taxes of a document: parts of each line's tax, rounded by line or by document; Σ parts = whole. Pure.

The order and the bases of parts are those of Odoo (account.tax, _get_tax_details): amounts first, then what prices
contain from the last part to the first, then what is added from the first to the last. Where prices contain a tax,
the tax is rounded and the net is the rest. Amounts in minor units; exact fractions until the one rounding, half up.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from ispbill.catalogue.taxes.policy import ComponentKind, TaxComponent
from ispbill.core.money import round_together, scale

_HUNDRED = 100
_PER_DOCUMENT = ComponentKind.PER_DOCUMENT.value


class Rounding(StrEnum):
    """Where taxes are rounded: on each line, or once on the document (the same prices give two lawful totals)."""

    LINE = "line"
    DOCUMENT = "document"


class TaxCode(NamedTuple):
    """A tax as it applies to a line: its parts as of the day, in order."""

    id: int
    name: str
    components: tuple[TaxComponent, ...]


class TaxableLine(NamedTuple):
    """A line before tax: the price as agreed, how many units it is for, its tax, and why it is exempt if it is."""

    amount_minor: int
    tax: TaxCode | None = None
    quantity: Decimal | Fraction = Decimal(1)
    exemption: str = ""


class Exemption(NamedTuple):
    """Why a customer owes a tax no more (None: any tax) for what begins in these days, half-open."""

    tax_id: int | None
    reason: str
    starts_on: date
    ends_on: date | None

    def covers(self, tax_id: int, on: date) -> bool:
        """Whether it frees from a tax on a day."""
        begun = self.tax_id in (None, tax_id) and self.starts_on <= on
        return begun and (self.ends_on is None or on < self.ends_on)


class TaxAmount(NamedTuple):
    """One part of a tax: of what it was found, and what it comes to; with a reason where nothing is due."""

    tax_id: int
    component: TaxComponent
    base_minor: int
    tax_minor: int
    exemption: str = ""


class TaxedLine(NamedTuple):
    """A line with its taxes; net + tax is what is owed for it."""

    net_minor: int
    tax_minor: int
    taxes: tuple[TaxAmount, ...]


@dataclass(frozen=True, slots=True)
class TaxedDocument:
    """Taxed lines in their order, and one sum for each part of each tax."""

    lines: tuple[TaxedLine, ...]
    summary: tuple[TaxAmount, ...]

    @property
    def net_minor(self) -> int:
        """What is owed before taxes."""
        return sum(line.net_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """All taxes."""
        return sum(line.tax_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """What is owed."""
        return self.net_minor + self.tax_minor


class _Step(NamedTuple):
    """How one part is found: an amount by the unit, or a ratio of the price and earlier parts."""

    place: int
    ratio: Fraction
    unit_minor: int
    terms: tuple[tuple[int, int], ...]


class _Recipe(NamedTuple):
    """The steps of a tax in their order, and for each part the parts that its base adds to the price."""

    steps: tuple[_Step, ...]
    bases: tuple[tuple[tuple[int, int], ...], ...]


def tax_document(lines: Sequence[TaxableLine], *, rounding: str = Rounding.LINE) -> TaxedDocument:
    """Tax the lines of one document. An exempt line is priced without the tax that its price contains."""
    exact = [_exact(line, by_line=rounding == Rounding.LINE) for line in lines]
    whole = _shared(lines, exact)
    taxed = tuple(_taxed(line, amounts) for line, amounts in zip(lines, whole, strict=True))
    return TaxedDocument(lines=taxed, summary=_summary(taxed))


def tax_line(amount_minor: int, tax: TaxCode | None, *, quantity: Decimal = Decimal(1)) -> TaxedLine:
    """A line that stands alone, rounded by line."""
    return tax_document([TaxableLine(amount_minor, tax, quantity)]).lines[0]


def withheld(base_minor: int, rate_percent: Decimal) -> int:
    """What a customer who withholds will keep back of a base and prove by certificate, half up."""
    numerator, denominator = rate_percent.as_integer_ratio()
    return scale(base_minor, numerator, _HUNDRED * denominator)


def _exact(line: TaxableLine, *, by_line: bool) -> list[Fraction]:
    """Every part of a line's tax, rounded already where lines are rounded; none yet for what the document pays."""
    if line.tax is None:
        return []
    steps = _recipe(line.tax.components).steps
    amounts = [Fraction(0)] * len(line.tax.components)
    units = Fraction(line.quantity) * (-1 if line.amount_minor < 0 else 1)
    for step in steps:
        base = line.amount_minor + sum(sign * amounts[other] for other, sign in step.terms)
        exact = step.unit_minor * units + base * step.ratio
        amounts[step.place] = Fraction(_half_up(exact)) if by_line else exact
    return amounts


def _shared(lines: Sequence[TaxableLine], exact: list[list[Fraction]]) -> list[list[int]]:
    """Whole amounts for each line and part: each part's sum is rounded once, then shared by largest remainder."""
    whole = [[0] * len(amounts) for amounts in exact]
    places: dict[tuple[int, int, TaxComponent, bool], list[int]] = {}
    for position, line in enumerate(lines):
        for index, part in enumerate(line.tax.components if line.tax else ()):
            key = (line.tax.id if line.tax else 0, index, part, bool(line.exemption))
            places.setdefault(key, []).append(position)
    for (_, index, part, _), positions in places.items():
        shares = [exact[position][index] for position in positions]
        parts = _once(part, len(positions)) if part.kind == _PER_DOCUMENT else round_together(shares)
        for position, share in zip(positions, parts, strict=True):
            whole[position][index] = share
    return whole


def _once(part: TaxComponent, lines: int) -> list[int]:
    """An amount that is due once for the document, on the first of its lines."""
    return [part.amount_minor, *[0] * (lines - 1)]


def _taxed(line: TaxableLine, amounts: Sequence[int]) -> TaxedLine:
    if line.tax is None:
        return TaxedLine(line.amount_minor, 0, ())
    parts = line.tax.components
    net_minor = line.amount_minor - sum(
        amount for part, amount in zip(parts, amounts, strict=True) if part.is_inclusive
    )
    if line.exemption:
        taxes = tuple(TaxAmount(line.tax.id, part, net_minor, 0, line.exemption) for part in parts)
        return TaxedLine(net_minor, 0, taxes)
    bases = _recipe(parts).bases
    return TaxedLine(net_minor, sum(amounts), tuple(
        TaxAmount(line.tax.id, part, line.amount_minor + sum(sign * amounts[other] for other, sign in terms), amount)
        for part, terms, amount in zip(parts, bases, amounts, strict=True)
    ))


def _summary(lines: Iterable[TaxedLine]) -> tuple[TaxAmount, ...]:
    sums: dict[tuple[int, int, TaxComponent, str], list[int]] = {}
    for line in lines:
        for index, tax in enumerate(line.taxes):
            entry = sums.setdefault((tax.tax_id, index, tax.component, tax.exemption), [0, 0])
            entry[0] += tax.base_minor
            entry[1] += tax.tax_minor
    return tuple(
        TaxAmount(tax_id, part, base_minor, tax_minor, exemption)
        for (tax_id, _, part, exemption), (base_minor, tax_minor) in sums.items()
    )


@lru_cache(maxsize=4096)
def _recipe(parts: tuple[TaxComponent, ...]) -> _Recipe:
    order = _order(parts)
    batches = _batches(parts)
    influences = [_influences(parts, batches, giver) for giver in range(len(parts))]
    steps, bases = [], []
    for rank, taker in enumerate(order):
        terms = tuple((giver, influences[giver][taker]) for giver in order[:rank] if taker in influences[giver])
        unit_minor = parts[taker].amount_minor if parts[taker].kind == ComponentKind.PER_UNIT else 0
        steps.append(_Step(taker, _ratio(parts, batches[taker], taker), unit_minor, terms))
    for taker, part in enumerate(parts):
        own = [(member, -1) for member in batches[taker]] if part.is_inclusive else []
        others = [(giver, gifts[taker]) for giver, gifts in enumerate(influences) if taker in gifts]
        bases.append((*own, *others))
    return _Recipe(tuple(steps), tuple(bases))


def _order(parts: Sequence[TaxComponent]) -> list[int]:
    backwards = list(reversed(range(len(parts))))
    fixed = [index for index in backwards if parts[index].is_fixed]
    contained = [index for index in backwards if parts[index].is_inclusive and not parts[index].is_fixed]
    return [*fixed, *contained, *(i for i in range(len(parts)) if i not in fixed and i not in contained)]


def _batches(parts: Sequence[TaxComponent]) -> list[tuple[int, ...]]:
    """Parts beside each other that share one base: found together, each ignoring the others."""
    groups: list[list[int]] = []
    for index in reversed(range(len(parts))):
        if groups and _is_same_batch(parts[index], parts[groups[-1][0]], follower=parts[groups[-1][-1]]):
            groups[-1].append(index)
        else:
            groups.append([index])
    members = {index: tuple(group) for group in groups for index in group}
    return [members[index] for index in range(len(parts))]


def _is_same_batch(part: TaxComponent, last: TaxComponent, *, follower: TaxComponent) -> bool:
    alike = (part.kind, part.is_inclusive, part.raises_next) == (last.kind, last.is_inclusive, last.raises_next)
    return alike and (not part.raises_next or follower.ignores_previous)


def _influences(parts: Sequence[TaxComponent], batches: Sequence[tuple[int, ...]], giver: int) -> dict[int, int]:
    """Which other parts' bases an amount raises (+1) or lowers (−1)."""
    first, last = min(batches[giver]), max(batches[giver])
    after = range(last + 1, len(parts))
    if not parts[giver].is_inclusive:
        takers = [i for i in after if not parts[i].ignores_previous] if parts[giver].raises_next else []
        return dict.fromkeys(takers, 1)
    lowered = [i for i in after if parts[i].ignores_previous or not parts[giver].raises_next]
    return dict.fromkeys([*lowered, *range(first)], -1)


def _ratio(parts: Sequence[TaxComponent], batch: Sequence[int], index: int) -> Fraction:
    """What is multiplied with the base: a part of a price that contains the whole batch, or of one that does not."""
    part = parts[index]
    if part.is_fixed:
        return Fraction(0)
    rate = Fraction(part.rate_percent) / _HUNDRED
    together = sum((Fraction(parts[member].rate_percent) for member in batch), Fraction(0)) / _HUNDRED
    if part.kind == ComponentKind.PERCENT:
        return rate / (1 + together) if part.is_inclusive else rate
    return rate if part.is_inclusive else rate / (1 - together)


def _half_up(exact: Fraction) -> int:
    return scale(exact.numerator, 1, exact.denominator)

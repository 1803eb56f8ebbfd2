"""How much a discount takes off which line. Pure; amounts in minor units; before tax; no line falls below zero.

A discount by percent or by an amount each period is found on the full period's price and then prorated with it
(Polar; so half a period takes half the discount), shared by largest remainder over its lines, an amount over those of
the same days. A voucher is money: it comes last, is not prorated, and keeps what one bill did not use (Lago's one-off
coupon).
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import LARGEST_MINOR, scale, split_by_weights

LONGEST_NAME, MOST_PERIODS = 120, 120
_HUNDRED = 100
_ACCOUNT = 0
_DAY = timedelta(days=1)


class DiscountKind(StrEnum):
    """A part of the price, an amount each period, or an amount until it is used up."""

    PERCENT = "percent"
    AMOUNT = "amount"
    VOUCHER = "voucher"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a discount gives, for how many periods, and between which days it may be granted (half-open)."""

    name: str
    kind: str
    rate_percent: Decimal = Decimal(0)
    amount_minor: int = 0
    periods: int | None = None
    rank: int = 0
    offered_from: date | None = None
    offered_until: date | None = None
    description: str = ""


class UseKey(NamedTuple):
    """A period in which a grant takes something off: of a subscription, or a month of the whole account (0)."""

    subscription_id: int
    begins_on: date


class DiscountableLine(NamedTuple):
    """A line as priced: the full period's price, and the days of it that are billed (1 of 1 for a one-time thing).

    It counts for the period that begins `counted_on` where that is not its own first day: a part of a period, say.
    Without `ends_on` it is charged on its first day. What does not recur is reduced by vouchers only.
    """

    begins_on: date
    full_minor: int
    days: int = 1
    full_days: int = 1
    subscription_id: int | None = None
    plan_id: int | None = None
    counted_on: date | None = None
    recurs: bool = True
    ends_on: date | None = None

    @property
    def charged_until(self) -> date:
        """The first day after those that it is charged for."""
        return self.ends_on or self.begins_on + _DAY

    @property
    def amount_minor(self) -> int:
        """The price before any discount."""
        return scale(self.full_minor, self.days, self.full_days)


@dataclass(frozen=True, slots=True)
class Grant:
    """A discount somebody has. Days half-open; `periods` None: as long as it lasts; no plans: all of them.

    `used` is what live lines have taken already, by period. A period in it may be billed again after a void or a late
    charge: it counts once, and an amount is not given twice in it.
    """

    id: int
    name: str
    kind: str
    starts_on: date
    rate_percent: Decimal = Decimal(0)
    amount_minor: int = 0
    ends_on: date | None = None
    periods: int | None = None
    rank: int = 0
    subscription_id: int | None = None
    plan_ids: frozenset[int] = frozenset()
    used: Mapping[UseKey, int] = field(default_factory=dict)

    def covers(self, line: DiscountableLine) -> bool:
        """Whether the line is within its days and what it is for. Credits are never discounted."""
        return (
            line.full_minor > 0 and (line.recurs or self.kind == DiscountKind.VOUCHER)
            and self.starts_on <= line.begins_on
            and (self.ends_on is None or line.begins_on < self.ends_on)
            and self.subscription_id in (None, line.subscription_id)
            and (not self.plan_ids or line.plan_id in self.plan_ids)
        )

    def period_of(self, line: DiscountableLine) -> UseKey:
        """The period a line counts for: its subscription's, or for the whole account the month in which that begins."""
        is_narrow = bool(self.subscription_id or self.plan_ids)
        begins_on = line.counted_on or line.begins_on
        if is_narrow and line.subscription_id is not None:
            return UseKey(line.subscription_id, begins_on)
        return UseKey(_ACCOUNT, begins_on.replace(day=1))

    @property
    def is_amount(self) -> bool:
        """Whether it takes an amount off each period."""
        return self.kind == DiscountKind.AMOUNT

    @property
    def left_minor(self) -> int:
        """What is left of a voucher."""
        return max(self.amount_minor - sum(self.used.values()), 0)

    @property
    def order(self) -> tuple[bool, int, bool, int]:
        """Vouchers last; then by rank; what is for one thing before what is for the account; older first."""
        is_wide = not (self.subscription_id or self.plan_ids)
        return (self.kind == DiscountKind.VOUCHER, self.rank, is_wide, self.id)


class Deduction(NamedTuple):
    """What one grant takes off one line, which is named by its place."""

    place: int
    grant_id: int
    amount_minor: int


def checked_terms(terms: Terms) -> Terms:
    """The terms as they are stored. Raises Invalid, naming the field, for what gives nothing or cannot be."""
    name = " ".join(terms.name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(_("Give the discount a name of at most %(longest_name)s characters.", longest_name=LONGEST_NAME),
                      field="name")
    if terms.kind not in list(DiscountKind):
        raise Invalid(_("Choose what it gives."), field="kind")
    if terms.kind == DiscountKind.PERCENT:
        _check_rate(terms.rate_percent)
    elif not 0 < terms.amount_minor <= LARGEST_MINOR:
        raise Invalid(_("Give the amount it takes off."), field="amount")
    if terms.periods is not None and not 0 < terms.periods <= MOST_PERIODS:
        raise Invalid(_("A discount lasts 1 to %(most_periods)s periods, or as long as it is not ended.",
                        most_periods=MOST_PERIODS), field="periods")
    if terms.offered_from and terms.offered_until and terms.offered_until <= terms.offered_from:
        raise Invalid(_("The last day lies before the first."), field="offered_last")
    is_rate = terms.kind == DiscountKind.PERCENT
    return replace(
        terms, name=name, rate_percent=terms.rate_percent if is_rate else Decimal(0),
        amount_minor=0 if is_rate else terms.amount_minor,
        periods=None if terms.kind == DiscountKind.VOUCHER else terms.periods,
    )


def rate_of(text: str) -> Decimal:
    """A percentage a person typed, such as 10 or 12.5. Raises Invalid."""
    try:
        return Decimal(text.strip().removesuffix("%").strip())
    except InvalidOperation:
        raise Invalid(_("Write the percentage as a number, like 10 or 12.5."), field="rate_percent") from None


def deductions(lines: Sequence[DiscountableLine], grants: Iterable[Grant]) -> list[Deduction]:
    """What each grant takes off each line, one grant after the other, each of what the earlier ones left."""
    full = [line.full_minor for line in lines]
    left = [line.amount_minor for line in lines]
    taken: list[Deduction] = []
    for grant in sorted(grants, key=lambda grant: grant.order):
        step = _voucher(grant, lines, left) if grant.kind == DiscountKind.VOUCHER else _each_period(grant, lines, full)
        for place, full_off_minor in step:
            full[place] -= full_off_minor
            now_minor = left[place] - full_off_minor if grant.kind == DiscountKind.VOUCHER \
                else scale(full[place], lines[place].days, lines[place].full_days)
            if left[place] != now_minor:
                taken.append(Deduction(place, grant.id, left[place] - now_minor))
            left[place] = now_minor
    return taken


def _check_rate(rate_percent: Decimal) -> None:
    if not (rate_percent.is_finite() and 0 < rate_percent <= 100):
        raise Invalid(_("A discount is more than 0 and at most 100 percent."), field="rate_percent")
    if rate_percent != rate_percent.quantize(Decimal("0.0001")):
        raise Invalid(_("A percentage has at most four decimals."), field="rate_percent")


def _voucher(grant: Grant, lines: Sequence[DiscountableLine], left: Sequence[int]) -> Iterator[tuple[int, int]]:
    places = [place for place, line in enumerate(lines) if grant.covers(line) and left[place] > 0]
    return _share(min(grant.left_minor, sum(left[place] for place in places)), places, left)


def _each_period(grant: Grant, lines: Sequence[DiscountableLine], full: Sequence[int]) -> Iterator[tuple[int, int]]:
    periods: dict[UseKey, list[int]] = {}
    for place, line in enumerate(lines):
        if grant.covers(line):
            periods.setdefault(grant.period_of(line), []).append(place)
    begun = dict(grant.used)
    for key in sorted(periods):
        if key not in begun and _is_exhausted(grant, begun, key.subscription_id):
            continue
        if grant.is_amount:
            shares = _of_each_day(grant.amount_minor, periods[key], lines, full)
            yield from _within(grant.amount_minor - begun.get(key, 0), shares, lines)
        else:
            yield from _share(_percent(grant, sum(full[place] for place in periods[key])), periods[key], full)
        begun.setdefault(key, 0)


def _is_exhausted(grant: Grant, begun: Iterable[UseKey], subscription_id: int) -> bool:
    return grant.periods is not None and _periods_used(begun, subscription_id) >= grant.periods


def _of_each_day(amount_minor: int, places: Sequence[int], lines: Sequence[DiscountableLine], full: Sequence[int]) \
        -> Iterator[tuple[int, int]]:
    """An amount off the full prices, shared on each day by what is charged then: parts that follow each other take it
    each, for their own days.
    """
    off: Counter[int] = Counter()
    edges = {day for place in places for day in (lines[place].begins_on, lines[place].charged_until)}
    for start, end in pairwise(sorted(edges)):
        there = [place for place in places if lines[place].begins_on <= start and end <= lines[place].charged_until]
        for place, share_minor in _share(min(amount_minor, sum(full[place] for place in there)), there, full):
            off[place] += share_minor * (end - start).days
    for place in places:
        yield place, scale(off[place], 1, (lines[place].charged_until - lines[place].begins_on).days)


def _within(room_minor: int, shares: Iterable[tuple[int, int]], lines: Sequence[DiscountableLine]) \
        -> Iterator[tuple[int, int]]:
    """Shares of full prices of which the parts that are billed stay within what is left of a period's amount."""
    whole = list(shares)
    billed = [scale(off_minor, lines[place].days, lines[place].full_days) for place, off_minor in whole]
    if sum(billed) <= room_minor:
        yield from whole
    elif room_minor > 0:
        for (place, off_minor), part_minor in zip(whole, split_by_weights(room_minor, billed), strict=True):
            yield place, min(off_minor, scale(part_minor, lines[place].full_days, lines[place].days))


def _percent(grant: Grant, whole_minor: int) -> int:
    numerator, denominator = grant.rate_percent.as_integer_ratio()
    return scale(whole_minor, numerator, _HUNDRED * denominator)


def _share(off_minor: int, places: Sequence[int], weights: Sequence[int]) -> Iterator[tuple[int, int]]:
    if off_minor > 0:
        yield from zip(places, split_by_weights(off_minor, [weights[place] for place in places]), strict=True)


def _periods_used(used: Iterable[UseKey], subscription_id: int) -> int:
    return sum(key.subscription_id == subscription_id for key in used)

"""What a preview says: sums, why bills differ from the last ones, examples. Pure; amounts in minor units."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, Self

from ispbill.billing.lines.policy import LineDraft
from ispbill.core.i18n import lazy
from ispbill.core.money import scale

# Documents that a preview keeps to be looked at.
EXAMPLES = 20


class Cause(StrEnum):
    """Why a bill differs from the last one."""

    NEW = "new"
    ADDED = "added"
    PLAN_CHANGE = "plan_change"
    ENDED = "ended"
    PRICE = "price"
    QUANTITY = "quantity"
    PRORATION = "proration"
    DISCOUNT = "discount"
    TAX = "tax"
    CREDIT = "credit"
    ONE_TIME = "one_time"


CAUSE_LABELS: Mapping[str, str] = {
    Cause.NEW: lazy("Never billed before"), Cause.ADDED: lazy("Something added"),
    Cause.PLAN_CHANGE: lazy("Another plan"),
    Cause.ENDED: lazy("No longer charged, or not due now"), Cause.PRICE: lazy("Another price"), Cause.QUANTITY: lazy(
            "Another quantity"),
    Cause.PRORATION: lazy("Part of a period, or several"), Cause.DISCOUNT: lazy("A discount that begins or ends"),
    Cause.TAX: lazy("Another tax"),
    Cause.CREDIT: lazy("Given back"),
    Cause.ONE_TIME: lazy("One-time charges"),
}


class BillPart(NamedTuple):
    """What a bill asks for one thing: the component (None: once), its subscription, and how it came to the amount.

    `discount_minor` was taken off the net.
    """

    component_id: int | None
    subscription_id: int | None
    is_credit: bool
    quantity: int
    unit_price_minor: int
    net_minor: int
    tax_minor: int
    discount_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What is asked, tax included."""
        return self.net_minor + self.tax_minor


class ExampleLine(NamedTuple):
    """A line of a document that a preview shows."""

    description: str
    period_start: date | None
    period_end: date | None
    arithmetic: str | None


class Example(NamedTuple):
    """A document that a run would issue: to whom, its lines, its total."""

    customer_id: int
    name: str
    lines: Sequence[ExampleLine]
    total_minor: int


class Bill(NamedTuple):
    """What a customer would be billed, and why that differs from their last bill."""

    customer_id: int
    total_minor: int
    causes: Mapping[str, int]


@dataclass(slots=True)
class Preview:
    """What billing some customers would come to, the difference from their last bills by cause, and some documents."""

    subscriptions: int = 0
    invoices: int = 0
    lines: int = 0
    total_minor: int = 0
    causes: dict[str, int] = field(default_factory=dict)
    parked: dict[int, str] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)

    def add(self, part: Preview) -> None:
        """Count what a part of the customers comes to."""
        self.subscriptions += part.subscriptions
        self.invoices += part.invoices
        self.lines += part.lines
        self.total_minor += part.total_minor
        self.parked.update(part.parked)
        self.examples += part.examples[: EXAMPLES - len(self.examples)]
        for cause, minor in part.causes.items():
            _add(self.causes, cause, minor)

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "subscriptions": self.subscriptions, "invoices": self.invoices, "lines": self.lines,
            "total_minor": self.total_minor, "causes": self.causes,
            "parked": {str(key): reason for key, reason in self.parked.items()},
            "examples": [[key, name, [_line_as_json(line) for line in lines], total_minor]
                         for key, name, lines, total_minor in self.examples],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """As it was kept."""
        counts = {name: kept[name] for name in ("subscriptions", "invoices", "lines", "total_minor", "causes")}
        return cls(
            **counts, parked={int(key): reason for key, reason in kept["parked"].items()},
            examples=[Example(key, name, [_line_from_json(line) for line in lines], total_minor)
                      for key, name, lines, total_minor in kept["examples"]],
        )


def part_of(line: LineDraft) -> BillPart:
    """A line that is about to be billed, as a part to compare."""
    return BillPart(line.component_id, line.subscription_id, line.credits_line_id is not None, line.quantity,
                    line.unit_price_minor, line.net_minor, line.tax_minor, line.discount_net_minor)


def explain(now: Sequence[BillPart], before: Sequence[BillPart]) -> dict[str, int]:
    """By how much each cause makes a bill higher or lower than the last one; together they are the whole difference."""
    if not before:
        return {Cause.NEW: sum(part.total_minor for part in now)} if now else {}
    causes: dict[str, int] = {}
    for parts, sign in ((now, 1), (before, -1)):
        for part in parts:
            if part.is_credit or part.component_id is None:
                _add(causes, Cause.CREDIT if part.is_credit else Cause.ONE_TIME, sign * part.total_minor)
    charged, was = _by_component(now), _by_component(before)
    moved = {key for key, parts in charged.items() if key not in was and _lost(parts[0], was, charged)}
    replaced = {charged[key][0].subscription_id for key in moved}
    for key in charged.keys() | was.keys():
        _compare(causes, charged.get(key, []), was.get(key, []), replaced)
    return {cause: minor for cause, minor in causes.items() if minor}


def _compare(
    causes: dict[str, int], now: list[BillPart], before: list[BillPart], replaced: set[int | None]
) -> None:
    difference_minor = sum(part.total_minor for part in now) - sum(part.total_minor for part in before)
    if now and before:
        cause, off_minor = _changed(now, before), _off(before) - _off(now)
        if off_minor and cause == Cause.TAX:
            off_minor = difference_minor
        _add(causes, Cause.DISCOUNT, off_minor)
        _add(causes, cause, difference_minor - off_minor)
    elif (now or before)[0].subscription_id in replaced:
        _add(causes, Cause.PLAN_CHANGE, difference_minor)
    else:
        _add(causes, Cause.ADDED if now else Cause.ENDED, difference_minor)


def _off(parts: list[BillPart]) -> int:
    """What discounts took off, with the tax that fell away with it."""
    off_minor = sum(part.discount_minor for part in parts)
    net_minor, tax_minor = sum(part.net_minor for part in parts), sum(part.tax_minor for part in parts)
    return off_minor + scale(off_minor, tax_minor, net_minor) if net_minor > 0 else off_minor


def _changed(now: list[BillPart], before: list[BillPart]) -> Cause:
    """Why something costs more or less before discounts; where it does not, its tax is another."""
    if sum(part.net_minor + part.discount_minor for part in now) == sum(
        part.net_minor + part.discount_minor for part in before
    ):
        return Cause.TAX
    if now[-1].unit_price_minor != before[-1].unit_price_minor:
        return Cause.PRICE
    return Cause.QUANTITY if now[-1].quantity != before[-1].quantity else Cause.PRORATION


def _by_component(parts: Sequence[BillPart]) -> dict[int, list[BillPart]]:
    found: dict[int, list[BillPart]] = {}
    for part in parts:
        if part.component_id is not None and not part.is_credit:
            found.setdefault(part.component_id, []).append(part)
    return found


def _lost(new: BillPart, was: dict[int, list[BillPart]], charged: dict[int, list[BillPart]]) -> bool:
    return any(parts[0].subscription_id == new.subscription_id for key, parts in was.items() if key not in charged)


def _add(causes: dict[str, int], cause: str, minor: int) -> None:
    causes[cause] = causes.get(cause, 0) + minor


def _line_as_json(line: ExampleLine) -> list[str | None]:
    days = (day.isoformat() if day else None for day in (line.period_start, line.period_end))
    return [line.description, *days, line.arithmetic]


def _line_from_json(line: Sequence[str]) -> ExampleLine:
    description, start, end, arithmetic = line
    return ExampleLine(
        description, date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None, arithmetic
    )

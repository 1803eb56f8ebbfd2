"""What a change means for the bill: the next billing with it and without it. Pure; amounts in minor units."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ispbill.billing.lines.policy import LineDraft


@dataclass(frozen=True, slots=True)
class Bill:
    """What billing a customer on a day comes to, tax included, and how the subscription stands then.

    `monthly_minor` is a full month of it before tax that is added; `next_on` when it is due again after that day.
    """

    lines: Sequence[LineDraft]
    total_minor: int
    monthly_minor: int
    next_on: date | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Billing on a day with a change and without it."""

    on: date
    before: Bill
    after: Bill

    @property
    def lines(self) -> list[LineDraft]:
        """What stands on the bill because of the change."""
        return _beside(self.after.lines, self.before.lines)

    @property
    def omitted(self) -> list[LineDraft]:
        """What would be billed then without the change, and is not with it."""
        return _beside(self.before.lines, self.after.lines)

    @property
    def difference_minor(self) -> int:
        """How much more the customer owes by then, tax included; below zero they are given back."""
        return self.after.total_minor - self.before.total_minor


def _beside(lines: Iterable[LineDraft], others: Iterable[LineDraft]) -> list[LineDraft]:
    """The lines that have no equal among the others, each of which is the equal of one."""
    left = list(others)
    found = []
    for line in lines:
        if line in left:
            left.remove(line)
        else:
            found.append(line)
    return found

"""What a statement of account says. Pure; amounts in minor units, days of a statement are both included."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

AGES = ((lazy("Not due yet"), 0), (lazy("1–30 days"), 30), (lazy("31–60 days"), 60), (lazy("61–90 days"), 90))
OLDEST = lazy("Over 90 days")
LONGEST_DAYS = 1_100


class Row(NamedTuple):
    """Something that happened, and the balance after it."""

    posted_on: date
    memo: str
    source: str
    source_id: int
    amount_minor: int
    balance_minor: int


class Owed(NamedTuple):
    """A document that is open as of a day."""

    invoice_id: int
    number: str
    issued_on: date
    due_on: date
    total_minor: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A customer's account from one day to another. `rows` begin after the opening balance."""

    customer_id: int
    since: date
    until: date
    opening_minor: int
    rows: tuple[Row, ...]
    owed: tuple[Owed, ...]

    @property
    def closing_minor(self) -> int:
        """What is owed at the end, less what is in credit."""
        return self.rows[-1].balance_minor if self.rows else self.opening_minor

    @property
    def charged_minor(self) -> int:
        """What was added in between."""
        return sum(row.amount_minor for row in self.rows if row.amount_minor > 0)

    @property
    def paid_minor(self) -> int:
        """What was taken off in between."""
        return -sum(row.amount_minor for row in self.rows if row.amount_minor < 0)

    @property
    def ages(self) -> list[tuple[str, int]]:
        """What is open at the end, by how long it has been due."""
        return aged(self.owed, on=self.until)

    @property
    def credit_minor(self) -> int:
        """What came in, or was credited, and settles nothing at the end."""
        return sum(owed.open_minor for owed in self.owed) - self.closing_minor


def aged(owed: Iterable[Owed], *, on: date) -> list[tuple[str, int]]:
    """What is open as of a day, by how long it has been due."""
    sums = dict.fromkeys([name for name, _ in AGES] + [OLDEST], 0)
    for document in owed:
        late_days = (on - document.due_on).days
        name = next((name for name, most in AGES if late_days <= most), OLDEST)
        sums[name] += document.open_minor
    return list(sums.items())


def check_span(since: date, until: date, *, today: date) -> None:
    """Raises Invalid where the days are the wrong way round, too far apart, or to come."""
    if until > today:
        raise Invalid(_("A statement ends today or before."), field="until")
    if not 0 <= (until - since).days <= LONGEST_DAYS:
        raise Invalid(_("The first day is not after the last one, and at most three years before it."), field="since")

"""How accounting programs want a journal: QuickBooks Online's columns for importing journal entries. Pure."""
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ispbill.core.i18n import lazy

# QuickBooks Online, “Import journal entries”: one row a line, the lines of an entry share its number and day.
QUICKBOOKS_HEADER = (
    lazy("JournalNo"), lazy("JournalDate"), lazy("AccountName"), lazy("Debits"), lazy("Credits"), lazy("Description"),
    lazy("Name"), lazy("Currency"),
)


class Line(NamedTuple):
    """A line of a journal entry; debits are above zero, in major units."""

    entry: int
    posted_on: date
    account_code: str
    account: str
    amount: Decimal
    memo: str
    customer: str
    currency: str


def quickbooks_row(line: Line) -> tuple[object, ...]:
    """The line in QuickBooks' columns. The account is named as “code name”, the day as month/day/year."""
    debit, credit = (line.amount, None) if line.amount > 0 else (None, -line.amount)
    return (line.entry, f"{line.posted_on:%m/%d/%Y}", f"{line.account_code} {line.account}", debit, credit,
            line.memo, line.customer, line.currency)

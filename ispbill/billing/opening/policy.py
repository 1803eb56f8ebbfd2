"""Rules of opening balances: what a customer brings over is a document of its own, without tax. Pure; minor units."""
from __future__ import annotations

from datetime import date

from ispbill.billing.invoices.policy import InvoiceDraft, total
from ispbill.billing.lines.policy import LineDraft
from ispbill.core import formats

ACCOUNT = "opening"


def brought_over(customer_id: int, amount_minor: int, *, on: date) -> InvoiceDraft:
    """What a customer owed (positive) or had in credit (negative) at the end of the former books, as a draft."""
    words = "Balance brought over" if amount_minor > 0 else "Credit brought over"
    line = LineDraft(
        None, None, f"{words} as of {formats.short_date(on)}", "", None, None, 1, amount_minor, amount_minor,
        amount_minor, 0, ACCOUNT, None, None, None,
    )
    return total(customer_id, [line])

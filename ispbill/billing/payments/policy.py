"""Which invoices money settles: the oldest first, unless a person says otherwise. Pure."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class OpenInvoice(NamedTuple):
    """An issued invoice and what is still open of it; given oldest first."""

    id: int
    open_minor: int


class Credit(NamedTuple):
    """A payment or a credit note and what of it is not allocated yet; given oldest first."""

    payment_id: int | None
    free_minor: int
    credit_note_id: int | None = None


class Share(NamedTuple):
    """A part of a payment or a credit note that settles an invoice."""

    payment_id: int | None
    invoice_id: int
    amount_minor: int
    credit_note_id: int | None = None


def allocate(credits: Sequence[Credit], invoices: Sequence[OpenInvoice]) -> list[Share]:
    """Spend the oldest credit on the oldest invoice until one side is used up; what is left stays credit.

    No share exceeds what is free of its payment or open of its invoice (Kill Bill and Zuora allocate the same way).
    """
    shares: list[Share] = []
    waiting = list(reversed(invoices))
    open_minor = 0
    for credit in credits:
        free_minor = credit.free_minor
        while free_minor and waiting:
            open_minor = open_minor or waiting[-1].open_minor
            amount_minor = min(free_minor, open_minor)
            shares.append(Share(credit.payment_id, waiting[-1].id, amount_minor, credit.credit_note_id))
            free_minor -= amount_minor
            open_minor -= amount_minor
            if not open_minor:
                waiting.pop()
    return shares


def foreseen(
    amount_minor: int, credits: Sequence[Credit], invoices: Sequence[OpenInvoice]
) -> dict[int, int]:
    """What money that comes in now would settle, by invoice, after the credit that is there already."""
    not_yet = 0
    shares = allocate([*credits, Credit(not_yet, amount_minor)], invoices)
    return {share.invoice_id: share.amount_minor for share in shares if share.payment_id == not_yet}

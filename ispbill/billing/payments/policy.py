"""Which invoices money settles: the oldest first, unless a person says otherwise. Pure."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import to_cash


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
    """A part of a payment, a credit note or a write-off that settles an invoice, or that was refunded."""

    payment_id: int | None
    invoice_id: int | None
    amount_minor: int
    credit_note_id: int | None = None
    write_off_id: int | None = None
    refund_id: int | None = None


class TakenBack(NamedTuple):
    """What a document takes back of an older one that asked for a total; given newest first."""

    invoice_id: int
    total_minor: int
    by_id: int
    amount_minor: int


def withheld_in(taken: Sequence[TakenBack], withheld: Mapping[int, int]) -> dict[int, int]:
    """What of documents takes back tax that was withheld, which never came in as money; `withheld` is by invoice.

    What still stands of the invoice bears it first, then what was taken back last.
    """
    standing: dict[int, int] = {}
    for part in taken:
        standing[part.invoice_id] = standing.get(part.invoice_id, part.total_minor) - part.amount_minor
    left = {key: max(withheld[key] - max(rest, 0), 0) for key, rest in standing.items()}
    found: dict[int, int] = {}
    for part in taken:
        borne_minor = min(left[part.invoice_id], part.amount_minor)
        found[part.by_id] = found.get(part.by_id, 0) + borne_minor
        left[part.invoice_id] -= borne_minor
    return found


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
    return {share.invoice_id: share.amount_minor for share in shares
            if share.payment_id == not_yet and share.invoice_id is not None}


def change_minor(given_minor: int, amount_minor: int, *, step_minor: int) -> int:
    """What goes back of cash that was given, as coins can pay it; below zero where less was given than the amount."""
    return to_cash(given_minor - amount_minor, step_minor)


def check_choice(credit: Credit, invoices: Sequence[OpenInvoice], amounts: Mapping[int, int]) -> list[Share]:
    """The shares that spend a credit on chosen invoices, in minor units by invoice.

    Raises Invalid for an invoice that is not open, an amount below one or beyond what is open; Conflict for more than
    is free of the credit.
    """
    known = {invoice.id: invoice.open_minor for invoice in invoices}
    chosen = {key: amount_minor for key, amount_minor in amounts.items() if amount_minor}
    if not chosen:
        raise Invalid(_("Say how much settles which invoice."))
    for key, amount_minor in chosen.items():
        if not 0 < amount_minor <= known.get(key, 0):
            raise Invalid(_("That is more than is open of the invoice."), field=f"invoice_{key}")
    if sum(chosen.values()) > credit.free_minor:
        raise Conflict(_("That is more than is left of the money."))
    return [Share(credit.payment_id, key, amount, credit.credit_note_id) for key, amount in sorted(chosen.items())]


def spend(credits: Sequence[Credit], amount_minor: int) -> list[Share]:
    """The parts of the oldest credit that come to an amount, as shares without an invoice.

    Raises Conflict where there is not so much.
    """
    free_minor = sum(credit.free_minor for credit in credits)
    if amount_minor > free_minor:
        raise Conflict(_("There is not so much credit. What settles an invoice must be taken off it first."),
                       field="amount")
    shares = []
    for credit in credits:
        part_minor = min(credit.free_minor, amount_minor)
        if part_minor:
            shares.append(Share(credit.payment_id, None, part_minor, credit.credit_note_id))
            amount_minor -= part_minor
    return shares

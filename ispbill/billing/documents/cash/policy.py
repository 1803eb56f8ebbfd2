"""What the papers of the cash desk say, word for word. Pure."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ispbill.billing.documents.policy import Party, Withdrawal, long_date, long_moment, page_words, party_words
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money

Pieces = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose paper it is, and how that company's papers look."""

    party: Party
    currency: str
    accent: str
    logo: str


@dataclass(frozen=True, slots=True)
class Movement:
    """Cash that came into a drawer (above zero) or left it; the number is that of a payment or a refund, or empty."""

    moved_at: datetime
    name: str
    number: str
    customer: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class DrawerPaper:
    """A counted drawer; instants are local to the company. `closed_at` is None until somebody has taken it over.

    `movements` are those before it was taken over, `pieces` what was counted: the value of each and how many.
    """

    sender: Sender
    number: str
    holder: str
    opened_at: datetime
    counted_at: datetime
    closed_at: datetime | None
    closed_by: str
    counted_minor: int
    reason: str
    pieces: Pieces
    movements: Sequence[Movement]


@dataclass(frozen=True, slots=True)
class DepositPaper:
    """Cash that was paid in at the bank; `pieces` is empty where they were not told."""

    sender: Sender
    reference: str
    bank: str
    deposited_on: date
    amount_minor: int
    recorded_by: str
    note: str
    pieces: Pieces
    withdrawal: Withdrawal | None


def drawer_words(drawer: DrawerPaper) -> dict[str, object]:
    """The values of `cash.typ` of a drawer: the count, what it should be, every receipt, two signatures."""
    currency, expected_minor = drawer.sender.currency, sum(move.amount_minor for move in drawer.movements)
    closed = [(_("Taken over"), long_moment(drawer.closed_at))] if drawer.closed_at else []
    return {
        **_shared_words(_("Turn-over"), drawer.number, drawer.sender, drawer.pieces),
        "from": _("Drawer of"), "buyer": {"name": drawer.holder, "details": []},
        "facts": [(_("Opened"), long_moment(drawer.opened_at)), (_("Counted"), long_moment(drawer.counted_at)),
                  *closed],
        "watermark": None, "notice": None,
        "headline": _difference(drawer.counted_minor - expected_minor, drawer.counted_minor, currency),
        "totals": [*_totals(drawer.movements, currency),
                   (_("Should be there"), format_money(expected_minor, currency))],
        "grand": (_("Counted"), format_money(drawer.counted_minor, currency)),
        "movement_headings": (_("When"), _("What"), _("Customer"), _("Amount")),
        "movements": [
            (long_moment(move.moved_at), move.number or move.name, move.customer,
             format_money(move.amount_minor, currency)) for move in drawer.movements
        ],
        "note": _("What explains the difference: %(reason)s", reason=drawer.reason) if drawer.reason else "",
        "signatures": [(_("Handed over by"), drawer.holder), (_("Taken over by"), drawer.closed_by)],
    }


def deposit_words(deposit: DepositPaper) -> dict[str, object]:
    """The values of `cash.typ` of a deposit."""
    amount, withdrawal = format_money(deposit.amount_minor, deposit.sender.currency), deposit.withdrawal
    return {
        **_shared_words(_("Deposit slip"), deposit.reference, deposit.sender, deposit.pieces),
        "from": _("Paid in at"), "buyer": {"name": deposit.bank, "details": []},
        "facts": [(_("Slip number"), deposit.reference), (_("Date"), long_date(deposit.deposited_on)),
                  (_("Recorded by"), deposit.recorded_by)],
        "watermark": _("CANCELLED") if withdrawal else None,
        "notice": withdrawal and _("This deposit was cancelled on %(day)s: %(reason)s", day=long_date(withdrawal.on),
                                   reason=withdrawal.reason),
        "headline": _("%(amount)s in cash", amount=amount),
        "totals": [], "grand": (_("Amount deposited"), amount), "movement_headings": (), "movements": [],
        "note": deposit.note, "signatures": [(_("Paid in by"), ""), (_("For the bank"), "")],
    }


def _shared_words(title: str, number: str, sender: Sender, pieces: Pieces) -> dict[str, object]:
    return {
        "title": title, "number": number, "accent": sender.accent, "logo": sender.logo, "page": page_words(),
        "seller": party_words(sender.party, sender.currency),
        "piece_headings": (_("Note or coin"), _("Pieces"), _("Amount")),
        "pieces": [
            (format_money(face, sender.currency), str(number), format_money(face * number, sender.currency))
            for face, number in pieces
        ],
    }


def _totals(movements: Sequence[Movement], currency: str) -> list[tuple[str, str]]:
    """What moved for one cause: how often, how much."""
    by_cause: dict[str, list[int]] = {}
    for move in movements:
        by_cause.setdefault(str(move.name), []).append(move.amount_minor)
    return [(f"{name} ({len(amounts)})", format_money(sum(amounts), currency)) for name, amounts in by_cause.items()]


def _difference(variance_minor: int, counted_minor: int, currency: str) -> str:
    counted, apart = format_money(counted_minor, currency), format_money(abs(variance_minor), currency)
    if variance_minor == 0:
        return _("%(counted)s, as it should be", counted=counted)
    if variance_minor > 0:
        return _("%(counted)s, %(apart)s over", counted=counted, apart=apart)
    return _("%(counted)s, %(apart)s short", counted=counted, apart=apart)

"""How made-up customers pay: who is quick, who late, who in parts, who not at all. Pure; the same at every start."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random


class Habit(StrEnum):
    """A way of paying bills."""

    PROMPT = "prompt"
    PUNCTUAL = "punctual"
    LATE = "late"
    IN_PARTS = "in_parts"
    IN_ADVANCE = "in_advance"
    STUBBORN = "stubborn"
    SILENT = "silent"


_SHARES = {
    Habit.PROMPT: 46, Habit.PUNCTUAL: 27, Habit.LATE: 13, Habit.IN_PARTS: 5, Habit.IN_ADVANCE: 4, Habit.STUBBORN: 3,
    Habit.SILENT: 2,
}
_STUBBORN_DAYS = 33
_MONTHS_IN_ADVANCE = 3
REFERENCES = {
    "cash": "", "e_wallet": "{0:013d}", "bank": "IBFT-{0:013d}", "card": "AUTH-{0:013d}", "cheque": "CHK-{0:013d}",
}


@dataclass(frozen=True, slots=True)
class Debt:
    """What a customer has not paid yet. Amounts in minor units; `falls_silent_on` is when a silent one stops."""

    account_number: str
    newest_number: str
    newest_issued_on: date
    newest_due_on: date
    newest_total_minor: int
    oldest_due_on: date
    open_minor: int
    falls_silent_on: date


def paid_on(day: date, debt: Debt) -> int:
    """What the customer pays on a day, in minor units; mostly nothing."""
    dice = Random(f"{debt.account_number} {debt.newest_number}")
    match habit_of(debt.account_number):
        case Habit.PUNCTUAL:
            return _when(day == debt.newest_due_on - timedelta(dice.randint(0, 2)), debt.open_minor)
        case Habit.LATE:
            return _when(day == debt.newest_due_on + timedelta(dice.randint(2, 13)), debt.open_minor)
        case Habit.IN_PARTS:
            return _in_parts(day, debt, dice)
        case Habit.IN_ADVANCE:
            share = max(debt.open_minor, debt.newest_total_minor * _MONTHS_IN_ADVANCE)
            return _when(day == debt.newest_issued_on + timedelta(dice.randint(1, 6)), share)
        case Habit.STUBBORN:
            return _when(day >= debt.oldest_due_on + timedelta(_STUBBORN_DAYS), debt.open_minor)
        case Habit.SILENT if debt.newest_issued_on >= debt.falls_silent_on:
            return 0
        case _:
            return _when(day == debt.newest_issued_on + timedelta(dice.randint(0, 9)), debt.open_minor)


def habit_of(account_number: str) -> Habit:
    """The way a customer pays, which never changes."""
    return Random(account_number).choices(list(_SHARES), weights=list(_SHARES.values()))[0]


def method_of(account_number: str, shares: dict[str, int]) -> str:
    """How the customer likes to pay, out of what people of this place use."""
    return Random(f"{account_number} method").choices(list(shares), weights=list(shares.values()))[0]


def reference_of(method: str, *, key: str) -> str:
    """What the slip of a payment says; the same for the same key, empty for cash."""
    return REFERENCES[method].format(Random(key).randrange(10**13))


def _in_parts(day: date, debt: Debt, dice: Random) -> int:
    """About half when it falls due, in round notes, and the rest a week later."""
    note = 100_00
    half_minor = min(max(debt.newest_total_minor // 2 // note * note, note), debt.open_minor)
    if day == debt.newest_due_on - timedelta(1):
        return half_minor
    return _when(day == debt.newest_due_on + timedelta(dice.randint(6, 12)), debt.open_minor)


def _when(it_is_time: bool, amount_minor: int) -> int:
    return amount_minor if it_is_time else 0

"""How made-up customers pay: each in their own way, once for each bill, never more than they owe but in advance."""
from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ispbill.demo.habits import Debt, Habit, habit_of, method_of, paid_on, reference_of

ISSUED_ON = date(2026, 8, 3)
DEBT = Debt(
    account_number="", newest_number="INV-000001", newest_issued_on=ISSUED_ON,
    newest_due_on=ISSUED_ON + timedelta(days=15), oldest_due_on=ISSUED_ON + timedelta(days=15),
    newest_total_minor=139900, open_minor=139900, falls_silent_on=date(2026, 8, 1),
)


def _accounts(habit: Habit, count: int = 20) -> list[str]:
    numbers = (f"AC-{number:06d}" for number in range(1, 10_000))
    return [number for number in numbers if habit_of(number) is habit][:count]


def _paid(account_number: str, debt: Debt = DEBT) -> dict[int, int]:
    """Days after issue → amount, through two months, the debt shrinking with each payment."""
    found, owed = {}, debt.open_minor
    for days in range(60):
        present = replace(debt, account_number=account_number, open_minor=owed)
        amount_minor = paid_on(ISSUED_ON + timedelta(days), present)
        if owed > 0 and amount_minor:
            found[days], owed = amount_minor, owed - amount_minor
    return found


@pytest.mark.parametrize(("habit", "earliest", "latest"), [
    (Habit.PROMPT, 0, 9), (Habit.PUNCTUAL, 13, 15), (Habit.LATE, 17, 28), (Habit.STUBBORN, 48, 48),
])
def test_whoever_pays_at_once_pays_all_of_it_in_their_time(habit: Habit, earliest: int, latest: int) -> None:
    for account_number in _accounts(habit):
        ((days, amount_minor),) = _paid(account_number).items()
        assert earliest <= days <= latest and amount_minor == DEBT.open_minor


def test_whoever_pays_in_parts_pays_twice_and_in_round_notes_first() -> None:
    for account_number in _accounts(Habit.IN_PARTS):
        first, second = _paid(account_number).values()
        assert first % 10_000 == 0 and first + second == DEBT.open_minor


def test_whoever_pays_in_advance_pays_three_months() -> None:
    for account_number in _accounts(Habit.IN_ADVANCE):
        assert list(_paid(account_number).values()) == [3 * DEBT.newest_total_minor]


def test_a_silent_one_pays_until_they_fall_silent() -> None:
    for account_number in _accounts(Habit.SILENT, 5):
        assert _paid(account_number) == {}
        assert _paid(account_number, replace(DEBT, falls_silent_on=ISSUED_ON + timedelta(days=1)))


def test_most_pay_in_time_and_every_habit_occurs() -> None:
    habits = Counter(habit_of(f"AC-{number:06d}") for number in range(1, 301))
    assert habits[Habit.PROMPT] + habits[Habit.PUNCTUAL] > 180 and set(habits) == set(Habit)


def test_a_method_stays_and_a_reference_is_the_same_for_the_same_payment() -> None:
    shares = {"cash": 1, "e_wallet": 1}
    assert method_of("AC-000001", shares) == method_of("AC-000001", shares)
    assert reference_of("cash", key="a") == ""
    assert reference_of("e_wallet", key="a") == reference_of("e_wallet", key="a") != reference_of("e_wallet", key="b")

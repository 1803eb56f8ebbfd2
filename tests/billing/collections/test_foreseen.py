"""What is foreseen is what happens: plans and debts at random, lived through day by day while nothing is paid."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from ispbill.billing.collections.dunning.policy import due_steps, next_step
from ispbill.billing.collections.entitlement.policy import entitlement
from ispbill.billing.collections.policy import Account, Action, Calendar, Dispute, Done, Plan, Span, Step
from tests.billing.collections.facts import account, day, debt, plan

FIRST = day("03-10")


@pytest.mark.parametrize("seed", range(100))
def test_the_next_step_and_the_day_of_cutting_off_come_as_they_are_foreseen(seed: int) -> None:
    dice = Random(seed)
    by, owing = _plan(dice), _owing(dice)
    owing, _ = _lived(owing, by, FIRST)
    foreseen, said = next_step(owing, by), entitlement(owing, by, currency="PHP")
    found, happened = owing, []
    for offset in range(1, 100):
        found, taken = _lived(found, by, FIRST + timedelta(days=offset))
        happened += [(action, FIRST + timedelta(days=offset)) for action in taken]
    assert "restored" not in [action for action, _ in happened], "nothing was paid"
    coming = [(foreseen.step.action, foreseen.on)] if foreseen else []
    assert [on for _, on in happened[:1]] == [on for _, on in coming] and set(coming) <= set(happened)
    if said.may_be_online and owing.status == "active" and Action.TERMINATE not in dict(happened):
        cut = next((on for action, on in happened if action == Action.SUSPEND), None)
        assert said.until == cut


def _plan(dice: Random) -> Plan:
    actions = [Action.SUSPEND, *dice.sample([Action.REMIND, Action.FEE, Action.TERMINATE], k=2)]
    steps = [
        Step(key, action.title(), action, dice.randint(-5 if action == Action.REMIND else 0, 25),
             dice.choice(("due", "issue")), fee_flat_minor=100, repeat_every_days=dice.choice((None, 7)), most_times=2)
        for key, action in enumerate(actions, start=1)
    ]
    calendar = Calendar(frozenset(dice.sample(range(1, 8), dice.randint(0, 3))),
                        {_near(dice, 0, 40): frozenset({None}) for _ in range(3)})
    return plan(*steps, minimum_minor=dice.choice((0, 500)), grace_days=dice.choice((0, 3)), calendar=calendar,
                needs_handover=dice.random() < 0.3, counted_since=dice.choice((None, _near(dice, -40, 40))))


def _owing(dice: Random) -> Account:
    debts = [
        debt(f"{_near(dice, -30, 15)}", dice.choice((100, 400, 1_000)), key=key,
             disputes=_spans(dice, lambda start, end: Dispute(start, end, dice.choice((200, 1_000)))))
        for key in range(1, dice.randint(2, 4))
    ]
    return account("03-10", *debts, promises=_spans(dice, Span), holds=_spans(dice, Span))


def _spans(dice: Random, make: Callable[[date, date], Any]) -> tuple[Any, ...]:
    """At times a span of days that has begun, and may be over."""
    start = _near(dice, -20, 0)
    return (make(start, start + timedelta(days=dice.choice((3, 12, 30)))),) if dice.random() < 0.4 else ()


def _near(dice: Random, first: int, last: int) -> date:
    return FIRST + timedelta(days=dice.randint(first, last))


def _lived(found: Account, by: Plan, on: date) -> tuple[Account, list[str]]:
    """The account after a morning on which the round came by, and what it did."""
    found = replace(found, on=on)
    may_be_online, taken, suspension = entitlement(found, by, currency="PHP").may_be_online, [], by.steps[0]
    if found.cut_by_us_on and may_be_online:
        found, taken = replace(found, status="active", cut_by_us_on=None), ["restored"]
    due = due_steps(found, by)
    if found.status == "active" and not may_be_online:
        done = {(suspension.id, None): Done(1, on), **found.done}
        found, taken = replace(found, status="suspended", cut_by_us_on=on, done=done), [*taken, suspension.action]
    for step in due:
        done = {**found.done, (step.step.id, step.invoice_id): Done(step.occurrence, on)}
        status = "terminated" if step.step.action == Action.TERMINATE else found.status
        found = replace(found, status=status, done=done, cut_by_us_on=None if status == "terminated"
                        else found.cut_by_us_on)
        taken.append(step.step.action)
    return found, taken

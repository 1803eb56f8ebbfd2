"""Cases of overdue states: when each is reached, by the steps of collections, and what a block means for the bill."""
from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ispbill.billing.collections.policy import Action, CountedFrom, Step
from tests.conformance.cases import CannotExpress, Case, amount, day
from tests.conformance.collecting import watched
from tests.conformance.story import Bill, Story, Terms

_NEEDED, _ANCHOR = ("plan_amount", "invoice", "states"), ("bcd", "anchor_day")
_BLOCKED = ("block", "blocked", "block_from", "blocked_on", "blocked_from")
_BLOCKS = re.compile(r"(\w+)[^(,;]*\([^)]*block", re.I)


def answers(case: Case) -> dict[str, Any]:
    """What an unpaid bill leads to. Raises CannotExpress for a case of another shape, or without all that it takes."""
    if not case.category.startswith("overdue") or not case.has("pay_all", "clear", "cleared", "paid_on"):
        raise CannotExpress("no overdue states are told of it")
    facts = _facts(case)
    if case.has(*_BLOCKED):
        return _blocked_on(case, facts)
    states = {name: int(days) for name, days in facts["states"].items()}
    issued_on = day(facts["invoice"][0] if isinstance(facts["invoice"], list) else facts["invoice"])
    reached = _reached(issued_on, states)
    cleared, after, story = _played(case, facts, issued_on, reached[_blocking(case, states)])
    return {"state_dates": reached, "lines": cleared.lines, "on_clear": _shown(cleared), "next": _shown(after),
            "account_credit": cleared.credit_left, "credit_left": story.credit(), "total": cleared.total}


def _blocked_on(case: Case, facts: dict[str, Any]) -> dict[str, Any]:
    """What a block on a day that the case tells means for the bill."""
    blocked_on = case.days(*_BLOCKED)
    assert blocked_on is not None, "it was asked for"
    issued_on = day(facts["invoice"][0] if isinstance(facts["invoice"], list) else facts["invoice"])
    cleared, after, story = _played(case, facts, issued_on, blocked_on)
    return {**_shown(cleared), "net": cleared.net, "on_clear": _shown(cleared), "next": _shown(after),
            "credit_left": story.credit()}


def _facts(case: Case) -> dict[str, Any]:
    """What is given, here or by the nearest cases before it that tell the rest."""
    known: dict[str, Any] = {}
    for other in (case, *case.before):
        known = {name: other.given[name] for name in (*_NEEDED, *_ANCHOR) if name in other.given} | known
        missing = [name for name in _NEEDED if name not in known]
        if not missing:
            return known
    raise CannotExpress(f"neither the case nor one before it gives {', '.join(missing)}")


def _reached(issued_on: date, states: dict[str, int]) -> dict[str, date]:
    """When each state begins, looked at day by day while nothing is paid."""
    steps = tuple(Step(place, name, Action.REMIND, days, CountedFrom.ISSUE)
                  for place, (name, days) in enumerate(states.items(), start=1))
    happened = [on for on, _ in watched(issued_on, steps, days=max(states.values()) + 1)]
    return dict(zip(sorted(states, key=lambda name: states[name]), happened, strict=True))


def _blocking(case: Case, states: dict[str, int]) -> str:
    named = case.find("blocks", "blocks_at", "blocking_state", "block_state")
    if named in states:
        return str(named)
    for told in (case, *case.before):
        found = _BLOCKS.search(told.description)
        if found and found[1] in states:
            return found[1]
    raise CannotExpress("the case does not say which state blocks")


def _played(case: Case, facts: dict[str, Any], issued_on: date, blocked_on: date) -> tuple[Bill, Bill, Story]:
    story, cleared_on = Story(), case.days("pay_all", "clear", "cleared", "paid_on")
    assert cleared_on is not None, "it was asked for"
    if cleared_on < blocked_on:
        raise CannotExpress("it is paid before it is blocked")
    anchor = int(next((facts[name] for name in _ANCHOR if name in facts), issued_on.day))
    story.begin(amount(facts["plan_amount"]), on=issued_on, terms=Terms(anchor=anchor))
    story.bill_until(blocked_on - timedelta(days=1))
    story.pause(on=blocked_on)
    owed: Decimal = story.balance()
    story.pay(owed, on=cleared_on)
    story.resume(on=cleared_on)
    cleared = story.bill(cleared_on)
    following = story.due_on()
    assert following is not None, "it goes on"
    return cleared, story.bill(following), story


def _shown(bill: Bill) -> dict[str, Any]:
    return {"lines": bill.lines, "on": bill.on, "total": bill.total, "account_credit": bill.credit_left,
            "account_credit_used": -bill.credit_used}

"""Cases of campaigns: what is owed reaches a threshold, and is asked for so many times; by the steps of collections.

All that a customer owes a company is in one currency. Where a case names several, each is played as the customer of a
company of that currency: no currency minds what is owed in another.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

from ispbill.billing.collections.dunning.policy import due_steps
from ispbill.billing.collections.policy import Account, Action, Debt, Done, Plan, Step
from tests.conformance.cases import CannotExpress, Case, amount, day

_LIMIT = re.compile(r"\b([A-Z]{3}) ([\d.,]*\d)")
_MOST, _BETWEEN = re.compile(r"max (\d+) attempts"), re.compile(r"(\d+) days? between")
_MINOR = 100
_NOON = "T12:00"


class _Rise(NamedTuple):
    """More that is owed from a moment on."""

    at: str
    owed: Decimal


def answers(case: Case) -> dict[str, Any]:
    """When what is owed is asked for. Raises CannotExpress for a case of another shape."""
    if case.category != "dunning" or not case.has("overdue"):
        raise CannotExpress("no campaign is told of it")
    owed = case.given["overdue"] if isinstance(dict.get(case.given, "overdue"), dict) else {"": case.given["overdue"]}
    limits, days = _limits(case, owed), _days(case)
    sent = {currency: _asked(case, _rises(case, currency, amount(text)), amount(limits[currency]), days)
            for currency, text in owed.items()}
    counted = [{currency: sum(on <= run for on in dates) for currency, dates in sent.items()} for run in days]
    all_sent = sorted({on for dates in sent.values() for on in dates})
    by_currency = [{currency: count for currency, count in row.items() if count} for row in counted]
    return {**_in_all(case, owed, all_sent),
            "attempts": by_currency if "" not in owed else [row[""] for row in counted],
            "attempt_dates": all_sent, "send_dates": all_sent,
            "finished_event_at": all_sent[-1] if all(len(dates) == _most(case) for dates in sent.values()) else None}


def _in_all(case: Case, owed: Mapping[str, Any], sent: list[date]) -> dict[str, Decimal]:
    """What is asked for at last, where all is owed in one currency."""
    if len(owed) != 1 or not sent:
        return {}
    ((currency, text),) = owed.items()
    asked = sum(rise.owed for rise in _rises(case, currency, amount(text)) if rise.at <= f"{sent[-1]}{_NOON}")
    return dict.fromkeys(("payment_request", "amount", "requested", "amount_requested"), Decimal(asked))


def _limits(case: Case, owed: Mapping[str, Any]) -> Mapping[str, Any]:
    told = case.find("thresholds", "threshold")
    if told is not None:
        return told if isinstance(told, dict) else dict.fromkeys(owed, told)
    found = dict(_LIMIT.findall(case.description))
    if "" in owed and len(found) == 1:
        return {"": next(iter(found.values()))}
    if found.keys() < owed.keys():
        raise CannotExpress("the case does not say from which amount on it is asked for")
    return found


def _days(case: Case) -> list[date]:
    runs = case.find("runs")
    if runs is not None:
        return [day(run) for run in runs]
    start = case.days("start", "from_", "from")
    if start is None:
        raise CannotExpress("the case does not say when it is looked at")
    return [start + timedelta(days=place) for place in range(60)]


def _most(case: Case) -> int:
    return _told(case, _MOST, "max_attempts", "attempts")


def _told(case: Case, words: re.Pattern[str], *names: str) -> int:
    found = words.search(case.description)
    value = case.find(*names, default=found and found[1])
    if value is None:
        raise CannotExpress(f"the case does not say {names[0]}")
    return int(value)


def _rises(case: Case, currency: str, owed: Decimal) -> list[_Rise]:
    rises = [_Rise("", owed)]
    name = f"{currency}_plus" if currency else "plus"
    for event in case.find("events", default=()):
        if any(not other.endswith("plus") for other in event.keys() - {"at"}):
            raise CannotExpress(f"an event with {', '.join(event)} is not known here")
        if name in event:
            rises.append(_Rise(str(event["at"]), amount(event[name])))
    return rises


def _asked(case: Case, rises: list[_Rise], limit: Decimal, days: list[date]) -> list[date]:
    """The days on which one account is asked; a run is at noon. So many days between two letters are not of them."""
    between = _told(case, _BETWEEN, "days_between_attempts", "days_between", "delay_days")
    step = Step(1, "Asked", Action.REMIND, 1, repeat_every_days=between + 1, most_times=_most(case))
    plan, done, sent = Plan((step,), minimum_minor=int(limit * _MINOR)), {}, list[date]()
    totals = list(accumulate(rise.owed for rise in rises))
    for on in days:
        owed = max(total for rise, total in zip(rises, totals, strict=True) if rise.at <= f"{on}{_NOON}")
        before = days[0] - timedelta(days=9)
        account = Account(1, on, "active", before, episode_began_on=before, done=done,
                          debts=(Debt(1, "INV-1", before, before, int(owed * _MINOR), before),))
        for due in due_steps(account, plan):
            done[(due.step.id, due.invoice_id)] = Done(due.occurrence, on)
            sent.append(on)
    return sent

"""How far a case is told: to the last thing that it expects."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from ispbill.core.periods import BillingSchedule, period_from
from tests.conformance.cases import Case, day
from tests.conformance.plots import Plot

# What is asked only to show how others go wrong.
_WRONG = "wrong"
# What is asked of the first period alone.
_OF_FIRST = {"first_period", "first_period_end", "first_bcd", "first_paid_day", "first_paid_on"}
# What is asked of each period, one after the other.
_OF_PERIODS = ("billed_on", "invoice_dates", "dates", "period_starts", "billing_days", "periods_half_open",
               "periods_inclusive", "period_ends", "amounts")


def horizon(case: Case, plot: Plot) -> date:
    """How far the story is told: to the last thing that is expected."""
    if case.has("target", "bills_on", "next_run"):
        return case.days("target", "bills_on", "next_run") or plot.start
    days = [day(line["end" if plot.terms.arrears else "start"]) for line in _expected_lines(case.expected)
            if line.get("start")]
    days += [day(bill["on"]) for bill in case.expected.get("invoices", ()) if isinstance(bill, dict) and "on" in bill] \
        if isinstance(case.expected.get("invoices"), list) else []
    last = max([step.on for step in plot.steps], default=plot.end_on or plot.start)
    if lines_asked(case) is not None:
        return date.max
    if plot.terms.arrears and not days:
        return max(last, _first_end(plot)) if not plot.steps else _end_after(plot, last, case)
    return max([*days, last])


def _first_end(plot: Plot) -> date:
    return period_from(_schedule(plot), plot.start).span.end + timedelta(days=31)


def _end_after(plot: Plot, last: date, case: Case) -> date:
    """What happens last; or where the new part of its period is asked, the day on which that is billed."""
    return period_from(_schedule(plot), last).full.end if "new_fee" in case.expected else last


def _schedule(plot: Plot) -> BillingSchedule:
    every = plot.terms.every
    return BillingSchedule(plot.terms.aligned_on or plot.start, plot.terms.anchor or plot.start.day, every.count,
                           every.unit)


def lines_asked(case: Case) -> int | None:
    """How many periods a case wants to see, where it names neither a day nor lines."""
    counted = case.find("months", "periods", "count", "occurrences")
    if counted is not None:
        return int(counted)
    for name in _OF_PERIODS:
        if isinstance(case.expected.get(name), list):
            return len(case.expected[name])
    asks_next = "next" in case.expected and not isinstance(case.expected["next"], dict)
    return 1 if asks_next or _OF_FIRST & case.expected.keys() else None


def _expected_lines(expected: Any) -> Iterator[dict[str, Any]]:
    if isinstance(expected, dict):
        for name, value in expected.items():
            if name == "lines":
                yield from (line for line in value if isinstance(line, dict))
            elif _WRONG not in name:
                yield from _expected_lines(value)
    elif isinstance(expected, list):
        for value in expected:
            yield from _expected_lines(value)

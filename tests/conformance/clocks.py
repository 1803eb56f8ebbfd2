"""Cases of clocks: runs at instants, a company that moves to another zone; played by the real runs then."""
from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

from ispbill.billing.runs import jobs
from ispbill.core.current import SYSTEM, at, bound, current
from ispbill.core.periods import BillingSchedule, period_from
from tests.conformance.cases import CannotExpress, Case, amount, cadence, instant
from tests.conformance.story import Story, Terms

_PRICE, _SOME_DAY, _MOST_RUNS = Decimal(100), date(2025, 6, 5), 24
_FOLLOWS = re.compile(r"next.from *= *prev.to *\+ *1 ?s", re.I)


def answers(case: Case) -> dict[str, Any]:
    """What is billed at the case's instants. Raises CannotExpress for a case of another shape."""
    if case.has("prev_to") and case.has("old_tz") and case.has("new_tz"):
        return _moved(case)
    runs = case.find("runs", "runs_at", "run_at", "instants", "clocks")
    if case.has("tz") and isinstance(runs, list) and all("T" in str(run) for run in runs):
        return _runs(case, [instant(run) for run in runs])
    count = runs if isinstance(runs, int) else case.find("runs_per_day", "runs_in_day")
    if case.has("tz") and isinstance(count, int) and 0 < count <= _MOST_RUNS:
        midnight = datetime.combine(case.days("day", "on") or _SOME_DAY, time(), current.tenant.zone)
        return _runs(case, [midnight + place * timedelta(days=1) / count for place in range(count)])
    raise CannotExpress(f"no reading of clocks knows {', '.join(case.given)}")


def _moved(case: Case) -> dict[str, Any]:
    """A zone that changes inside a period: the next one begins where the last one ended, whatever time it is there."""
    ended_at = instant(case.given["prev_to"]) + timedelta(seconds=1)
    with bound(replace(current.tenant, timezone=case.given["old_tz"]), SYSTEM), at(ended_at):
        end = current.today()
        if datetime.combine(end, time(), current.tenant.zone) != ended_at:
            raise CannotExpress("the period does not end at the end of a local day")
        story, start = Story(), period_from(BillingSchedule(end, end.day), end - timedelta(days=1)).full.start
        story.begin(_PRICE, on=start, terms=Terms(anchor=end.day))
        story.bill(start)
    with bound(replace(current.tenant, timezone=case.given["new_tz"]), SYSTEM):
        with at(ended_at):
            jobs.bill_now(current.today())
        story.bill_until(end)
        spans = [(line["start"], line["end"]) for line in story.lines()]
    is_whole = [start for start, _ in spans] == [start, end] and spans[0][1] == end
    from_ = ended_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if is_whole else str(spans)
    rule = str(case.expected.get("rule", ""))
    if rule and not _FOLLOWS.search(rule):
        raise CannotExpress(f"no way to try whether “{rule}”")
    return {"next_from": from_, "rule": rule if is_whole else "a hole or an overlap"}


def _runs(case: Case, runs: list[datetime]) -> dict[str, Any]:
    """Runs at some instants: what the local day of the last one owes is billed by whichever comes first in it."""
    days = [_local(run) for run in runs]
    story = Story()
    start = case.days("start", "created") or period_from(
        BillingSchedule(days[-1], days[-1].day), days[-1] - timedelta(days=1)
    ).full.start
    price, anchor = case.find("plan_amount", default=_PRICE), case.find("anchor_day", "bcd", "billing_day")
    every = cadence(case.find("period", default=""))
    story.begin(amount(price), on=start, terms=Terms(every, anchor=int(anchor or start.day)))
    story.bill_until(days[0] - timedelta(days=1))
    made = []
    for run in runs:
        with at(run):
            made.append(jobs.bill_now(current.today()).invoices)
    counted = made if isinstance(case.expected.get("invoices"), list) else sum(made)
    return {"invoices": counted, "invoices_per_run": made, "invoices_after_each_run": list(accumulate(made)),
            "by_run": made, "new_invoices": made, "total": sum(made),
            "local_dates": days, "invoice_count": sum(made),
            "invoices_per_local_day": sum(made) if len(set(days)) == 1 else None}


def _local(run: datetime) -> date:
    with at(run):
        return current.today()

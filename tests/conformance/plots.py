"""How a case is read as a story: what begins when, what happens in it, how far it is told."""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ispbill.core.current import at as clock
from ispbill.core.current import current
from ispbill.core.periods import BillingSchedule, monthly, period_from
from tests.conformance.cases import (
    MONTHLY,
    Cadence,
    CannotExpress,
    Case,
    NotOurs,
    after,
    amount,
    cadence,
    day,
)
from tests.conformance.events import (
    Step,
    addon,
    addons_of,
    adjusted_of,
    adjusted_on,
    event_of,
    events_of,
    with_addons,
    written,
)
from tests.conformance.naming import is_day
from tests.conformance.story import Discount, Story, Terms
from tests.conformance.wording import (
    fraction_of,
    is_by_calendar,
    is_in_arrears,
    is_inclusive,
    is_span,
    rate_of,
    span_of,
    unused_days,
)

_ANNIVERSARY = re.compile(r"anniv (\d{4}-\d{2}-\d{2})")
_NOW, _AT_END, _AT_START = (re.compile(words, re.I) for words in (
    r"immediate|now", r"end.of|eot|period.end", r"start.of|sot|period.start"
))
_LENGTH = ("quarter_days", "year_days", "month_days", "period_days", "days_in_period", "total_days")
# A day from which to tell what has no date of its own: 1 June, for June has thirty days.
SOME_DAY = date(2025, 6, 1)
# What is used, and billed with the end of service.
USAGE = ("usage_net", "usage_amount", "usage_charges", "usage_fees", "usage")


@dataclass(slots=True)
class Plot:
    """A case as a story: how it begins, what happens then."""

    price: Decimal
    start: date
    terms: Terms
    steps: list[Step]
    is_given: bool = True
    """Whether what is billed first belongs to the answer; else the case only takes it as billed."""
    is_paid: bool = False
    discount: Discount | None = None
    """What is taken off every period, granted from the first day."""
    end_on: date | None = None
    """The first day no longer served, where that is known from the beginning."""
    asks_end: bool = False


def plot_of(case: Case) -> Plot:
    """Read how a case begins and what happens in it. Raises CannotExpress for what ispbill does not know."""
    if case.has("proration_behavior") and case.given["proration_behavior"] != "create_prorations":
        raise NotOurs("what changes inside a period is credited and charged by its days, else it changes at its end")
    if case.has("steps"):
        return _written_plot(case.given["steps"])
    billed = case.find("billed", "voided")
    if billed is not None and not isinstance(billed, dict | list):
        raise CannotExpress("the case does not say for which days it was billed")
    facts = billed if isinstance(billed, dict) else {}
    span = facts.get("period") or (billed if is_span(billed) else None) or span_of(case, "period", "invoice")
    every = _every(case)
    by_calendar = is_by_calendar(case)
    moved_in_trial = ("new_bcd",) if case.has("trial_days") else ()
    anchor = case.find("anchor_day", "bcd", "billing_day", *moved_in_trial, default=1 if by_calendar else None)
    steps = list(_steps(case, every))
    start = _start(case, span, steps, every, anchor)
    trial_days = _trial_days(case, start)
    anchor = int(anchor) if anchor else None if trial_days else day(span[0]).day if span else start.day
    terms = Terms(every, None if every.unit == "day" else anchor, None, is_in_arrears(case),
                  int(case.find("quantity", default=1)), rate_of(case), trial_days)
    is_long = every.unit == "month" and every.count > 1 and (
        by_calendar or (case.adopt == "convention" and case.has("anchor_day")))
    if every.is_calendar or is_long:
        first = 1 if every.is_calendar else anchor or 1
        terms = replace(terms, anchor=None, aligned_on=_calendar_start(start, every, first))
    return Plot(
        _price(case, facts), start, terms, steps, is_given=_is_begun(case) or not steps,
        discount=_discount(case),
        is_paid=facts.get("paid", True) is not False, end_on=_end(case), asks_end=not case.has("target"),
    )


def _is_begun(case: Case) -> bool:
    """Whether the case tells when service begins, so that what is billed first belongs to the answer."""
    return case.has("start", "created") or (case.has("from_", "from", "addon") and case.has("addon", "addons")
                                            and not case.has("billed"))


def _trial_days(case: Case, start: date) -> int:
    ends_on = case.days("trial_end", "trial_ends_on")
    if is_span(dict.get(case.given, "trial")):
        begin, end = map(day, case.given["trial"])
        return (end - begin).days
    if not case.has("trial"):
        return (ends_on - start).days if ends_on else int(case.find("trial_days", default=0))
    length = cadence(case.given["trial"])
    if length.unit != "day":
        raise NotOurs("a trial is so many days")
    return length.count


def _written_plot(told: list[Any]) -> Plot:
    first, *others = map(written, told)
    steps = [step for event in others for step in event_of(event, MONTHLY)]
    anchor = int(first["bcd"]) if "bcd" in first else None
    return Plot(amount(first["to"]), day(first["at"]), Terms(anchor=anchor), steps)


def _price(case: Case, facts: dict[str, Any]) -> Decimal:
    found = facts.get("amount") or case.find("plan_amount", "old", "base", "unit", "amount", "plan", "price", "net",
                                                "unit_amount", "unit_price")
    if isinstance(case.given.get("billed"), list) and not case.has("plan_amount", "old"):
        first = case.given["billed"][0]
        found = first if not is_day(first) else found
    if case.has("change_at") and case.has("plan_amount") and not case.has("old", "new", "billed"):
        return Decimal(0)
    return Decimal(100) if found is None else amount(found)


def extra_prices(case: Case) -> Iterator[Decimal]:
    billed = case.given.get("billed")
    if isinstance(billed, list) and not is_span(billed):
        yield from map(amount, billed[1:])


def _every(case: Case) -> Cadence:
    if case.has("elapsed_fraction", "fraction_left"):
        return Cadence("day", 10 * fraction_of(case, "elapsed_fraction", "fraction_left").denominator)
    if case.has(*_LENGTH):
        return Cadence("day", int(case.find(*_LENGTH)))
    unused = unused_days(case)
    if unused:
        return Cadence("day", unused[1])
    text = case.given.get("period")
    if isinstance(text, str):
        return cadence(text)
    priced = str(case.find("old", "plan", default=""))
    if "/" in priced:
        return cadence(priced)
    billed = case.find("billed", "voided")
    span = billed.get("period") if isinstance(billed, dict) else billed if is_span(billed) else span_of(case, "period")
    return _cadence_of(span) if span else cadence(case.find("interval", "plan_cycles", "rule", default=""))


def _cadence_of(span: Any) -> Cadence:
    """How long a period is that is given by its first day and the day after its last."""
    start, end = map(day, span)
    months = 12 * (end.year - start.year) + end.month - start.month
    return Cadence("month", months) if months and abs(end.day - start.day) < 4 else Cadence("day", (end - start).days)


def _start(case: Case, span: Any, steps: list[Step], every: Cadence, anchor: int | None) -> date:
    moment = _moment(case)
    if moment is not None:
        return moment
    start = case.days("start", "created") or (case.days("from_", "from") if not case.has("new_bcd") else None)
    if start is not None:
        return start
    since = _ANNIVERSARY.search(str(case.find("new", default="")))
    if since:
        return day(since[1])
    if span:
        return day(span[0])
    if not steps:
        return SOME_DAY
    first = min(step.on for step in steps)
    if case.has("elapsed_fraction", "fraction_left", "billable_days") or unused_days(case):
        return SOME_DAY
    if case.has("new_bcd") or isinstance(case.given.get("events"), list):
        return _before(first, every)
    schedule = monthly(first, anchor or first.day, months=every.count) if every.unit == "month" else None
    return period_from(schedule, first).full.start if schedule else first


def _moment(case: Case) -> date | None:
    """The day on which it begins with a trial, or of the instant that it tells; of a local time that clocks skip."""
    if is_span(dict.get(case.given, "trial")):
        return day(case.given["trial"][0])
    told = str(case.find("at", "created", "start", default=""))
    if case.has("local_time"):
        local = datetime.fromisoformat(f"{day(told)}T{case.given['local_time']}")
        with clock(local.replace(tzinfo=current.tenant.zone)):
            return current.today()
    return day(told) if "T" in told else None


def _before(on: date, every: Cadence) -> date:
    if every.unit == "day":
        return on - timedelta(days=every.count)
    return period_from(BillingSchedule(on, on.day, every.count), on - timedelta(days=1)).full.start


def _steps(case: Case, every: Cadence) -> Iterator[Step]:
    adjusted = adjusted_of(case)
    if isinstance(adjusted, dict):
        yield from event_of({"at": adjusted.get("at"), "adjust": adjusted["amount"]}, every)
    elif adjusted is not None:
        yield Step(adjusted_on(case), "adjust", lambda story: story.adjust(abs(amount(adjusted))))
    for event in events_of(case):
        yield from event_of(event, every, arrears=is_in_arrears(case))
    change = case.given.get("change")
    if isinstance(change, dict):
        change = change | ({"bcd": case.given["new_bcd"]} if _is_moved_then(case) else {})
        yield from event_of(change, every, arrears=is_in_arrears(case))
    yield from _plan_steps(case, every)
    yield from _service_steps(case, every)
    for extra in addons_of(case):
        yield from addon(extra, Terms(every, arrears=is_in_arrears(case)))


def _plan_steps(case: Case, every: Cadence) -> Iterator[Step]:
    to = case.find("new", "change_to") or (case.find("plan_amount") if case.has("change_at") else None)
    on = case.days("change_at", "effective", "day")
    if case.has("elapsed_fraction"):
        on = SOME_DAY + timedelta(days=int(every.count * fraction_of(case, "elapsed_fraction")))
    if case.has("fraction_left"):
        on = SOME_DAY + timedelta(days=int(every.count * (1 - fraction_of(case, "fraction_left"))))
    if to is not None and on is not None:
        there = _effective(case, on, every)
        terms = Terms(cadence(to) if "/" in str(to) else every, arrears=is_in_arrears(case), tax=rate_of(case))
        yield Step(on, "change", lambda story: story.change(
            amount(to), on=there, said_on=on, terms=terms, restarts=_restarts(case)
        ))
        yield Step(on, "change", lambda story: with_addons(story, to, there))
    if to is None and on is not None and case.has("new_quantity"):
        yield Step(on, "change", lambda story: story.change_quantity(int(case.given["new_quantity"]), on=on))
    if to is None and case.has("change_at") and not case.has("new_quantity"):
        yield _left(case, case.days("change_at"))
    if case.has("new_bcd") and not case.has("resume", "trial_days") and not _is_moved_then(case):
        yield from event_of({"at": str(case.days("from_", "from", "at")), "bcd": case.given["new_bcd"]}, every)


def _left(case: Case, on: date | None) -> Step:
    """What runs until a change to something of which the case tells no price: billed afterwards, for what it was."""
    if on is None or not is_in_arrears(case):
        raise CannotExpress("the case does not say to what it changes")
    return Step(on, "cancel", lambda story: story.end(on=on))


def _is_moved_then(case: Case) -> bool:
    """Whether a new billing day counts from the day of the change, having none of its own."""
    return case.has("new_bcd") and case.has("change") and not case.has("from_", "from", "at")


def _effective(case: Case, on: date, every: Cadence) -> date:
    """The day from which a change or an end counts, that is said on a day."""
    policy = str(case.find("policy", "when", default="immediate"))
    if case.find("cancel_at_period_end") is True or _AT_END.search(policy):
        return _term(case, on, every)[1]
    if _AT_START.search(policy):
        return _term(case, on, every)[0]
    if not _NOW.search(policy):
        raise NotOurs(f"what changes, changes on a day or with a period, and not by “{policy}”")
    return on


def _term(case: Case, on: date, every: Cadence) -> tuple[date, date]:
    """The period that a day lies in."""
    billed = case.find("billed")
    told = billed.get("period") if isinstance(billed, dict) else span_of(case, "billed", "period")
    if told:
        return day(told[0]), day(told[1])
    anchor = int(case.find("anchor_day", "bcd", "billing_day", default=on.day))
    full = period_from(monthly(on, anchor, months=every.count), on).full
    return full.start, full.end


def _service_steps(case: Case, every: Cadence) -> Iterator[Step]:
    on = ends_on(case)
    used = case.find(*USAGE)
    if used is not None and on is not None:
        yield Step(on, "usage", lambda story: story.charge([amount(used)], on=on, tax=rate_of(case)))
    if on is not None:
        end_on = _effective(case, on, every)
        yield Step(on, "cancel", lambda story: story.end(on=None if end_on > on else end_on, said_on=on))
        if case.category == "void":
            yield Step(on, "rebill", lambda story: _void_all(story, on=on))
    if case.has("voided"):
        again = case.days("next_run") or SOME_DAY
        yield Step(again, "void", lambda story: story.void_newest(on=again))
    resumed, paused = case.days("resume"), case.days("pause")
    if paused:
        yield Step(paused, "pause", lambda story: story.pause(on=paused))
    if resumed:
        yield Step(resumed, "resume", lambda story: _resume(story, case, resumed))


def ends_on(case: Case) -> date | None:
    """The first day no longer served, where that is said while service runs."""
    unused = unused_days(case)
    if unused:
        return SOME_DAY + timedelta(days=unused[1] - unused[0])
    if case.has("billable_days"):
        return SOME_DAY + timedelta(days=int(case.given["billable_days"]))
    said = case.days("cancel", "terminate")
    return after(said) if said and case.has("terminate") and is_inclusive(case) else said


def _void_all(story: Story, *, on: date) -> None:
    for _ in story.bills:
        story.void_newest(on=on)


def _end(case: Case) -> date | None:
    last = case.days("end_inclusive", "end")
    return after(last) if last and (case.has("end_inclusive") or is_inclusive(case)) else last


def _resume(story: Story, case: Case, on: date) -> None:
    blocked = case.days("block_from")
    if blocked:
        story.pause(on=blocked, said_on=on)
    story.resume(on=on)
    if case.has("new_bcd"):
        story.move_anchor(int(case.given["new_bcd"]), on=on)


def _restarts(case: Case) -> bool:
    return "new_period" in case.expected or case.says("anchor moves", "new cycle", "full new")


def _calendar_start(start: date, every: Cadence, anchor: int) -> date:
    return start - timedelta(days=start.weekday()) if every.unit == "day" else date(start.year, 1, anchor)


def _discount(case: Case) -> Discount | None:
    counted = case.find("discount_periods")
    periods = 1 if case.find("duration") == "once" else None if counted is None else int(counted)
    percent = case.find("percent_discount", "discount_percent")
    if percent is not None:
        return Discount(percent=str(percent), periods=periods)
    fixed = case.find("fixed_discount", "discount_amount")
    return None if fixed is None else Discount(amount=amount(fixed), periods=periods)

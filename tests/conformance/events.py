"""What happens in a case: its events and steps, add-ons and adjustments, each as something done on a day."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ispbill.core.periods import BillingSchedule, period_from
from tests.conformance.cases import Cadence, CannotExpress, Case, amount, cadence, day
from tests.conformance.story import Story, Terms

_STEP = re.compile(
    r"(?:(?:create|change)(?: to)? (?P<to>[\d.]+)|(?P<cancel>cancel)"
    r"|(?:set |move |change |update )?(?:BCD|anchor)(?: to)? (?P<moved>\d+)) on (?P<at>\d{4}-\d{2}-\d{2})"
    r"(?: with (?:BCD|anchor) (?P<bcd>\d+))?", re.I)
_ADJUSTED = ("item_adjustment", "adjustment", "adjusted", "item_adjusted", "item_adj", "adjust")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens on a day: its name, and what does it."""

    on: date
    name: str
    play: Callable[[Story], None]


def written(step: Any) -> dict[str, Any]:
    """“change to 29.95 on 2018-08-15 with BCD 21” as an event."""
    found = _STEP.fullmatch(str(step).strip())
    if found is None:
        raise CannotExpress(f"the step “{step}” is told in words that are not known here")
    told = {name: value for name, value in found.groupdict().items() if value is not None}
    return {"bcd" if name == "moved" else name: value for name, value in told.items()}


def events_of(case: Case) -> list[dict[str, Any]]:
    """What happens, in order. A new billing day counts from its first occurrence (Kill Bill): where the plan changes
    before that, both are one; told by that day, it was known before where the case bills up to it.
    """
    told = case.given.get("events")
    found: list[dict[str, Any]] = []
    for event in told if isinstance(told, list) else ():
        last = found[-1] if found else {}
        if {"at", "bcd"} == last.keys() and "to" in event and day(event["at"]) < _occurrence(last):
            event = {**found.pop(), **event}
        elif {"at", "bcd"} == event.keys() and "to" in last and _is_known_before(case, event):
            event = {**found.pop(), "bcd": event["bcd"]}
        found.append(dict(event))
    return found


def _is_known_before(case: Case, event: dict[str, Any]) -> bool:
    """Whether what is billed before a new billing day ends on it."""
    on = day(event["at"])
    told = [case.expected, *_invoices(case.expected)]
    ends = {str(line.get("end")) for bill in told for line in bill.get("lines", ()) if line.get("type") == "RECURRING"}
    return on.day == int(event["bcd"]) and str(on) in ends


def _invoices(expected: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = expected.get("invoices")
    return [bill for bill in found if isinstance(bill, dict)] if isinstance(found, list) else []


def _occurrence(event: dict[str, Any]) -> date:
    """The first day on which a new billing day is reached."""
    on, anchor = day(event["at"]), int(event["bcd"])
    return period_from(BillingSchedule(on, anchor), on).full.end


def addons_of(case: Case) -> Iterator[dict[str, Any]]:
    """What is charged beside what runs, from the beginning where the case tells no other day."""
    for told in [case.given["addon"]] if case.has("addon") else case.find("addons", default=()):
        extra = dict(told) if isinstance(told, dict) else {"amount": told}
        begin = next((extra.pop(name) for name in ("from_", "from", "at") if name in extra), None)
        anchor = next((extra.pop(name) for name in ("new_bcd", "anchor_day") if name in extra),
                      case.find("addon_bcd", "addon_anchor_day"))
        yield {"start": begin or str(case.days("start", "from_", "from")), "bcd": anchor, **extra}


def addon(extra: dict[str, Any], terms: Terms) -> Iterator[Step]:
    """Something that is charged beside what runs, and maybe not for ever; by itself where it has a day of its own."""
    if extra.keys() - {"amount", "start", "end", "bcd"}:
        raise CannotExpress(f"an add-on with {', '.join(extra)} is not known here")
    on, price = day(extra["start"]), amount(extra["amount"])
    if extra["bcd"] is not None:
        if "end" in extra:
            raise CannotExpress("an add-on with a billing day of its own goes on")
        own = replace(terms, anchor=int(extra["bcd"]))
        yield Step(on, "addon", lambda story: story.begin_beside(price, on=on, terms=own))
        return
    yield Step(on, "addon", lambda story: story.add(price, on=on, terms=terms))
    if extra.get("end"):
        last = day(extra["end"])
        yield Step(last, "remove", lambda story: story.remove_newest(on=last))


def adjusted_of(case: Case) -> Any:
    """What is given back of what is billed before anything else happens."""
    billed = case.find("billed")
    facts = billed if isinstance(billed, dict) else {}
    if facts.keys() - {"amount", "period", "paid", *_ADJUSTED}:
        raise CannotExpress(f"something billed with {', '.join(facts)} is not known here")
    inside = next((facts[name] for name in _ADJUSTED if name in facts), None)
    return inside if billed is None or inside is not None else case.find(*_ADJUSTED)


def adjusted_on(case: Case) -> date:
    """A part of what was billed is given back before anything else happens: on the first day that is billed."""
    billed = case.given["billed"]
    return day(billed["period"][0] if isinstance(billed, dict) else billed[0])


def event_of(event: dict[str, Any], every: Cadence, *, arrears: bool = False) -> Iterator[Step]:
    """What is done on one day of a case, all before that day is billed."""
    on = day(event.get("at") or event.get("on"))
    adjusted = next((event[name] for name in _ADJUSTED if name in event), None)
    known = {"to": "change", "quantity": "change", "cancel": "cancel", "bcd": "bcd"}
    name = next((known[name] for name in known if name in event), "adjust")
    if event.keys() - {"at", "on", *known, *_ADJUSTED}:
        raise CannotExpress(f"an event with {', '.join(event)} is not known here")

    def play(story: Story) -> None:
        if adjusted is not None:
            story.adjust(abs(amount(adjusted)))
        if "to" in event:
            terms = Terms(cadence(event["to"]) if "/" in str(event["to"]) else every, arrears=arrears)
            story.change(amount(event["to"]), on=on, terms=terms)
            with_addons(story, event["to"], on)
        if "quantity" in event:
            story.change_quantity(int(event["quantity"]), on=on)
        if event.get("bcd"):
            story.move_anchor(int(event["bcd"]), on=on)
        if "cancel" in event:
            story.end(on=on)

    yield Step(on, name, play)


def with_addons(story: Story, to: Any, on: date) -> None:
    """What a price says beside the amount: a plan that includes, or does not have, the add-ons ends them."""
    rest = re.search(r"\((.+)\)", str(to))
    if rest is None:
        return
    if not re.search(r"\b(includes|without|no)\b.*add-?ons?\b", rest[1], re.I):
        raise CannotExpress(f"nobody here knows what “{rest[1]}” means")
    story.remove_addons(on=on)

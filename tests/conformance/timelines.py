"""Cases that tell what is served from when to when: played day by day, answered from what was billed."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from ispbill.core.periods import (
    BillingSchedule,
    Period,
    actual_share,
    fixed_30_share,
    month_day,
    period_from,
    periods_within,
)
from ispbill.subscriptions.queries import dates_of
from tests.conformance import rules
from tests.conformance.cases import CannotExpress, Case, NotOurs, amount, number
from tests.conformance.comparing import differences, same
from tests.conformance.horizons import horizon, lines_asked
from tests.conformance.plots import Plot, extra_prices, plot_of
from tests.conformance.story import Bill, Line, Story
from tests.conformance.wording import is_fixed_30


@dataclass(slots=True)
class Told:
    """A story at its end: the bills that count, and the first bill after each kind of event."""

    story: Story
    plot: Plot
    bills: list[Bill]
    by_event: dict[str, Bill]

    @property
    def lines(self) -> list[Line]:
        """The lines that count."""
        return [line for bill in self.bills for line in bill.lines]

    def sum(self, *, is_credit: bool) -> Decimal:
        """What was given back, or charged, without its sign."""
        return sum((abs(line["amount"]) for line in self.lines if (line["amount"] < 0) == is_credit), Decimal(0))


def tell(case: Case) -> Told:
    """Play a case's story through the verbs."""
    plot = plot_of(case)
    story = Story(proration="fixed_30" if is_fixed_30(case) else "actual",
                  first_period="merge" if case.find("merge_stub") else "stub")
    if case.has("credit"):
        story.pay(amount(case.given["credit"]), on=plot.start)
    if plot.discount is not None:
        story.grant(plot.discount, on=plot.start)
    story.begin(plot.price, on=plot.start, terms=plot.terms)
    if plot.end_on is not None:
        story.end(on=plot.end_on, said_on=plot.start)
    for price in extra_prices(case):
        story.add(price, on=plot.start, terms=plot.terms)
    first = min((step.on for step in plot.steps), default=None)
    if first is not None and not plot.terms.arrears:
        is_moved_first = plot.is_given and any((step.name, step.on) == ("bcd", plot.start) for step in plot.steps)
        story.bill_until(min(plot.start, first) - timedelta(days=is_moved_first))
        if plot.is_paid and not case.has("credit") and story.bills and story.bills[-1].total:
            paid = number(case.find("paid"))
            story.pay(story.bills[-1].total if paid is None else paid, on=plot.start)
    return _told(case, plot, story)


def answers(case: Case) -> dict[str, Any]:
    """What the story came to, under every name by which cases ask for it.

    Raises CannotExpress for a case of another kind, or of what ispbill does not know.
    """
    is_discounted = case.category.startswith("coupon") and case.has("plan_amount", "price")
    if not (is_discounted or case.category.startswith(_CATEGORIES)):
        raise CannotExpress(f"no story is told of “{case.category}”")
    told = tell(case)
    following = {"next": _shown(told.bills.pop())} if isinstance(case.expected.get("next"), dict) else {}
    found = {name: _ANSWERS[name](told) for name in case.expected if name in _ANSWERS}
    found |= {name: _credit(told, name, case.expected[name]) for name in _CREDITS & case.expected.keys()}
    found |= _by_bill(case, told) | following
    _refuse_other_clamping(case, told, found)
    _refuse_other_alignment(case, told, found)
    return found | _others(case) | _wrongs(case, found)


def _by_bill(case: Case, told: Told) -> dict[str, Any]:
    """What came of each event, and of the bills as the case counts them."""
    found: dict[str, Any] = {f"on_{event}": _shown(bill) for event, bill in told.by_event.items()}
    if "rebill" in told.by_event:
        found["rebill"] = told.by_event["rebill"].lines[0]
    if told.bills:
        found |= {"next_invoice": _shown(told.bills[-1]), "first_period_end": told.lines[0]["end"]}
    if isinstance(case.expected.get("invoices"), int):
        found["invoices"] = len(told.bills)
    if isinstance(case.expected.get("amounts"), list):
        found["amounts"] = _amounts(told)
    if "last_amounts" in case.expected and told.bills:
        found["last_amounts"] = _last_amounts(told, case.expected["last_amounts"])
    return found


def _wrongs(case: Case, found: dict[str, Any]) -> dict[str, Any]:
    """What must not come out (“wrong_next”), where it did not."""
    return {name: "what came out too"
            if differences(wrong, found.get(name.removeprefix("wrong_"))) == ([], []) else wrong
            for name, wrong in case.expected.items() if name.startswith("wrong_")}


def _credit(told: Told, name: str, wanted: Any) -> Any:
    """What was given back, with the sign that the case gives it, or as a document; a credit note is with its tax."""
    if isinstance(wanted, dict):
        net, tax = (-sum((line[name] for line in told.lines if line["amount"] < 0), Decimal(0))
                    for name in ("amount", "tax"))
        return {"net": net, "tax": tax, "total": net + tax}
    if name == "credit_note":
        return -sum((line["amount"] + line["tax"] for line in told.lines if line["amount"] < 0), Decimal(0))
    return told.sum(is_credit=True) * (-1 if str(wanted).startswith("-") else 1)


def _refuse_other_clamping(case: Case, told: Told, found: dict[str, Any]) -> None:
    """Raises NotOurs where a part of a period is held against the month before its clamped end, as Kill Bill does."""
    name = next((name for name in ("ratio", "number_of_cycles", "lines") if name in case.expected), None)
    if name is None or len(told.lines) != 1 or differences(case.expected[name], found[name], name) == ([], []):
        return
    (line,) = told.lines
    start, end = line["start"], line["end"]
    before = period_from(BillingSchedule(end, end.day), end - timedelta(days=1)).full.start
    theirs = Fraction((end - start).days, (end - before).days)
    theirs_billed = told.plot.price * theirs.numerator / theirs.denominator
    ways = theirs, [{**line, "amount": theirs_billed.quantize(line["amount"], ROUND_HALF_UP)}]
    if any(differences(case.expected[name], way, name) == ([], []) for way in ways):
        raise NotOurs("the full period of a stub begins on the anchor day as it is clamped in its month, and not a "
                      "month before the stub's clamped end")


def _refuse_other_alignment(case: Case, told: Told, found: dict[str, Any]) -> None:
    """Raises NotOurs where periods of several months begin only in the month of the beginning, as in Kill Bill."""
    schedule, start = dates_of(told.story.components()[0], ()).schedule, told.plot.start
    if "first_bcd" not in found or schedule.unit != "month" or same(case.expected["first_bcd"], found["first_bcd"]):
        return
    in_its_month = month_day(start.year * 12 + start.month - 1, schedule.anchor_day)
    theirs = period_from(schedule._replace(aligned_on=in_its_month), start - timedelta(days=1)).full.end
    if same(case.expected["first_bcd"], theirs):
        raise NotOurs("the first part of a period of several months ends on the next billing day, in whichever month")


def _others(case: Case) -> dict[str, Any]:
    """The same story with another price or beginning, where a case asks for that beside."""
    found: dict[str, Any] = {}
    fixed = case.expected.get("fixed_charge")
    if isinstance(fixed, dict):
        lines = tell(case.row({"plan_amount": fixed["full"]}, {"lines": case.expected["lines"]})).lines
        found["fixed_charge"] = {"full": fixed["full"], "prorated": lines[0]["amount"]}
    if "rules" in case.expected:
        found["rules"] = [rules.held(str(rule)) for rule in case.expected["rules"]]
    if {"after_terminate_same_day", "recreated_same_day"} & case.expected.keys():
        found |= _taken_again(case)
    for name in [name for name in case.expected if name.startswith("same_in")]:
        lines = case.expected[name]
        found[name] = tell(case.row({"start": lines[0]["start"]}, {"lines": lines})).lines
    return found


def _taken_again(case: Case) -> dict[str, Any]:
    """The same story, ended on the day on which it was first billed, and begun again on it."""
    told = tell(case)
    on = told.bills[0].on
    told.story.end(on=on)
    note = told.story.bill(on)
    told.story.begin_again(on=on, terms=told.plot.terms)
    again = told.story.bill(on)
    return {"after_terminate_same_day": {"credit_note": -note.total, "lines": note.lines},
            "recreated_same_day": again.lines[0]}


def _told(case: Case, plot: Plot, story: Story) -> Told:
    given = 0
    by_event: dict[str, Bill] = {}
    for step in sorted(plot.steps, key=lambda step: step.on):
        story.bill_until(step.on - timedelta(days=1))
        if not plot.is_given and not by_event:
            given = len(story.bills)
        step.play(story)
        bill = story.bill(step.on)
        by_event.setdefault(step.name, bill)
        if plot.is_paid and not plot.is_given and bill.total > bill.credit_used:
            story.pay(bill.total - bill.credit_used, on=step.on)
    story.bill_until(horizon(case, plot), lines=lines_asked(case))
    return Told(story, plot, [bill for bill in story.bills[given:] if bill.lines], by_event)


def _shown(bill: Bill) -> dict[str, Any]:
    return {"lines": bill.lines, "on": bill.on, "total": bill.total, "net": bill.net, "tax": bill.tax,
            "invoice_balance": bill.owed, "account_balance": bill.owed,
            "account_credit": bill.credit_made, "account_credit_used": -bill.credit_used}


def _cycles(told: Told) -> Fraction:
    """How many full periods the lines come to."""
    share = fixed_30_share if told.story.is_fixed_30 else actual_share
    (schedule,) = {dates_of(part, ()).schedule for part in told.story.components()}
    spans = [Period(line["start"], line["end"]) for line in told.lines]
    return sum((Fraction(*share(period)) for period in periods_within(schedule, spans)), Fraction(0))


def _last_boundary(told: Told) -> date:
    """The last day up to which everything is billed and on which a period begins."""
    schedule = dates_of(told.story.components()[0], ()).schedule
    return period_from(schedule, told.story.billed_until()).full.start


def _inclusive(told: Told) -> list[list[date]]:
    return [[line["start"], line["end"] - timedelta(days=1)] for line in told.lines]


def _amounts(told: Told) -> list[Decimal]:
    return [line["amount"] for line in told.lines]


def _last_amounts(told: Told, wanted: list[Any]) -> list[Any]:
    """What the last bill charges, in the order of the case where it is that."""
    found = [line["amount"] for line in told.bills[-1].lines]
    return wanted if Counter(map(number, wanted)) == Counter(found) else found


def _due(told: Told) -> Decimal:
    """What is to be paid after the last bill."""
    return max(told.bills[-1].owed, Decimal(0))


def _used(told: Told) -> Decimal:
    """What was used, with its tax: it is no period."""
    return sum((line["amount"] + line["tax"] for line in told.lines if line["start"] is None), Decimal(0))


def _stub_days(told: Told) -> int:
    return sum((line["end"] - line["start"]).days for line in told.lines if line["amount"] != told.plot.price)


_CATEGORIES = ("anchor", "proration", "plan_change", "pause", "cancel", "overdue_block", "arrears", "minimum",
               "timezone", "dst", "void", "credit", "trial")
_CREDITS = {"credit", "credit_note", "repair"}
_ANSWERS: dict[str, Callable[[Told], Any]] = {
    "lines": lambda told: told.lines,
    "invoices": lambda told: [_shown(bill) for bill in told.bills],
    "period_starts": lambda told: [line["start"] for line in told.lines],
    **dict.fromkeys(("billed_on", "billing_days", "invoice_dates", "dates"),
                    lambda told: [bill.on for bill in told.bills]),
    **dict.fromkeys(("trial_end", "first_paid_day", "first_billed_day", "first_paid_on"),
                    lambda told: told.lines[0]["start"]),
    "period_ends": lambda told: [line["end"] for line in told.lines],
    "periods_half_open": lambda told: [[line["start"], line["end"]] for line in told.lines],
    "periods_inclusive": _inclusive,
    "first_bcd": lambda told: told.story.components()[0].aligned_on,
    "next": lambda told: told.lines[0]["end"] if told.plot.asks_end else told.story.due_on(),
    **dict.fromkeys(("billed_to", "effective_end", "charged_through", "billed_through"),
                    lambda told: told.story.billed_until() if told.lines else None),
    "last_bcd": _last_boundary,
    "bcd": lambda told: told.story.components()[0].anchor_day,
    "anchor_day": lambda told: told.story.components()[0].anchor_day,
    "new_period": lambda told: [[line["start"], line["end"]] for line in told.lines if line["amount"] > 0][-1],
    "local_dates": lambda told: told.plot.start,
    "whole_periods": lambda told: sum(line["amount"] == told.plot.price for line in told.lines),
    "stub_days": _stub_days,
    **dict.fromkeys(("ratio", "factor", "fraction", "number_of_cycles"), _cycles),
    "net": lambda told: sum(bill.net for bill in told.bills),
    "tax": lambda told: sum(bill.tax for bill in told.bills),
    "total": lambda told: sum(bill.total for bill in told.bills),
    "totals": lambda told: [bill.total for bill in told.bills],
    "amount": lambda told: sum(_amounts(told)),
    "prorated_amount": lambda told: sum(_amounts(told)),
    "prorated": lambda told: sum(_amounts(told)),
    "amounts": lambda told: sum(_amounts(told)),
    "debit": lambda told: told.sum(is_credit=False),
    "charge": lambda told: told.sum(is_credit=False),
    **dict.fromkeys(("days", "billable_days", "billed_days"),
                    lambda told: sum((line["end"] - line["start"]).days for line in told.lines)),
    "first_period": lambda told: [told.lines[0]["start"], told.lines[0]["end"]],
    "old_fee": lambda told: sum((line["amount"] for line in told.lines if line["end"] <= told.plot.steps[0].on),
                                Decimal(0)),
    "new_fee": lambda told: sum((line["amount"] for line in told.lines if line["amount"] > 0
                                 and line["start"] >= told.plot.steps[0].on), Decimal(0)),
    **dict.fromkeys(("invoice", "invoice_total", "first_invoice"), lambda told: told.bills[0].total),
    "invoice_tax": lambda told: told.bills[0].tax,
    **dict.fromkeys(("due", "final_invoice", "final_due"), _due),
    **dict.fromkeys(("usage_invoice", "usage_total"), _used),
    "account_credit": lambda told: sum((bill.credit_made for bill in told.bills), Decimal(0)),
    "credit_balance": lambda told: told.story.credit(),
    "credit_left": lambda told: told.story.credit(),
    "account_balance": lambda told: told.story.balance(),
    "each_line": lambda told: sorted(set(_amounts(told))),
    "no_repair": lambda told: not told.sum(is_credit=True),
}

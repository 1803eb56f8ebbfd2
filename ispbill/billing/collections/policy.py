"""The facts that collections judge by, and the days they lead to. Pure: plain values, no clock.

Days are local dates, spans half-open, amounts minor units. An invoice's *overdue day* is the first day on which it is
late: the day after its due day and the days of grace.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

ONE_DAY = timedelta(days=1)
# NTC MC 05-06-2007: a provider has 30 days to prove a disputed charge, and until then it is not payable.
DISPUTE_DAYS = 30
# Beyond this a calendar without a single day to cut off is a mistake, and the day itself counts.
_MOST_NO_CUT_DAYS = 366


class Action(StrEnum):
    """What a step does."""

    REMIND = "remind"
    FEE = "fee"
    SUSPEND = "suspend"
    TERMINATE = "terminate"


class By(StrEnum):
    """How a customer is told of a step."""

    EMAIL = "email"
    SMS = "sms"
    HAND = "hand"


class CountedFrom(StrEnum):
    """The day that a step's days are counted from."""

    DUE = "due"
    ISSUE = "issue"


class Span(NamedTuple):
    """The half-open days during which something holds the steps off, and what for."""

    start: date
    end: date
    note: str = ""

    def covers(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.start <= day < self.end


class Dispute(NamedTuple):
    """A part of an invoice that the customer contests, and the half-open days during which it is not payable."""

    start: date
    end: date
    amount_minor: int


class Done(NamedTuple):
    """How many times a step was taken, and the day of the last time."""

    times: int
    last_on: date


class OpenPromise(NamedTuple):
    """A promise that has still to be kept: how much by which last day, and what was paid since it was given."""

    id: int
    amount_minor: int
    until_on: date
    paid_minor: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the plan: `days` after (or, below zero, before) the due day or the day of issue."""

    id: int
    name: str
    action: str
    days: int
    counted_from: str = CountedFrom.DUE
    fee_flat_minor: int = 0
    fee_percent: Decimal = Decimal(0)
    repeat_every_days: int | None = None
    most_times: int | None = None
    template: str = ""
    channel: str = By.EMAIL

    @property
    def is_for_invoice(self) -> bool:
        """Whether it is taken once for each invoice, and not once for each episode."""
        early = self.days <= 0 or self.counted_from == CountedFrom.ISSUE
        return self.action == Action.FEE or (self.action == Action.REMIND and early)

    def is_owed_again(self, done: Done | None, *, on: date) -> bool:
        """Whether it may be taken on a day, given what was done: once, or again after its pause up to its count."""
        if done is None:
            return True
        if self.repeat_every_days is None or (self.most_times is not None and done.times >= self.most_times):
            return False
        return on >= done.last_on + timedelta(days=self.repeat_every_days)


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step to take: for one invoice, or (None) for all that is overdue. `fee_minor` is what it charges."""

    step: Step
    invoice_id: int | None
    occurrence: int
    fee_minor: int = 0


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which nobody is cut off: weekdays (ISO, Monday is 1), and single days, everywhere or in areas."""

    weekdays: frozenset[int] = frozenset()
    days: Mapping[date, frozenset[int | None]] = field(default_factory=dict)

    def is_no_cut(self, day: date, areas: frozenset[int]) -> bool:
        """Whether nobody who lives in these areas is cut off on a day; None among a day's areas means everywhere."""
        places = self.days.get(day, frozenset())
        return day.isoweekday() in self.weekdays or None in places or bool(places & areas)

    def first_cut_day(self, day: date, areas: frozenset[int]) -> date:
        """The first day from `day` on that is not kept free."""
        for offset in range(_MOST_NO_CUT_DAYS):
            if not self.is_no_cut(day + timedelta(days=offset), areas):
                return day + timedelta(days=offset)
        return day


@dataclass(frozen=True, slots=True)
class Debt:
    """An open invoice. `handed_over_on` is the day it was e-mailed or handed over on paper; None while it was not.

    `fees_minor` are the late fees that are billed on it.
    """

    invoice_id: int
    number: str
    issued_on: date
    due_on: date
    open_minor: int
    handed_over_on: date | None
    disputes: tuple[Dispute, ...] = ()
    fees_minor: int = 0

    def disputed_minor(self, on: date) -> int:
        """What of it is not payable on a day, because it is contested; never more than is open."""
        contested = sum(part.amount_minor for part in self.disputes if part.start <= on < part.end)
        return min(contested, self.open_minor)

    def payable_minor(self, on: date) -> int:
        """What of it counts on a day."""
        return self.open_minor - self.disputed_minor(on)

    def feeable_minor(self, on: date) -> int:
        """What of it a late fee is charged for on a day: never for a fee."""
        return max(self.payable_minor(on) - self.fees_minor, 0)

    def was_disputed(self, on: date) -> list[Dispute]:
        """Its disputes that are over by a day, the one that ended last first."""
        return sorted((part for part in self.disputes if part.start <= on and part.end <= on),
                      key=lambda part: part.end, reverse=True)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan in force: its steps, from which amount on and how late, and the calendar.

    What was due before `counted_since` is taken as due on that day: nobody is cut off the morning after switching on.
    """

    steps: tuple[Step, ...] = ()
    minimum_minor: int = 0
    grace_days: int = 0
    calendar: Calendar = Calendar()
    needs_handover: bool = False
    notice_days: int = 0
    counted_since: date | None = None

    def step(self, action: Action) -> Step | None:
        """The first step with this action; a plan has at most one that suspends and one that terminates."""
        return next((step for step in self.steps if step.action == action), None)

    def last_day(self, debt: Debt) -> date:
        """The last day on which an invoice is not late yet."""
        due_on = max(debt.due_on, self.counted_since) if self.counted_since else debt.due_on
        return due_on + timedelta(days=self.grace_days)

    def day_of(self, step: Step, debt: Debt) -> date:
        """The day of a step by one invoice alone; what hurts never comes before the invoice is late."""
        if step.counted_from == CountedFrom.ISSUE:
            day = debt.issued_on + timedelta(days=step.days)
        else:
            day = (debt.due_on if step.days <= 0 else self.last_day(debt)) + timedelta(days=step.days)
        return day if step.action == Action.REMIND else max(day, self.last_day(debt) + ONE_DAY)


@dataclass(frozen=True, slots=True)
class Account:
    """All that is known of a customer on a day: what is open, what holds the steps off, what was done.

    `done` has a step's key and an invoice's, or None for what was done in the running episode. `cut_by_us_on` is the
    day since which collections keep the customer suspended; a customer suspended without it was suspended by a person.
    """

    customer_id: int
    on: date
    status: str
    status_since: date
    status_reason: str = ""
    areas: frozenset[int] = frozenset()
    debts: tuple[Debt, ...] = ()
    promises: tuple[Span, ...] = ()
    holds: tuple[Span, ...] = ()
    cut_by_us_on: date | None = None
    episode_id: int | None = None
    episode_began_on: date | None = None
    promise: OpenPromise | None = None
    done: Mapping[tuple[int, int | None], Done] = field(default_factory=dict)

    @property
    def held_until(self) -> date | None:
        """The end of the longest promise or hold in force on the day; None where there is none."""
        return max((span.end for span in (*self.promises, *self.holds) if span.covers(self.on)), default=None)

    @property
    def free_from(self) -> date | None:
        """The first day that no promise or hold known on the day covers or has covered."""
        return max((span.end for span in (*self.promises, *self.holds) if span.start <= self.on), default=None)

    def overdue(self, plan: Plan) -> tuple[Debt, ...]:
        """The invoices that are late, disputed or not, the oldest first."""
        late = (debt for debt in self.debts if plan.last_day(debt) < self.on)
        return tuple(sorted(late, key=lambda debt: (debt.due_on, debt.invoice_id)))

    def late_since(self, plan: Plan) -> date | None:
        """The day on which an episode begins: the first on which anything is late. None where nothing is."""
        return min((plan.last_day(debt) + ONE_DAY for debt in self.overdue(plan)), default=None)


def day_reached(account: Account, plan: Plan, step: Step) -> date | None:
    """The day on which what is payable and has come to a step reaches the plan's minimum; None where it never does."""
    total_minor = 0
    for day, payable_minor in sorted(part for debt in account.debts for part in _payable(account, plan, step, debt)):
        total_minor += payable_minor
        if payable_minor and total_minor >= plan.minimum_minor:
            return day
    return None


def _payable(account: Account, plan: Plan, step: Step, debt: Debt) -> Iterator[tuple[date, int]]:
    """What is payable of an invoice, part by part, and the day on which it comes to a step.

    Cutting off waits for the handover of the invoice; what was disputed waits for the end of that, the rest does not.
    """
    day, left_minor = plan.day_of(step, debt), debt.payable_minor(account.on)
    if step.action in (Action.SUSPEND, Action.TERMINATE):
        if plan.needs_handover:
            if debt.handed_over_on is None:
                return
            day = max(day, debt.handed_over_on + timedelta(days=plan.notice_days))
        for dispute in debt.was_disputed(account.on):
            part_minor = min(dispute.amount_minor, left_minor)
            yield max(day, dispute.end), part_minor
            left_minor -= part_minor
    yield day, left_minor

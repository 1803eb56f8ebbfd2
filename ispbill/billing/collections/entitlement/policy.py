"""May this customer be online, and why: one pure function, asked by payment, void, promise, dispute and the morning.

The reasons come in the order in which they decide; the trace says them in words for the screen and the API.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ispbill.billing.collections.policy import Account, Action, Debt, Plan, Span, day_reached
from ispbill.core.money import format_money


class Reason(StrEnum):
    """Why a customer is, or is not, to be online."""

    NOTHING_DUE = "nothing_due"
    NOT_YET_CUT_OFF = "not_yet_cut_off"
    BELOW_MINIMUM = "below_minimum"
    PROMISE = "promise"
    HOLD = "hold"
    DISPUTE = "dispute"
    NO_CUT_DAY = "no_cut_day"
    NOT_HANDED_OVER = "not_handed_over"
    NO_SUSPENSION = "no_suspension"
    OVERDUE = "overdue"
    SUSPENDED_BY_STAFF = "suspended_by_staff"
    LEAD = "lead"
    TERMINATED = "terminated"
    SUBSCRIBED = "subscribed"
    NOT_BEGUN = "not_begun"
    LINE_SUSPENDED = "line_suspended"
    LINE_ENDED = "line_ended"
    PREPAID_TIME = "prepaid_time"
    PREPAID_EXPIRED = "prepaid_expired"


class Service(StrEnum):
    """What service a customer is to have."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The verdict: what service is due, why, since when it is so and until when it stays so (None: until facts change).

    `until` is the first day on which service is to be cut off if nothing is paid.
    """

    service: Service
    reasons: tuple[Reason, ...]
    trace: tuple[str, ...]
    since: date | None = None
    until: date | None = None

    @property
    def may_be_online(self) -> bool:
        """Whether the customer's lines may carry traffic."""
        return self.service == Service.ACTIVE


@dataclass(frozen=True, slots=True)
class Line:
    """What a customer has: a postpaid subscription from a day to a day, or prepaid time up to an instant."""

    kind: str
    id: int
    name: str
    status: str
    starts_on: date
    ends_on: date | None = None
    expires_at: datetime | None = None


_BY_STATUS = {"lead": (Service.ENDED, Reason.LEAD, "This is a lead: nobody is served yet."),
              "terminated": (Service.ENDED, Reason.TERMINATED, "The customer has left.")}


def entitlement(account: Account, plan: Plan, *, currency: str) -> Entitlement:
    """Whether a customer may be online on the account's day, by status, by what is owed and by what holds that off."""
    if account.status in _BY_STATUS:
        service, reason, sentence = _BY_STATUS[account.status]
        return Entitlement(service, (reason,), (sentence,), since=account.status_since)
    if account.status == "suspended" and account.cut_by_us_on is None:
        sentence = f"A person suspended the customer: {account.status_reason or 'no reason is noted'}"
        return Entitlement(Service.SUSPENDED, (Reason.SUSPENDED_BY_STAFF,), (sentence,), since=account.status_since)
    return _by_debt(account, plan, currency)


def of_line(customer: Entitlement, line: Line, *, now: datetime, on: date) -> Entitlement:
    """Whether one line of a customer may be online: the customer must be, and the line served on the day."""
    if not customer.may_be_online:
        return customer
    service, reason, sentence = _prepaid(line, now) if line.expires_at else _postpaid(line, on)
    return Entitlement(service, (*customer.reasons, reason), (*customer.trace, sentence), until=customer.until)


def _prepaid(line: Line, now: datetime) -> tuple[Service, Reason, str]:
    assert line.expires_at is not None, "prepaid time ends"
    if line.status == "active" and line.expires_at > now:
        return Service.ACTIVE, Reason.PREPAID_TIME, f"{line.name} is paid up to {_instant(line.expires_at)}."
    return Service.SUSPENDED, Reason.PREPAID_EXPIRED, f"{line.name} ran out at {_instant(line.expires_at)}."


def _postpaid(line: Line, on: date) -> tuple[Service, Reason, str]:
    if line.status == "ended" or (line.ends_on is not None and line.ends_on <= on):
        return Service.ENDED, Reason.LINE_ENDED, f"{line.name} has ended."
    if line.status == "suspended":
        return Service.SUSPENDED, Reason.LINE_SUSPENDED, f"{line.name} is suspended by itself."
    if line.starts_on > on:
        return Service.ENDED, Reason.NOT_BEGUN, f"{line.name} begins on {_day(line.starts_on)}."
    return Service.ACTIVE, Reason.SUBSCRIBED, f"{line.name} is subscribed to."


def cut_day(account: Account, plan: Plan) -> date | None:
    """The first day on which service is cut off, as far as is known on the account's day; None where it never is.

    It is the day of the suspension step, after the last promise or hold, on a day that the calendar does not keep free.
    """
    step = plan.step(Action.SUSPEND)
    reached = day_reached(account, plan, step) if step else None
    if reached is None:
        return None
    return plan.calendar.first_cut_day(max(reached, account.free_from or reached), account.areas)


def upcoming_cut_day(account: Account, plan: Plan) -> date | None:
    """The day, today or later, on which who is served is cut off; where `cut_day` has passed, the next that is not
    kept free.
    """
    day = cut_day(account, plan)
    return plan.calendar.first_cut_day(max(day, account.on), account.areas) if day else None


def _by_debt(account: Account, plan: Plan, currency: str) -> Entitlement:
    overdue = account.overdue(plan)
    owed = tuple(_owed(debt, account.on, currency) for debt in overdue)
    if not overdue:
        sentence = "Nothing is overdue."
        return Entitlement(Service.ACTIVE, (Reason.NOTHING_DUE,), (sentence,), until=cut_day(account, plan))
    day, upcoming = cut_day(account, plan), upcoming_cut_day(account, plan)
    why = _why_not_yet(account, plan, overdue, currency)
    if day is not None and day <= account.on and (account.status != "active" or upcoming == account.on):
        trace = (*owed, *_arithmetic(account, plan), f"Service is cut off from {_day(day)} on.")
        return Entitlement(Service.SUSPENDED, (Reason.OVERDUE,), trace, since=day)
    return Entitlement(Service.ACTIVE, tuple(reason for reason, _ in why),
                       (*owed, *_arithmetic(account, plan), *(sentence for _, sentence in why)), until=upcoming)


def _why_not_yet(
    account: Account, plan: Plan, overdue: tuple[Debt, ...], currency: str
) -> tuple[tuple[Reason, str], ...]:
    found: list[tuple[Reason, str]] = []
    for reason, word, spans in ((Reason.PROMISE, "A promise to pay", account.promises),
                                (Reason.HOLD, "A hold", account.holds)):
        found += [(reason, f"{word} is in force up to {_day(_last(span))}{_noted(span)}.")
                  for span in spans if span.covers(account.on)]
    disputed_minor = sum(debt.disputed_minor(account.on) for debt in overdue)
    if disputed_minor:
        amount = format_money(disputed_minor, currency)
        found.append((Reason.DISPUTE, f"{amount} is disputed and not payable meanwhile."))
    return tuple(found + _plain_reasons(account, plan, overdue, currency))


def _plain_reasons(
    account: Account, plan: Plan, overdue: tuple[Debt, ...], currency: str
) -> list[tuple[Reason, str]]:
    step = plan.step(Action.SUSPEND)
    if step is None:
        return [(Reason.NO_SUSPENSION, "No step of the plan suspends.")]
    if plan.needs_handover and any(debt.handed_over_on is None for debt in overdue):
        return [(Reason.NOT_HANDED_OVER, "An invoice has not reached the customer, so it cannot cut them off.")]
    payable_minor = sum(debt.payable_minor(account.on) for debt in overdue)
    if 0 < payable_minor < plan.minimum_minor:
        least = format_money(plan.minimum_minor, currency)
        return [(Reason.BELOW_MINIMUM, f"{format_money(payable_minor, currency)} is less than the minimum of {least}.")]
    reached, day = day_reached(account, plan, step), upcoming_cut_day(account, plan)
    if reached is None or day is None:
        return []
    free = max(reached, account.free_from or reached)
    if free <= account.on < day:
        return [(Reason.NO_CUT_DAY, f"Nobody is cut off on {_day(account.on)}; the next day for it is {_day(day)}.")]
    if account.on < reached:
        return [(Reason.NOT_YET_CUT_OFF, f"Service is cut off on {_day(day)} unless it is paid.")]
    return []


def _arithmetic(account: Account, plan: Plan) -> tuple[str, ...]:
    step = plan.step(Action.SUSPEND)
    reached = day_reached(account, plan, step) if step else None
    if step is None or reached is None:
        return ()
    start = "the invoice" if step.counted_from == "issue" else "the due day"
    grace = f" and {plan.grace_days} days of grace" if plan.grace_days and step.counted_from == "due" else ""
    return (f"“{step.name}” comes {step.days} days after {start}{grace}: {_day(reached)}.",)


def _owed(debt: Debt, on: date, currency: str) -> str:
    days = (on - debt.due_on).days
    return (f"{debt.number}: {format_money(debt.open_minor, currency)} open, due {_day(debt.due_on)}, "
            f"{days} {'day' if days == 1 else 'days'} ago.")


def _last(span: Span) -> date:
    return date.fromordinal(span.end.toordinal() - 1)


def _noted(span: Span) -> str:
    return f" ({span.note})" if span.note else ""


def _instant(instant: datetime) -> str:
    return f"{instant:%H:%M} on {_day(instant.date())}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"

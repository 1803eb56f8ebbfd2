"""May this customer be online, and why: one pure function, asked by payment, void, promise, dispute and the morning.

The reasons come in the order in which they decide; the trace says them in words for the screen and the API.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from ispbill.billing.collections.policy import Account, Action, Debt, Plan, Span, day_reached
from ispbill.core import formats
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy, ngettext
from ispbill.core.money import format_money
from ispbill.core.periods import Period


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
    """What a customer has: a postpaid subscription from a day to a day but for its pauses, or prepaid time up to an
    instant.
    """

    kind: str
    id: int
    name: str
    status: str
    starts_on: date
    ends_on: date | None = None
    expires_at: datetime | None = None
    pauses: tuple[Period, ...] = ()


_BY_STATUS = {"lead": (Service.ENDED, Reason.LEAD, lazy("This is a lead: nobody is served yet.")),
              "terminated": (Service.ENDED, Reason.TERMINATED, lazy("The customer has left."))}


def entitlement(account: Account, plan: Plan, *, currency: str) -> Entitlement:
    """Whether a customer may be online on the account's day, by status, by what is owed and by what holds that off."""
    if account.status in _BY_STATUS:
        service, reason, sentence = _BY_STATUS[account.status]
        return Entitlement(service, (reason,), (sentence,), since=account.status_since)
    if account.status == "suspended" and account.cut_by_us_on is None:
        sentence = _("A person suspended the customer: %(reason)s",
                     reason=account.status_reason or _("no reason is noted"))
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
        return Service.ACTIVE, Reason.PREPAID_TIME, _("%(name)s is paid up to %(instant)s.", name=line.name,
                                                      instant=_instant(line.expires_at))
    return Service.SUSPENDED, Reason.PREPAID_EXPIRED, _("%(name)s ran out at %(instant)s.", name=line.name,
                                                        instant=_instant(line.expires_at))


def _postpaid(line: Line, on: date) -> tuple[Service, Reason, str]:
    if line.status == "ended" or (line.ends_on is not None and line.ends_on <= on):
        return Service.ENDED, Reason.LINE_ENDED, _("%(name)s has ended.", name=line.name)
    if any(pause.start <= on < pause.end for pause in line.pauses):
        return Service.SUSPENDED, Reason.LINE_SUSPENDED, _("%(name)s is suspended by itself.", name=line.name)
    if line.starts_on > on:
        return Service.ENDED, Reason.NOT_BEGUN, _("%(name)s begins on %(day)s.", name=line.name,
                                                  day=_day(line.starts_on))
    return Service.ACTIVE, Reason.SUBSCRIBED, _("%(name)s is subscribed to.", name=line.name)


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
    """The day, today or later, on which who is served is cut off if nothing is paid: where `cut_day` has passed, the
    next that is not kept free. What is disputed counts again from the end of that on.
    """
    ends = {part.end for debt in account.debts for part in debt.disputes if part.end > account.on}
    days = ((on, cut_day(replace(account, on=on), plan)) for on in (account.on, *ends))
    return min((plan.calendar.first_cut_day(max(day, on), account.areas) for on, day in days if day), default=None)


def _by_debt(account: Account, plan: Plan, currency: str) -> Entitlement:
    overdue = account.overdue(plan)
    owed = tuple(_owed(debt, account.on, currency) for debt in overdue)
    if not overdue:
        sentence = _("Nothing is overdue.")
        return Entitlement(Service.ACTIVE, (Reason.NOTHING_DUE,), (sentence,), until=upcoming_cut_day(account, plan))
    day, upcoming = cut_day(account, plan), upcoming_cut_day(account, plan)
    why = _why_not_yet(account, plan, overdue, currency)
    if day is not None and day <= account.on and (account.status != "active" or upcoming == account.on):
        trace = (*owed, *_arithmetic(account, plan), _("Service is cut off from %(day)s on.", day=_day(day)))
        return Entitlement(Service.SUSPENDED, (Reason.OVERDUE,), trace, since=day)
    return Entitlement(Service.ACTIVE, tuple(reason for reason, _ in why),
                       (*owed, *_arithmetic(account, plan), *(sentence for _, sentence in why)), until=upcoming)


def _why_not_yet(
    account: Account, plan: Plan, overdue: tuple[Debt, ...], currency: str
) -> tuple[tuple[Reason, str], ...]:
    found: list[tuple[Reason, str]] = []
    for reason, word, spans in ((Reason.PROMISE, _("A promise to pay"), account.promises),
                                (Reason.HOLD, _("A hold"), account.holds)):
        found += [(reason, _("%(word)s is in force up to %(day)s%(noted)s.", word=word, day=_day(_last(span)),
                             noted=_noted(span)))
                  for span in spans if span.covers(account.on)]
    disputed_minor = sum(debt.disputed_minor(account.on) for debt in overdue)
    if disputed_minor:
        amount = format_money(disputed_minor, currency)
        found.append((Reason.DISPUTE, _("%(amount)s is disputed and not payable meanwhile.", amount=amount)))
    return tuple(found + _plain_reasons(account, plan, overdue, currency))


def _plain_reasons(
    account: Account, plan: Plan, overdue: tuple[Debt, ...], currency: str
) -> list[tuple[Reason, str]]:
    step = plan.step(Action.SUSPEND)
    if step is None:
        return [(Reason.NO_SUSPENSION, _("No step of the plan suspends."))]
    if plan.needs_handover and any(debt.handed_over_on is None for debt in overdue):
        return [(Reason.NOT_HANDED_OVER, _("An invoice has not reached the customer, so it cannot cut them off."))]
    payable_minor = sum(debt.payable_minor(account.on) for debt in overdue)
    if 0 < payable_minor < plan.minimum_minor:
        least = format_money(plan.minimum_minor, currency)
        return [(Reason.BELOW_MINIMUM, _("%(payable)s is less than the minimum of %(least)s.",
                                         payable=format_money(payable_minor, currency), least=least))]
    reached, day = day_reached(account, plan, step), upcoming_cut_day(account, plan)
    if reached is None or day is None:
        return []
    free = max(reached, account.free_from or reached)
    if free <= account.on < day:
        return [(Reason.NO_CUT_DAY, _("Nobody is cut off on %(day)s; the next day for it is %(next_day)s.",
                                      day=_day(account.on), next_day=_day(day)))]
    if account.on < reached:
        return [(Reason.NOT_YET_CUT_OFF, _("Service is cut off on %(day)s unless it is paid.", day=_day(day)))]
    return []


def _arithmetic(account: Account, plan: Plan) -> tuple[str, ...]:
    step = plan.step(Action.SUSPEND)
    reached = day_reached(account, plan, step) if step else None
    if step is None or reached is None:
        return ()
    facts = {"name": step.name, "days": step.days, "grace": plan.grace_days, "day": _day(reached)}
    if step.counted_from == "issue":
        return (_("“%(name)s” comes %(days)s days after the invoice: %(day)s.", **facts),)
    if plan.grace_days:
        return (_("“%(name)s” comes %(days)s days after the due day and %(grace)s days of grace: %(day)s.", **facts),)
    return (_("“%(name)s” comes %(days)s days after the due day: %(day)s.", **facts),)


def _owed(debt: Debt, on: date, currency: str) -> str:
    days = (on - debt.due_on).days
    return ngettext("%(number)s: %(open)s open, due %(due_on)s, %(num)s day ago.",
                    "%(number)s: %(open)s open, due %(due_on)s, %(num)s days ago.", days,
                    number=debt.number, open=format_money(debt.open_minor, currency), due_on=_day(debt.due_on))


def _last(span: Span) -> date:
    return date.fromordinal(span.end.toordinal() - 1)


def _noted(span: Span) -> str:
    return f" ({span.note})" if span.note else ""


def _instant(instant: datetime) -> str:
    return _("%(instant)s on %(day)s", instant=f"{instant:%H:%M}", day=_day(instant.date()))


def _day(day: date) -> str:
    return formats.short_date(day)

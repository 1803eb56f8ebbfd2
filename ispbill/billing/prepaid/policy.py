"""How much time an amount buys, where it begins, what of it is used. Pure; minor units, exact instants.

Thirty days are thirty times 24 hours of elapsed time, so that no change of the clocks gives or takes an hour.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from ispbill.billing.discounts.policy import DiscountableLine
from ispbill.billing.ledger.policy import AccountPurpose, Posting
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import ngettext
from ispbill.core.money import format_money, scale, to_cash
from ispbill.core.periods import boundary, monthly

DAYS_OF_PRICE = 30
LONGEST_PERIODS = 120
REMINDER_DAYS = (3, 1)
_MINUTES_A_DAY = 24 * 60
_DAY = timedelta(days=1)
_FIXED_DAYS = {"one_month": 30, "fifteen_days": 15}


@dataclass(frozen=True, slots=True)
class Grant:
    """Time, in whole minutes, and the price of it before tax that is added."""

    amount_minor: int
    total_minutes: int

    @property
    def span(self) -> timedelta:
        """The time as a span."""
        return timedelta(minutes=self.total_minutes)

    @property
    def days(self) -> int:
        """Whole days of it."""
        return self.total_minutes // _MINUTES_A_DAY

    @property
    def hours(self) -> int:
        """Whole hours beyond the days."""
        return self.total_minutes % _MINUTES_A_DAY // 60

    @property
    def minutes(self) -> int:
        """Minutes beyond the hours."""
        return self.total_minutes % 60

    @property
    def total_days(self) -> Decimal:
        """All of it in days, to four decimals: 4.5 for four days and twelve hours."""
        return (Decimal(self.total_minutes) / _MINUTES_A_DAY).quantize(Decimal("0.0001"))

    @property
    def display(self) -> str:
        """“4 days 12 hours”."""
        return " ".join(text for count, text in (
            (self.days, ngettext("%(num)s day", "%(num)s days", self.days)),
            (self.hours, ngettext("%(num)s hour", "%(num)s hours", self.hours)),
            (self.minutes, ngettext("%(num)s minute", "%(num)s minutes", self.minutes)),
        ) if count)


def in_days(span: timedelta) -> str:
    """A span as people say it, to the minute: “4 days 12 hours”."""
    return Grant(0, span // timedelta(minutes=1)).display or _("less than a minute")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a load costs once discounts are off: what becomes revenue as the time passes, tax, the rounding of cash."""

    net_minor: int
    tax_minor: int
    rounding_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What is asked for it."""
        return self.net_minor + self.tax_minor + self.rounding_minor


@dataclass(frozen=True, slots=True)
class Used:
    """How a load divides at an instant: what of its net is consumed, and what is left to give back."""

    consumed_net_minor: int
    unused: Cost


def grant(kind: str, *, price_minor: int, amount_minor: int | None = None) -> Grant:
    """What a load of a kind gives at a plan's price of thirty days: `one_month`, `fifteen_days` (half the price), or
    `custom` (days = amount ÷ price × 30, to the minute).

    Raises Invalid for a plan without a price, and for an amount that buys less than a day or more than ten years.
    """
    if price_minor <= 0:
        raise Invalid(_("This plan has a price of zero, so no amount says how long it lasts."), field="plan_id")
    if kind not in _FIXED_DAYS:
        return _custom(price_minor, amount_minor)
    days = _FIXED_DAYS[kind]
    return Grant(scale(price_minor, days, DAYS_OF_PRICE), days * _MINUTES_A_DAY)


def renewal_start(now: datetime, *, expires_at: datetime | None, same_plan: bool) -> datetime:
    """Where new time begins: renewed early on the same plan at the present expiry, otherwise now.

    The same as in PHPNuxBill (case M09 of the conformance set).
    """
    return expires_at if expires_at is not None and same_plan and expires_at > now else now


def consumed_minor(amount_minor: int, *, starts_at: datetime, ends_at: datetime, by: datetime) -> int:
    """What of an amount has been used by an instant, in proportion to the time elapsed; all of it from the end on.

    It only grows, and differences of it over any division of the time sum to the amount exactly.
    """
    if by >= ends_at:
        return amount_minor
    elapsed = max(by - starts_at, timedelta())
    return scale(amount_minor, _microseconds(elapsed), _microseconds(ends_at - starts_at))


def used(cost: Cost, *, starts_at: datetime, ends_at: datetime, by: datetime, cash_step_minor: int = 0) -> Used:
    """How a load divides where it is stopped: the parts sum to what it cost, net and tax each.

    What is given back is rounded as cash can pay it, and is never more than was asked. Where it comes to nothing, all
    is consumed.
    """
    net = consumed_minor(cost.net_minor, starts_at=starts_at, ends_at=ends_at, by=by)
    tax = consumed_minor(cost.tax_minor, starts_at=starts_at, ends_at=ends_at, by=by)
    unused_minor = cost.net_minor - net + cost.tax_minor - tax
    back_minor = min(to_cash(unused_minor, cash_step_minor), cost.total_minor)
    if back_minor <= 0:
        return Used(cost.net_minor, Cost(0, 0))
    return Used(net, Cost(cost.net_minor - net, cost.tax_minor - tax, back_minor - unused_minor))


def discountable(given: Grant, *, price_minor: int, begins_on: date, plan_id: int) -> list[DiscountableLine]:
    """A load as discounts see it: thirty days after thirty days, each a period that begins on its own first day.

    They count for calendar months that follow each other, from the one of the first day on. So fifteen days take half
    of an amount that is taken off each period, and ninety days take it three times, whenever they begin.
    """
    whole, rest_minor = divmod(given.amount_minor, price_minor)
    months = monthly(begins_on.replace(day=1), 1)
    return [
        DiscountableLine(begins_on + place * DAYS_OF_PRICE * _DAY, price_minor, amount_minor, price_minor,
                         plan_id=plan_id, counted_on=boundary(months, place))
        for place, amount_minor in enumerate([price_minor] * whole + [rest_minor] * bool(rest_minor))
    ]


def next_reminder(after: datetime, *, expires_at: datetime) -> datetime | None:
    """When the next reminder is due, 3 days and 1 day before expiry; None where the last one is past.

    Time bought shorter than a reminder's lead is not announced by it: nobody is reminded on the day of payment.
    """
    times = (expires_at - days * _DAY for days in REMINDER_DAYS)
    return next((time for time in times if time > after), None)


def revenue_deferred(net_minor: int) -> list[Posting]:
    """What was earned of prepaid time is owed again: what was billed for it is taken back."""
    return [Posting(AccountPurpose.REVENUE, net_minor), Posting(AccountPurpose.DEFERRED_REVENUE, -net_minor)]


def revenue_recognised(net_minor: int) -> list[Posting]:
    """Prepaid time has passed: what was owed in service is earned."""
    return [Posting(AccountPurpose.DEFERRED_REVENUE, net_minor), Posting(AccountPurpose.REVENUE, -net_minor)]


def arithmetic(kind: str, given: Grant, *, price_minor: int, currency: str) -> str:
    """How the time comes about, as the invoice prints it: “₱200.00 ÷ ₱1,000.00 × 30 days = 6 days”."""
    price = format_money(price_minor, currency)
    if kind == "custom":
        return f"{format_money(given.amount_minor, currency)} ÷ {price} × {DAYS_OF_PRICE} days = {given.display}"
    return "" if given.days == DAYS_OF_PRICE else f"{price} × {given.days} ÷ {DAYS_OF_PRICE} days"


def _custom(price_minor: int, amount_minor: int | None) -> Grant:
    if amount_minor is None:
        raise Invalid(_("Say how much is to be loaded."), field="amount")
    if amount_minor * DAYS_OF_PRICE < price_minor:
        raise Invalid(_("The amount is below the price of one day."), field="amount")
    if amount_minor > price_minor * LONGEST_PERIODS:
        raise Invalid(_("The amount would last for more than ten years."), field="amount")
    return Grant(amount_minor, amount_minor * DAYS_OF_PRICE * _MINUTES_A_DAY // price_minor)


def _microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)

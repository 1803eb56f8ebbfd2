"""How figures are put together from counted rows. Pure; each definition stands in the function's first line."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from ispbill.billing.lines.policy import Tax, split_tax
from ispbill.core import formats
from ispbill.core.i18n import lazy
from ispbill.core.money import scale

MONTHS_SHOWN = 12
# Ends of the classes of age, in days past due; older than the last is a class of its own.
AGE_LIMITS = (0, 30, 60, 90)
AGE_LABELS = (lazy("Not due yet"), lazy("1–30 days"), lazy("31–60 days"), lazy("61–90 days"), lazy("Over 90 days"))


class Life(NamedTuple):
    """How many customers began on a day and left on another; `left_on` is None for those still served."""

    began_on: date
    left_on: date | None
    customers: int


class SubscriberMonth(NamedTuple):
    """Customers served at the end of a month, those who began in it and those who left in it."""

    served: int
    began: int
    left: int


class PricedUnder(NamedTuple):
    """What each of some services under one tax costs a month, as agreed, and how many there are."""

    tax: Tax | None
    amount_minor: int
    services: int


def due_days(place: int, *, today: date) -> tuple[date | None, date | None]:
    """The first and the last due day of a class of age; None where it has no end."""
    youngest = None if place == 0 else today - timedelta(days=AGE_LIMITS[place - 1] + 1)
    oldest = None if place == len(AGE_LIMITS) else today - timedelta(days=AGE_LIMITS[place])
    return oldest, youngest


def first_of_month(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """The last day of the month."""
    return first_of_month(first_of_month(day) + timedelta(days=31)) - timedelta(days=1)


def months_until(day: date, *, count: int = MONTHS_SHOWN) -> list[date]:
    """The first days of the last `count` months, the one that `day` lies in last."""
    months = [first_of_month(day)]
    while len(months) < count:
        months.append(first_of_month(months[-1] - timedelta(days=1)))
    return months[::-1]


def month_labels(months: Sequence[date]) -> list[str]:
    """“Jan 2026” for the first month and each January, “Feb” for the others."""
    return [formats.month(month) if i == 0 or month.month == 1 else formats.month_name(month)
            for i, month in enumerate(months)]


def along(months: Sequence[date], amounts: Mapping[date, int]) -> list[int]:
    """The amounts in the order of the months, nothing where there was none."""
    return [amounts.get(month, 0) for month in months]


def monthly_revenue(prices: Iterable[PricedUnder]) -> int:
    """MRR: a month of all running services at the prices agreed, without tax, rounded once for each service."""
    return sum(price.services * split_tax(price.amount_minor, price.tax)[0] for price in prices)


def per_subscriber(revenue_minor: int, subscribers: int) -> int | None:
    """ARPU: the recurring revenue of a month for each customer who pays it; None where there is none."""
    return scale(revenue_minor, 1, subscribers) if subscribers else None


def churn_percent(left: int, *, served: int) -> Decimal | None:
    """Customers who left in a month, of a hundred who were served when it began; None where nobody was."""
    return (Decimal(100 * left) / served).quantize(Decimal("0.1"), ROUND_HALF_UP) if served else None


def each_day(since: date, *, days: int) -> list[date]:
    """That many days, the first of them `since`."""
    return [since + timedelta(days=number) for number in range(days)]


def served(lives: Iterable[Life], on: date) -> int:
    """Customers who are served at the end of a day."""
    return sum(life.customers for life in lives
               if life.began_on <= on and (life.left_on is None or life.left_on > on))


def began(lives: Iterable[Life], since: date, until: date) -> int:
    """Customers whose first service began in some days, both included."""
    return sum(life.customers for life in lives if since <= life.began_on <= until)


def left(lives: Iterable[Life], since: date, until: date) -> int:
    """Customers whose last service ended in some days, both included."""
    return sum(life.customers for life in lives if life.left_on is not None and since <= life.left_on <= until)


def subscriber_months(lives: Sequence[Life], months: Sequence[date]) -> list[SubscriberMonth]:
    """For each month: customers who are served at its end; who began in it; who left in it."""
    spans = [(month, last_of_month(month)) for month in months]
    return [SubscriberMonth(served(lives, last), began(lives, first, last), left(lives, first, last))
            for first, last in spans]

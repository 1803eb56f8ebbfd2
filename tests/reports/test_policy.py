"""How figures are put together from counted rows."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from ispbill.billing.invoices.policy import Tax
from ispbill.reports.policy import (
    Life,
    PricedUnder,
    along,
    due_days,
    month_labels,
    monthly_revenue,
    months_until,
    subscriber_months,
)

JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def test_the_last_months_end_with_the_one_of_the_day() -> None:
    assert months_until(date(2026, 3, 31), count=3) == [JAN, FEB, MAR]
    assert months_until(date(2026, 1, 1), count=2) == [date(2025, 12, 1), JAN]
    assert len(months_until(date(2026, 3, 10))) == 12


def test_the_year_is_named_where_it_begins() -> None:
    assert month_labels([date(2025, 11, 1), date(2025, 12, 1), JAN, FEB]) == ["Nov 2025", "Dec", "Jan 2026", "Feb"]


def test_months_without_an_amount_count_as_nothing() -> None:
    assert along([JAN, FEB, MAR], {FEB: 5, date(2020, 1, 1): 9}) == [0, 5, 0]


def test_recurring_revenue_is_without_tax() -> None:
    inclusive = Tax(1, "VAT", Decimal("12"), is_inclusive=True)
    exclusive = Tax(2, "Sales tax", Decimal("8"), is_inclusive=False)
    prices = [PricedUnder(inclusive, 112_000, 1), PricedUnder(exclusive, 50_000, 2), PricedUnder(None, 7, 3)]
    assert monthly_revenue(prices) == 100_000 + 2 * 50_000 + 3 * 7


def test_recurring_revenue_is_rounded_once_for_each_service() -> None:
    inclusive = Tax(1, "VAT", Decimal("12"), is_inclusive=True)
    assert monthly_revenue([PricedUnder(inclusive, 99_900, 1000)]) == 1000 * 89_196


def test_the_due_days_of_the_classes_of_age_lie_side_by_side() -> None:
    ends = [due_days(place, today=MAR) for place in range(5)]
    assert ends[0] == (MAR, None) and ends[1] == (date(2026, 1, 30), date(2026, 2, 28)) and ends[-1][0] is None
    assert all(younger[0] - older[1] == timedelta(days=1) for younger, older in zip(ends, ends[1:], strict=False))


def test_a_customer_counts_from_the_month_they_began_until_the_month_they_left() -> None:
    lives = [Life(JAN, None, 10), Life(JAN, MAR, 2), Life(FEB, None, 3),
             Life(FEB, FEB, 1), Life(date(2020, 5, 1), None, 100)]
    assert subscriber_months(lives, [JAN, FEB, MAR]) == [(112, 12, 0), (115, 4, 1), (113, 0, 2)]

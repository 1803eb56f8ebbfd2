"""How much time an amount buys, where it begins, how it is used up: tables of cases and random divisions."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest

from ispbill.billing.prepaid import policy
from ispbill.core.errors import Invalid

NOW = datetime(2026, 3, 8, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(("kind", "amount_minor", "days", "hours", "minutes", "price_minor", "display"), [
    ("one_month", None, 30, 0, 0, 100_000, "30 days"),
    ("fifteen_days", None, 15, 0, 0, 50_000, "15 days"),
    ("custom", 20_000, 6, 0, 0, 20_000, "6 days"),
    ("custom", 10_000, 3, 0, 0, 10_000, "3 days"),
    ("custom", 15_000, 4, 12, 0, 15_000, "4 days 12 hours"),
    ("custom", 3_401, 1, 0, 29, 3_401, "1 day 29 minutes"),
    ("custom", 123_456, 37, 0, 52, 123_456, "37 days 52 minutes"),
])
def test_the_figures_of_a_plan_of_one_thousand(
    kind: str, amount_minor: int | None, days: int, hours: int, minutes: int, price_minor: int, display: str
) -> None:
    given = policy.grant(kind, price_minor=100_000, amount_minor=amount_minor)
    assert (given.days, given.hours, given.minutes, given.amount_minor) == (days, hours, minutes, price_minor)
    assert given.display == display and given.span == timedelta(days=days, hours=hours, minutes=minutes)


def test_total_days_are_a_decimal() -> None:
    assert policy.grant("custom", price_minor=100_000, amount_minor=15_000).total_days == Decimal("4.5")
    assert policy.grant("custom", price_minor=70_000, amount_minor=10_000).total_days == Decimal("4.2854")


def test_half_of_an_odd_price_rounds_up_and_other_currencies_need_no_hundredths() -> None:
    assert policy.grant("fifteen_days", price_minor=99_999).amount_minor == 50_000
    assert policy.grant("custom", price_minor=3_000, amount_minor=100).display == "1 day"


@pytest.mark.parametrize(("price_minor", "amount_minor", "field", "said"), [
    (0, 10_000, "plan_id", "price of zero"),
    (100_000, 3_333, "amount", "below the price of one day"),
    (100_000, None, "amount", "how much"),
    (100_000, -5, "amount", "below"),
    (1, 10**15, "amount", "ten years"),
])
def test_what_buys_no_time_is_refused_with_the_reason(
    price_minor: int, amount_minor: int | None, field: str, said: str
) -> None:
    with pytest.raises(Invalid, match=said) as refusal:
        policy.grant("custom", price_minor=price_minor, amount_minor=amount_minor)
    assert refusal.value.field == field


def test_a_plan_of_nothing_cannot_be_loaded_by_the_month_either() -> None:
    with pytest.raises(Invalid):
        policy.grant("one_month", price_minor=0)


def test_early_renewal_extends_from_expiry_late_or_another_plan_starts_now() -> None:
    """Case M09 of the conformance set."""
    expiry = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
    start = policy.renewal_start(NOW, expires_at=expiry, same_plan=True)
    assert start + policy.grant("one_month", price_minor=1).span == datetime(2026, 4, 9, 14, 0, tzinfo=UTC)
    assert policy.renewal_start(NOW, expires_at=expiry, same_plan=False) == NOW
    assert policy.renewal_start(expiry + DAY, expires_at=expiry, same_plan=True) == expiry + DAY
    assert policy.renewal_start(NOW, expires_at=None, same_plan=True) == NOW


def test_thirty_days_are_elapsed_time_also_where_the_clocks_change() -> None:
    chicago = ZoneInfo("America/Chicago")
    start = datetime(2026, 3, 1, 9, 0, tzinfo=chicago).astimezone(UTC)
    end = start + policy.grant("one_month", price_minor=1).span
    assert end - start == 30 * DAY and end.astimezone(chicago).hour == 10


def test_what_is_consumed_grows_with_time_and_sums_to_the_whole_exactly() -> None:
    dice = Random(7)
    for _ in range(200):
        amount, minutes = dice.randint(1, 10**7), dice.randint(1440, 10**6)
        span = {"starts_at": NOW, "ends_at": NOW + timedelta(minutes=minutes)}
        stops = sorted(NOW + timedelta(seconds=dice.randint(-10, minutes * 60 + 10)) for _ in range(9))
        shares = [policy.consumed_minor(amount, **span, by=stop) for stop in [*stops, span["ends_at"]]]
        assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] == amount


def test_a_third_of_the_time_is_a_third_of_the_money() -> None:
    parts = policy.used(policy.Cost(89_286, 10_714), starts_at=NOW, ends_at=NOW + 30 * DAY, by=NOW + 10 * DAY)
    assert (parts.consumed_net_minor, parts.unused, parts.unused.total_minor) == (
        29_762, policy.Cost(59_524, 7_143), 66_667)


def test_time_that_has_not_begun_is_given_back_whole() -> None:
    parts = policy.used(policy.Cost(500, 60), starts_at=NOW + DAY, ends_at=NOW + 31 * DAY, by=NOW)
    assert parts.unused.total_minor == 560


@pytest.mark.parametrize(("left", "due"), [
    (timedelta(days=30), timedelta(days=3)),
    (timedelta(days=3, seconds=1), timedelta(days=3)),
    (timedelta(days=3), timedelta(days=1)),
    (timedelta(days=1, seconds=1), timedelta(days=1)),
    (timedelta(days=1), None),
    (timedelta(0), None),
])
def test_reminders_come_three_days_and_one_day_before_expiry(left: timedelta, due: timedelta | None) -> None:
    expiry = NOW + left
    assert policy.next_reminder(NOW, expires_at=expiry) == (None if due is None else expiry - due)


def test_the_arithmetic_is_printed() -> None:
    given = policy.grant("custom", price_minor=100_000, amount_minor=15_000)
    assert policy.arithmetic("custom", given, price_minor=100_000, currency="PHP") \
        == "₱150.00 ÷ ₱1,000.00 × 30 days = 4 days 12 hours"
    half = policy.grant("fifteen_days", price_minor=100_000)
    assert policy.arithmetic("fifteen_days", half, price_minor=100_000, currency="PHP") \
        == "₱1,000.00 × 15 ÷ 30 days"

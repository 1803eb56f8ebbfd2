"""How an invoice is drafted: periods, proration, taxes, bounds. Pure rules, no database."""
from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.billing.invoices import policy
from ispbill.billing.invoices.policy import BillableSubscription, Component, Tax, UnsafeDraft
from ispbill.core.periods import BillingSchedule

VAT_INCLUSIVE = Tax(1, "VAT", Decimal("12"), is_inclusive=True)
VAT_EXCLUSIVE = Tax(2, "VAT", Decimal("12"), is_inclusive=False)


def subscription(
    *, start_on: date, anchor_day: int = 1, billed_until: date | None = None, end_on: date | None = None,
    price_minor: int = 100_000, quantity: int = 1, tax: Tax | None = None, key: int = 1,
) -> BillableSubscription:
    """A subscription with one component."""
    return BillableSubscription(
        id=key, schedule=BillingSchedule(start_on, anchor_day), billed_until=billed_until or start_on, end_on=end_on,
        components=[Component(key, "Fibre 50", quantity, price_minor, tax)],
    )


def draft(*subscriptions: BillableSubscription, on: date) -> policy.InvoiceDraft:
    """The invoice of one customer in pesos."""
    return policy.draft_invoice(7, subscriptions, on=on, currency="PHP")


def test_a_full_month_is_charged_whole_and_prints_no_arithmetic() -> None:
    invoice = draft(subscription(start_on=date(2026, 4, 1)), on=date(2026, 4, 1))
    (line,) = invoice.lines
    assert (line.amount_minor, line.arithmetic) == (100_000, "")
    assert (line.period_start, line.period_end) == (date(2026, 4, 1), date(2026, 5, 1))
    assert invoice.billed_until == {1: date(2026, 5, 1)}


def test_a_first_stub_is_prorated_over_the_days_of_its_anchored_period_and_prints_how() -> None:
    invoice = draft(subscription(start_on=date(2026, 3, 10)), on=date(2026, 3, 10))
    (line,) = invoice.lines
    assert line.amount_minor == 70_968  # 1,000.00 × 22 ÷ 31 = 709.677…, half up
    assert line.arithmetic == "₱1,000.00 × 22 ÷ 31 days"


def test_days_missed_are_caught_up_one_line_a_period() -> None:
    invoice = draft(subscription(start_on=date(2026, 1, 1)), on=date(2026, 3, 15))
    assert [line.period_start for line in invoice.lines] == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert invoice.total_minor == 300_000


def test_the_day_service_ends_is_not_billed() -> None:
    ending = subscription(start_on=date(2026, 4, 1), end_on=date(2026, 4, 16))
    (line,) = draft(ending, on=date(2026, 4, 1)).lines
    assert (line.period_end, line.amount_minor) == (date(2026, 4, 16), 50_000)


def test_nothing_is_billed_from_the_end_on() -> None:
    ended = subscription(start_on=date(2026, 4, 1), billed_until=date(2026, 5, 1), end_on=date(2026, 5, 1))
    assert draft(ended, on=date(2026, 6, 1)).lines == []


@pytest.mark.parametrize(
    ("amount", "tax", "net", "tax_minor"),
    [
        (149_900, VAT_INCLUSIVE, 133_839, 16_061),  # 1,499.00 contains 160.607… of VAT
        (149_900, VAT_EXCLUSIVE, 149_900, 17_988),
        (149_900, None, 149_900, 0),
        (1, VAT_INCLUSIVE, 1, 0),
        (4, VAT_EXCLUSIVE, 4, 0),
        (5, VAT_EXCLUSIVE, 5, 1),
    ],
)
def test_tax_is_inside_or_on_top_of_the_price(amount: int, tax: Tax | None, net: int, tax_minor: int) -> None:
    assert policy.split_tax(amount, tax) == (net, tax_minor)


@given(amount=st.integers(0, 10**12), rate=st.decimals(0, 99, places=4))
def test_an_inclusive_price_is_its_net_and_its_tax_exactly(amount: int, rate: Decimal) -> None:
    net, tax_minor = policy.split_tax(amount, Tax(1, "T", rate, is_inclusive=True))
    assert net + tax_minor == amount and net >= 0 and tax_minor >= 0


def test_taxes_are_rounded_per_line_and_summed_by_rate() -> None:
    lines = [subscription(start_on=date(2026, 4, 1), price_minor=5, tax=VAT_EXCLUSIVE, key=key) for key in (1, 2)]
    invoice = draft(*lines, on=date(2026, 4, 1))
    assert [(tax.base_minor, tax.tax_minor) for tax in invoice.taxes] == [(10, 2)]
    assert invoice.total_minor == sum(line.net_minor + line.tax_minor for line in invoice.lines) == 12


def test_a_subscription_with_nothing_to_charge_for_is_not_silently_free() -> None:
    bare = BillableSubscription(9, BillingSchedule(date(2026, 4, 1), 1), date(2026, 4, 1), None, [])
    with pytest.raises(UnsafeDraft, match="nothing to charge for"):
        draft(bare, on=date(2026, 4, 1))


def test_a_subscription_years_behind_is_left_to_a_person() -> None:
    with pytest.raises(UnsafeDraft, match="periods behind"):
        draft(subscription(start_on=date(2020, 1, 1)), on=date(2026, 4, 1))

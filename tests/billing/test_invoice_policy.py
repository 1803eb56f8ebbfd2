"""How an invoice is drafted: periods, proration, taxes, bounds. Pure rules, no database."""
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.billing.charges.policy import (
    BilledLine,
    Component,
    CreditedPart,
    OneTime,
    Review,
    Tax,
    UnsafeDraft,
    charge_once,
    split_tax,
)
from ispbill.billing.invoices import policy
from ispbill.core.periods import Period, monthly
from ispbill.subscriptions.policy import ComponentDates, Terms

VAT_INCLUSIVE = Tax(1, "VAT", Decimal("12"), is_inclusive=True)
VAT_EXCLUSIVE = Tax(2, "VAT", Decimal("12"), is_inclusive=False)


def component(
    *, start_on: date, anchor_day: int = 1, billed_until: date | None = None, end_on: date | None = None,
    price_minor: int = 100_000, tax: Tax | None = None, key: int = 1, review: Review | None = None,
) -> Component:
    """Something charged by the month."""
    dates = ComponentDates(monthly(start_on, anchor_day), start_on, end_on)
    return Component(key, key, "Fibre 50", 1, price_minor, tax, dates, billed_until or start_on, review)


def billed(amount_minor: int, start: date, end: date, *, left_minor: int | None = None, **facts: Any) -> BilledLine:
    """A line that charged something, without tax unless said otherwise."""
    values = {"tax_minor": 0, "tax": None, "left_tax_minor": 0, "is_gross": False, "credited": (), **facts}
    left = amount_minor if left_minor is None else left_minor
    return BilledLine(
        id=5, period=Period(start, end), description="Fibre 50", quantity=1, unit_price_minor=amount_minor,
        amount_minor=amount_minor, account="revenue", left_minor=left, **values,
    )


def draft(*components: Component, on: date) -> policy.InvoiceDraft:
    """The invoice of one customer in pesos."""
    return policy.draft_invoice(7, components, on=on, terms=Terms("PHP"))


def test_a_full_month_is_charged_whole_and_prints_no_arithmetic() -> None:
    invoice = draft(component(start_on=date(2026, 4, 1)), on=date(2026, 4, 1))
    (line,) = invoice.lines
    assert (line.amount_minor, line.arithmetic) == (100_000, "")
    assert (line.period_start, line.period_end) == (date(2026, 4, 1), date(2026, 5, 1))
    assert [(step.billed_until, step.due_on) for step in invoice.advances] == [(date(2026, 5, 1), date(2026, 5, 1))]


def test_a_first_stub_is_prorated_over_the_days_of_its_anchored_period_and_prints_how() -> None:
    invoice = draft(component(start_on=date(2026, 3, 10)), on=date(2026, 3, 10))
    (line,) = invoice.lines
    assert line.amount_minor == 70_968  # 1,000.00 × 22 ÷ 31 = 709.677…, half up
    assert line.arithmetic == "₱1,000.00 × 22 ÷ 31 days"


def test_days_missed_are_caught_up_one_line_a_period() -> None:
    invoice = draft(component(start_on=date(2026, 1, 1)), on=date(2026, 3, 15))
    assert [line.period_start for line in invoice.lines] == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert invoice.total_minor == 300_000


def test_the_day_service_ends_is_not_billed() -> None:
    ending = component(start_on=date(2026, 4, 1), end_on=date(2026, 4, 16))
    (line,) = draft(ending, on=date(2026, 4, 1)).lines
    assert (line.period_end, line.amount_minor) == (date(2026, 4, 16), 50_000)


def test_nothing_is_billed_from_the_end_on() -> None:
    ended = component(start_on=date(2026, 4, 1), billed_until=date(2026, 5, 1), end_on=date(2026, 5, 1))
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
    assert split_tax(amount, tax) == (net, tax_minor)


@given(amount=st.integers(0, 10**12), rate=st.decimals(0, 99, places=4))
def test_an_inclusive_price_is_its_net_and_its_tax_exactly(amount: int, rate: Decimal) -> None:
    net, tax_minor = split_tax(amount, Tax(1, "T", rate, is_inclusive=True))
    assert net + tax_minor == amount and net >= 0 and tax_minor >= 0


def test_taxes_are_rounded_per_line_and_summed_by_rate() -> None:
    lines = [component(start_on=date(2026, 4, 1), price_minor=5, tax=VAT_EXCLUSIVE, key=key) for key in (1, 2)]
    invoice = draft(*lines, on=date(2026, 4, 1))
    assert [(tax.base_minor, tax.tax_minor) for tax in invoice.taxes] == [(10, 2)]
    assert invoice.total_minor == sum(line.net_minor + line.tax_minor for line in invoice.lines) == 12


def mend(line: BilledLine, *, end_on: date | None, since: date) -> policy.InvoiceDraft:
    """What comes of a component that was billed by one line and now ends otherwise."""
    changed = component(
        start_on=line.period.start, billed_until=line.period.end, end_on=end_on, review=Review(since, [line]),
        price_minor=line.unit_price_minor, anchor_day=line.period.start.day,
    )
    return draft(changed, on=since)


def test_a_credit_comes_from_what_was_billed_over_the_lines_own_days() -> None:
    stub = billed(802, date(2012, 5, 7), date(2012, 6, 1))
    (line,) = mend(stub, end_on=date(2012, 5, 8), since=date(2012, 5, 8)).lines
    assert (line.amount_minor, line.credits_line_id) == (-770, 5), "8.02 × 24 ÷ 25, not from the list price"
    assert line.arithmetic == "₱8.02 × 24 ÷ 25 days"


def test_a_credit_never_takes_back_more_than_is_left_and_the_last_takes_all_of_it() -> None:
    part = CreditedPart(Period(date(2026, 4, 16), date(2026, 5, 1)), 333, 0)
    line = billed(667, date(2026, 4, 1), date(2026, 5, 1), credited=(part,), left_minor=334)
    (rest,) = mend(line, end_on=date(2026, 4, 1), since=date(2026, 4, 1)).lines
    assert rest.amount_minor == -334
    assert mend(line, end_on=date(2026, 4, 1), since=date(2026, 4, 1)).released == [5]


@pytest.mark.parametrize(("end_on", "arithmetic"), [
    (date(2026, 4, 11), "₱1,000.00 × 20 ÷ 30 days, at most what was left"), (date(2026, 4, 1), "at most what was left"),
    (date(2026, 4, 26), "₱1,000.00 × 5 ÷ 30 days"),
])
def test_a_credit_says_where_less_is_left_than_its_arithmetic_comes_to(end_on: date, arithmetic: str) -> None:
    line = billed(100_000, date(2026, 4, 1), date(2026, 5, 1), left_minor=20_000)
    (credit,) = mend(line, end_on=end_on, since=end_on).lines
    assert credit.arithmetic == arithmetic


def test_a_draft_that_takes_back_more_than_it_asks_is_a_credit_note() -> None:
    note = mend(billed(100_000, date(2026, 4, 1), date(2026, 5, 1)), end_on=date(2026, 4, 16), since=date(2026, 4, 16))
    assert (note.kind, note.total_minor) == ("credit_note", -50_000)


def test_the_tax_of_a_credit_is_a_part_of_the_tax_that_was_billed() -> None:
    line = billed(20_000, date(2026, 4, 1), date(2026, 5, 1), tax_minor=5_000, left_tax_minor=5_000)
    (credit,) = mend(line, end_on=date(2026, 4, 2), since=date(2026, 4, 2)).lines
    assert (credit.net_minor, credit.tax_minor) == (-19_333, -4_833)


def test_days_given_back_by_mistake_are_charged_again_with_just_what_was_given_back() -> None:
    part = CreditedPart(Period(date(2026, 4, 11), date(2026, 5, 1)), 66_666, 0)
    line = billed(100_000, date(2026, 4, 1), date(2026, 5, 1), credited=(part,), left_minor=33_334)
    (again,) = mend(line, end_on=None, since=date(2026, 4, 11)).lines
    assert (again.amount_minor, again.period_start, again.credits_line_id) == (66_666, date(2026, 4, 11), None)


def test_mending_what_needs_no_mending_gives_nothing() -> None:
    whole = billed(100_000, date(2026, 4, 1), date(2026, 5, 1))
    assert mend(whole, end_on=None, since=date(2026, 4, 11)).lines == []


def test_a_gap_that_a_void_left_is_charged_by_itself() -> None:
    newer = billed(100_000, date(2026, 5, 1), date(2026, 6, 1))
    voided = component(start_on=date(2026, 4, 1), billed_until=date(2026, 6, 1),
                       review=Review(date(2026, 4, 1), [newer]))
    (line,) = draft(voided, on=date(2026, 5, 2)).lines
    assert (line.period_start, line.period_end) == (date(2026, 4, 1), date(2026, 5, 1))


def test_a_one_time_charge_goes_to_the_account_of_its_kind() -> None:
    line = charge_once(OneTime(3, None, "deposit", "Modem deposit", 2, 50_000, None))
    assert (line.amount_minor, line.account, line.charge_id) == (100_000, "deposits", 3)


def test_a_subscription_years_behind_is_left_to_a_person() -> None:
    with pytest.raises(UnsafeDraft, match="periods behind"):
        draft(component(start_on=date(2020, 1, 1)), on=date(2026, 4, 1))

"""Taxes of lines and documents. Case numbers are those of the published examples that billing is held against."""
from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.billing.taxes.policy import (
    Rounding,
    TaxableLine,
    TaxCode,
    tax_document,
    tax_line,
    withheld,
)
from ispbill.catalogue.taxes.policy import ComponentKind, TaxComponent


def percent(rate: str, **facts: bool) -> TaxComponent:
    """A part by rate."""
    return TaxComponent(f"{rate} %", rate_percent=Decimal(rate), **facts)


def code(*parts: TaxComponent, key: int = 1) -> TaxCode:
    """A tax of these parts."""
    return TaxCode(key, "Tax", parts)


FIXED = TaxComponent("Fee", ComponentKind.PER_UNIT, amount_minor=1000)


@pytest.mark.parametrize(("amount", "tax", "net", "parts"), [
    pytest.param(20000, code(FIXED, percent("10")), 20000, [1000, 2000], id="H01 apart"),
    pytest.param(20000, code(FIXED._replace(raises_next=True), percent("10")), 20000, [1000, 2100], id="H01 compound"),
    pytest.param(20000, code(TaxComponent("D", ComponentKind.DIVISION, Decimal(10))), 20000, [2222], id="H03 division"),
    pytest.param(20000, code(TaxComponent("D", ComponentKind.DIVISION, Decimal(10), is_inclusive=True)), 18000, [2000],
                 id="division in the price"),
    pytest.param(12440, code(percent("8", is_inclusive=True)), 11519, [921], id="H04 inclusive"),
    pytest.param(1190, code(percent("21", is_inclusive=True)), 983, [207], id="H06 inclusive"),
    pytest.param(230000, code(percent("5.5", is_inclusive=True), percent("15")), 218009, [11991, 32701],
                 id="H07 mixed"),
    pytest.param(22689, code(percent("19")), 22689, [4311], id="H09 no decimals"),
    pytest.param(10920, code(percent("19", is_inclusive=True)), 9176, [1744], id="H09 inclusive, no decimals"),
    pytest.param(11800, code(percent("9", is_inclusive=True), percent("9", is_inclusive=True)), 10000, [900, 900],
                 id="two halves in one price share their base"),
    pytest.param(23100, code(FIXED._replace(is_inclusive=True, raises_next=True), percent("10", is_inclusive=True)),
                 20000, [1000, 2100], id="compound in the price"),
    pytest.param(-12440, code(percent("8", is_inclusive=True)), -11519, [-921], id="a credit mirrors the charge"),
    pytest.param(0, code(percent("8", is_inclusive=True)), 0, [0], id="nothing"),
])
def test_a_line_is_taxed_part_by_part(amount: int, tax: TaxCode, net: int, parts: list[int]) -> None:
    line = tax_line(amount, tax)
    assert (line.net_minor, [part.tax_minor for part in line.taxes]) == (net, parts)


def test_the_base_of_each_part_is_what_it_was_found_of() -> None:
    compound = code(FIXED._replace(raises_next=True), percent("10"))
    assert [part.base_minor for part in tax_line(20000, compound).taxes] == [20000, 21000]
    mixed = code(percent("5.5", is_inclusive=True), percent("15"))
    assert [part.base_minor for part in tax_line(230000, mixed).taxes] == [218009, 218009]


def test_an_amount_by_the_unit_counts_units_also_fractions_of_one() -> None:
    assert tax_line(20000, code(FIXED), quantity=Decimal("2.5")).tax_minor == 2500


@pytest.mark.parametrize(("rounding", "expected"), [(Rounding.LINE, 486), (Rounding.DOCUMENT, 489)])
def test_the_same_prices_have_two_lawful_totals(rounding: Rounding, expected: int) -> None:
    """H10: 6 % and 6 % of the price, then 3 % of the price with both."""
    tax = code(percent("6", raises_next=True), percent("6", raises_next=True, ignores_previous=True), percent("3"))
    document = tax_document([TaxableLine(1589, tax)] * 2, rounding=rounding)
    assert document.tax_minor == expected


def test_tiny_fees_are_taxed_together_where_the_document_is_rounded() -> None:
    """M03: eight fees of 0.01 after rounding at 40 %: 0.08 and 0.03, not 0.00."""
    fees = [TaxableLine(1, code(percent("40")))] * 8
    assert tax_document(fees, rounding=Rounding.DOCUMENT).total_minor == 11
    assert tax_document(fees, rounding=Rounding.LINE).total_minor == 8


def test_a_document_is_taxed_after_its_discounts() -> None:
    """G06."""
    lines = [TaxableLine(amount, code(percent(rate), key=key)) for key, (amount, rate) in enumerate(
        [(9500, "10"), (4750, "0"), (2850, "20"), (1900, "20")])]
    document = tax_document(lines)
    assert [line.tax_minor for line in document.lines] == [950, 0, 570, 380]
    assert document.total_minor == 20900


def test_four_lines_come_to_the_document_rounded_once() -> None:
    """H15: rounded one by one they would be 335.00."""
    lines = [TaxableLine(net, code(percent("20"))) for net in (6833, 6833, 5750, 8500)]
    assert tax_document(lines, rounding=Rounding.DOCUMENT).total_minor == 33499
    assert tax_document(lines).total_minor == 33500


def test_the_exempt_pay_the_price_without_the_tax_in_it() -> None:
    tax = code(percent("12", is_inclusive=True))
    document = tax_document([TaxableLine(11200, tax, exemption="Senior citizen"), TaxableLine(11200, tax)])
    assert [(line.net_minor, line.tax_minor) for line in document.lines] == [(10000, 0), (10000, 1200)]
    assert [(sums.exemption, sums.base_minor, sums.tax_minor) for sums in document.summary] == [
        ("Senior citizen", 10000, 0), ("", 10000, 1200)]


def test_an_amount_by_the_document_is_due_once() -> None:
    stamp = code(TaxComponent("Stamp", ComponentKind.PER_DOCUMENT, amount_minor=200), percent("10"))
    document = tax_document([TaxableLine(1000, stamp)] * 3)
    assert document.tax_minor == 200 + 300


def test_what_a_customer_withholds_is_found_of_the_net() -> None:
    assert withheld(133839, Decimal(2)) == 2677


RATES = st.decimals(min_value=0, max_value=40, places=4)
PARTS = st.builds(
    TaxComponent, name=st.just("T"), kind=st.sampled_from(["percent", "division", "per_unit"]), rate_percent=RATES,
    amount_minor=st.integers(0, 10**5), is_inclusive=st.booleans(), raises_next=st.booleans(),
    ignores_previous=st.booleans(),
).map(lambda part: part._replace(rate_percent=part.rate_percent / 2) if part.kind == "division" else part)
LINES = st.lists(st.tuples(st.integers(-10**7, 10**9), st.integers(0, 2)), min_size=1, max_size=8)


@given(lines=LINES, codes=st.lists(st.lists(PARTS, min_size=1, max_size=3), min_size=3, max_size=3),
       rounding=st.sampled_from(Rounding))
def test_parts_sum_to_the_whole(
    lines: list[tuple[int, int]], codes: list[list[TaxComponent]], rounding: Rounding
) -> None:
    known = [code(*parts, key=key) for key, parts in enumerate(codes)]
    document = tax_document([TaxableLine(amount, known[which]) for amount, which in lines], rounding=rounding)
    for (amount, _), line in zip(lines, document.lines, strict=True):
        added = sum(part.tax_minor for part in line.taxes if not part.component.is_inclusive)
        assert line.net_minor + line.tax_minor == amount + added
        assert line.tax_minor == sum(part.tax_minor for part in line.taxes)
    assert document.tax_minor == sum(part.tax_minor for part in document.summary)


@given(amount=st.integers(-10**9, 10**9), parts=st.lists(PARTS, min_size=1, max_size=3))
def test_a_credit_of_everything_mirrors_the_charge(amount: int, parts: list[TaxComponent]) -> None:
    one, back = tax_line(amount, code(*parts)), tax_line(-amount, code(*parts))
    if amount:
        assert (one.net_minor, one.tax_minor) == (-back.net_minor, -back.tax_minor)


@given(amount=st.integers(0, 10**9), rate=RATES)
def test_one_line_is_rounded_alike_by_line_and_by_document(amount: int, rate: Decimal) -> None:
    line = TaxableLine(amount, code(TaxComponent("T", rate_percent=rate, is_inclusive=True)))
    assert tax_document([line], rounding=Rounding.DOCUMENT) == tax_document([line])

"""Rules of the catalogue."""
from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ispbill.catalogue.policy import PlanFacts, PriceVersion, checked, price_in_force
from ispbill.catalogue.taxes.policy import tax_percent
from ispbill.core.errors import Invalid

JANUARY, MARCH, MAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)


@pytest.mark.parametrize(("on", "amount_minor"), [
    (date(2025, 12, 31), None), (JANUARY, 100), (date(2026, 2, 28), 100), (MARCH, 200), (date(2026, 4, 30), 200),
    (MAY, 150), (date(2030, 1, 1), 150),
])
def test_the_newest_price_that_has_begun_is_in_force(on: date, amount_minor: int | None) -> None:
    versions = [PriceVersion(MAY, 150), PriceVersion(JANUARY, 100), PriceVersion(MARCH, 200)]
    assert price_in_force(versions, on=on) == amount_minor


@pytest.mark.parametrize(("facts", "field"), [
    (PlanFacts(code="", name="Fibre"), "code"),
    (PlanFacts(code="-X", name="Fibre"), "code"),
    (PlanFacts(code="a b", name="Fibre"), "code"),
    (PlanFacts(code="F", name=" "), "name"),
    (PlanFacts(code="F", name="x" * 121), "name"),
    (PlanFacts(code="F", name="Fibre", kind="gas"), "kind"),
    (PlanFacts(code="F", name="Fibre", download_mbps=0), "download_mbps"),
    (PlanFacts(code="F", name="Line", kind="voice", upload_mbps=5), "upload_mbps"),
    (PlanFacts(code="F", name="Fibre", description="x" * 2001), "description"),
])
def test_a_plan_that_cannot_be_is_refused_at_its_field(facts: PlanFacts, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(facts)
    assert refusal.value.field == field


def test_codes_are_capitals_and_names_have_single_blanks() -> None:
    facts = checked(PlanFacts(code=" fiber-50 ", name=" Fibre   50 "))
    assert (facts.code, facts.name) == ("FIBER-50", "Fibre 50")


@pytest.mark.parametrize(("text", "rate"), [("12", "12"), (" 8.875 %", "8.875"), ("0", "0"), ("99.9999", "99.9999")])
def test_a_rate_is_a_percentage(text: str, rate: str) -> None:
    assert tax_percent(text) == Decimal(rate)


@pytest.mark.parametrize("text", ["", "twelve", "-1", "100", "12.34567", "NaN", "1e9"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        tax_percent(text)

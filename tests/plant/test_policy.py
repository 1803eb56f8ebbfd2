"""Rules of the plant: what must be known, what fits where, how far a drop may go."""
from __future__ import annotations

from decimal import Decimal

import pytest

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.places import Place
from ispbill.plant.policy import (
    LcpFacts,
    NapFacts,
    SplitterFacts,
    check_room,
    checked_condition,
    checked_drop,
    checked_lcp,
    checked_nap,
    checked_splitter,
    drop_metres,
)


@pytest.mark.parametrize(("facts", "field"), [
    (LcpFacts("", "Plaza"), "code"), (LcpFacts("A", " "), "name"), (LcpFacts("x" * 41, "Plaza"), "code"),
    (LcpFacts("A", "Plaza", splitter_capacity=0), "splitter_capacity"), (LcpFacts("A", "B", accuracy="so"), "accuracy"),
    (LcpFacts("A", "Plaza", latitude=Decimal("14.5")), "longitude"),
])
def test_a_refusal_of_an_lcp_names_its_field(facts: LcpFacts, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked_lcp(facts)
    assert refusal.value.field == field


@pytest.mark.parametrize(("facts", "field"), [
    (NapFacts(" "), "code"), (NapFacts("A", port_count=0), "port_count"), (NapFacts("A", port_count=65), "port_count"),
    (NapFacts("A", max_drop_metres=0), "max_drop_metres"), (NapFacts("A", max_drop_metres=5001), "max_drop_metres"),
    (NapFacts("A", notes="x" * 5001), "notes"),
])
def test_a_refusal_of_a_nap_names_its_field(facts: NapFacts, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked_nap(facts)
    assert refusal.value.field == field


def test_codes_are_written_in_capitals() -> None:
    assert checked_lcp(LcpFacts(" lcp  01 ", "Plaza")).code == "LCP 01"
    assert checked_splitter(SplitterFacts("sp-1", 8)).code == "SP-1"


@pytest.mark.parametrize("outputs", [0, 1, 3, 128])
def test_a_splitter_divides_by_a_power_of_two(outputs: int) -> None:
    with pytest.raises(Invalid):
        checked_splitter(SplitterFacts("SP-1", outputs))


def test_what_is_full_takes_no_more() -> None:
    check_room(7, 8, noun="NAPs", of="SP-1")
    with pytest.raises(Conflict, match="SP-1 is full: it holds 8 NAPs"):
        check_room(8, 8, noun="NAPs", of="SP-1")


def test_a_port_that_is_not_good_says_why() -> None:
    assert checked_condition("faulty", " rust ") == "rust" and checked_condition("good", "") == ""
    for condition, note in (("faulty", ""), ("reserved", " "), ("broken", "why")):
        with pytest.raises(Invalid):
            checked_condition(condition, note)


def test_a_drop_is_as_long_as_the_way_and_unknown_without_a_place() -> None:
    here, there = Place(Decimal("14.5"), Decimal("121")), Place(Decimal("14.501"), Decimal("121"))
    assert drop_metres(here, there) == 112
    assert drop_metres(None, there) is drop_metres(here, None) is None


@pytest.mark.parametrize(("metres", "reason", "kept"), [
    (None, "", ""), (100, "", ""), (100, "no need", ""), (101, " Messenger wire ", "Messenger wire"),
])
def test_a_drop_within_reach_needs_no_reason(metres: int | None, reason: str, kept: str) -> None:
    assert checked_drop(metres, most=100, reason=reason) == kept


def test_a_longer_drop_is_refused_without_a_reason() -> None:
    with pytest.raises(Invalid, match="130 m from this NAP, which serves up to 100 m") as refusal:
        checked_drop(130, most=100, reason=" ")
    assert refusal.value.field == "override_reason"

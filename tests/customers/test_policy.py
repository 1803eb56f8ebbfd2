"""Rules about customers: statuses, contacts."""
from __future__ import annotations

import pytest

from ispbill.core.errors import Conflict, Invalid
from ispbill.customers.models import CustomerStatus
from ispbill.customers.policy import (
    CustomerFacts,
    check_move,
    checked,
    email_address,
    phone_number,
    spoken_digits,
    spoken_words,
)

MOVES = {
    ("lead", "active"), ("lead", "terminated"), ("active", "suspended"), ("active", "terminated"),
    ("suspended", "active"), ("suspended", "terminated"), ("terminated", "active"),
}


@pytest.mark.parametrize("before", list(CustomerStatus))
@pytest.mark.parametrize("after", list(CustomerStatus))
def test_only_these_statuses_follow_one_another(before: str, after: str) -> None:
    if (before, after) in MOVES:
        check_move(before, after)
    else:
        with pytest.raises(Conflict):
            check_move(before, after)


@pytest.mark.parametrize(("typed", "stored"), [
    ("0917 123 4567", "+639171234567"),
    ("+63 917 123 4567", "+639171234567"),
    ("(02) 8123-4567", "+63281234567"),
    ("+1 212 555 2368", "+12125552368"),
    ("ask at the store", "ask at the store"),
    ("12", "12"),
    ("0917 123 4567 ext. 12", "0917 123 4567 ext. 12"),
    ("", ""),
])
def test_a_valid_number_is_stored_with_its_country_and_any_other_as_typed(typed: str, stored: str) -> None:
    assert phone_number(typed, country="PH") == stored


def test_a_national_number_without_a_country_stays_as_typed() -> None:
    assert phone_number("0917 123 4567", country=None) == "0917 123 4567"


@pytest.mark.parametrize("text", ["ana", "ana@", "@example.com", "ana@exa mple.com", "ana@@example.com"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        email_address(text)


def test_an_address_has_its_domain_in_lower_case_and_may_be_missing() -> None:
    assert (email_address(" Ana@EXAMPLE.com "), email_address("")) == ("Ana@example.com", "")


@pytest.mark.parametrize(("facts", "field"), [
    (CustomerFacts(name="   "), "name"),
    (CustomerFacts(name="x" * 201), "name"),
    (CustomerFacts(name="Ana", kind="robot"), "kind"),
    (CustomerFacts(name="Ana", email="nothing"), "email"),
    (CustomerFacts(name="Ana", external_reference="x" * 101), "external_reference"),
])
def test_a_refusal_names_its_field(facts: CustomerFacts, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(facts, country="PH")
    assert refusal.value.field == field


@pytest.mark.parametrize(("term", "digits"), [
    ("0917-123", "917123"), ("+63 917", "63917"), ("917", None), ("Ana", None), ("12 Mabini", None), ("0000", None),
])
def test_a_callers_number_is_recognised(term: str, digits: str | None) -> None:
    assert spoken_digits(term) == digits


@pytest.mark.parametrize(("term", "words"), [
    ("Maria 0917", ["maria", "917"]), ("00123 Mabini", ["123", "mabini"]),
    ("cruz 007", ["cruz", "007"]), ("AC-0001", ["ac-0001"]),
    ("AC000299", ["ac", "299"]), ("blk3", ["blk3"]), ("ana2000@x.ph", ["ana2000@x.ph"]),
    ("a b c d e f g", ["a", "b", "c", "d", "e", "f"]),
])
def test_words_are_sought_in_lower_case_and_numbers_without_their_trunk_zero(term: str, words: list[str]) -> None:
    assert spoken_words(term) == words

"""The made-up people: believable, unmistakable, the same at every start."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.customers.policy import CustomerFacts, checked
from ispbill.demo import scripts
from ispbill.demo.population import Span, invent
from ispbill.demo.scripts import CompanyScript

SPAN = Span(date(2026, 7, 1), date(2026, 11, 21))
BAYANIHAN, PRAIRIE = scripts.companies()
BOTH = pytest.mark.parametrize("script", [BAYANIHAN, PRAIRIE], ids=["bayanihan", "prairie"])


@BOTH
def test_the_same_script_and_days_give_the_same_people(script: CompanyScript) -> None:
    assert invent(script, SPAN) == invent(script, SPAN)


@BOTH
def test_there_are_as_many_as_the_script_says_each_with_a_number_of_their_own(script: CompanyScript) -> None:
    people = invent(script, SPAN)
    assert len(people) == len({person.phone for person in people}) == script.subscribers


@BOTH
def test_everybody_can_be_registered_and_keeps_their_phone_number(script: CompanyScript) -> None:
    for person in invent(script, SPAN):
        facts = CustomerFacts(name=person.name, kind=person.kind, email=person.email, phone=person.phone,
                              latitude=person.latitude, longitude=person.longitude)
        assert checked(facts, country="PH").phone == person.phone, "the number tells who is in the books"


@BOTH
def test_plans_and_places_are_those_of_the_company(script: CompanyScript) -> None:
    codes, paths = {plan.code for plan in script.plans}, {area.path for area in script.areas}
    for person in invent(script, SPAN):
        assert set(person.plan_codes) <= codes and person.area in paths


def test_bills_fall_on_every_day_of_the_month() -> None:
    assert {person.anchor_day for person in invent(BAYANIHAN, SPAN)} == set(range(1, 32))


def test_some_are_old_some_new_some_planned_some_only_asking_and_some_leave() -> None:
    people = invent(BAYANIHAN, SPAN)
    assert any(person.known_since < SPAN.first_on for person in people)
    assert any(person.starts_on and SPAN.first_on < person.known_since <= person.starts_on <= SPAN.last_on
               for person in people)
    assert any(person.starts_on and person.starts_on > SPAN.last_on for person in people)
    assert any(person.starts_on is None for person in people)
    assert any(person.leaves_on and SPAN.first_on < person.leaves_on for person in people)


@pytest.mark.parametrize("last_on", [date(2026, 11, 1), date(2026, 3, 31), date(2028, 2, 29)])
def test_nobody_is_known_after_the_last_day(last_on: date) -> None:
    span = Span(last_on.replace(day=1), last_on)
    assert all(person.known_since <= last_on for person in invent(BAYANIHAN, span))

"""What the staff does for subscribers: write them down, install, subscribe, let them go. Every step looks first.

A subscriber is known by the phone number; what was done before is not done again.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from ispbill.areas import queries as areas
from ispbill.areas.policy import path_key, path_text
from ispbill.catalogue.models import Plan
from ispbill.core.current import acting_as, at, current
from ispbill.core.db import db
from ispbill.customers import service as customers
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.policy import CustomerFacts
from ispbill.demo import plant, prepaid
from ispbill.demo.company import DemoCompany
from ispbill.demo.population import Subscriber
from ispbill.subscriptions import queries as running
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.installations import service as installations
from ispbill.subscriptions.installations.policy import InstallationFacts
from ispbill.subscriptions.models import Installation, InstallationStatus, SubscriptionStatus
from ispbill.subscriptions.policy import Start

_FAREWELLS = ("Moved away", "Took another provider", "The house is sold")


def take_over(company: DemoCompany, people: Sequence[Subscriber]) -> None:
    """Write down people served before the first day, with their lines, to be billed from their own day on."""
    plans, places = _plans(), areas.ids_by_path()
    known = _known(people)
    for person in people:
        if person.phone not in known:
            _take_over_one(company, person, plans, places)


def welcome(company: DemoCompany, day: date) -> None:
    """Write down who asks for a line by this day, and plan the line of who wants one."""
    come = [person for person in company.population if company.span.first_on <= person.known_since <= day]
    known = _known(come)
    arrivals = [person for person in come if person.phone not in known]
    places = areas.ids_by_path() if arrivals else {}
    for person in arrivals:
        with acting_as(company.staff["Customer Service"]):
            _plan_line(company, _register(person, places), person)


def install(company: DemoCompany, day: date) -> None:
    """Finish the lines planned by this day; from then on their holders subscribe."""
    due = db.session.execute(
        select(Installation, Customer).join(Customer, Installation.customer_id == Customer.id).where(
            Installation.status == InstallationStatus.SCHEDULED, Installation.scheduled_on <= day,
        ).order_by(Installation.id)
    ).all()
    people = {person.phone: person for person in company.population} if due else {}
    plans = _plans() if due else {}
    for line, customer in due:
        with acting_as(company.staff["Technician"]):
            installations.complete(line, on=day)
            person = people[customer.phone]
            plant.connect(company.script, line, person, on=day)
        if prepaid.pays_before(company, person):
            prepaid.begin(company, customer, line, plans[person.plan_codes[0]])
            continue
        with acting_as(company.staff["Customer Service"]):
            _subscribe(person, customer, line, plans, start_on=day)


def part(company: DemoCompany, day: date) -> None:
    """End what those have who leave by this day, and close their account once all of it has ended."""
    leaving = {person.phone: person for person in company.population if person.leaves_on and person.leaves_on <= day}
    staying = Customer.status.in_((CustomerStatus.ACTIVE, CustomerStatus.SUSPENDED))
    for customer in db.session.scalars(select(Customer).where(Customer.phone.in_(leaving), staying)).all():
        reason = _FAREWELLS[customer.id % len(_FAREWELLS)]
        with acting_as(company.staff["Manager"]):
            _let_go(customer, reason)


def _take_over_one(
    company: DemoCompany, person: Subscriber, plans: dict[str, Plan], places: dict[tuple[str, ...], int]
) -> None:
    with at(company.opening(person.known_since)), acting_as(company.staff["Customer Service"]):
        customer = _register(person, places)
        line = _plan_line(company, customer, person)
    assert line is not None and person.starts_on is not None, "who is taken over has a line"
    with at(company.opening(line.scheduled_on)), acting_as(company.staff["Technician"]):
        installations.complete(line, on=line.scheduled_on)
        plant.connect(company.script, line, person, on=line.scheduled_on)
    with acting_as(company.staff["Customer Service"]):
        _subscribe(person, customer, line, plans, start_on=person.starts_on)


def _register(person: Subscriber, places: dict[tuple[str, ...], int]) -> Customer:
    return customers.register(CustomerFacts(
        name=person.name, kind=person.kind, email=person.email, phone=person.phone,
        tax_identifier=person.tax_identifier, area_id=places[path_key(path_text(person.area))], street=person.street,
        landmark=person.landmark, latitude=person.latitude, longitude=person.longitude,
    ))


def _plan_line(company: DemoCompany, customer: Customer, person: Subscriber) -> Installation | None:
    if person.starts_on is None:
        return None
    # Who was served before the first day got the line soon after they came.
    is_old = person.known_since < company.span.first_on
    planned_on = person.known_since + timedelta(days=2) if is_old else person.starts_on
    return installations.schedule(customer, facts=InstallationFacts(
        address=", ".join([person.street, *reversed(person.area)]), scheduled_on=planned_on,
        technician_id=company.staff["Technician"].user_id,
    ))


def _subscribe(
    person: Subscriber, customer: Customer, line: Installation, plans: dict[str, Plan], *, start_on: date
) -> None:
    subscriptions.subscribe(
        customer, plans=[(plans[code], 1, None) for code in person.plan_codes],
        start=Start(start_on, person.anchor_day), installation=line,
    )


def _let_go(customer: Customer, reason: str) -> None:
    for status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED):
        for subscription in running.of_customer(customer.id, status=status):
            if subscription.end_on is None:
                subscriptions.hold(subscription)
                subscriptions.end(subscription, on=max(subscription.billed_until, current.today()), reason=reason)
    if not running.count_running(customer.id):
        customers.terminate(customer, reason=reason)


def _known(people: Sequence[Subscriber]) -> set[str]:
    phones = [person.phone for person in people]
    return set(db.session.scalars(select(Customer.phone).where(Customer.phone.in_(phones))))


def _plans() -> dict[str, Plan]:
    return {plan.code: plan for plan in db.session.scalars(select(Plan))}

"""The life of an installation through the verbs and pages. Today is 10 March 2026 in Manila."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.core.current import TenantRef
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.installations import queries
from ispbill.subscriptions.installations import service as installations
from ispbill.subscriptions.installations.policy import InstallationFacts
from tests.make import offers, people
from tests.make.browsers import colleague

TODAY, TOMORROW = date(2026, 3, 10), date(2026, 3, 11)


def test_a_line_is_planned_made_and_taken_down(tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation(scheduled_on=TOMORROW)
        assert installations.complete(line, on=TODAY).installed_on == TODAY
        assert installations.terminate(line, on=TODAY).terminated_on == TODAY


def test_each_verb_takes_only_the_state_it_is_for(tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation()
        with pytest.raises(Invalid):
            installations.complete(line, on=TOMORROW)
        installations.complete(line, on=TODAY)
        with pytest.raises(Conflict):
            installations.complete(line, on=TODAY)
        with pytest.raises(Invalid, match="installed on"):
            installations.terminate(line, on=date(2026, 3, 9))
        installations.terminate(line, on=TODAY)
        with pytest.raises(Conflict):
            installations.terminate(line, on=TODAY)
        with pytest.raises(Conflict):
            installations.change(line, facts=InstallationFacts(address="x", scheduled_on=TODAY))


def test_a_line_that_a_subscription_runs_on_stays(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        line = offers.installation(ana)
        subscription = offers.subscribe(ana, installation=line, start_on=TOMORROW)
        with pytest.raises(Conflict, match="still runs on this line"):
            installations.terminate(line, on=TODAY)
        subscriptions.end(subscription, on=TOMORROW, reason="Changed mind")
        assert installations.terminate(line, on=TODAY).status == "terminated"


def test_who_has_left_gets_no_line(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        customers.terminate(ana, reason="Moved")
        with pytest.raises(Conflict):
            offers.installation(ana)


def test_a_technician_is_of_the_staff(tenant: TenantRef) -> None:
    technician = colleague("tino@example.com").id
    with unit_of_work():
        line = offers.installation(technician_id=technician)
        assert queries.technicians() == [(technician, "Tino")]
        with pytest.raises(Invalid):
            installations.change(line, facts=InstallationFacts("x", TODAY, technician_id=999))


@pytest.mark.parametrize(("facts", "field"), [
    ({"address": " "}, "address"), ({"address": "x" * 301}, "address"), ({"notes": "x" * 5001}, "notes"),
])
def test_a_refusal_names_its_field(tenant: TenantRef, facts: dict[str, str], field: str) -> None:
    with unit_of_work(), pytest.raises(Invalid) as refusal:
        offers.installation(**facts)
    assert refusal.value.field == field


def test_lines_are_found_by_customer_address_status_and_technician(tenant: TenantRef) -> None:
    technician = colleague("tino@example.com").id
    with unit_of_work():
        offers.installation(people.register_customer("Ana Cruz"), address="7 Rizal Avenue", technician_id=technician)
        installations.complete(offers.installation(address="9 Mabini Street"), on=TODAY)
        for wanted in (
            queries.InstallationFilter(term="ana"), queries.InstallationFilter(term="rizal"),
            queries.InstallationFilter(status="scheduled"), queries.InstallationFilter(technician_id=technician),
        ):
            assert [row.address for row in queries.everything(queries.listing(wanted))] == ["7 Rizal Avenue"]
            assert queries.count(wanted) == 1

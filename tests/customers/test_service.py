"""The life of a customer through the verbs."""
from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ispbill.audit.models import AuditEntry
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries
from ispbill.customers import service as customers
from ispbill.customers.models import CustomerStatus
from ispbill.customers.policy import CustomerFacts
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.installations import service as installations
from tests.make import offers, people


def test_account_numbers_follow_one_another(tenant: TenantRef) -> None:
    with unit_of_work():
        numbers = [people.register_customer().account_number for _ in range(3)]
    assert numbers == ["AC-000001", "AC-000002", "AC-000003"]


def test_a_number_returns_to_the_series_when_registering_fails(tenant: TenantRef) -> None:
    with pytest.raises(Invalid), unit_of_work():
        customers.register(CustomerFacts(name="Ana", email="nothing"))
    with unit_of_work():
        assert people.register_customer().account_number == "AC-000001"


def test_numbers_that_somebody_brought_along_are_passed_over(tenant: TenantRef) -> None:
    with unit_of_work():
        people.register_customer().account_number = "AC-000002"
        db.session.flush()
        assert customers.take_account_numbers(2) == ["AC-000003", "AC-000004"]


def test_a_lead_becomes_active_is_suspended_restored_and_leaves(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana", status=CustomerStatus.LEAD)
        customers.activate(ana)
        customers.suspend(ana, reason="Non-payment")
        assert (ana.status, ana.status_reason) == ("suspended", "Non-payment")
        customers.restore(ana)
        customers.terminate(ana, reason="Moved away")
        customers.reinstate(ana, reason="Came back")
        assert (ana.status, ana.status_reason) == ("active", "Came back")


@pytest.mark.parametrize("verb", [customers.suspend, customers.terminate])
def test_a_loss_needs_a_reason(tenant: TenantRef, verb) -> None:  # type: ignore[no-untyped-def]
    with unit_of_work():
        ana = people.register_customer()
        with pytest.raises(Invalid) as refusal:
            verb(ana, reason="  ")
        assert refusal.value.field == "reason" and ana.status == "active"


def test_each_verb_takes_only_the_status_it_is_for(tenant: TenantRef) -> None:
    with unit_of_work():
        active = people.register_customer()
        for verb in (customers.activate, customers.restore):
            with pytest.raises(Conflict):
                verb(active)
        with pytest.raises(Conflict):
            customers.reinstate(active, reason="x")
        with pytest.raises(Conflict):
            customers.suspend(people.register_customer(status=CustomerStatus.LEAD), reason="x")


def test_suspending_a_customer_suspends_what_runs_and_restoring_resumes_it(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        line = offers.subscribe(ana)
        offers.billed(line)
        customers.suspend(ana, reason="Non-payment")
        assert (line.status, line.status_reason) == ("suspended", "Non-payment")
        customers.restore(ana)
        assert line.status == "active"


def test_a_customer_who_is_served_cannot_be_terminated(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        offers.subscribe(ana)
        with pytest.raises(Conflict, match="still has a subscription"), db.session.begin_nested():
            customers.terminate(ana, reason="Moved away")
        assert ana.status == "active"


def test_the_lines_of_a_customer_who_leaves_are_taken_down_and_planned_visits_called_off(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        line, planned = offers.installation(ana), offers.installation(ana)
        installations.complete(line, on=current.today())
        customers.terminate(ana, reason="Moved away")
        assert (line.status, planned.status) == ("terminated", "cancelled")
        assert subscriptions.count_running(ana.id) == 0


def test_only_a_lead_without_anything_is_removed(tenant: TenantRef) -> None:
    with unit_of_work():
        customers.remove(people.register_customer(status=CustomerStatus.LEAD))
        with pytest.raises(Conflict):
            customers.remove(people.register_customer())
        visited = people.register_customer(status=CustomerStatus.LEAD)
        offers.installation(visited)
        with pytest.raises(IntegrityError), db.session.begin_nested():
            customers.remove(visited)


def test_a_change_is_checked_and_recorded_with_before_and_after(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Cruz", phone="0917 123 4567")
    with unit_of_work():
        ana = queries.by_account_number("ac-000001")
        customers.change(ana, facts=CustomerFacts(name="Ana Reyes", phone="0918 123 4567"))
        with pytest.raises(Invalid):
            customers.change(ana, facts=CustomerFacts(name=""))
    with unit_of_work():
        entry = db.session.scalars(
            select(AuditEntry).where(AuditEntry.entity == "customer").order_by(AuditEntry.id.desc())
        ).first()
        assert entry.before == {"name": "Ana Cruz", "phone": "+639171234567"}
        assert entry.after == {"name": "Ana Reyes", "phone": "+639181234567"}


def test_a_reference_stands_once(tenant: TenantRef) -> None:
    with pytest.raises(IntegrityError), unit_of_work():
        people.register_customer(external_reference="A1")
        people.register_customer(external_reference="A1")

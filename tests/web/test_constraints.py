"""Broken constraints as sentences, on the database's own errors."""
from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict, DomainError, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.web import constraints
from tests.make import people


def explained(statement: object) -> DomainError | None:
    with unit_of_work(), pytest.raises(DBAPIError) as caught, db.session.begin_nested():
        db.session.execute(statement)  # type: ignore[call-overload]
    return constraints.explain(caught.value)


def test_removing_what_something_refers_to_is_a_conflict(tenant: TenantRef) -> None:
    with unit_of_work():
        area = people.area("Luzon")
        people.register_customer(area_id=area.id)
    error = explained(type(area).__table__.delete())
    assert isinstance(error, Conflict) and "refers to this" in error.message


def test_an_id_that_names_nothing_is_a_mistake_on_its_field(tenant: TenantRef) -> None:
    with unit_of_work():
        people.register_customer()
    error = explained(Customer.__table__.update().values(area_id=99))
    assert isinstance(error, Invalid) and error.field == "area_id"


def test_a_text_that_postgresql_cannot_hold_is_a_mistake_not_a_fault(tenant: TenantRef) -> None:
    with unit_of_work():
        people.register_customer()
    assert isinstance(explained(Customer.__table__.update().values(notes="a\x00b")), Invalid)

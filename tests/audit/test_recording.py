"""Every change leaves an entry with both values; secrets never do; nobody rewrites the past."""
from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import ProgrammingError

from ispbill.accounts.models import User, UserSession
from ispbill.audit import service as audit
from ispbill.audit.models import AuditEntry
from ispbill.catalogue.models import TaxRate
from ispbill.core.current import Actor, TenantRef, acting_as, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from tests.make import people

CLERK = Actor(kind="user", name="Ana Reyes", user_id=7, ip_address="203.0.113.9", user_agent="Firefox")


def entries() -> list[AuditEntry]:
    """What was recorded since the company was born."""
    born = AuditEntry.entity == "company_identity"
    with unit_of_work():
        rows = list(db.session.scalars(select(AuditEntry).where(~born).order_by(AuditEntry.id)))
        db.session.expunge_all()
    return rows


def tax(name: str = "VAT") -> TaxRate:
    return TaxRate(name=name, rate_percent=Decimal("12"), mode="inclusive")


def test_an_insert_is_recorded_with_who_when_and_from_where(tenant: TenantRef) -> None:
    with acting_as(CLERK), unit_of_work():
        db.session.add(tax())
    (entry,) = entries()
    assert (entry.action, entry.entity, entry.label, entry.before) == ("created", "tax_rate", "VAT", None)
    assert entry.after is not None and entry.after["rate_percent"] in ("12", "12.0000")
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("user", 7, "Ana Reyes")
    assert (entry.ip_address, entry.user_agent, entry.created_at) == ("203.0.113.9", "Firefox", current.now())


def test_a_change_is_recorded_with_both_values_and_nothing_else(tenant: TenantRef) -> None:
    with unit_of_work():
        rate = tax()
        db.session.add(rate)
    with unit_of_work():
        rate.name = "Value added tax"
    changed = entries()[-1]
    assert (changed.action, changed.entity_id) == ("changed", 1)
    assert (changed.before, changed.after) == ({"name": "VAT"}, {"name": "Value added tax"})


def test_what_the_database_makes_of_other_columns_is_not_recorded(tenant: TenantRef) -> None:
    with unit_of_work():
        people.register_customer("Ana Cruz")
    (entry,) = entries()
    assert entry.after is not None and "name" in entry.after and "search_text" not in entry.after


def test_writing_the_same_value_again_is_no_change(tenant: TenantRef) -> None:
    with unit_of_work():
        rate = tax()
        db.session.add(rate)
    with unit_of_work():
        rate.name = "VAT"
    assert [entry.action for entry in entries()] == ["created"]


def test_a_removal_keeps_what_was_removed(tenant: TenantRef) -> None:
    with unit_of_work():
        rate = tax()
        db.session.add(rate)
    with unit_of_work():
        db.session.delete(db.session.get_one(TaxRate, rate.id))
    removed = entries()[-1]
    assert removed.action == "removed" and removed.after is None
    assert removed.before is not None and removed.before["name"] == "VAT"


def test_background_work_is_recorded_as_the_system(tenant: TenantRef) -> None:
    with unit_of_work():
        db.session.add(tax())
    assert (entries()[0].actor_kind, entries()[0].actor_id) == ("system", None)


def test_a_change_that_is_rolled_back_leaves_no_entry(tenant: TenantRef) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        db.session.add(tax())
        db.session.flush()
        raise RuntimeError("something went wrong")
    assert entries() == []


def test_no_secret_is_ever_recorded(tenant: TenantRef) -> None:
    with unit_of_work():
        user = User(email="a@example.com", full_name="A", password_hash="s3cret", created_at=current.now())
        db.session.add(user)
    with unit_of_work():
        user.password_hash = "another-s3cret"
    with unit_of_work():
        audit.note("tried", entity="session", after={"password": "s3cret", "nested": {"token": "s3cret"}})
    rows = entries()
    assert "s3cret" not in str([(row.before, row.after) for row in rows])
    assert rows[1].after == {"password_hash": "(not recorded)"}


def test_tables_that_are_records_themselves_are_not_recorded_again(tenant: TenantRef) -> None:
    with unit_of_work():
        user = User(email="a@example.com", full_name="A", created_at=current.now())
        db.session.add(user)
        db.session.flush()
        db.session.add(UserSession(user_id=user.id, token_digest="d", created_at=current.now(),
                                   last_seen_at=current.now(), expires_at=current.now()))
    assert [entry.entity for entry in entries()] == ["user"]


def test_a_note_is_recorded_like_a_change(tenant: TenantRef) -> None:
    with acting_as(CLERK), unit_of_work():
        audit.note("imported", entity="import", entity_id=3, label="customers.csv", after={"rows": 7043})
    (entry,) = entries()
    assert (entry.action, entry.label) == ("imported", "customers.csv")
    assert (entry.before, entry.after) == (None, {"rows": 7043})


@pytest.mark.parametrize("statement", [update(AuditEntry).values(label="x"), delete(AuditEntry)])
def test_the_database_refuses_to_change_the_past(tenant: TenantRef, statement: object) -> None:
    with unit_of_work():
        db.session.add(tax())
    with pytest.raises(ProgrammingError, match="permission denied"), unit_of_work():
        db.session.execute(statement)  # type: ignore[call-overload]
    assert len(entries()) == 1



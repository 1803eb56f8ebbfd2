"""Every customer is judged, however many there are; a line that is blocked alone is told too."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.billing.collections.differences import queries
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription
from ispbill.web.requests import IspbillFlask
from tests.make import bills, debts
from tests.make.browsers import signed_in
from tests.make.programs import program

LATE = date(2026, 3, 30)


def blocked(count: int) -> list[int]:
    """Customers who owe nothing and whom somebody suspended."""
    made = [bills.subscriber() for _ in range(count)]
    with unit_of_work():
        for customer_id in made:
            customers.suspend(db.session.get_one(Customer, customer_id), reason="Somebody said so")
    return made


def test_batches_are_judged_to_the_end(tenant: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "BATCH", 2)
    owing = bills.billed().customer_id
    with unit_of_work():
        customers.suspend(db.session.get_one(Customer, owing), reason="Owes")
    made = blocked(5)
    with debts.morning(LATE), unit_of_work():
        assert [row.customer_id for row in queries.differences()] == made
        assert [row.customer_id for row in queries.differences(made[2])] == made[3:]


def test_a_line_suspended_alone_is_told_while_its_customer_is_served(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = bills.subscriber("Ana Reyes")
    with unit_of_work():
        line = db.session.get_one(Subscription, 1)
        subscriptions.suspend(line, on=date(2026, 3, 10), reason="Pole is down")
    with unit_of_work():
        (found,) = queries.differences()
        assert (found.customer_id, found.should_be_on, found.subscription_id) == (customer_id, True, 1)
    page = signed_in(app, tenant).get("/collections/differences").text
    assert "One line alone is suspended: Pole is down" in page


def test_a_suspended_line_whose_end_has_passed_is_not_blocked(tenant: TenantRef) -> None:
    bills.subscriber()
    with unit_of_work():
        line = db.session.get_one(Subscription, 1)
        subscriptions.suspend(line, on=date(2026, 3, 10), reason="Away", billing=PauseBilling.BILL)
        subscriptions.end(line, on=LATE, reason="Moves")
    with debts.morning(date(2026, 3, 29)), unit_of_work():
        assert [found.subscription_id for found in queries.differences()] == [1]
    with debts.morning(LATE), unit_of_work():
        assert db.session.get_one(Subscription, 1).status == "suspended", "its last days wait for a run"
        assert list(queries.differences()) == []


def test_programs_read_them_page_by_page(app: IspbillFlask, tenant: TenantRef) -> None:
    made = blocked(3)
    api = program(app, tenant)
    first = api.get("collections/differences", limit=2).json
    assert [row["customer_id"] for row in first["items"]] == [str(key) for key in made[:2]]
    rest = api.get("collections/differences", limit=2, after_customer_id=first["next_after"]).json
    assert [row["customer_id"] for row in rest["items"]] == [str(made[2])] and rest["next_after"] is None

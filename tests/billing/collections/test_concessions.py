"""Promises and disputes where they meet money, loads and credit notes."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.billing.collections import queries
from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.notes.policy import Take
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from tests.make import bills, debts, loads, offers, people
from tests.make.corrections import credited

# What is billed on 10 March is due on the 25th.
CUT_OFF = date(2026, 3, 30)


def payable(customer_id: int) -> int:
    with unit_of_work():
        account = queries.account(customer_id)
        assert account is not None
        return sum(debt.payable_minor(account.on) for debt in account.debts)


def test_a_promise_is_not_kept_by_money_that_bought_something_else(tenant: TenantRef) -> None:
    ana = debts.debtor()
    debts.round_on(CUT_OFF)
    with debts.morning(date(2026, 3, 31)), unit_of_work():
        promise = concessions.promise(ana, until_on=date(2026, 4, 2))
        loads.load(ana, plan=offers.plan(149_900))
        assert db.session.get_one(type(promise), promise.id).status == "open"
    debts.round_on(date(2026, 4, 3))
    assert debts.status(ana) == "suspended"
    with unit_of_work():
        assert db.session.get_one(type(promise), promise.id).status == "broken"


def test_what_a_note_took_back_of_a_disputed_line_is_disputed_no_longer(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Reyes", email="debtor@example.com").id
        offers.subscribe(db.session.get_one(Customer, ana), plans=[(offers.plan(3_000), 1, None),
                                                                   (offers.plan(7_000), 1, None)])
    bills.jobs.bill_now(current.today())
    with debts.morning(CUT_OFF):
        with unit_of_work():
            row = concessions.dispute(1, line_id=1, reason="Was offline")
            assert row.amount_minor == 3_000
        assert payable(ana) == 7_000
        credited(1, Take(amount_minor=1_000))
        assert payable(ana) == 7_000, "a third of what is disputed is asked no more"
        credited(1, Take(amount_minor=2_000))
        assert payable(ana) == 7_000, "nothing is disputed any more"
        with unit_of_work():
            concessions.close_dispute(db.session.merge(row), outcome="Given back")
            with pytest.raises(Invalid, match="Nothing is charged"):
                concessions.dispute(1, line_id=1, reason="Was offline again")

"""Two months of a customer who does not pay, played day by day: the clock moved, the real schedule drained twice a day.

Whatever happens, no step is taken twice, and what is owed decides each evening whether service is on.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from ispbill import schedule
from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.collections.entitlement.policy import entitlement
from ispbill.billing.collections.models import CollectionAction, NoCutDay, PromiseToPay
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.service import Receipt
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.jobs.draining import drain
from ispbill.notifications.models import Message
from tests.make import debts, offers, people

MANILA = ZoneInfo("Asia/Manila")
TICKS = (schedule.bill_due_tenants, schedule.resume_billing, schedule.collect)


class Story:
    """A company whose days are played one after the other."""

    def __init__(self, tenant: TenantRef) -> None:
        self.tenant = tenant
        self.today = date(2026, 1, 31)

    def run_schedule(self) -> None:
        """What the scheduler and the workers do at the present instant."""
        with bound(None, SYSTEM):
            drain(TICKS, only=[self.tenant.code])

    @contextmanager
    def day(self, month_and_day: str) -> Iterator[None]:
        """Every day up to this one, with what happens on it at two in the afternoon."""
        until = date.fromisoformat(f"2026-{month_and_day}")
        while self.today < until:
            self.today += timedelta(days=1)
            for hour in (time(0, 6), time(8, 30), time(12)):
                with at(datetime.combine(self.today, hour, MANILA)):
                    self.run_schedule()
                    self.check()
        with at(datetime.combine(until, time(14), MANILA)):
            yield
            self.run_schedule()
            self.check()

    def check(self) -> None:
        """No step twice; who may not be online is not, and who was cut off by collections is restored if they may."""
        with unit_of_work():
            taken = func.count().label("taken")
            twice = select(taken).select_from(CollectionAction).group_by(
                CollectionAction.step_id, CollectionAction.episode_id, CollectionAction.invoice_id).having(taken > 1)
            assert db.session.execute(twice).all() == []
            account = collections.account(1)
            assert account is not None
            verdict = entitlement(account, collections.plan(), currency="PHP")
            its_morning = current.now().astimezone(MANILA).hour >= schedule.HOUR_OF_COLLECTING
            assert verdict.may_be_online or account.status == "suspended" or not its_morning


@pytest.fixture
def story(tenant: TenantRef) -> Story:
    """A Philippine company on the last of January, with a customer who is billed on the first."""
    with at(datetime(2026, 1, 31, 6, tzinfo=MANILA)), unit_of_work():
        ana = people.register_customer("Ana Reyes", email="ana@example.com")
        offers.subscribe(ana, plans=[(offers.plan(150_000), 1, None)], start_on=date(2026, 2, 1), anchor_day=1)
    return Story(tenant)


def promises() -> list[str]:
    with unit_of_work():
        return list(db.session.scalars(select(PromiseToPay.status).order_by(PromiseToPay.id)))


def test_reminded_cut_off_after_a_holiday_promised_broken_and_restored_by_a_payment(story: Story) -> None:
    with story.day("02-12"), unit_of_work():
        db.session.add(NoCutDay(day=date(2026, 2, 23), name="Fiesta of San Roque"))
    with story.day("02-16"):  # due today: billed on 1 February, payable within fifteen days
        assert [name for name, _ in debts.steps_taken(1)] == ["Reminder before it is due", "Reminder on the due day"]
    with story.day("02-23"):  # due + 5 is Saturday the 21st; Sunday and the fiesta on Monday are kept free, too
        assert debts.status(1) == "active" and debts.cutoffs(1) == []
    with story.day("02-24"):
        assert debts.cutoffs(1) == [(date(2026, 2, 24), None)]
        with unit_of_work():
            concessions.promise(1, until_on=date(2026, 3, 3), note="Salary on the third")
            assert db.session.get_one(Customer, 1).status == "active"
    with story.day("03-03"):
        assert debts.status(1) == "active"
    with story.day("03-04"):
        assert debts.status(1) == "suspended" and promises() == ["broken"]
    with story.day("03-10"):
        with unit_of_work():
            payments.record(Receipt(customer_id=1, amount_minor=150_000, method="e_wallet", reference="GC-1"))
            assert db.session.get_one(Customer, 1).status == "active"
    assert debts.cutoffs(1) == [(date(2026, 2, 24), "restored"), (date(2026, 3, 4), "restored")]
    first_episode = debts.steps_taken(1)
    assert [name for name, _ in first_episode if name != "Reminder before it is due"] == [
        "Reminder on the due day", "Overdue notice", "Suspension"]
    with story.day("03-31"):
        assert debts.status(1) in ("active", "suspended")
    with unit_of_work():
        keys = list(db.session.scalars(select(Message.unique_key)))
        assert len(keys) == len(set(keys))

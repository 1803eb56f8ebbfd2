"""What time does by itself: lines run out, customers are told twice before, revenue is earned day by day."""
from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from ispbill.audit.models import AuditEntry
from ispbill.billing.ledger.models import JournalEntry
from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid.deferral import service as deferral
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidSubscription
from ispbill.billing.prepaid.upkeep import jobs, service
from ispbill.core.current import at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications.models import Message
from tests.billing.prepaid.test_loads import account
from tests.make import loads, offers, people

pytestmark = pytest.mark.usefixtures("tenant")
DAY = timedelta(days=1)
MANILA = ZoneInfo("Asia/Manila")


@pytest.fixture
def line() -> int:
    """A line of Maria's with a month from noon, 10 March; the subscription's id."""
    with unit_of_work():
        maria = people.register_customer("Maria Santos", email="maria@example.com")
        return loads.load(maria.id, plan=offers.plan(100_000, name="Fibre 50")).subscription_id


def test_a_line_expires_once_and_can_be_renewed(line: int) -> None:
    expiry = current.now() + 30 * DAY
    with unit_of_work(), at(expiry - timedelta(seconds=1)):
        assert service.expire_due() == 0
    with unit_of_work(), at(expiry):
        assert service.expire_due() == 1 and service.expire_due() == 0
        subscription = db.session.get_one(PrepaidSubscription, line)
        assert subscription.status == "expired"
        loads.load(subscription.customer_id, prepaid_id=line)
        assert (subscription.status, subscription.expires_at) == ("active", expiry + 30 * DAY)


def test_two_reminders_go_out_and_each_once(line: int) -> None:
    expiry = current.now() + 30 * DAY
    for moment, messages in (
        (expiry - 4 * DAY, 0), (expiry - 3 * DAY, 1), (expiry - 2 * DAY, 1), (expiry - DAY, 2), (expiry, 2),
    ):
        for _ in range(2):
            with unit_of_work(), at(moment):
                jobs.look_at_lines()
        with unit_of_work():
            sent = db.session.scalars(select(Message).where(Message.template == "prepaid_expiring")).all()
            assert len(sent) == messages, moment
    assert sent[0].subject == "Your internet runs out on 9 April 2026, 12:00"
    assert sent[0].recipient == "maria@example.com"
    assert "Fibre 50" in sent[0].body


@pytest.mark.parametrize(("phone", "texts"), [("+639171234567", 1), ("", 0)])
def test_who_has_no_e_mail_address_gets_a_text_and_who_has_neither_is_named_in_the_audit(
    phone: str, texts: int
) -> None:
    with unit_of_work():
        ben = people.register_customer("Ben Cruz", phone=phone)
        loads.load(ben.id, plan=offers.plan(100_000, name="Fibre 50"))
    with unit_of_work(), at(current.now() + 27 * DAY):
        assert service.remind_due() == 1
    with unit_of_work():
        assert [row.recipient for row in db.session.scalars(select(Message))] == [phone] * texts
        told = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "not_reminded")).all()
        assert len(told) == 1 - texts


def test_a_line_that_is_renewed_in_time_is_reminded_of_the_new_expiry_only(line: int) -> None:
    expiry = current.now() + 30 * DAY
    with unit_of_work(), at(expiry - 4 * DAY):
        subscription = db.session.get_one(PrepaidSubscription, line)
        plan = db.session.scalars(select(PrepaidLoad)).one().plan_id
        loads.load(subscription.customer_id, plan=queries.plan_of(plan), prepaid_id=line)
    with unit_of_work(), at(expiry - DAY):
        assert service.remind_due() == 0


def test_revenue_is_earned_by_the_days_that_passed_and_sums_to_the_whole(line: int) -> None:
    noon = current.now()
    earned = []
    for day in range(32):
        with unit_of_work(), at(noon + day * DAY):
            done = deferral.recognise()
            assert deferral.recognise() is None
            if done:
                earned.append(done.amount_minor)
    assert earned[0] == 1_667 and set(earned[1:-1]) == {3_333, 3_334} and sum(earned) == 100_000
    with unit_of_work():
        assert (account("deferred_revenue"), account("revenue")) == (0, -100_000)


def test_a_night_that_was_missed_is_made_up_for_and_dated_the_day_before(line: int) -> None:
    with unit_of_work(), at(datetime(2026, 4, 1, 0, 20, tzinfo=MANILA)):
        done = deferral.recognise()
        assert done is not None and done.amount_minor == 71_667
        entry = db.session.scalars(
            select(JournalEntry).where(JournalEntry.source == "prepaid_recognition")
        ).one()
        assert f"{entry.posted_on}" == "2026-03-31"

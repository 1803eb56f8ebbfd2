"""Each step tells its customer by e-mail, by text or by hand; who could not be told is said, never passed over."""
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ispbill.billing.collections.models import CollectionAction
from ispbill.billing.collections.tasks import queries as tasks
from ispbill.billing.collections.tasks import service as told
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications.models import Message
from ispbill.web.requests import IspbillFlask
from tests.make import bills, debts
from tests.make.browsers import signed_in

REMINDER, DAY = "Reminder before it is due", date(2026, 3, 22)
CUT_OFF = date(2026, 3, 30)


def reminded(channel: str, **facts: str) -> CollectionAction:
    """What the reminder left behind for a debtor who is told this way."""
    debts.set_step(REMINDER, channel=channel)
    debts.debtor("Ana Reyes", **facts)
    debts.round_on(DAY)
    with unit_of_work():
        return db.session.scalars(select(CollectionAction)).one()


def sent() -> list[tuple[str, str]]:
    with unit_of_work():
        return [(row.channel, row.recipient) for row in db.session.scalars(select(Message).order_by(Message.id))]


@pytest.mark.parametrize(("channel", "known", "expected"), [
    ("email", {}, [("email", "debtor@example.com")]),
    ("sms", {"phone": "+639171234567"}, [("sms", "+639171234567")]),
    ("sms", {}, []), ("email", {"email": ""}, []), ("hand", {}, []),
])
def test_a_step_is_told_as_the_plan_says(
    tenant: TenantRef, channel: str, known: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    action = reminded(channel, **known)
    assert sent() == expected
    assert action.note.startswith("Not told") == (not expected and channel != "hand")
    assert action.is_by_hand == (channel == "hand")


def test_a_text_is_short_and_names_the_amount(tenant: TenantRef) -> None:
    reminded("sms", phone="+639171234567")
    with unit_of_work():
        message = db.session.scalars(select(Message)).one()
        assert "PHP 1,499.00" in message.body and message.segments == 1 and message.enclosure is None


def test_a_suspension_and_what_ends_it_are_told_the_same_way(tenant: TenantRef) -> None:
    debts.set_step("Suspension", channel="sms")
    ana = debts.debtor("Ana Reyes", phone="+639171234567")
    debts.round_on(CUT_OFF)
    with debts.morning(CUT_OFF):
        bills.paid(ana, 149_900)
    with unit_of_work():
        texts = db.session.scalars(select(Message).where(Message.channel == "sms").order_by(Message.id))
        assert [row.template for row in texts] == ["service_suspended", "service_restored"]


def test_what_is_told_by_hand_is_a_task_until_somebody_did_it(app: IspbillFlask, tenant: TenantRef) -> None:
    action = reminded("hand", phone="+639171234567")
    browser = signed_in(app, tenant)
    assert "Calls and visits (1)" in browser.get("/collections").text
    assert "0917 123 4567" in browser.get("/collections/tasks").text
    assert "Ana Reyes" in browser.get("/collections/tasks/export").text
    answer = browser.post(f"/collections/tasks/{action.id}/told", {"note": "pays on Friday"})
    assert answer.status_code == 302 and "Nobody is to be told" in browser.get("/collections/tasks").text
    with unit_of_work():
        assert tasks.count() == 0
        done = db.session.get_one(CollectionAction, action.id, populate_existing=True)
        assert done.told_note == "pays on Friday" and done.told_by
        with pytest.raises(Conflict, match="already"):
            told.tell(done)

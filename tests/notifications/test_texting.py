"""Texts: written plainly, counted, handed in once at the provider, and what becomes of them by signed reports only."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications import service as messages
from ispbill.notifications.models import Channel, Message
from ispbill.notifications.service import Draft
from ispbill.notifications.texting import policy, queries, service
from ispbill.notifications.texting.policy import SmsTerms
from tests.make.browsers import signed_in
from tests.notifications.carrier import SID, TOKEN, Carrier, open_carrier

NUMBER = "+639171234567"


@pytest.fixture
def carrier(app: Flask, tenant: TenantRef) -> Iterator[Carrier]:
    """A provider, and the company's account at it."""
    settings = app.config["ISPBILL"]
    with open_carrier() as made:
        app.config["ISPBILL"] = replace(settings, sms_url=made.url)
        with unit_of_work():
            service.enter(SmsTerms(SID, TOKEN, "+639170000000"))
        yield made
    app.config["ISPBILL"] = settings


def write(unique_key: str = "t1") -> int:
    with unit_of_work():
        queued = messages.queue_all([Draft("service_restored", NUMBER, unique_key, {"account_number": "AC-1"},
                                           channel=Channel.SMS)])
    return queued[unique_key]


def deliver(message_id: int) -> bool:
    with unit_of_work():
        return messages.deliver(message_id)


def stored(message_id: int) -> Message:
    with unit_of_work():
        message = db.session.get_one(Message, message_id, populate_existing=True)
        db.session.expunge(message)
    return message


@pytest.mark.parametrize(("text", "count"), [
    ("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
    ("ł" * 70, 1), ("ł" * 71, 2), ("😀" * 35, 1), ("😀" * 36, 2), ("Ñandú", 2 - 1),
])
def test_a_text_is_counted_as_it_is_billed(text: str, count: int) -> None:
    assert policy.segments(text) == count


def test_signs_that_make_a_text_dearer_are_written_plainly() -> None:
    assert policy.plain("Ana’s  bill – ₱1,499.00\n is “due”…") == "Ana's bill - PHP 1,499.00 is \"due\"..."


def test_a_request_is_signed_as_the_provider_says() -> None:
    values = {"To": "+18005551212", "From": "+12349013030", "Digits": "1234", "Caller": "+12349013030",
              "CallSid": "CA1234567890ABCDE"}
    made = policy.signature("https://mycompany.com/myapp.php?foo=1&bar=2", values, token="12345")
    assert made == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
    assert not policy.is_signed("https://mycompany.com/", values, token="12345", shown=made)
    assert not policy.is_signed("https://mycompany.com/", values, token="12345", shown="")


@pytest.mark.parametrize(("known", "told", "counts"), [
    (None, "queued", True), ("queued", "sent", True), ("sent", "sending", False), ("delivered", "sent", False),
    ("delivered", "delivered", False), ("sent", "undelivered", True), ("sent", "accepted by pigeon", False),
])
def test_reports_count_in_whatever_order_they_come(known: str | None, told: str, counts: bool) -> None:
    assert (policy.newer(known, told) is not None) == counts


def test_a_text_is_handed_in_once_and_said_to_be_delivered_by_a_signed_report(app: Flask, carrier: Carrier) -> None:
    message_id = write()
    assert [deliver(message_id), deliver(message_id)] == [True, False]
    (taken,) = carrier.texts
    assert (taken["To"], taken["From"]) == (NUMBER, "+639170000000") and "AC-1 is back" in taken["Body"]
    assert taken["path"] == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert (stored(message_id).status, stored(message_id).segments) == ("sent", 1)
    assert carrier.report(app, 0, "delivered", token="of somebody else").status_code == 403
    assert stored(message_id).delivery == "queued"
    for status in ("delivered", "sent"):
        assert carrier.report(app, 0, status).status_code == 204
    assert stored(message_id).delivery == "delivered"


def test_a_text_that_did_not_arrive_has_failed_and_says_why(app: Flask, carrier: Carrier) -> None:
    message_id = write()
    deliver(message_id)
    carrier.report(app, 0, "undelivered", ErrorCode="30005")
    row = stored(message_id)
    assert (row.status, row.last_error) == ("failed", "undelivered 30005")


def test_a_report_about_another_text_changes_nothing(app: Flask, carrier: Carrier) -> None:
    first, second = write("t1"), write("t2")
    deliver(first), deliver(second)
    carrier.texts[0]["StatusCallback"] = carrier.texts[1]["StatusCallback"]
    assert carrier.report(app, 0, "delivered").status_code == 204
    assert stored(second).delivery == "queued"


def test_nobody_reports_where_no_account_is_known(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        address = service.report_url(1)
    assert app.test_client().post(address, data={}, headers={"X-Twilio-Signature": "x"}).status_code == 403


def test_a_number_that_does_not_exist_is_given_up_at_once_and_a_crowd_waited_for(carrier: Carrier) -> None:
    carrier.refusal = (400, {"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400})
    gone = write("t1")
    assert not deliver(gone)
    assert stored(gone).status == "failed" and "21211" in (stored(gone).last_error or "")
    carrier.refusal = (429, {"code": 20429, "message": "Too Many Requests", "status": 429})
    waiting = write("t2")
    assert not deliver(waiting) and stored(waiting).status == "queued"
    carrier.refusal = None
    with at(current.now() + timedelta(minutes=2)):
        assert deliver(waiting)


def test_texts_wait_while_they_are_switched_off(tenant: TenantRef) -> None:
    message_id = write()
    assert not deliver(message_id) and stored(message_id).status == "queued"


def test_the_account_is_entered_with_its_token_encrypted(app: Flask, tenant: TenantRef) -> None:
    browser, address = signed_in(app, tenant), "/settings/text-messages"
    entered = {"account_sid": SID, "sender": "Fibre Co", "is_enabled": "y"}
    assert browser.get(address).status_code == 200
    assert "Enter the token" in browser.post(address, entered).text
    assert browser.post(address, {**entered, "token": TOKEN}).status_code == 302
    assert browser.post(address, {**entered, "sender": "Other Co"}).status_code == 302
    assert TOKEN not in browser.get(address).text
    with unit_of_work():
        known = queries.account()
        assert known is not None and known.sender == "Other Co" and TOKEN not in known.sealed_token
        assert TOKEN not in str(db.session.execute(text("SELECT before, after FROM audit_entries")).all())


@pytest.mark.parametrize(("sid", "sender"), [
    ("AC1", "+639170000000"), (SID, "09171234567"), (SID, "x" * 12), (SID, ""),
])
def test_an_account_that_cannot_be_is_refused(tenant: TenantRef, sid: str, sender: str) -> None:
    with pytest.raises(Invalid), unit_of_work():
        service.enter(SmsTerms(sid, TOKEN, sender))

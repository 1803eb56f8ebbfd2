"""Messages: written once, sent once, tried again for a while; what lets somebody in is never in the log."""
from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from jinja2 import UndefinedError
from sqlalchemy import select

from ispbill.accounts.users import service as users
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications import queries
from ispbill.notifications import service as messages
from ispbill.notifications.models import Message
from tests.notifications.conftest import Mailbox

LINK = "https://company.example/password/set/set_abcdef"


def write(unique_key: str = "k1", recipient: str = "ana@example.com", name: str = "Ana") -> int:
    with unit_of_work():
        message_id = messages.queue(
            template="invitation", recipient=recipient, unique_key=unique_key, name=name, inviter="Olivia",
            secrets={"url": LINK},
        )
    assert message_id is not None
    return message_id


def deliver(message_id: int) -> bool:
    with unit_of_work():
        return messages.deliver(message_id)


def stored(message_id: int) -> Message:
    with unit_of_work():
        message = db.session.get_one(Message, message_id, populate_existing=True)
        db.session.expunge(message)
    return message


def test_a_message_is_sent_in_the_companys_name(tenant: TenantRef, mailbox: Mailbox) -> None:
    assert deliver(write())
    (letter,) = mailbox.letters
    assert letter["From"] == f"{tenant.name} <office@isp.test>"
    assert (letter["To"], letter["Subject"]) == ("ana@example.com", f"You are invited to {tenant.name}")
    assert LINK in letter.get_content() and "Olivia invites you" in letter.get_content()
    assert letter["Message-ID"].startswith(f"<{tenant.code.lower()}-")


def test_the_link_is_nowhere_in_the_row_and_forgotten_once_sent(tenant: TenantRef, mailbox: Mailbox) -> None:
    message_id = write()
    waiting = stored(message_id)
    assert LINK not in f"{waiting.body}{waiting.sealed}" and waiting.sealed is not None
    deliver(message_id)
    sent = stored(message_id)
    assert (sent.status, sent.sealed) == ("sent", None)


def test_the_same_event_writes_one_message(tenant: TenantRef) -> None:
    write()
    with unit_of_work():
        assert messages.queue(template="invitation", recipient="ana@example.com", unique_key="k1", name="Ana",
                              inviter="Olivia", url=LINK) is None


def test_a_message_is_sent_once_however_often_it_is_delivered(tenant: TenantRef, mailbox: Mailbox) -> None:
    message_id = write()
    assert [deliver(message_id), deliver(message_id)] == [True, False]
    assert len(mailbox.letters) == 1


def test_a_message_is_sent_once_by_workers_at_the_same_moment(
    app: Flask, tenant: TenantRef, mailbox: Mailbox
) -> None:
    message_id, now = write(), current.now()
    start, sent = threading.Barrier(4), []

    def work() -> None:
        with app.app_context(), bound(tenant, SYSTEM), at(now):
            start.wait()
            sent.append(deliver(message_id))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(sent) == [False, False, False, True]
    assert len(mailbox.letters) == 1


def test_a_failure_is_tried_again_later_and_given_up_after_five(tenant: TenantRef, mailbox: Mailbox) -> None:
    mailbox.answer = "451 try later"
    message_id, moment = write(), current.now()
    pauses = []
    for _ in range(5):
        with at(moment):
            assert not deliver(message_id)
            assert not deliver(message_id)
        row = stored(message_id)
        pauses.append((row.next_attempt_at - moment) // timedelta(minutes=1))
        moment = row.next_attempt_at
    assert pauses[:4] == [1, 4, 16, 64]
    row = stored(message_id)
    assert (row.status, row.attempts) == ("failed", 5)
    assert row.last_error is not None and "try later" in row.last_error


def test_what_failed_is_sent_when_somebody_asks_again(tenant: TenantRef, mailbox: Mailbox) -> None:
    mailbox.answer = "550 no"
    message_id, moment = write(), current.now()
    for hours in range(5):
        with at(moment + timedelta(hours=2 * hours)):
            deliver(message_id)
    mailbox.answer = "250 taken"
    with unit_of_work():
        messages.send_again(message_id)
    assert deliver(message_id)
    assert LINK in mailbox.letters[0].get_content()


def test_a_message_whose_link_is_forgotten_cannot_be_sent_again(tenant: TenantRef, mailbox: Mailbox) -> None:
    message_id = write()
    deliver(message_id)
    with pytest.raises(Conflict, match="made anew"), unit_of_work():
        messages.send_again(message_id)


def test_a_server_that_is_away_is_a_failure_like_another(
    app: Flask, tenant: TenantRef, mailbox: Mailbox
) -> None:
    message_id = write()
    app.config["ISPBILL"] = replace(app.config["ISPBILL"], smtp_url="smtp://127.0.0.1:1")
    assert not deliver(message_id)
    assert (stored(message_id).status, stored(message_id).attempts) == ("queued", 1)


def test_without_a_mail_server_messages_wait(tenant: TenantRef) -> None:
    message_id = write()
    assert not deliver(message_id)
    assert (stored(message_id).status, stored(message_id).attempts) == ("queued", 0)


def test_what_is_due_is_the_longest_overdue_first(tenant: TenantRef) -> None:
    first, second = write("a"), write("b")
    with at(current.now() + timedelta(hours=1)), unit_of_work():
        assert list(queries.due(["email"])) == [first, second]
    with at(current.now() - timedelta(hours=1)), unit_of_work():
        assert list(queries.due(["email"])) == []


def test_a_name_cannot_add_headers_or_run_code(tenant: TenantRef, mailbox: Mailbox) -> None:
    deliver(write(name="Ana\nBcc: all@example.com {{ 7 * 7 }}"))
    (letter,) = mailbox.letters
    assert letter["Bcc"] is None and "{{ 7 * 7 }}" in letter.get_content()


def test_a_template_with_a_missing_value_is_an_error(tenant: TenantRef) -> None:
    with pytest.raises(UndefinedError), unit_of_work():
        messages.queue(template="invitation", recipient="a@example.com", unique_key="k", name="Ana")


def test_an_invitation_reaches_its_mailbox(tenant: TenantRef, mailbox: Mailbox) -> None:
    with unit_of_work():
        invited = users.invite("new@example.com", full_name="Nena New", role_ids=[])
        waiting = db.session.scalars(select(Message.id)).one()
    assert deliver(waiting)
    assert invited.url in mailbox.letters[0].get_content()

"""The log of messages: what waits and why, what was sent; a link for its recipient is shown to nobody."""
from __future__ import annotations

from flask import Flask

from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications import service as messages
from tests.make.browsers import signed_in
from tests.notifications.conftest import Mailbox
from tests.notifications.test_messages import LINK, deliver, write


def test_the_page_says_that_messages_wait_for_a_mail_server(app: Flask, tenant: TenantRef) -> None:
    write()
    browser = signed_in(app, tenant)
    for page in (browser.get("/messages").text, browser.get("/messages/1").text):
        assert "No mail server is set up" in page and "Queued" in page


def test_a_link_for_its_recipient_is_on_no_page(app: Flask, tenant: TenantRef) -> None:
    write()
    browser = signed_in(app, tenant)
    page = browser.get("/messages/1").text
    assert "what only the recipient gets" in page and "set_abcdef" not in page
    assert "set_abcdef" not in browser.get("/messages/export").text


def test_messages_are_searched_and_filtered(app: Flask, tenant: TenantRef, mailbox: Mailbox) -> None:
    deliver(write("a", recipient="ana@example.com"))
    write("b", recipient="ben@example.com")
    browser = signed_in(app, tenant)
    assert "No mail server" not in browser.get("/messages").text
    found = {query: [name for name in ("ana@", "ben@") if name in browser.get(f"/messages/export?{query}").text]
             for query in ("", "q=BEN", "status=sent", "status=queued", "status=odd")}
    assert found == {"": ["ana@", "ben@"], "q=BEN": ["ben@"], "status=sent": ["ana@"], "status=queued": ["ben@"],
                     "status=odd": ["ana@", "ben@"]}


def test_a_failed_message_is_sent_again_by_who_may(app: Flask, tenant: TenantRef, mailbox: Mailbox) -> None:
    message_id = write()
    reader = signed_in(app, tenant, permissions=["view_message_log"])
    assert reader.post(f"/messages/{message_id}/send-again").status_code == 403
    browser = signed_in(app, tenant)
    assert browser.post(f"/messages/{message_id}/send-again").status_code == 302
    assert deliver(message_id) and LINK in mailbox.letters[0].get_content()
    assert browser.post(f"/messages/{message_id}/send-again").status_code == 409
    assert browser.post("/messages/99/send-again").status_code == 404


def test_a_message_without_a_secret_is_sent_as_often_as_asked(tenant: TenantRef, mailbox: Mailbox) -> None:
    with unit_of_work():
        message_id = messages.queue(template="password_set", recipient="ana@example.com", unique_key="k",
                                    name="Ana", at="today", reset_url="https://x")
    assert message_id is not None and deliver(message_id)
    with unit_of_work():
        messages.send_again(message_id)
    assert deliver(message_id) and len(mailbox.letters) == 2

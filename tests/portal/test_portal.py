"""The portal: who comes to an account, what they see of it, and that nobody sees another's."""
from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ispbill.core.current import TenantRef, at
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.duplicates import service as duplicates
from ispbill.customers.models import Customer
from ispbill.notifications.models import Message
from ispbill.portal import policy, queries, service
from ispbill.portal.policy import Standing
from ispbill.support.tickets import service as tickets
from tests.conftest import NOON_IN_MANILA
from tests.make import bills, people, support
from tests.make.browsers import Browser, signed_in

KEY, TODAY = "k" * 64, date(2026, 3, 10)


def link_of(customer_id: int) -> str:
    """The path of a customer's account."""
    with unit_of_work():
        return f"/portal/{queries.token(service.give(db.session.get_one(Customer, customer_id)))}"


def letters() -> list[Message]:
    """Everything that was queued, the newest last."""
    with unit_of_work():
        return list(db.session.scalars(select(Message).where(Message.template == "account_link").order_by(Message.id)))


def test_a_token_is_read_back_by_the_key_that_made_it_alone() -> None:
    seed = "0123456789abcdef" * 2
    token = policy.token_of(seed, key=KEY)
    assert policy.seed_of(token, key=KEY) == seed and len(token) == 64
    wrong = (token[:-1] + ("0" if token[-1] != "0" else "1"), token[1:], seed, "", "é" * 64, token + "0")
    assert [policy.seed_of(text, key=KEY) for text in wrong] == [None] * len(wrong)
    assert policy.seed_of(token, key="another") is None


@pytest.mark.parametrize(("open_minor", "credit_minor", "due_on", "standing"), [
    (0, 0, None, Standing.NOTHING), (0, 500, None, Standing.CREDIT), (100, 0, TODAY, Standing.DUE),
    (100, 50, TODAY - timedelta(days=1), Standing.OVERDUE),
])
def test_a_customer_is_told_first_what_is_to_be_paid(
    open_minor: int, credit_minor: int, due_on: date | None, standing: Standing
) -> None:
    assert policy.standing(open_minor=open_minor, credit_minor=credit_minor, first_due_on=due_on,
                           today=TODAY) == standing


def test_a_customer_sees_what_to_pay_and_by_when_and_takes_the_papers(app: Flask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=112_000)
    payment = bills.paid(invoice.customer_id, 50_000)
    link, visitor = link_of(invoice.customer_id), Browser(app, tenant)
    page = visitor.get(link).text
    for words in ("₱620.00 to pay", "Due by", invoice.number, payment.number, "Ana Reyes", "Your services"):
        assert words in page, words
    for path in (f"invoices/{invoice.id}.pdf", f"receipts/{payment.id}.pdf", "statement.pdf"):
        assert visitor.get(f"{link}/{path}").data.startswith(b"%PDF"), path
    with at(NOON_IN_MANILA + timedelta(days=40)):
        assert "Overdue since" in visitor.get(link).text
    bills.paid(invoice.customer_id, 70_000)
    assert "₱80.00 in your favour" in visitor.get(link).text


def test_a_customer_without_anything_is_told_so(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        customer_id = people.register_customer("Ben Cruz").id
    page = Browser(app, tenant).get(link_of(customer_id)).text
    for words in ("Nothing to pay", "No service at present", "No bills yet.", "No payments yet."):
        assert words in page, words


def test_no_link_opens_the_papers_of_another_customer(app: Flask, tenant: TenantRef) -> None:
    mine, other = bills.billed("Ana Reyes"), bills.billed("Ben Cruz")
    paid, link, visitor = bills.paid(other.customer_id, 1_000), link_of(mine.customer_id), Browser(app, tenant)
    assert visitor.get(f"{link}/invoices/{other.id}.pdf").status_code == 404
    assert visitor.get(f"{link}/receipts/{paid.id}.pdf").status_code == 404
    assert visitor.get("/portal/" + "0" * 64).status_code == 404


def test_of_a_ticket_a_customer_reads_what_was_written_for_them(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        person = people.register_customer("Ana Reyes")
        customer_id, ticket = person.id, support.ticket("No light on the box", customer=person)
        tickets.comment(ticket, text="We come on Friday.", is_public=True)
        tickets.comment(ticket, text="She was rude.", is_public=False)
    page = Browser(app, tenant).get(link_of(customer_id)).text
    assert "No light on the box" in page and "We come on Friday." in page and "rude" not in page


def test_another_link_or_none_makes_the_former_useless(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        customer_id = people.register_customer("Ana Reyes").id
    browser, visitor = signed_in(app, tenant), Browser(app, tenant)
    address = f"/customers/{customer_id}/account-link"
    assert "Make a link" in browser.get(address).text
    assert browser.post(address).status_code == 302
    first = _shown(browser, address)
    assert visitor.get(first).status_code == 200 and browser.post(address).status_code == 302
    assert visitor.get(first).status_code == 404 and visitor.get(_shown(browser, address)).status_code == 200
    assert browser.post(f"{address}/withdraw").status_code == 302
    assert "Make a link" in browser.get(address).text
    assert signed_in(app, tenant, permissions=["view_customer_detail"]).get(address).status_code == 403


def test_the_link_follows_a_merge(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        kept, merged = (people.register_customer(name, phone="0917 123 4567") for name in ("Ana Cruz", "A. Cruz"))
        ids = (kept.id, merged.id)
    link = link_of(ids[1])
    with unit_of_work():
        duplicates.merge(ids[0], merged_id=ids[1])
    assert "Ana Cruz" in Browser(app, tenant).get(link).text


def test_who_knows_number_and_address_is_sent_the_link_and_others_get_the_same_answer(
    app: Flask, tenant: TenantRef
) -> None:
    with unit_of_work():
        number = people.register_customer("Ana Reyes", email="ana@example.com").account_number
    visitor = Browser(app, tenant)
    for asked in ({"account_number": "AC-999999", "email": "ana@example.com"},
                  {"account_number": number, "email": "ben@example.com"}):
        assert "Look into your mailbox" in visitor.post("/portal", asked).text
    assert letters() == []
    answer = visitor.post("/portal", {"account_number": number.lower(), "email": "Ana@Example.com"})
    assert "Look into your mailbox" in answer.text
    (letter,) = letters()
    assert letter.recipient == "ana@example.com" and "/portal/" not in letter.body
    assert visitor.post("/portal", {"account_number": number, "email": "ana"}).status_code == 422


def test_the_staff_send_the_link_to_who_has_an_address(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana, ben = people.register_customer("Ana", email="ana@example.com"), people.register_customer("Ben")
        ids = (ana.id, ben.id)
    browser = signed_in(app, tenant)
    assert browser.post(f"/customers/{ids[0]}/account-link/send").status_code == 302
    assert [letter.recipient for letter in letters()] == ["ana@example.com"]
    assert browser.post(f"/customers/{ids[1]}/account-link/send").status_code == 422


def test_within_ten_minutes_nobody_is_sent_the_link_twice(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        number = people.register_customer("Ana Reyes", email="ana@example.com").account_number
    asked, visitor = {"account_number": number, "email": "ana@example.com"}, Browser(app, tenant)
    for minutes, sent in ((0, 1), (1, 1), (10, 2)):
        with at(NOON_IN_MANILA + timedelta(minutes=minutes)):
            assert "Look into your mailbox" in visitor.post("/portal", asked).text
        assert len(letters()) == sent


def test_who_may_not_see_bills_sends_the_link_without_seeing_it(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        customer_id = people.register_customer("Ana Reyes", email="ana@example.com").id
    link = link_of(customer_id)
    browser = signed_in(app, tenant, permissions=["send_message"])
    page = browser.get(f"/customers/{customer_id}/account-link").text
    assert link not in page and "you can send it, but not open it" in page
    assert browser.post(f"/customers/{customer_id}/account-link/send").status_code == 302


def test_customers_behind_one_address_do_not_use_up_each_others_looks(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        ids = [people.register_customer(name).id for name in ("Ana", "Ben")]
    busy, quiet = map(link_of, ids)
    visitor = Browser(app, tenant)
    assert [visitor.get(busy).status_code for _ in range(61)][-1] == 429
    assert visitor.get(quiet).status_code == 200


def _shown(browser: Browser, address: str) -> str:
    page = browser.get(address).text
    return "/portal/" + page.partition('href="/portal/')[2].partition('"')[0]

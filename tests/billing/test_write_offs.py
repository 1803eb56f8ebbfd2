"""Write-offs: the open rest is bad debt, tax included; it is recovered by later money, or taken back by hand."""
from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ispbill.billing.invoices import service as invoices
from ispbill.billing.ledger.models import JournalEntry
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.notes.policy import Take
from ispbill.billing.payments import service as payments
from ispbill.billing.runs import jobs
from ispbill.billing.write_offs import service as write_offs
from ispbill.billing.write_offs.models import WriteOff
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription
from ispbill.web.requests import IspbillFlask
from tests.make import bills, corrections, days, offers
from tests.make.browsers import signed_in
from tests.make.corrections import balance, booked, credit_of, findings, loaded, open_amounts, written_off


def test_what_is_open_is_given_up_with_its_tax(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=112_000, tax=lambda: offers.tax("12"))
    bills.paid(invoice.customer_id, 12_000)
    written_off(invoice.id)
    assert open_amounts(invoice.customer_id) == [] and balance(invoice.customer_id) == 0
    assert booked(AccountPurpose.BAD_DEBT) == 100_000 and findings() == {}
    with unit_of_work():
        assert loaded(invoice.id).standing(current.today()) == "written_off"


def test_money_that_comes_in_later_recovers_it_after_what_is_open(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    written_off(invoice.id)
    corrections.debited(invoice.customer_id, 3_000)
    bills.paid(invoice.customer_id, 7_000)
    assert open_amounts(invoice.customer_id) == [] and credit_of(invoice.customer_id) == 0
    assert booked(AccountPurpose.BAD_DEBT) == 6_000 and findings() == {}
    bills.paid(invoice.customer_id, 8_000)
    assert booked(AccountPurpose.BAD_DEBT) == 0 and credit_of(invoice.customer_id) == 2_000 and findings() == {}
    with unit_of_work():
        assert loaded(invoice.id).standing(current.today()) == "paid"


def test_a_credit_of_what_was_written_off_is_no_money_of_the_customers(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    written_off(invoice.id)
    corrections.debited(invoice.customer_id, 1_000)
    corrections.credited(invoice.id, Take(amount_minor=4_000))
    assert open_amounts(invoice.customer_id) == [1_000], "a credit note settles first what it is about"
    assert booked(AccountPurpose.BAD_DEBT) == 6_000 and credit_of(invoice.customer_id) == 0 and findings() == {}
    corrections.credited(invoice.id)
    assert booked(AccountPurpose.BAD_DEBT) == 0 and credit_of(invoice.customer_id) == 0 and findings() == {}


def test_nor_is_what_a_bill_gives_back_of_it(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=31_000)
    written_off(invoice.id)
    left_on = current.today() + timedelta(days=21)
    with unit_of_work():
        subscriptions.end(db.session.get_one(Subscription, 1), on=left_on, reason="Left")
    jobs.bill_now(left_on)
    assert days.newest().total_minor == -10_000 and credit_of(invoice.customer_id) == 0
    assert booked(AccountPurpose.BAD_DEBT) == 21_000 and findings() == {}


def test_what_was_given_up_in_two_parts_is_recovered_part_by_part(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    written_off(invoice.id)
    bounced = bills.paid(invoice.customer_id, 4_000)
    with unit_of_work():
        payments.reverse(db.session.merge(bounced), reason="The cheque bounced")
    assert open_amounts(invoice.customer_id) == [4_000], "it was expected after all"
    written_off(invoice.id)
    bills.paid(invoice.customer_id, 7_000)
    assert booked(AccountPurpose.BAD_DEBT) == 3_000 and credit_of(invoice.customer_id) == 0 and findings() == {}
    bills.paid(invoice.customer_id, 3_500)
    assert booked(AccountPurpose.BAD_DEBT) == 0 and credit_of(invoice.customer_id) == 500 and findings() == {}


def test_nothing_is_given_up_or_voided_before_the_day_of_its_invoice(tenant: TenantRef) -> None:
    bills.subscriber(price_minor=10_000)
    ahead = current.today() + timedelta(days=5)
    jobs.bill_now(ahead)
    with unit_of_work():
        write_offs.write_off(days.newest(), reason="Moved away")
        write_offs.take_back(days.newest())
        invoices.void(days.newest(), reason="Billed in error")
        voided, given_up = days.newest(), db.session.scalars(select(WriteOff)).one()
        entries = db.session.scalars(select(JournalEntry.posted_on)).all()
    assert (voided.voided_on, given_up.written_off_on, entries) == (ahead, ahead, [ahead] * 4)
    assert findings() == {}


def test_a_voided_invoice_is_no_bad_debt(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    written_off(invoice.id)
    with unit_of_work():
        invoices.void(loaded(invoice.id), reason="Billed in error")
    assert booked(AccountPurpose.BAD_DEBT) == 0 and balance(invoice.customer_id) == 0 and findings() == {}


def test_it_can_be_taken_back(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    written_off(invoice.id)
    with unit_of_work():
        write_offs.take_back(loaded(invoice.id))
    assert open_amounts(invoice.customer_id) == [10_000] and balance(invoice.customer_id) == 10_000
    assert booked(AccountPurpose.BAD_DEBT) == 0 and findings() == {}
    with pytest.raises(Conflict, match="Nothing"), unit_of_work():
        write_offs.take_back(loaded(invoice.id))


def test_it_needs_a_reason_and_something_open(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    with pytest.raises(Invalid, match="why"):
        written_off(invoice.id, reason=" ")
    bills.paid(invoice.customer_id, 10_000)
    with pytest.raises(Conflict, match="Nothing is open"):
        written_off(invoice.id)


def test_the_pages_write_off_list_and_take_back(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=10_000)
    browser = signed_in(app, tenant)
    assert "Nothing was written off" in browser.get("/write-offs").text
    assert "bad debt" in browser.get(f"/invoices/{invoice.id}/write-off").text
    assert browser.post(f"/invoices/{invoice.id}/write-off", {"reason": ""}).status_code == 422
    assert browser.post(f"/invoices/{invoice.id}/write-off", {"reason": "Moved away"}).status_code == 302
    assert "Written off" in browser.get(f"/invoices/{invoice.id}").text
    for address in ("/write-offs?q=ana", "/write-offs/export"):
        assert "Moved away" in browser.get(address).text
    assert browser.post(f"/invoices/{invoice.id}/write-off/take-back", {}).status_code == 302
    assert open_amounts(invoice.customer_id) == [10_000]

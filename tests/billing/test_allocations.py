"""Allocations by hand: money on chosen invoices, split, taken off again; tax that was withheld."""
from __future__ import annotations

from datetime import date, timedelta

import pytest

from ispbill.billing.closing import service as closing
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.notes.policy import Take
from ispbill.billing.payments import queries
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.payments.models import Payment
from ispbill.core.current import TenantRef, current
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills, corrections
from tests.make.browsers import signed_in
from tests.make.corrections import booked, credit_of, credited, findings, loaded, open_amounts


def payment_of(payment_id: int) -> Payment:
    found = queries.detail(payment_id)
    assert found is not None
    return found


def waiting(customer_id: int, amount_minor: int) -> Payment:
    """Money that was meant for something else than the oldest invoice, and waits."""
    return bills.paid(customer_id, amount_minor, waits=True)


def test_a_person_says_which_invoices_a_payment_settles(tenant: TenantRef) -> None:
    first = bills.billed(price_minor=10_000)
    second = corrections.debited(first.customer_id, 5_000)
    payment = waiting(first.customer_id, 7_000)
    with unit_of_work():
        allocations.apply_credit(payment_of(payment.id), {second.id: 5_000, first.id: 1_000})
    assert open_amounts(first.customer_id) == [9_000] and credit_of(first.customer_id) == 1_000
    assert findings() == {}


@pytest.mark.parametrize(("amount_minor", "message"), [(5_001, "more than is open"), (0, "Say how much")])
def test_no_more_is_settled_than_is_open(tenant: TenantRef, amount_minor: int, message: str) -> None:
    invoice = bills.billed(price_minor=5_000)
    payment = waiting(invoice.customer_id, 9_000)
    with pytest.raises(Invalid, match=message), unit_of_work():
        allocations.apply_credit(payment_of(payment.id), {invoice.id: amount_minor})


def test_no_more_is_spent_than_is_left_and_not_on_a_strangers_invoice(tenant: TenantRef) -> None:
    invoice, stranger = bills.billed(price_minor=5_000), bills.billed(price_minor=5_000)
    payment = waiting(invoice.customer_id, 3_000)
    with pytest.raises(Conflict, match="left"), unit_of_work():
        allocations.apply_credit(payment_of(payment.id), {invoice.id: 3_001})
    with pytest.raises(Invalid, match="more than is open"), unit_of_work():
        allocations.apply_credit(payment_of(payment.id), {stranger.id: 100})


def test_money_taken_off_an_invoice_waits_as_credit(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=5_000)
    payment = bills.paid(invoice.customer_id, 5_000)
    with unit_of_work():
        allocations.unapply(payment_of(payment.id).live_allocations[0])
    assert open_amounts(invoice.customer_id) == [5_000] and credit_of(invoice.customer_id) == 5_000
    assert findings() == {}
    with unit_of_work():
        assert loaded(invoice.id).settled_on is None and payment_of(payment.id).applied_on is None
        share = payment_of(payment.id).allocations[0]
        with pytest.raises(Conflict, match="already"):
            allocations.unapply(share)


def test_money_that_was_paid_back_is_on_no_invoice_that_it_could_be_taken_off(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=5_000)
    payment = bills.paid(invoice.customer_id, 6_000)
    corrections.refunded(invoice.customer_id, 1_000)
    with unit_of_work():
        (share,) = (share for share in payment_of(payment.id).allocations if share.refund_id is not None)
        with pytest.raises(Conflict, match="no money on an invoice"):
            allocations.unapply(share)
    assert findings() == {}


def test_the_next_money_settles_the_oldest_again(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=5_000)
    payment = bills.paid(invoice.customer_id, 5_000)
    with unit_of_work():
        allocations.unapply(payment_of(payment.id).live_allocations[0])
    bills.paid(invoice.customer_id, 100)
    assert open_amounts(invoice.customer_id) == [] and credit_of(invoice.customer_id) == 100


def test_withheld_tax_settles_an_invoice_by_its_certificate(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    bills.paid(invoice.customer_id, 200, method="withholding", reference="2307-0042")
    bills.paid(invoice.customer_id, 9_800)
    assert open_amounts(invoice.customer_id) == [] and booked(AccountPurpose.WITHHOLDING) == 200
    assert booked(AccountPurpose.CASH) == 9_800 and findings() == {}
    with pytest.raises(Exception, match="uq_payments_reference"):
        bills.paid(invoice.customer_id, 200, method="withholding", reference="2307-0042")
    with pytest.raises(Invalid, match="certificate"):
        bills.paid(invoice.customer_id, 200, method="withholding")


def test_nobody_dates_money_into_closed_books(tenant: TenantRef) -> None:
    invoice = bills.billed()
    last_month = current.today().replace(day=1) - timedelta(days=1)
    with unit_of_work():
        closing.close(last_day=last_month)
    with pytest.raises(Conflict, match="closed"):
        bills.paid(invoice.customer_id, 100, received_on=date(last_month.year, last_month.month, 1))


def test_the_pages_apply_split_and_take_off(app: IspbillFlask, tenant: TenantRef) -> None:
    first = bills.billed("Ana Reyes", price_minor=10_000)
    second = corrections.debited(first.customer_id, 5_000)
    payment = waiting(first.customer_id, 7_000)
    browser = signed_in(app, tenant)
    address = f"/payments/{payment.id}/apply"
    assert "open ₱100.00" in browser.get(address).text
    assert browser.post(address, {f"invoice_{first.id}": "200"}).status_code == 422
    assert browser.post(address, {f"invoice_{first.id}": "20", f"invoice_{second.id}": "50"}).status_code == 302
    assert open_amounts(first.customer_id) == [8_000]
    with unit_of_work():
        share = payment_of(payment.id).live_allocations[0].id
    assert "is open again" in browser.get(f"/payments/allocations/{share}/unapply").text
    assert browser.post(f"/payments/allocations/{share}/unapply", {}).status_code == 302
    assert open_amounts(first.customer_id) == [10_000] and credit_of(first.customer_id) == 2_000


def test_a_credit_note_is_applied_by_hand_too(app: IspbillFlask, tenant: TenantRef) -> None:
    first = bills.billed(price_minor=10_000)
    bills.paid(first.customer_id, 10_000)
    note = credited(first.id, Take(amount_minor=3_000))
    browser = signed_in(app, tenant)
    assert "This customer has no open invoice" in browser.get(f"/invoices/{note.id}/apply").text
    assert browser.get(f"/invoices/{first.id}/apply").status_code == 404
    second = corrections.debited(first.customer_id, 5_000)
    assert open_amounts(first.customer_id) == [2_000]
    page = browser.get(f"/invoices/{note.id}").text
    assert second.number in page

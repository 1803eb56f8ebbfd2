"""Refunds: only credit is paid back, once, from the payments and notes it came from, until a refund is cancelled."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from ispbill.billing.invoices import service as invoices
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.notes.policy import Take
from ispbill.billing.payments import queries as payment_queries
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.refunds import queries
from ispbill.billing.refunds import service as refunds
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.browsers import signed_in
from tests.make.corrections import balance, booked, credit_of, credited, findings, loaded, open_amounts, refunded


def test_an_overpayment_is_paid_back_from_the_drawer(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    bills.paid(invoice.customer_id, 15_000)
    assert refunded(invoice.customer_id, 5_000).number == "RF-000001"
    assert credit_of(invoice.customer_id) == 0 and balance(invoice.customer_id) == 0
    assert booked(AccountPurpose.CASH) == 10_000 and findings() == {}


def test_what_settles_an_invoice_is_not_paid_back(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    bills.paid(invoice.customer_id, 10_000)
    with pytest.raises(Conflict, match="not so much credit"):
        refunded(invoice.customer_id, 1)


def test_a_refund_without_a_credit_note_leaves_the_invoice_owed(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    payment = bills.paid(invoice.customer_id, 10_000)
    with unit_of_work():
        found = payment_queries.detail(payment.id)
        assert found is not None
        allocations.unapply(found.live_allocations[0])
    refunded(invoice.customer_id, 10_000, payment_id=payment.id)
    assert open_amounts(invoice.customer_id) == [10_000] and balance(invoice.customer_id) == 10_000
    assert findings() == {}


def test_a_refund_with_a_credit_note_leaves_nothing_owed(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    bills.paid(invoice.customer_id, 10_000)
    note = credited(invoice.id, Take(amount_minor=4_000))
    refund = refunded(invoice.customer_id, 4_000, credit_note_id=note.id)
    assert open_amounts(invoice.customer_id) == [] and balance(invoice.customer_id) == 0 and findings() == {}
    with pytest.raises(Conflict, match="refunded"), unit_of_work():
        invoices.void(loaded(note.id), reason="Wrong")
    with unit_of_work():
        found = queries.detail(refund.id)
        assert found is not None
        refunds.cancel(found, reason="Never fetched")
    assert credit_of(invoice.customer_id) == 4_000 and findings() == {}
    with unit_of_work():
        invoices.void(loaded(note.id), reason="Wrong")
    assert findings() == {}


def test_withheld_tax_is_not_paid_back_by_way_of_credit_notes(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=100_000)
    bills.paid(invoice.customer_id, 98_000)
    bills.paid(invoice.customer_id, 2_000, method="withholding", reference="2307-1")
    credited(invoice.id, Take(amount_minor=40_000))
    refunded(invoice.customer_id, 40_000)
    credited(invoice.id)
    with pytest.raises(Conflict, match="not so much credit"):
        refunded(invoice.customer_id, 58_001)
    refunded(invoice.customer_id, 58_000)
    assert credit_of(invoice.customer_id) == 2_000 and booked(AccountPurpose.CASH) == 0 and findings() == {}


def test_a_payment_that_was_paid_back_is_not_reversed(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    payment = bills.paid(invoice.customer_id, 15_000, method="cheque", reference="9")
    refunded(invoice.customer_id, 5_000)
    with pytest.raises(Conflict, match="Cancel the refund"), unit_of_work():
        found = payment_queries.detail(payment.id)
        assert found is not None
        payments.reverse(found, reason="Bounced")


def test_the_same_click_twice_pays_once(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = bills.billed(price_minor=10_000).customer_id
    bills.paid(customer_id, 30_000)

    def click(_: int) -> int:
        with app.app_context(), bound(tenant, SYSTEM):
            return refunded(customer_id, 5_000, idempotency_key="double").id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    assert credit_of(customer_id) == 15_000
    with pytest.raises(Conflict, match="another refund"):
        refunded(customer_id, 6_000, idempotency_key="double")


def test_tax_that_was_withheld_is_never_paid_back(tenant: TenantRef) -> None:
    customer_id = bills.billed(price_minor=10_000).customer_id
    bills.paid(customer_id, 12_000, method="withholding", reference="2307-1")
    assert credit_of(customer_id) == 2_000
    with pytest.raises(Conflict, match="not so much credit"):
        refunded(customer_id, 2_000)


@pytest.mark.parametrize(("facts", "message"), [
    ({"amount_minor": 0}, "more than zero"), ({"method": "withholding"}, "Use one of"), ({"reason": " "}, "Say why"),
    ({"method": "bank"}, "reference"), ({"refunded_on": date(2030, 1, 1)}, "future"),
])
def test_a_refund_says_how_much_how_and_why(tenant: TenantRef, facts: dict[str, object], message: str) -> None:
    customer_id = bills.billed().customer_id
    with pytest.raises(Invalid, match=message):
        refunded(customer_id, **{"amount_minor": 100, **facts})  # type: ignore[arg-type]


def test_credit_is_not_paid_back_before_it_came_in(tenant: TenantRef) -> None:
    customer_id = bills.unbillable()
    bills.paid(customer_id, 5_000)
    with pytest.raises(Invalid, match="came in on 10 Mar 2026"):
        refunded(customer_id, 5_000, refunded_on=date(2026, 3, 9))


def test_the_pages_pay_back_and_cancel(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = bills.billed(price_minor=10_000).customer_id
    browser = signed_in(app, tenant)
    assert "No credit to pay back" in browser.get(f"/refunds/record/{customer_id}").text
    payment = bills.paid(customer_id, 15_000)
    assert "Payment CR-000001" in browser.get(f"/refunds/record/{customer_id}?payment={payment.id}").text
    entered = {"amount": "50", "method": "cash", "reason": "Moved", "page_key": "one"}
    answer = browser.post(f"/refunds/record/{customer_id}?payment={payment.id}", entered)
    page = browser.get(answer.location).text
    assert "RF-000001" in page and "Payment CR-000001" in page
    assert "RF-000001" in browser.get("/refunds?q=rf-1&method=cash").text
    assert "RF-000001" in browser.get("/refunds/export").text
    assert "Refunded" in browser.get(f"/payments/{payment.id}").text
    browser.post(f"{answer.location}/cancel", {"reason": "Not fetched"})
    assert "Not fetched" in browser.get(answer.location).text and credit_of(customer_id) == 5_000

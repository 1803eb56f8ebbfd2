"""The pages of payments at the counter: found, recorded once, reversed."""
from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from ispbill.billing.ledger import queries as ledger
from ispbill.billing.payments.models import Payment
from ispbill.company import service as company
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.browsers import Browser, signed_in

CASHIER = ("view_payment_list", "record_payment", "view_customer_detail", "generate_receipt")
_KEY = re.compile(r'name="page_key"[^>]*value="([^"]+)"')


def payments() -> list[Payment]:
    """All payments, oldest first."""
    with unit_of_work():
        return list(db.session.scalars(select(Payment).order_by(Payment.id).execution_options(populate_existing=True)))


def balance(customer_id: int) -> int:
    """What the customer owes."""
    with unit_of_work():
        return ledger.balance_of(customer_id)


def key_of(browser: Browser, customer_id: int) -> str:
    """The key that the form of one page carries."""
    found = _KEY.search(browser.get(f"/payments/record/{customer_id}").text)
    assert found is not None
    return found.group(1)


def test_before_the_first_payment_the_list_says_how_to_record_one(app: IspbillFlask, tenant: TenantRef) -> None:
    page = signed_in(app, tenant).get("/payments").text
    assert "No payments yet" in page and 'href="/payments/record"' in page


def test_the_cashier_first_finds_whose_money_it_is(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=149_900)
    browser = signed_in(app, tenant, permissions=CASHIER)
    assert "Whose money is it?" in browser.get("/payments/record").text
    page = browser.get("/payments/record?q=reyes").text
    assert f"/payments/record/{invoice.customer_id}" in page and "₱1,499.00" in page


def test_the_form_shows_what_is_owed_and_what_the_money_will_settle(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=149_900)
    browser = signed_in(app, tenant)
    page = browser.get(f"/payments/record/{invoice.customer_id}").text
    assert "owes ₱1,499.00" in page and 'value="1,499.00"' in page and "Settled" in page
    page = browser.get(f"/payments/record/{invoice.customer_id}?amount=500").text
    assert "Partly paid" in page and "₱500.00" in page
    page = browser.get(f"/payments/record/{invoice.customer_id}?amount=1600").text
    assert "Settled" in page and "₱101.00" in page
    for nonsense in ("abc", "-5", "1e999", "", "0.001"):
        answer = browser.get(f"/payments/record/{invoice.customer_id}", query_string={"amount": nonsense})
        assert answer.status_code == 200


def test_money_is_recorded_and_settles_the_invoice(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=149_900)
    browser = signed_in(app, tenant, permissions=CASHIER)
    answer = browser.post(f"/payments/record/{invoice.customer_id}", {
        "amount": "1,499.00", "method": "e_wallet", "reference": "GC-77", "note": "at the counter",
        "page_key": key_of(browser, invoice.customer_id),
    })
    assert answer.status_code == 302 and balance(invoice.customer_id) == 0
    page = browser.get(answer.location).text
    for text in ("CR-000001", "₱1,499.00", "E-wallet", "GC-77", "at the counter", invoice.number, "Ana"):
        assert text in page, text


def change(page: str) -> str:
    """What the page says of the cash given."""
    found = re.search(r'<p id="change"[^>]*>(.*?)</p>', page)
    return found.group(1) if found else ""


def test_the_form_says_what_goes_back_of_the_cash_that_was_given(app: IspbillFlask, tenant: TenantRef) -> None:
    address = f"/payments/record/{bills.billed(price_minor=149_900).customer_id}"
    browser = signed_in(app, tenant, permissions=CASHIER)
    assert change(browser.get(address).text) == ""
    for given, said in (("2000", "Give back ₱501.00."), ("1499", "Nothing goes back."), ("1,400", "₱99.00 is missing."),
                        ("abc", ""), ("-5", ""), ("0", "")):
        page = browser.get(address, query_string={"amount": "1,499.00", "given": given, "method": "cash"}).text
        assert change(page) == said, given
    page = browser.get(address, query_string={"amount": "1499", "given": "2000", "method": "e_wallet"}).text
    assert change(page) == "" and 'name="given"' not in page, "only cash has change"


@pytest.mark.parametrize(("given", "said"), [("100", "Give back ₱49.75."), ("50.25", "Nothing goes back."),
                                             ("50", "₱0.25 is missing.")])
def test_change_is_rounded_where_the_company_rounds_cash(
    app: IspbillFlask, tenant: TenantRef, given: str, said: str
) -> None:
    with unit_of_work():
        company.settings().cash_step_minor = 25
    page = signed_in(app, tenant).get(f"/payments/record/{bills.unbillable()}", query_string={
        "amount": "50.30", "given": given, "method": "cash"}).text
    assert change(page) == said


def test_the_amount_is_recorded_and_never_the_cash_that_was_given(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = bills.billed(price_minor=149_900).customer_id
    browser = signed_in(app, tenant, permissions=CASHIER)
    sent = {"amount": "500", "method": "cash", "given": "499"}
    refused = browser.post(f"/payments/record/{customer_id}", sent)
    assert refused.status_code == 422 and "₱1.00 is missing." in refused.text and not payments()
    unreadable = browser.post(f"/payments/record/{customer_id}", {**sent, "given": "many"})
    assert unreadable.status_code == 422 and not payments()
    answer = browser.post(f"/payments/record/{customer_id}", {**sent, "given": "1000"})
    page = browser.get(answer.location).text
    assert "Give back ₱500.00." in page and "₱1,000.00" not in page
    browser.post(f"/payments/record/{customer_id}", {**sent, "given": "1", "method": "e_wallet", "reference": "GC-1"})
    assert [payment.amount_minor for payment in payments()] == [50_000, 50_000]
    assert balance(customer_id) == 49_900


def test_a_page_sent_twice_records_once(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=149_900)
    browser = signed_in(app, tenant)
    sent = {"amount": "500", "method": "cash", "page_key": key_of(browser, invoice.customer_id)}
    first = browser.post(f"/payments/record/{invoice.customer_id}", sent)
    second = browser.post(f"/payments/record/{invoice.customer_id}", sent)
    assert first.location == second.location
    assert [payment.amount_minor for payment in payments()] == [50_000]
    assert balance(invoice.customer_id) == 99_900


def test_two_pages_record_twice(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=149_900)
    browser = signed_in(app, tenant)
    for _ in range(2):
        browser.post(f"/payments/record/{invoice.customer_id}", {
            "amount": "500", "method": "cash", "page_key": key_of(browser, invoice.customer_id)
        })
    assert len(payments()) == 2


def test_what_cannot_be_recorded_is_refused_on_its_field(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    browser = signed_in(app, tenant)
    good = {"amount": "100", "method": "bank", "reference": "T-1", "received_on": "2026-03-10"}
    for change, field in (
        ({"amount": ""}, "amount"), ({"amount": "0"}, "amount"), ({"amount": "-5"}, "amount"),
        ({"amount": "1.005"}, "amount"), ({"amount": "9" * 40}, "amount"), ({"method": "beads"}, "method"),
        ({"reference": ""}, "reference"), ({"received_on": "2026-03-11"}, "received_on"),
        ({"received_on": "tomorrow"}, "received_on"), ({"note": "x" * 501}, "note"),
    ):
        answer = browser.post(f"/payments/record/{invoice.customer_id}", good | change)
        assert answer.status_code == 422 and f'id="{field}-error"' in answer.text, change
    assert payments() == []


def test_a_reference_counts_once(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    browser = signed_in(app, tenant)
    sent = {"amount": "100", "method": "bank", "reference": "T-1"}
    browser.post(f"/payments/record/{invoice.customer_id}", sent)
    answer = browser.post(f"/payments/record/{invoice.customer_id}", sent)
    assert answer.status_code == 422 and "recorded already" in answer.text and 'id="reference-error"' in answer.text
    assert len(payments()) == 1


def test_only_who_may_backdate_chooses_the_day(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    cashier = signed_in(app, tenant, permissions=CASHIER)
    path = f"/payments/record/{invoice.customer_id}"
    assert "received_on" not in cashier.get(path).text
    cashier.post(path, {"amount": "1", "method": "cash", "received_on": "2026-03-01"})
    signed_in(app, tenant).post(path, {"amount": "2", "method": "cash", "received_on": "2026-03-01"})
    assert [payment.received_on for payment in payments()] == [date(2026, 3, 10), date(2026, 3, 1)]


def test_money_beyond_what_is_owed_stays_as_credit_and_is_shown(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=149_900)
    bills.paid(invoice.customer_id, 200_000)
    browser = signed_in(app, tenant)
    assert "₱501.00" in browser.get("/payments/1").text
    assert "Has credit left" in browser.get("/payments").text
    page = browser.get(f"/customers/{invoice.customer_id}").text
    assert "−₱501.00" in page and "₱501.00" in page
    assert "has ₱501.00 in credit" in browser.get(f"/payments/record/{invoice.customer_id}").text


def test_the_list_is_searched_and_narrowed(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, ben = bills.billed("Ana Reyes"), bills.billed("Ben Cruz")
    bills.paid(ana.customer_id, 100)
    bills.paid(ben.customer_id, 200, method="bank", reference="T-77")
    browser = signed_in(app, tenant)
    browser.post("/payments/1/reverse", {"reason": "Counterfeit"})
    for query, expected in (
        ("q=reyes", "Ana"), ("q=CR-000001", "Ana"), ("q=2", "Ben"), ("q=T-77", "Ben"), ("method=bank", "Ben"),
        ("status=reversed", "Ana"), ("since=2026-03-11", ""), ("until=2026-03-10", "Ana Ben"),
        ("since=nonsense&method=beads&status=x&customer=x", "Ana Ben"), (f"customer={ben.customer_id}", "Ben"),
    ):
        page = browser.get(f"/payments?{query}").text
        assert {name for name in ("Ana Reyes", "Ben Cruz") if name in page} == {
            {"Ana": "Ana Reyes", "Ben": "Ben Cruz"}[name] for name in expected.split()
        }, query


def test_the_sum_of_the_list_leaves_reversed_payments_out(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    bills.paid(invoice.customer_id, 100_000)
    bills.paid(invoice.customer_id, 23_400)
    browser = signed_in(app, tenant)
    browser.post("/payments/1/reverse", {"reason": "Counterfeit"})
    page = browser.get("/payments").text
    assert "2 payments" in page and "₱234.00</span>, reversed ones not counted" in page


def test_reversing_asks_first_and_opens_the_invoice_again(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=149_900)
    payment = bills.paid(invoice.customer_id, 149_900)
    browser = signed_in(app, tenant)
    asked = browser.get(f"/payments/{payment.id}/reverse").text
    assert "Reverse payment CR-000001?" in asked and "₱1,499.00 more" in asked and balance(invoice.customer_id) == 0
    answer = browser.post(f"/payments/{payment.id}/reverse", {"reason": "Cheque bounced"})
    page = browser.get(answer.location).text
    assert "Reversed on 10 Mar 2026" in page and "Cheque bounced" in page
    assert f"/payments/{payment.id}/reverse" not in page
    assert balance(invoice.customer_id) == 149_900


def test_reversing_without_a_reason_or_twice_is_refused(app: IspbillFlask, tenant: TenantRef) -> None:
    payment = bills.paid(bills.billed().customer_id, 100)
    browser = signed_in(app, tenant)
    assert browser.post(f"/payments/{payment.id}/reverse", {"reason": ""}).status_code == 422
    browser.post(f"/payments/{payment.id}/reverse", {"reason": "Counterfeit"})
    answer = browser.post(f"/payments/{payment.id}/reverse", {"reason": "Again"})
    assert answer.status_code == 422 and "reversed already" in answer.text


def test_rights_open_each_page_by_itself(app: IspbillFlask, tenant: TenantRef) -> None:
    payment = bills.paid(bills.billed().customer_id, 100)
    viewer = signed_in(app, tenant, permissions=["view_payment_list"])
    assert viewer.get("/payments").status_code == viewer.get(f"/payments/{payment.id}").status_code == 200
    for path in ("/payments/record", f"/payments/record/{payment.customer_id}", f"/payments/{payment.id}/reverse",
                 f"/payments/{payment.id}/receipt.pdf"):
        assert viewer.get(path).status_code == 403, path
    page = viewer.get(f"/payments/{payment.id}").text
    assert "receipt.pdf" not in page and "/reverse" not in page


def test_without_the_right_no_payment_is_seen(app: IspbillFlask, tenant: TenantRef) -> None:
    payment = bills.paid(bills.billed().customer_id, 100)
    browser = signed_in(app, tenant, permissions=["view_customer_list", "view_customer_detail"])
    for path in ("/payments", "/payments/export", f"/payments/{payment.id}"):
        assert browser.get(path).status_code == 403
    assert "Balance" not in browser.get(f"/customers/{payment.customer_id}").text


def test_the_file_holds_no_formula(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("@Ana")
    bills.paid(invoice.customer_id, 12_345, method="bank", reference="=1+1", note="+note")
    text = signed_in(app, tenant).get("/payments/export").text
    assert "CR-000001,AC-000001,'@Ana,2026-03-10,Bank transfer,'=1+1,123.45,PHP,recorded,System,'+note" in text


def test_a_customer_or_payment_that_does_not_exist_is_not_found(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    for path in ("/payments/99", "/payments/99/reverse", "/payments/record/99", "/payments/99/receipt.pdf"):
        assert browser.get(path).status_code == 404


def test_the_list_costs_the_same_number_of_statements_however_long_it_is(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    invoice = bills.billed()
    bills.paid(invoice.customer_id, 100)
    browser = signed_in(app, tenant)
    browser.get("/payments")
    with bills.statements() as few:
        browser.get("/payments")
    for amount_minor in range(1, 8):
        bills.paid(invoice.customer_id, amount_minor)
    with bills.statements() as many:
        browser.get("/payments")
    assert len(many) == len(few)
    with unit_of_work():
        assert db.session.execute(select(func.count()).select_from(Payment)).scalar_one() == 8

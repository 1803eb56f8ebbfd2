"""Pages of prepaid lines: loading with a preview, renewing, one with its history, who may."""
from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from ispbill.billing.payments.models import Payment
from ispbill.catalogue import queries as plans
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from tests.billing.test_payment_pages import change
from tests.make import loads, offers, people
from tests.make.browsers import Browser, signed_in


@pytest.fixture
def browser(app: Flask, tenant: TenantRef) -> Browser:
    """The owner's browser."""
    return signed_in(app, tenant)


@pytest.fixture
def maria(tenant: TenantRef) -> tuple[int, int, int]:
    """A customer with a line, and a plan of 1,000: customer, installation, plan."""
    with unit_of_work():
        customer = people.register_customer("Maria Santos")
        line = offers.installation(customer, address="12 Mabini Street")
        return customer.id, line.id, offers.plan(100_000, name="Fibre 50").id


def sent(browser: Browser, path: str, **values: object) -> dict[str, str]:
    """A filled-in form, with the key of the page it stands on."""
    key = re.search(r'name="page_key"[^>]*value="([^"]+)"', browser.get(path).text)
    assert key is not None
    return {"page_key": key.group(1), **{name: str(value) for name, value in values.items()}}


def test_a_line_is_loaded_from_search_to_receipt(browser: Browser, maria: tuple[int, int, int]) -> None:
    customer_id, line_id, plan_id = maria
    path = f"/customer-subscriptions/new/{customer_id}"
    assert f'href="{path}"' in browser.get("/customer-subscriptions/new?q=maria").text
    data = sent(browser, path, plan_id=plan_id, installation_id=line_id, kind="custom", amount="150", method="cash")
    answer = browser.post(path, data)
    assert answer.status_code == 302
    page = browser.get(answer.location).text
    assert "Prepaid line of Maria Santos" in page and "15 Mar 2026, 00:00" in page and "₱150.00" in page
    again = browser.post(path, data)
    assert again.location == answer.location
    assert browser.get(answer.location).text.count("INV-") == page.count("INV-")


def test_the_preview_comes_by_htmx_and_by_a_button(browser: Browser, maria: tuple[int, int, int]) -> None:
    customer_id, line_id, plan_id = maria
    path = f"/customer-subscriptions/new/{customer_id}"
    assert "Choose a plan and how much" in browser.get(path).text
    shown = browser.get(f"{path}?plan_id={plan_id}&kind=custom&amount=200&installation_id={line_id}").text
    assert "6 days" in shown and "16 Mar 2026, 12:00" in shown and "To collect" in shown
    asked = browser.post(path, {"show": "1", "plan_id": str(plan_id), "kind": "one_month", "method": "cash"})
    assert asked.status_code == 200 and "9 Apr 2026, 12:00" in asked.text
    refused = browser.get(f"{path}?plan_id={plan_id}&kind=custom&amount=33.33").text
    assert "below the price of one day" in refused
    for nonsense in ("plan_id=x&kind=custom&amount=a", "kind=", "plan_id=99&kind=one_month", "kind=other&plan_id=1"):
        assert browser.get(f"{path}?{nonsense}").status_code == 200


def test_what_is_refused_is_said_on_its_field(browser: Browser, maria: tuple[int, int, int]) -> None:
    customer_id, _, plan_id = maria
    path = f"/customer-subscriptions/new/{customer_id}"
    short = browser.post(path, sent(browser, path, plan_id=plan_id, kind="one_month", method="wallet"))
    assert short.status_code == 422 and "Take ₱1,000.00 more" in short.text
    bank = browser.post(path, sent(browser, path, plan_id=plan_id, kind="one_month", method="bank"))
    assert bank.status_code == 422 and "reference of the transfer" in bank.text
    none = browser.post(path, sent(browser, path, kind="one_month", method="cash"))
    assert none.status_code == 422 and "Choose a plan." in none.text
    assert "No service on this line yet" in browser.get(f"/customers/{customer_id}").text


def test_a_line_is_renewed_from_the_customers_page(browser: Browser, maria: tuple[int, int, int]) -> None:
    customer_id, line_id, plan_id = maria
    with unit_of_work():
        plan = plans.get(plan_id)
        prepaid_id = loads.load(customer_id, plan=plan, installation_id=line_id).subscription_id
    path = f"/customer-subscriptions/prepaid/{prepaid_id}/renew"
    assert path in browser.get(f"/customers/{customer_id}").text
    assert "new time is added behind that" in browser.get(path).text
    answer = browser.post(path, sent(browser, path, plan_id=plan_id, kind="one_month", method="cash"))
    assert "9 May 2026, 12:00" in browser.get(answer.location).text


def test_pages_open_only_to_who_may(app: Flask, tenant: TenantRef, maria: tuple[int, int, int]) -> None:
    customer_id, _, plan_id = maria
    with unit_of_work():
        prepaid_id = loads.load(customer_id).subscription_id
    looker = signed_in(app, tenant, permissions=["view_subscription_list"])
    page = looker.get(f"/customer-subscriptions/prepaid/{prepaid_id}")
    assert page.status_code == 200 and "Renew" not in page.text
    for path in (f"/customer-subscriptions/prepaid/{prepaid_id}/renew", "/customer-subscriptions/new",
                 f"/customer-subscriptions/new/{customer_id}"):
        assert looker.get(path).status_code == 403


def test_the_form_says_what_goes_back_of_the_cash_that_was_given(
    browser: Browser, maria: tuple[int, int, int]
) -> None:
    customer_id, line_id, plan_id = maria
    path, chosen = f"/customer-subscriptions/new/{customer_id}", {"plan_id": plan_id, "kind": "one_month"}
    assert 'name="given"' in browser.get(path).text and change(browser.get(path).text) == ""
    for more, said in (
        ({"given": "1500"}, "Give back ₱500.00."), ({"given": "1,000"}, "Nothing goes back."),
        ({"given": "1"}, "₱999.00 is missing."), ({"given": "1500", "received": "1200"}, "Give back ₱300.00."),
        ({"given": "x"}, ""), ({"given": "1500", "method": "bank"}, ""),
        ({"given": "1500", "method": "wallet"}, ""), ({"given": "500", "kind": "custom", "amount": "200"},
                                                      "Give back ₱300.00."),
    ):
        page = browser.get(path, query_string={**chosen, "method": "cash", **more}).text
        assert change(page) == said, more
    assert 'name="given"' not in browser.get(path, query_string={**chosen, "method": "bank"}).text
    shown = browser.post(path, {"show": "1", **chosen, "method": "cash", "given": "1500"})
    assert change(shown.text) == "Give back ₱500.00."


def test_what_the_load_costs_is_recorded_and_never_the_cash_that_was_given(
    browser: Browser, maria: tuple[int, int, int]
) -> None:
    customer_id, line_id, plan_id = maria
    path = f"/customer-subscriptions/new/{customer_id}"
    data = sent(browser, path, plan_id=plan_id, installation_id=line_id, kind="one_month", method="cash", given="999")
    refused = browser.post(path, data)
    assert refused.status_code == 422 and "₱1.00 is missing." in refused.text
    assert "No service on this line yet" in browser.get(f"/customers/{customer_id}").text, "nothing is loaded"
    answer = browser.post(path, {**data, "given": "1500"})
    page = browser.get(answer.location).text
    assert answer.status_code == 302 and "Give back ₱500.00." in page and "₱1,500.00" not in page
    with unit_of_work():
        assert [payment.amount_minor for payment in db.session.scalars(select(Payment))] == [100_000]


def test_who_may_not_take_money_loads_from_the_wallet_only(
    app: Flask, tenant: TenantRef, maria: tuple[int, int, int]
) -> None:
    customer_id, _, plan_id = maria
    clerk = signed_in(app, tenant, permissions=["create_subscription", "view_subscription_list"])
    path = f"/customer-subscriptions/new/{customer_id}"
    assert "From the wallet" in clerk.get(path).text and "Money received" not in clerk.get(path).text
    asking = {"kind": "one_month", "method": "cash", "given": "9"}
    assert 'name="given"' not in clerk.get(path, query_string=asking).text
    answer = clerk.post(path, sent(clerk, path, plan_id=plan_id, kind="one_month", method="cash"))
    assert answer.status_code == 422


def test_unknown_ids_answer_404(browser: Browser) -> None:
    for path in ("/customer-subscriptions/prepaid/9", "/customer-subscriptions/prepaid/9/renew",
                 "/customer-subscriptions/new/9"):
        assert browser.get(path).status_code == 404


def test_a_load_is_cancelled_with_a_reason_and_its_papers_say_so(
    app: Flask, browser: Browser, tenant: TenantRef, maria: tuple[int, int, int]
) -> None:
    with unit_of_work():
        load = loads.load(maria[0], plan=plans.get(maria[2]))
        load_id, prepaid_id = load.id, load.subscription_id
    path = f"/customer-subscriptions/loads/{load_id}/cancel"
    assert path in browser.get(f"/customer-subscriptions/prepaid/{prepaid_id}").text
    assert "returns to the customer" in browser.get(path).text
    assert browser.post(path, {"reason": " "}).status_code == 422
    page = browser.get(browser.post(path, {"reason": "wrong line"}).location).text
    assert "₱1,000.00 returned to the wallet" in page and "₱1,000.00 given back" in page and "CN-" in page
    assert "cancelled already" in browser.post(path, {"reason": "again"}).text
    clerk = signed_in(app, tenant, permissions=["view_subscription_list", "create_subscription"])
    assert clerk.get(path).status_code == 403
    assert clerk.get(f"/customer-subscriptions/prepaid/{prepaid_id}/cancel").status_code == 403


def test_a_line_is_cancelled_and_can_be_sold_anew(browser: Browser, maria: tuple[int, int, int]) -> None:
    customer_id, line_id, plan_id = maria
    with unit_of_work():
        prepaid_id = loads.load(customer_id, plan=plans.get(plan_id), installation_id=line_id).subscription_id
    answer = browser.post(f"/customer-subscriptions/prepaid/{prepaid_id}/cancel", {"reason": "moved away"})
    page = browser.get(answer.location).text
    assert "moved away" in page and "/renew" not in page
    with unit_of_work():
        again = loads.load(customer_id, plan=plans.get(plan_id), installation_id=line_id, received=None)
        assert again.subscription_id != prepaid_id


def test_a_receipt_is_for_who_may_have_it(
    app: Flask, browser: Browser, tenant: TenantRef, maria: tuple[int, int, int]
) -> None:
    with unit_of_work():
        load_id = loads.load(maria[0], plan=plans.get(maria[2])).id
    path = f"/customer-subscriptions/loads/{load_id}/receipt.pdf"
    assert browser.get(path).data.startswith(b"%PDF")
    assert signed_in(app, tenant, permissions=["view_subscription_list"]).get(path).status_code == 403
    assert browser.get("/customer-subscriptions/loads/99/receipt.pdf").status_code == 404


def test_the_list_is_exported_only_by_who_may(app: Flask, tenant: TenantRef) -> None:
    looker = signed_in(app, tenant, permissions=["view_subscription_list"])
    assert "/export" not in looker.get("/customer-subscriptions").text
    assert looker.get("/customer-subscriptions/export").status_code == 403

"""Every page of the navigation, and the pages behind its lists: drawn without a fault, at a desk and on a phone."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import url_for

from ispbill.billing.payments import service as payments
from ispbill.billing.payments.service import Receipt
from ispbill.billing.runs import jobs as runs
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.navigation import GROUPS
from ispbill.web.requests import IspbillFlask
from tests.browser.visiting import DESKTOP, PHONE, Visitor
from tests.make import offers, people

BOTH = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])


@pytest.fixture
def details(company: TenantRef) -> list[str]:
    """The company with one of everything; the paths of the pages about them."""
    with bound(company, SYSTEM):
        with unit_of_work():
            area = people.area("Region", "City", "Barangay")
            customer = people.register_customer("Maria Santos", area_id=area.id)
            line = offers.installation(customer)
            plan = offers.plan(149900, tax=offers.tax("12"), name="Fibre 100")
            subscription = offers.subscribe(customer, plans=[(plan, 1, None)])
            paths = [
                f"/customers/{customer.id}", f"/customers/{customer.id}/change", f"/customers/{customer.id}/subscribe",
                f"/customers/{customer.id}/suspend", f"/installations/{line.id}/complete",
                f"/customer-subscriptions/{subscription.id}", f"/payments/record/{customer.id}",
                f"/ledger/customers/{customer.id}", f"/subscriptions/plans/{plan.id}",
            ]
            customer_id = customer.id
        run_id = runs.bill_now(current.today()).run_id
        with unit_of_work():
            paid = payments.record(Receipt(customer_id=customer_id, amount_minor=50000, method="cash")).id
    return [*paths, f"/billing/runs/{run_id}", "/billing/runs/prepare", "/invoices/1", "/invoices/1/void",
            f"/payments/{paid}", "/search?q=maria", "/profile", "/customers/register", "/imports"]


@BOTH
def test_every_page_of_the_navigation(
    visit: Callable[..., Visitor], live_app: IspbillFlask, details: list[str], viewport: dict[str, int]
) -> None:
    with live_app.test_request_context():
        paths = [url_for(entry.endpoint) for _, entries in GROUPS for entry in entries]
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    for path in paths:
        visitor.open(path)
        visitor.assert_content()


@BOTH
def test_the_pages_behind_the_lists(
    visit: Callable[..., Visitor], details: list[str], viewport: dict[str, int]
) -> None:
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    for path in details:
        visitor.open(path)
        visitor.assert_content()


def test_a_new_company_is_told_what_to_do_first(visit: Callable[..., Visitor], live_app: IspbillFlask) -> None:
    visitor = visit()
    visitor.sign_in()
    for path in ("/dashboard", "/customers", "/invoices", "/payments", "/subscriptions/plans", "/billing/runs"):
        visitor.open(path)
        visitor.assert_content()

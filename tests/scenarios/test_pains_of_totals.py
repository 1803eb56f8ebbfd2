"""Pain 8 of isp_field.md §4, its last part: a total is not multiplied by what hangs on a customer or on a bill."""
from __future__ import annotations

import csv
from datetime import date, timedelta

from sqlalchemy import select

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.contacts import service as contacts
from ispbill.customers.contacts.policy import ContactFacts
from ispbill.customers.labels import service as labels
from ispbill.customers.models import Customer
from ispbill.subscriptions import service as subscriptions
from ispbill.web.requests import IspbillFlask
from tests.make import bills, offers, people
from tests.make.browsers import Browser, signed_in


def column(browser: Browser, path: str, name: str) -> list[str]:
    """A column of a file that a page exports."""
    return [row[name] for row in csv.DictReader(browser.get(path).text.lstrip("\ufeff").splitlines())]


def well_known() -> int:
    """Ana with three addresses, two labels, two lines of two charges each, two pauses, two payments; her id.

    The bill comes to 4 × 1,000.00; 600.00 of it are paid.
    """
    with unit_of_work():
        ana = people.register_customer("Ana Reyes", email="ana@example.com")
        for number in range(3):
            contacts.add(ana, facts=ContactFacts(f"Aunt {number}", "household", email=f"aunt-{number}@example.com"))
        labels.wear(ana, label_ids=[labels.add(name, colour="blue").id for name in ("VIP", "Building C")])
        tax = offers.tax("12")
        for _ in range(2):
            line = offers.subscribe(ana, plans=[(offers.plan(100_000, tax=tax), 1, None) for _ in range(2)])
            for days in (100, 200):
                on = current.today() + timedelta(days=days)
                subscriptions.suspend(line, on=on, until=on + timedelta(days=9), reason="On holiday")
        ana_id = ana.id
    jobs.bill_now(current.today())
    for _ in range(2):
        bills.paid(ana_id, 30_000)
    return ana_id


def test_pain_8_totals_are_not_multiplied_by_several_addresses_lines_and_payments(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    """LMS 38084dbce, 74234a438: a join repeats rows where a customer has several e-mails, and sums grow with them."""
    ana_id = well_known()
    with unit_of_work():
        (invoice,) = db.session.scalars(select(Invoice)).all()
        assert (invoice.total_minor, ledger.balance_of(ana_id)) == (400_000, 340_000)
    browser = signed_in(app, tenant)
    assert column(browser, "/invoices/export", "total") == ["4000.00"]
    assert column(browser, "/invoices/export", "open") == ["3400.00"]
    assert column(browser, "/payments/export", "amount") == ["300.00", "300.00"]
    assert len(column(browser, "/customers/export", "account_number")) == 1
    assert column(browser, "/customer-subscriptions/postpaid/export", "monthly_price") == ["2000.00", "2000.00"]
    with at(current.now() + timedelta(days=30)):
        assert column(signed_in(app, tenant), "/collections/export", "overdue") == ["3400.00"]
    for path in ("/customers", f"/customers/{ana_id}", "/invoices", f"/ledger/customers/{ana_id}"):
        page = browser.get(path).text
        assert "₱6,800.00" not in page and "₱8,000.00" not in page and "₱10,200.00" not in page, path


def test_pain_8_totals_a_run_counts_each_line_once(app: IspbillFlask, tenant: TenantRef) -> None:
    well_known()
    page = signed_in(app, tenant).get("/billing/runs/1").text
    assert "₱4,000.00" in page and date(2026, 3, 10) == current.today()
    with unit_of_work():
        assert db.session.scalars(select(Customer)).one().name == "Ana Reyes"

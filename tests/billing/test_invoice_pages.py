"""The pages of invoices: found, read, voided; nothing issued changes."""
from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ispbill.billing.invoices import queries
from ispbill.billing.invoices.models import Invoice
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions.models import SubscriptionComponent
from ispbill.web.requests import IspbillFlask
from tests.conftest import NOON_IN_MANILA
from tests.make import bills, offers
from tests.make.browsers import signed_in

TODAY = date(2026, 3, 10)


def stored(invoice_id: int) -> Invoice:
    """The invoice as it stands now."""
    with unit_of_work():
        return db.session.scalars(
            select(Invoice).where(Invoice.id == invoice_id).execution_options(populate_existing=True)
        ).one()


def test_before_the_first_invoice_the_list_leads_to_the_billing_runs(app: IspbillFlask, tenant: TenantRef) -> None:
    page = signed_in(app, tenant).get("/invoices")
    assert "No invoices yet" in page.text and 'href="/billing/runs"' in page.text


def test_an_invoice_is_found_by_its_number_its_digits_and_its_customer(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    ana, ben = bills.billed("Ana Reyes", phone="+639171234567"), bills.billed("Ben Cruz")
    browser = signed_in(app, tenant)
    numbers = (ana.number, ana.number.lower(), "1", "INV-1", "inv1", "INV 000001")
    for term in (*numbers, "reyes", "0917 123 4567", "AC-000001"):
        page = browser.get("/invoices", query_string={"q": term})
        assert ana.number in page.text and ben.number not in page.text, term
    assert "Nothing matches" in browser.get("/invoices?q=nobody").text


def test_the_list_is_narrowed_by_state(app: IspbillFlask, tenant: TenantRef) -> None:
    names = ("open", "partly", "paid", "void")
    issued = {name: bills.billed(f"Customer {name}") for name in names}
    bills.paid(issued["paid"].customer_id, 149_900)
    bills.paid(issued["partly"].customer_id, 50_000)
    browser = signed_in(app, tenant)
    browser.post(f"/invoices/{issued['void'].id}/void", {"reason": "Wrong account"})
    for state, expected in (("open", ("open", "partly")), ("paid", ("paid",)), ("void", ("void",)), ("", names)):
        page = browser.get("/invoices", query_string={"state": state}).text
        assert {name for name in names if f"Customer {name}" in page} == set(expected), state
    assert "Partly paid" in browser.get("/invoices?state=open").text
    assert "No invoices" not in browser.get("/invoices?state=nonsense").text


def test_an_open_invoice_is_overdue_the_day_after_it_was_due(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes")
    days = (invoice.due_on - TODAY).days
    with at(NOON_IN_MANILA + timedelta(days=days)):
        assert "Ana Reyes" not in signed_in(app, tenant).get("/invoices?state=overdue").text
    with at(NOON_IN_MANILA + timedelta(days=days + 1)):
        browser = signed_in(app, tenant)
        assert "Ana Reyes" in browser.get("/invoices?state=overdue").text
        assert "Overdue" in browser.get(f"/invoices/{invoice.id}").text


def test_the_list_says_what_it_comes_to(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed("Ana Reyes", price_minor=100_000)
    bills.billed("Ben Cruz", price_minor=50_000)
    browser = signed_in(app, tenant)
    page = browser.get("/invoices").text
    assert "2 invoices" in page and "₱1,500.00" in page
    page = browser.get("/invoices?q=ana").text
    assert "1 invoice<" in page and "₱1,500.00" not in page


def test_a_list_of_open_invoices_says_what_is_open_besides_what_they_come_to(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    first, second = bills.billed("Ana Reyes", price_minor=112_000), bills.billed("Ben Cruz", price_minor=50_000)
    bills.paid(first.customer_id, 12_000)
    browser = signed_in(app, tenant)
    assert "₱1,620.00" in browser.get("/invoices").text and "still open" not in browser.get("/invoices").text
    page = browser.get("/invoices?state=open").text
    assert "₱1,620.00" in page and "₱1,500.00</span>" in page
    found = browser.get("/invoices?state=open&q=cruz").text
    assert "₱500.00</span>" in found and second.number in found and "₱1,500.00" not in found


def test_a_name_that_many_customers_share_counts_each_invoice_once(
    app: IspbillFlask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_FEW_CUSTOMERS", 1)
    for name in ("Ana Cruz", "Ben Cruz", "Carla Reyes"):
        bills.billed(name, price_minor=50_000)
    page = signed_in(app, tenant).get("/invoices?q=cruz").text
    assert "2 invoices" in page and "₱1,000.00" in page


def test_an_invoice_reads_as_its_document(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=112_000, tax=lambda: offers.tax("12", name="VAT"),
                           street="12 Mabini Street", tax_identifier="987-654")
    page = signed_in(app, tenant).get(f"/invoices/{invoice.id}").text
    for text in (invoice.number, "Ana Reyes", "12 Mabini Street", "987-654", tenant.name, "Amount incl. tax",
                 "VAT, 12 % of ₱1,000.00", "₱120.00", "₱1,120.00", "10 Mar 2026 – 9 Apr 2026", "Still open"):
        assert text in page, text


def test_a_prorated_line_prints_its_arithmetic(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        offers.subscribe(plans=[(offers.plan(310_000), 1, None)], anchor_day=15)
    bills.billed()
    page = signed_in(app, tenant).get("/invoices/1").text
    assert "× 5 ÷ 28 days" in page


def test_an_invoice_shows_which_payments_settle_it(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=149_900)
    payment = bills.paid(invoice.customer_id, 50_000)
    page = signed_in(app, tenant).get(f"/invoices/{invoice.id}").text
    for text in ("Partly paid", payment.number, "−₱500.00", "₱999.00", f"/payments/record/{invoice.customer_id}"):
        assert text in page, text


def test_who_may_not_see_payments_sees_no_payment_on_an_invoice(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    payment = bills.paid(invoice.customer_id, 50_000)
    page = signed_in(app, tenant, permissions=["view_invoice_list"]).get(f"/invoices/{invoice.id}")
    assert page.status_code == 200 and payment.number not in page.text


def test_voiding_asks_first_and_says_what_follows(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    bills.paid(invoice.customer_id, 50_000)
    page = signed_in(app, tenant).get(f"/invoices/{invoice.id}/void").text
    for text in (f"Void invoice {invoice.number}?", "open again", "is free again", "cannot be undone"):
        assert text in page, text
    assert stored(invoice.id).status == "issued"


def test_voiding_without_a_reason_is_refused_and_changes_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    answer = signed_in(app, tenant).post(f"/invoices/{invoice.id}/void", {"reason": "  "})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert stored(invoice.id).status == "issued"


def test_a_void_invoice_says_why_and_its_period_is_open_again(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    browser = signed_in(app, tenant)
    answer = browser.post(f"/invoices/{invoice.id}/void", {"reason": "Wrong account"})
    page = browser.get(answer.location).text
    assert "Void since 10 Mar 2026" in page and "Wrong account" in page
    assert f"/invoices/{invoice.id}/void" not in page
    with unit_of_work():
        assert db.session.scalars(select(SubscriptionComponent)).one().billed_until == current.today()


def test_voiding_twice_is_refused_with_the_reason(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    browser = signed_in(app, tenant)
    browser.post(f"/invoices/{invoice.id}/void", {"reason": "Wrong account"})
    answer = browser.post(f"/invoices/{invoice.id}/void", {"reason": "Again"})
    assert answer.status_code == 422 and "is void already" in answer.text
    assert stored(invoice.id).void_reason == "Wrong account"


def test_only_who_may_voids(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    viewer = signed_in(app, tenant, permissions=["view_invoice_list"])
    assert f"/invoices/{invoice.id}/void" not in viewer.get(f"/invoices/{invoice.id}").text
    assert viewer.post(f"/invoices/{invoice.id}/void", {"reason": "x"}).status_code == 403


def test_without_the_right_no_invoice_opens(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    browser = signed_in(app, tenant, permissions=["view_customer_list"])
    for path in ("", "/export", f"/{invoice.id}", f"/{invoice.id}/void", f"/{invoice.id}/document.pdf"):
        assert browser.get(f"/invoices{path}").status_code == 403


def test_the_file_holds_what_the_filters_show_and_no_formula(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("=SUM(A1)", price_minor=112_000, tax=lambda: offers.tax("12", name="VAT"))
    bills.billed("Ben Cruz")
    bills.paid(invoice.customer_id, 50_000)
    text = signed_in(app, tenant).get("/invoices/export?q=sum").text
    line = (f"{invoice.number},invoice,AC-000001,'=SUM(A1),2026-03-10,2026-03-25,partly_paid,1000.00,120.00,1120.00,"
            "500.00,620.00,PHP")
    assert line in text and "Ben Cruz" not in text


def test_the_list_costs_the_same_number_of_statements_however_long_it_is(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.billed()
    browser = signed_in(app, tenant)
    browser.get("/invoices")
    with bills.statements() as few:
        browser.get("/invoices")
    for _ in range(4):
        bills.paid(bills.billed().customer_id, 50_000)
    with bills.statements() as many:
        browser.get("/invoices")
    assert len(many) == len(few)


def test_the_page_of_a_customer_shows_their_invoices(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice, other = bills.billed("Ana Reyes"), bills.billed("Ben Cruz")
    browser = signed_in(app, tenant)
    page = browser.get(f"/customers/{invoice.customer_id}").text
    assert invoice.number in page and other.number not in page
    assert other.number not in browser.get(f"/invoices?customer={invoice.customer_id}").text


def test_the_search_box_leads_to_an_invoice_by_its_number(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    answer = signed_in(app, tenant).get(f"/search?q={invoice.number}")
    assert answer.location == f"/invoices/{invoice.id}"

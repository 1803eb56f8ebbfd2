"""The dashboard: each figure is what its definition says, and it costs the same however large the company is."""
from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from ispbill.accounts.users import queries as users
from ispbill.billing.prepaid.models import PrepaidStatus, PrepaidSubscription
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.reports import queries
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions import service as subscription_verbs
from ispbill.web.requests import IspbillFlask
from tests.conftest import NOON_IN_MANILA
from tests.make import bills, loads, offers
from tests.make.browsers import Browser, colleague, signed_in

TODAY = date(2026, 3, 10)
NEXT_MONTH = NOON_IN_MANILA + timedelta(days=31)


def chart(app: IspbillFlask, tenant: TenantRef, name: str) -> dict[str, Any]:
    """The description of a chart."""
    answer = signed_in(app, tenant).get(f"/dashboard/{name}")
    spec: dict[str, Any] = answer.get_json()
    assert {len(series["values"]) for series in spec["series"]} == {len(spec["labels"])}
    return spec


def newest(spec: dict[str, Any]) -> dict[str, int]:
    """The last value of each series."""
    return {series["name"]: series["values"][-1] for series in spec["series"]}


def test_a_new_company_is_told_what_to_do_next(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    page = browser.get("/dashboard").text
    for text in ("Say who you are", "Set your taxes", "Add a plan", "Import a list", "Invite", "Prepare a run"):
        assert text in page, text
    bills.subscriber()
    page = browser.get("/dashboard").text
    assert "Add a plan" not in page and "Invite" in page


def test_the_first_steps_offer_only_what_one_may_do(app: IspbillFlask, tenant: TenantRef) -> None:
    page = signed_in(app, tenant, permissions=["view_dashboard", "create_customer"]).get("/dashboard").text
    assert "/customers/register" in page and "/customers/import" not in page and "/settings/identity" not in page


def test_billed_counts_what_was_issued_this_month_but_no_void_invoice(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.billed(price_minor=100_000)
    voided = bills.billed(price_minor=50_000)
    browser = signed_in(app, tenant)
    browser.post(f"/invoices/{voided.id}/void", {"reason": "Wrong"})
    with unit_of_work():
        assert queries.billed(date(2026, 3, 1), TODAY) == 100_000
        assert queries.billed(date(2026, 2, 1), date(2026, 2, 28)) == 0
    assert newest(chart(app, tenant, "money"))["Billed"] == 100_000
    assert "₱1,000.00" in browser.get("/dashboard").text


def test_collected_never_counts_a_reversed_payment(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=100_000)
    bills.paid(invoice.customer_id, 30_000)
    reversed_payment = bills.paid(invoice.customer_id, 20_000)
    bills.paid(invoice.customer_id, 7_000, received_on=date(2026, 2, 27))
    browser = signed_in(app, tenant)
    browser.get(browser.post(f"/payments/{reversed_payment.id}/reverse", {"reason": "Bounced"}).location)
    with unit_of_work():
        assert queries.collected(date(2026, 3, 1), TODAY) == 30_000
    collected = chart(app, tenant, "money")["series"][1]
    assert collected["name"] == "Collected" and collected["values"][-2:] == [7_000, 30_000]
    page = browser.get("/dashboard").text
    assert "₱300.00" in page and reversed_payment.number not in page


def test_overdue_is_what_is_still_open_past_the_due_day(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=100_000)
    bills.billed(price_minor=40_000)
    bills.paid(invoice.customer_id, 30_000)
    with unit_of_work():
        assert queries.overdue(invoice.due_on) == queries.Overdue(0, 0)
        assert queries.overdue(invoice.due_on + timedelta(days=1)) == queries.Overdue(2, 110_000)


def test_open_invoices_fall_into_classes_of_age(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=100_000)
    bills.paid(invoice.customer_id, 30_000)
    for days, place in ((0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (900, 4)):
        with unit_of_work():
            assert queries.open_by_age(invoice.due_on + timedelta(days=days)) == [
                70_000 if here == place else 0 for here in range(5)
            ]
    assert chart(app, tenant, "ageing")["series"][0]["values"] == [70_000, 0, 0, 0, 0]


def test_recurring_revenue_is_a_month_of_active_subscriptions_without_tax(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.billed(price_minor=112_000, tax=lambda: offers.tax("12"))
    bills.billed(price_minor=50_000)
    suspended = bills.billed(price_minor=99_900).customer_id
    with unit_of_work():
        (subscription,) = subscriptions.of_customer(suspended, status="active")
        subscription_verbs.suspend(subscription, on=TODAY, reason="asked for")
    page = signed_in(app, tenant).get("/dashboard").text
    assert "₱1,500.00" in page
    with unit_of_work():
        assert queries.active_subscribers(TODAY) == 2


def test_prepaid_lines_are_subscribers_and_recurring_revenue_while_time_is_left(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.billed(price_minor=50_000)
    with unit_of_work():
        load = loads.load(plan=offers.plan(100_000))
    page = signed_in(app, tenant).get("/dashboard").text
    assert "₱1,513.89" in page, "500.00 a month, and 1,000.00 for thirty days: 365 ÷ 360 of it a month"
    with unit_of_work():
        assert (queries.active_subscribers(TODAY), queries.began(TODAY.replace(day=1), TODAY)) == (2, 2)
    with at(NEXT_MONTH), unit_of_work():
        db.session.get_one(PrepaidSubscription, load.subscription_id).status = PrepaidStatus.EXPIRED
        db.session.flush()
        today = current.today()
        assert queries.left(today.replace(day=1), today) == 1 and queries.served_on(today.replace(day=1)) == 2
        assert sum(price.amount_minor for price in queries.monthly_prices(today)) == 50_000


def test_subscribers_are_counted_by_month(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed()
    leaving = bills.subscriber()
    with at(NEXT_MONTH):
        bills.subscriber()
        with unit_of_work():
            (subscription,) = subscriptions.of_customer(leaving, status="active")
            subscription_verbs.end(subscription, on=current.today(), reason="moved away")
        served, began, left = chart(app, tenant, "subscribers")["series"]
    assert served["values"][-2:] == [2, 2] and began["values"][-2:] == [2, 1] and left["values"][-2:] == [0, 1]


def test_parked_customers_are_announced_until_the_newest_run_has_none(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    customer_id = bills.unbillable()
    bills.billed()
    browser = signed_in(app, tenant)
    page = browser.get("/dashboard").text
    assert "1 customer could not be billed" in page and "/billing/runs/1" in page
    with unit_of_work():
        (subscription,) = subscriptions.of_customer(customer_id, status="active")
        offers.billed(subscription, until=subscription.start_on)
        subscription_verbs.end(subscription, on=subscription.start_on, reason="never used")
    jobs.bill_now(TODAY)
    with at(NOON_IN_MANILA + timedelta(days=1)):
        jobs.bill_now(TODAY + timedelta(days=1))
        assert "could not be billed" not in browser.get("/dashboard").text


def test_links_lead_only_where_one_may_go(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.paid(bills.billed().customer_id, 100)
    browser = signed_in(app, tenant, permissions=["view_dashboard", "view_financial_dashboard"])
    page = browser.get("/dashboard").text
    assert "/payments/1" not in page and "/invoices?" not in page and "Overdue" in page


@pytest.mark.parametrize(("permission", "shown"), [
    ("view_financial_dashboard", {"Monthly recurring revenue", "Revenue per subscriber", "Billed and collected"}),
    ("view_payment_list", {"Collected today", "Latest payments"}),
    ("view_subscription_list", {"Active subscribers", "Left this month", "Prepaid running out"}),
    ("view_ticket_list", {"Unresolved tickets"}),
    ("view_customer_list", {"Nothing for your role here"}),
])
def test_each_sees_the_figures_of_what_they_may_see(
    app: IspbillFlask, tenant: TenantRef, permission: str, shown: set[str]
) -> None:
    bills.paid(bills.billed().customer_id, 100)
    page = signed_in(app, tenant, permissions=["view_dashboard", permission]).get("/dashboard").text
    everything = {"Monthly recurring revenue", "Revenue per subscriber", "Billed and collected", "Collected today",
                  "Latest payments", "Active subscribers", "Left this month", "Prepaid running out",
                  "Unresolved tickets", "Nothing for your role here"}
    assert {text for text in everything if text in page} == shown


def test_who_works_outside_sees_the_work_first(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed()
    for permissions, parts in (
        (["view_subscription_list", "view_ticket_list"], ["Work", "Subscribers"]),
        (["view_financial_dashboard", "view_subscription_list", "view_ticket_list"], ["Money", "Subscribers", "Work"]),
    ):
        email = f"{len(permissions)}@example.com"
        browser = Browser(app, tenant)
        browser.sign_in(colleague(email, permissions=["view_dashboard", *permissions]).email)
        headings = re.findall(r"<h2[^>]*first:mt-0[^>]*>(\w+)", browser.get("/dashboard").text)
        assert headings == parts


def test_the_figure_of_what_is_due_leads_to_ones_own_visits_where_none_is(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.billed()
    technician = signed_in(app, tenant, permissions=[
        "view_dashboard", "view_installation_list", "change_installation_status"])
    due, own = "/installations?due=yes", "/installations?status=open&amp;technician=me"
    assert due in technician.get("/dashboard").text
    with unit_of_work():
        me = users.user_with_email("ana@example.com")
        offers.installation(technician_id=me.id, scheduled_on=current.today() + timedelta(days=1))
    page = technician.get("/dashboard").text
    assert own in page and due not in page


def test_who_left_is_counted_of_those_served_before(app: IspbillFlask, tenant: TenantRef) -> None:
    stays, leaves = bills.billed(price_minor=100_000).customer_id, bills.subscriber()
    with at(NEXT_MONTH):
        with unit_of_work():
            (subscription,) = subscriptions.of_customer(leaves, status="active")
            subscription_verbs.end(subscription, on=current.today(), reason="moved away")
        page = signed_in(app, tenant).get("/dashboard").text
    assert "50.0 % of those served on the first" in page and stays
    assert "₱1,000.00" in page, "one subscriber is left, and pays this"


def test_staff_sign_ups_are_counted_by_day(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with at(NOON_IN_MANILA - timedelta(days=1)):
        colleague("ana@example.com")
        colleague("ben@example.com")
    signups = browser.get("/dashboard/api/user-signups/?days=3").get_json()["signups"]
    assert signups == [{"date": "2026-03-08", "count": 0}, {"date": "2026-03-09", "count": 2},
                       {"date": "2026-03-10", "count": 1}]
    assert len(browser.get("/dashboard/api/user-signups/").get_json()["signups"]) == 30
    assert browser.get("/dashboard/api/user-signups/?days=99999").status_code == 422


def test_without_the_right_neither_page_nor_numbers_come(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_customer_list"])
    for path in ("", "/money", "/subscribers", "/ageing"):
        assert browser.get(f"/dashboard{path}").status_code == 403
    assert browser.get("/home").location == "/customers"


def test_the_dashboard_costs_the_same_number_of_statements_however_large_the_company_is(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.paid(bills.billed().customer_id, 100)
    browser = signed_in(app, tenant)
    browser.get("/dashboard")
    with bills.statements() as few:
        browser.get("/dashboard")
    for _ in range(5):
        bills.paid(bills.billed().customer_id, 100)
    with bills.statements() as many:
        browser.get("/dashboard")
    assert len(many) == len(few) <= 24

"""Why a line is what it is: every rule that led to it is named, from rows of the day."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices import service as invoice_verbs
from ispbill.billing.invoices.models import InvoiceLine
from ispbill.billing.metering import service as metering
from ispbill.billing.metering.policy import Usage
from ispbill.billing.notes import service as notes
from ispbill.billing.notes.policy import Take
from ispbill.billing.notes.service import CreditFacts
from ispbill.billing.runs import jobs
from ispbill.billing.why import queries
from ispbill.catalogue import service as catalogue
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import service as subscriptions
from ispbill.web.requests import IspbillFlask
from tests.make import bills, loads, offers, people
from tests.make.browsers import signed_in
from tests.make.corrections import credited, loaded
from tests.make.programs import program

TODAY = date(2026, 3, 10)


def trace(ordinal: int = 0) -> dict[str, list[str]]:
    """The steps of the line that was issued so many lines ago: the title and the facts of each topic."""
    with unit_of_work():
        rows = db.session.scalars(select(InvoiceLine).order_by(InvoiceLine.id.desc()).offset(ordinal).limit(1))
        return {step.topic: [step.title, *(f"{fact.label}: {fact.value}" for fact in step.facts)]
                for step in queries.of_line(rows.one())}


def test_a_part_of_a_month_names_price_period_proration_discount_tax_and_run(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Reyes")
        plan = offers.plan(149_900, name="Fibre 50", tax=offers.tax("12", name="VAT"))
        offers.subscribe(ana, plans=[(plan, 1, None)], anchor_day=20)
        offers.grant(offers.discount("Loyal", percent="10"), ana, reason="With us for years")
    jobs.bill_now(TODAY)
    steps = trace()
    assert steps["subject"][0] == "Fibre 50, subscribed to" and "Agreed so: from 10 Mar 2026 on" in steps["subject"]
    assert "Version: The plan's price since" in " ".join(steps["price"])
    assert "Billed: every month on day 20, in advance" in steps["period"]
    assert "Part of a period: 10 Mar 2026 – 19 Mar 2026: 10 of the 28 days of 20 Feb 2026 – 19 Mar 2026" \
        in steps["period"]
    assert "Worked out: ₱1,499.00 × 10 ÷ 28 days − ₱53.54 Loyal" in steps["period"]
    assert steps["discount"][0] == "Loyal: ₱53.54 off" and "Because: With us for years" in steps["discount"]
    assert steps["tax"][0] == "₱51.62 of tax" and any("contained in the price" in fact for fact in steps["tax"])
    assert "Rounded: On each line, half up" in steps["tax"]
    assert steps["amount"][0] == "₱481.82 charged, tax included"
    assert "Booked to: 4000 Service revenue" in steps["amount"]
    assert "Made by: Billing run of 10 Mar 2026" in steps["document"] and "Run approved by: System" in steps["document"]


def test_a_price_that_was_agreed_or_kept_is_told_from_the_list_price(tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(149_900)
        offers.subscribe(plans=[(plan, 1, 120_000)])
        offers.subscribe(plans=[(plan, 1, None)], start_on=date(2026, 3, 9))
        catalogue.set_price(plan, amount_minor=180_000, valid_from=TODAY)
    jobs.bill_now(TODAY)
    assert "Version: Agreed with the customer; the plan cost" in " ".join(trace(1)["price"])
    assert "Kept: New customers pay ₱1,800.00 since 10 Mar 2026" in trace()["price"]


def test_a_pause_that_was_said_after_the_bill_does_not_explain_it(tenant: TenantRef) -> None:
    bills.billed(price_minor=31_000)
    with at(current.now() + timedelta(hours=1)), unit_of_work():
        (line,) = subscriptions.queries.of_customer(1, status="active")
        subscriptions.suspend(line, on=TODAY + timedelta(days=3), until=TODAY + timedelta(days=5), reason="Away")
    assert "Paused" not in " ".join(trace()["period"])


def test_usage_a_fee_and_what_was_given_back_say_where_they_come_from(tenant: TenantRef) -> None:
    with unit_of_work():
        customer = people.register_customer("Ana Reyes")
        charges.add(ChargeFacts(customer.id, "Cable", 5_000, kind=ChargeKind.LATE_FEE))
    jobs.bill_now(TODAY)
    fee = trace()
    assert fee["subject"][0] == "Late fee" and any("Added by: System" in fact for fact in fee["subject"])
    with unit_of_work():
        billed = db.session.scalars(select(InvoiceLine)).one()
        invoice = invoices.detail(billed.invoice_id)
        assert invoice is not None
        notes.credit(invoice, CreditFacts("Gave the cable back", {billed.id: Take(amount_minor=2_000)}))
    assert "₱20.00 of it was given back" in trace(1)["correction"][0]
    back = trace()
    assert back["subject"][0] == "It takes back what was billed" and "Reason: Gave the cable back" in back["document"]


def test_what_takes_back_an_amount_of_a_period_is_explained_and_once_void_gives_nothing_back(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    note = credited(invoice.id, Take(amount_minor=3_000))
    back = trace()
    assert back["subject"][0] == "It takes back what was billed" and "period" not in back
    assert trace(1)["correction"] == ["₱30.00 of it was given back", f"₱30.00: {note.number}"]
    with unit_of_work():
        invoice_verbs.void(loaded(note.id), reason="It was paid already")
    assert "correction" not in trace(1)


def test_metered_usage_names_its_window_and_its_readings(tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100_000)
        offers.usage_price(plan)
        line = offers.subscribe(plans=[(plan, 1, None)])
        metering.record([Usage(line.id, TODAY, Decimal(7), "meter 1"), Usage(line.id, TODAY, Decimal(5), "meter 2")])
    jobs.bill_now(TODAY)
    with at(current.now() + timedelta(days=31)):
        jobs.bill_now(current.today())
    steps = trace()
    assert steps["subject"][0] == "Usage"
    assert steps["usage"] == ["12 used", "Used between: 10 Mar 2026 – 9 Apr 2026", "Readings counted: 2"]


def test_prepaid_time_names_its_load(tenant: TenantRef) -> None:
    with unit_of_work():
        load = loads.load()
        number = f"Prepaid line: No. {load.subscription_id}"
    title, line, plan, time, author = trace()["subject"]
    assert (title, line) == ("A load of prepaid time", number) and plan.startswith("Plan: ")
    assert time.startswith("Time: 10 Mar 2026") and "9 Apr 2026" in time and author.startswith("Loaded by: System")


@pytest.mark.parametrize("permissions", [["view_invoice_list"]])
def test_the_page_and_the_api_tell_the_same_and_link_what_may_be_opened(
    app: IspbillFlask, tenant: TenantRef, permissions: list[str]
) -> None:
    invoice = bills.billed("Ana Reyes")
    browser = signed_in(app, tenant, permissions=permissions)
    assert "/invoices/lines/1/why" in browser.get(f"/invoices/{invoice.id}").text
    page = browser.get("/invoices/lines/1/why").text
    assert "Why ₱1,499.00?" in page and f"/invoices/{invoice.id}" in page and "/billing/runs/" not in page
    told = program(app, tenant).get("invoices/lines/1/why").json
    assert told is not None and {step["topic"] for step in told["steps"]} >= {"price", "period", "amount", "document"}
    assert all(step["title"].split(",")[0] in page for step in told["steps"])


def test_without_the_right_nothing_is_told(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed()
    browser = signed_in(app, tenant, permissions=["view_billing_run"])
    assert browser.get("/invoices/lines/1/why").status_code == 403
    assert signed_in(app, tenant).get("/invoices/lines/99/why").status_code == 404

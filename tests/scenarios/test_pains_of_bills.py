"""What users of billing systems complain of (isp_field.md §4), told as tests: what is billed, when and how much.

Pains 3, 5, 6, 7, 8, 13, 14, 18 and 20; each test is named after its pain.
"""
from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from ispbill import schedule
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.runs import jobs, queries
from ispbill.catalogue import service as catalogue
from ispbill.catalogue.models import Plan
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer
from ispbill.customers.policy import CustomerFacts
from ispbill.jobs.draining import drain
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from ispbill.subscriptions.policy import Start
from ispbill.web.requests import IspbillFlask
from tests.make import bills, debts, offers, people
from tests.make.browsers import signed_in

TODAY = date(2026, 3, 10)


def invoiced() -> list[Invoice]:
    with unit_of_work():
        return list(db.session.scalars(select(Invoice).order_by(Invoice.id)))


def billed_spans() -> list[tuple[date | None, date | None]]:
    with unit_of_work():
        rows = db.session.scalars(select(InvoiceLine).order_by(InvoiceLine.id)).all()
        return [(line.period_start, line.period_end) for line in rows]


def subscribed(start_on: date, *, anchor_day: int | None = None) -> None:
    with unit_of_work():
        offers.subscribe(plans=[(offers.plan(100_000), 1, None)], start_on=start_on, anchor_day=anchor_day)


def bill(day: date) -> None:
    with debts.morning(day):
        jobs.bill_now(day)


def test_pain_3_double_invoices_two_runs_at_the_same_moment_bill_once(app: IspbillFlask, tenant: TenantRef) -> None:
    for _ in range(5):
        bills.subscriber()
    together, now = threading.Barrier(2), current.now()

    def run() -> None:
        with app.app_context(), bound(tenant, SYSTEM), at(now):
            together.wait()
            jobs.bill_now(TODAY)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(invoiced()) == 5 and jobs.bill_now(TODAY).invoices == 0


def test_pain_5_proration_nobody_understands_is_printed_with_its_arithmetic(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    subscribed(date(2026, 3, 20), anchor_day=1)
    bill(date(2026, 3, 20))
    with unit_of_work():
        line = db.session.scalars(select(InvoiceLine)).one()
        assert (line.amount_minor, line.arithmetic) == (38_710, "₱1,000.00 × 12 ÷ 31 days")
    assert line.arithmetic in signed_in(app, tenant).get(f"/invoices/{line.invoice_id}").text


def test_pain_5_proration_is_shown_before_anything_is_saved(tenant: TenantRef) -> None:
    with unit_of_work():
        ana, plans = people.register_customer(), [(offers.plan(100_000), 1, None)]
        (line,) = subscriptions.preview(ana, plans=plans, start=Start(date(2026, 3, 20), 1))
        assert line.amount_minor == 38_710
        assert db.session.scalars(select(Subscription)).all() == []


def test_pain_6_invoice_numbers_have_no_gap_and_no_repetition_whatever_fails(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    bills.billed()
    bills.subscriber()
    monkeypatch.setattr("ispbill.billing.invoices.service.ledger.write_entries", lambda entries, *, keys: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        jobs.bill_now(TODAY)
    monkeypatch.undo()
    jobs.bill_now(TODAY)
    bills.billed()
    assert [invoice.number for invoice in invoiced()] == ["INV-000001", "INV-000002", "INV-000003"]


def test_pain_6_a_void_keeps_its_number_and_the_next_bill_takes_the_next(tenant: TenantRef) -> None:
    first = bills.billed()
    with unit_of_work():
        invoices.void(db.session.get_one(Invoice, first.id), reason="billed in error")
    jobs.bill_now(TODAY)
    assert [(invoice.number, invoice.status) for invoice in invoiced()] == [
        ("INV-000001", "void"), ("INV-000002", "issued")]


def test_pain_7_is_every_service_billed_each_is_on_a_line_or_has_a_reason(tenant: TenantRef) -> None:
    for _ in range(2):
        bills.subscriber()
    bills.unbillable()
    paused = bills.subscriber()
    with unit_of_work():
        customers.suspend(db.session.get_one(Customer, paused), reason="On holiday")
    result = jobs.bill_now(TODAY)
    with unit_of_work():
        on_lines = int(db.session.scalar(select(func.count(func.distinct(InvoiceLine.subscription_id)))) or 0)
        services = int(db.session.scalar(select(func.count()).select_from(Subscription)) or 0)
        skipped = {row.status for row in queries.not_billed(TODAY + timedelta(days=1))}
    assert (on_lines, len(result.parked), services) == (2, 1, 4) and skipped == {"suspended"}
    assert "periods behind" in str(result.parked[0]["reason"])


def test_pain_8_rounding_and_totals_lines_always_sum_to_the_head(tenant: TenantRef) -> None:
    with unit_of_work():
        tax = offers.tax("12")
        for price_minor in (22_407, 1_495, 33, 99_999, 7):
            customer = people.register_customer()
            plan = offers.plan(price_minor, tax=tax)
            offers.subscribe(customer, plans=[(plan, 1, None), (plan, 12, None)], start_on=TODAY, anchor_day=27)
    jobs.bill_now(TODAY)
    with unit_of_work():
        sums = db.session.execute(
            select(Invoice.total_minor, func.sum(InvoiceLine.net_minor + InvoiceLine.tax_minor), Invoice.net_minor,
                   func.sum(InvoiceLine.net_minor)).join(InvoiceLine).group_by(Invoice.id)
        ).all()
    assert len(sums) == 5
    assert all(total == of_lines and net == nets for total, of_lines, net, nets in sums)


def test_pain_8_rounding_the_unit_price_is_multiplied_before_anything_is_rounded(tenant: TenantRef) -> None:
    """LMS 559: 22,407.04 instead of 22,453.24, for the gross of each unit was rounded by itself."""
    with unit_of_work():
        tax = offers.tax("23", mode="exclusive")
        offers.subscribe(plans=[(offers.plan(1_522, tax=tax), 1_000, None)], start_on=TODAY, anchor_day=10)
    jobs.bill_now(TODAY)
    (invoice,) = invoiced()
    assert (invoice.net_minor, invoice.tax_minor) == (1_522_000, 350_060)


def test_pain_13_slow_lists_and_runs_cost_no_more_statements_for_more_customers(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    browser, counts = signed_in(app, tenant), []
    for more in (1, 2, 8):
        for _ in range(more):
            bills.subscriber()
        with bills.statements() as sent:
            assert jobs.bill_now(TODAY).invoices == more
            for path in ("/customers", "/invoices", "/payments", "/collections"):
                assert browser.get(path).status_code == 200
        counts.append(len(sent))
    # To open a day's run again asks a little more than to open it.
    assert counts[1] == counts[2]


@pytest.mark.parametrize(("instant", "expected"), [
    (datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), date(2026, 3, 31)),
    (datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC), date(2026, 4, 1)),
])
def test_pain_14_midnight_is_the_companys_own(tenant: TenantRef, instant: datetime, expected: date) -> None:
    with at(instant):
        assert current.today() == expected
        bills.billed()
    assert [invoice.issued_on for invoice in invoiced()] == [expected]


def test_pain_14_midnight_the_days_run_begins_five_minutes_after_the_companys_own(tenant: TenantRef) -> None:
    subscribed(date(2026, 4, 1))
    for minute, expected in ((4, 0), (5, 1)):
        with at(datetime(2026, 3, 31, 16, minute, tzinfo=UTC)), bound(None, SYSTEM):
            drain([schedule.bill_due_tenants], only=[tenant.code])
        with bound(tenant, SYSTEM):
            assert [row.issued_on for row in invoiced()] == [date(2026, 4, 1)] * expected


def test_pain_14_due_in_the_evening_is_not_past_due_before_the_companys_midnight(tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    debts.set_step("Suspension", days=1)
    with at(datetime(2026, 3, 25, 15, 59, tzinfo=UTC)):  # a minute to midnight of the due day in Manila
        debts.go_round()
    assert debts.status(ana) == "active"
    debts.round_on(date(2026, 3, 26))
    assert debts.status(ana) == "suspended"


@pytest.mark.parametrize(("start_on", "ends"), [
    (date(2025, 12, 31), [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]),
    (date(2024, 1, 29), [date(2024, 2, 29), date(2024, 3, 29), date(2024, 4, 29), date(2024, 5, 29)]),
    (date(2023, 12, 30), [date(2024, 1, 30), date(2024, 2, 29), date(2024, 3, 30), date(2024, 4, 30)]),
])
def test_pain_14_month_ends_clamp_and_come_back(tenant: TenantRef, start_on: date, ends: list[date]) -> None:
    with unit_of_work():
        plan = offers.plan(100_000)
    with debts.morning(start_on), unit_of_work():
        offers.subscribe(plans=[(db.session.get_one(Plan, plan.id), 1, None)], start_on=start_on)
    for day in [start_on, *ends[:-1]]:
        bill(day)
    assert billed_spans() == list(zip([start_on, *ends[:-1]], ends, strict=True))


def test_pain_18_editing_issued_documents_the_buyer_stays_as_issued(tenant: TenantRef) -> None:
    invoice = bills.billed("Maria Santos")
    with unit_of_work():
        maria = db.session.get_one(Customer, invoice.customer_id)
        customers.change(maria, facts=CustomerFacts(name="Maria Cruz"))
    assert [row.buyer_name for row in invoiced()] == ["Maria Santos"]


@pytest.mark.parametrize("statement", ["UPDATE invoices SET total_minor = total_minor + 1, net_minor = net_minor + 1",
                                       "UPDATE invoice_lines SET amount_minor = 1", "DELETE FROM invoices"])
def test_pain_18_editing_issued_documents_is_refused_by_the_database(tenant: TenantRef, statement: str) -> None:
    bills.billed()
    with pytest.raises(DBAPIError), unit_of_work():
        db.session.execute(text(statement))


def test_pain_18_what_a_credit_stands_on_is_corrected_by_a_credit_and_not_by_a_void(tenant: TenantRef) -> None:
    invoice = bills.billed()
    with unit_of_work():
        line = db.session.scalars(select(Subscription)).one()
        subscriptions.end(line, on=TODAY + timedelta(days=10), reason="moves away")
    bill(TODAY + timedelta(days=10))
    with unit_of_work(), pytest.raises(Conflict, match="Void that first"):
        invoices.void(db.session.get_one(Invoice, invoice.id), reason="too late")
    assert [row.kind for row in invoiced()] == ["invoice", "credit_note"]


def test_pain_20_plan_price_changes_hit_only_who_subscribes_afterwards(tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100_000)
        offers.subscribe(plans=[(plan, 1, None)])
        catalogue.set_price(plan, amount_minor=120_000, valid_from=TODAY)
    with unit_of_work():
        offers.subscribe(plans=[(db.session.get_one(Plan, plan.id), 1, None)])
    jobs.bill_now(TODAY)
    bill(date(2026, 4, 10))
    assert [invoice.total_minor for invoice in invoiced()] == [100_000, 120_000] * 2
    with unit_of_work():
        agreed = list(db.session.scalars(select(SubscriptionComponent.unit_price_minor)))
    assert sorted(agreed) == [100_000, 120_000]

"""Statements of account: any two days add up, what is open is aged, and a balance can be explained."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ispbill.billing.notes.policy import Take
from ispbill.billing.statements import queries
from ispbill.billing.statements.policy import Owed, aged, check_span
from ispbill.core.current import TenantRef, at, current
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import service as subscriptions
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.browsers import signed_in
from tests.make.corrections import credited, refunded, written_off
from tests.make.programs import program

TODAY = date(2026, 3, 10)
LATER = datetime(2026, 6, 20, 4, tzinfo=UTC)


def test_the_opening_balance_and_the_rows_come_to_the_closing_balance(tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=10_000)
    bills.paid(invoice.customer_id, 4_000)
    with at(datetime(2026, 3, 20, 4, tzinfo=UTC)):
        bills.paid(invoice.customer_id, 7_000)
        with unit_of_work():
            whole = queries.statement(invoice.customer_id, since=TODAY, until=date(2026, 3, 20))
            late = queries.statement(invoice.customer_id, since=date(2026, 3, 11), until=date(2026, 3, 20))
    assert (whole.opening_minor, whole.charged_minor, whole.paid_minor) == (0, 10_000, 11_000)
    assert whole.closing_minor == -1_000
    assert (late.opening_minor, len(late.rows), late.closing_minor) == (6_000, 1, -1_000)
    assert whole.credit_minor == 1_000 and whole.owed == ()


def test_what_is_open_is_told_as_it_was_on_the_last_day(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    with at(LATER):
        bills.paid(invoice.customer_id, 10_000)
        with unit_of_work():
            before = queries.statement(invoice.customer_id, since=TODAY, until=date(2026, 6, 1))
            after = queries.statement(invoice.customer_id, since=TODAY, until=date(2026, 6, 20))
    assert [owed.open_minor for owed in before.owed] == [10_000] and after.owed == ()
    assert dict(before.ages)["61–90 days"] == 10_000 and sum(dict(after.ages).values()) == 0


@pytest.mark.parametrize(("late_days", "age"), [
    (-5, "Not due yet"), (0, "Not due yet"), (1, "1–30 days"), (30, "1–30 days"), (31, "31–60 days"),
    (90, "61–90 days"), (91, "Over 90 days"),
])
def test_the_age_of_debt_is_counted_from_its_due_day(late_days: int, age: str) -> None:
    owed = Owed(1, "INV-1", TODAY, TODAY - timedelta(days=late_days), 500, 500)
    assert [name for name, amount in aged([owed], on=TODAY) if amount] == [age]


@pytest.mark.parametrize(("since", "until"), [
    (date(2026, 3, 2), date(2026, 3, 1)), (date(2026, 3, 1), date(2026, 3, 11)), (date(2020, 1, 1), date(2026, 3, 1)),
])
def test_days_that_make_no_statement_are_refused(since: date, until: date) -> None:
    with pytest.raises(Invalid):
        check_span(since, until, today=TODAY)


def test_a_balance_is_explained_by_open_documents_and_free_credit(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    payment = bills.paid(invoice.customer_id, 3_000)
    note = credited(invoice.id, Take(amount_minor=1_000))
    bills.paid(invoice.customer_id, 500, waits=True)
    with unit_of_work():
        why = queries.why(invoice.customer_id)
    assert why.balance_minor == 5_500
    assert [(reason.owed.open_minor, [share.label for share in reason.settlements]) for reason in why.owed] == [
        (6_000, [f"Payment {payment.number}", f"Credit note {note.number}"])]
    assert why.credits == [("Payment CR-000002", 500)]


def test_a_bill_that_was_issued_ahead_of_its_day_explains_its_part_of_the_balance(tenant: TenantRef) -> None:
    customer_id = bills.subscriber(price_minor=10_000)
    with at(datetime(2026, 4, 8, 4, tzinfo=UTC)):
        bills.jobs.bill_now(date(2026, 4, 8))
        bills.jobs.bill_now(date(2026, 4, 10))
        with unit_of_work():
            why = queries.why(customer_id)
    assert why.balance_minor == 20_000
    assert [(reason.owed.issued_on, reason.owed.open_minor) for reason in why.owed] == [
        (date(2026, 4, 8), 10_000), (date(2026, 4, 10), 10_000)]


def test_a_credit_of_a_later_day_has_settled_nothing_before_it(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=31_000)
    with unit_of_work():
        (line,) = subscriptions.queries.of_customer(invoice.customer_id, status="active")
        subscriptions.end(line, on=date(2026, 3, 11), reason="Moves")
    bills.jobs.bill_now(date(2026, 3, 13))
    with unit_of_work():
        before = queries.statement(invoice.customer_id, since=TODAY, until=TODAY)
    with at(datetime(2026, 3, 13, 4, tzinfo=UTC)), unit_of_work():
        after = queries.statement(invoice.customer_id, since=TODAY, until=date(2026, 3, 13))
    assert (before.closing_minor, sum(owed.open_minor for owed in before.owed), before.credit_minor) == (
        31_000, 31_000, 0)
    assert (after.closing_minor, sum(owed.open_minor for owed in after.owed), after.credit_minor) == (1_000, 1_000, 0)


def test_a_written_off_or_refunded_account_adds_up_too(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    written_off(invoice.id)
    bills.paid(invoice.customer_id, 12_000)
    refunded(invoice.customer_id, 2_000)
    with unit_of_work():
        statement = queries.statement(invoice.customer_id, since=TODAY, until=TODAY)
    assert statement.closing_minor == 0 and statement.credit_minor == 0 and statement.owed == ()


def test_the_pages_show_export_explain_and_send(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=10_000)
    bills.paid(invoice.customer_id, 4_000)
    browser = signed_in(app, tenant)
    address = f"/customers/{invoice.customer_id}"
    page = browser.get(f"{address}/statement").text
    assert "₱60.00" in page and "Payment CR-000001" in page and "Not due yet" in page
    assert browser.get(f"{address}/statement?since=2026-03-09&until=2026-03-01").status_code == 422
    assert "Opening balance" in browser.get(f"{address}/statement/export").text
    why = browser.get(f"{address}/balance").text
    assert "Why the balance is ₱60.00" in why and invoice.number in why
    assert browser.post(f"{address}/statement/send", {"recipient": "nobody"}).status_code == 422
    sent = {"recipient": "ana@example.com", "since": "2026-03-01", "until": str(current.today())}
    assert browser.post(f"{address}/statement/send", sent).status_code == 302
    assert "Statement of account" in browser.get("/messages").text


def test_programs_get_the_same(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    bills.paid(invoice.customer_id, 4_000)
    account = program(app, tenant)
    statement = account.get(f"statements/{invoice.customer_id}").json
    assert (statement["opening_minor"], statement["closing_minor"], len(statement["rows"])) == (0, 6_000, 2)
    balance = account.get(f"statements/{invoice.customer_id}/balance").json
    assert balance["balance_minor"] == 6_000 and balance["owed"][0]["settlements"][0]["amount_minor"] == 4_000

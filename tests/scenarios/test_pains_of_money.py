"""What users of billing systems complain of (isp_field.md §4), told as tests: money, balances, files and the books.

Pains 9, 10, 11, 15, 19, 21 and 22; each test is named after its pain.
"""
from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.payments import queries as payment_queries
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.payments.policy import Credit
from ispbill.billing.payments.service import Receipt
from ispbill.billing.proof import service as proof
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer
from ispbill.reports import queries as reports
from ispbill.subscriptions.imports import service as imports
from ispbill.web.requests import IspbillFlask
from tests.make import bills, debts
from tests.make.browsers import signed_in
from tests.make.programs import program

TODAY, BILL = date(2026, 3, 10), 149_900
FILE = b"account_number,name,phone\nOLD-1,Ana Reyes,0917 111 2222\nOLD-2,Ben Cruz,0917 333 4444\n"


def count(model: type[Customer] | type[Payment] | type[Invoice]) -> int:
    with unit_of_work():
        return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def balance(customer_id: int) -> int:
    with unit_of_work():
        return ledger.balance_of(customer_id)


def open_amounts(customer_id: int) -> list[int]:
    with unit_of_work():
        return [invoice.open_minor for invoice in payment_queries.open_invoices([customer_id]).get(customer_id, [])]


def test_pain_9_displayed_balance_is_the_sum_of_the_books_after_everything_that_moves_it(tenant: TenantRef) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    assert balance(ana) == BILL
    payment = bills.paid(ana, 200_000)
    assert balance(ana) == BILL - 200_000
    with unit_of_work():
        payments.reverse(db.session.get_one(Payment, payment.id), reason="bounced")
    assert balance(ana) == BILL
    with unit_of_work():
        invoices.void(db.session.scalars(select(Invoice)).one(), reason="billed in error")
    assert balance(ana) == 0


def test_pain_9_displayed_balance_an_overpayment_is_shown_once_and_apart_from_what_is_due(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    bills.paid(ana, 200_000)
    page = signed_in(app, tenant).get(f"/customers/{ana}").text
    assert "₱501.00" in page and "₱1,002.00" not in page
    with unit_of_work():
        assert payment_queries.credits([ana]) == {ana: [Credit(1, 50_100)]}


def test_pain_9_displayed_balance_is_proven_against_the_documents_every_night(tenant: TenantRef) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    bills.paid(ana, 50_000)
    with unit_of_work():
        assert proof.check().finding_count == 0


def test_pain_10_payments_not_tied_to_invoices_part_by_part_the_oldest_first(tenant: TenantRef) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    with debts.morning(date(2026, 4, 10)):
        jobs.bill_now(date(2026, 4, 10))
        bills.paid(ana, 100_000)
        assert open_amounts(ana) == [49_900, BILL]
        bills.paid(ana, 60_000)
        assert open_amounts(ana) == [BILL - 10_100]


def test_pain_10_payments_not_tied_to_invoices_a_reversal_opens_exactly_what_it_had_settled(
    tenant: TenantRef
) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    bills.paid(ana, 40_000)
    second = bills.paid(ana, 70_000)
    with unit_of_work():
        payments.reverse(db.session.get_one(Payment, second.id), reason="not ours")
    assert open_amounts(ana) == [BILL - 40_000]


def test_pain_10_payments_not_tied_to_invoices_what_is_left_is_known_and_settles_the_next_bill(
    tenant: TenantRef
) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    bills.paid(ana, BILL + 30_000)
    with debts.morning(date(2026, 4, 10)):
        jobs.bill_now(date(2026, 4, 10))
    assert open_amounts(ana) == [BILL - 30_000]
    with unit_of_work():
        assert payment_queries.credits([ana]) == {}


def test_pain_11_double_click_posts_the_payment_once(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    browser = signed_in(app, tenant)
    page = browser.get(f"/payments/record/{ana}").text
    key = page.split('name="page_key"')[1].split('value="')[1].split('"')[0]
    form = {"amount": "500", "method": "cash", "page_key": key,
            "received_on": TODAY.isoformat()}
    for _ in range(2):
        assert browser.post(f"/payments/record/{ana}", form).status_code == 302
    assert count(Payment) == 1 and balance(ana) == BILL - 50_000


def test_pain_11_retry_of_a_program_gets_the_first_answer_again(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    api = program(app, tenant)
    answers = [api.post("payments", key="click-1", customer_id=str(ana), amount_minor=500, method="cash")
               for _ in range(3)]
    assert len({answer.get_json()["id"] for answer in answers}) == 1 and count(Payment) == 1


def test_pain_11_the_same_reference_of_a_transfer_is_refused(tenant: TenantRef) -> None:
    ana, ben = bills.subscriber("Ana"), bills.subscriber("Ben")
    bills.paid(ana, 50_000, method="e_wallet", reference="GC-1001")
    with pytest.raises(IntegrityError, match="uq_payments_reference"):
        bills.paid(ben, 50_000, method="e_wallet", reference="GC-1001")
    assert count(Payment) == 1


def test_pain_15_bad_import_is_tried_first_and_writes_nothing(tenant: TenantRef) -> None:
    with unit_of_work():
        report = imports.run(FILE, file_name="old.csv", dry_run=True)
    assert (report.rows, report.created, len(report.errors)) == (2, 2, 0)
    assert count(Customer) == 0


def test_pain_15_bad_import_with_one_bad_row_is_not_half_done_and_says_which(tenant: TenantRef) -> None:
    with unit_of_work():
        report = imports.run(FILE + b"OLD-3,,0917 555 6666\n", file_name="old.csv")
    (error,) = report.errors
    assert error.line == 4 and count(Customer) == 0


def test_pain_15_bad_import_repeated_brings_nobody_in_twice(tenant: TenantRef) -> None:
    with unit_of_work():
        assert imports.run(FILE, file_name="old.csv").created == 2
    with unit_of_work():
        again = imports.run(FILE + b"OLD-3,Cora Diaz,\n", file_name="more.csv")
    assert (again.created, again.unchanged, count(Customer)) == (1, 2, 3)


def test_pain_19_bulk_actions_fail_half_way_one_bad_customer_is_named_and_all_others_are_billed(
    tenant: TenantRef
) -> None:
    for _ in range(2):
        bills.subscriber()
    bills.unbillable("Ben Cruz")
    result = jobs.bill_now(TODAY)
    assert result.invoices == 2
    assert [row["customer"] for row in result.parked] == ["AC-000003"]


def test_pain_19_bulk_actions_fail_half_way_a_round_of_collections_goes_on_past_who_is_stuck(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, ben = debts.debtor("Ana"), debts.debtor("Ben")
    suspend = customers.suspend

    def refuse_ana(customer: Customer, **said: Any) -> Customer:
        suspend(customer, **said)
        if customer.id == ana:
            raise Conflict("A line of Ana is stuck.")
        return customer

    monkeypatch.setattr(customers, "suspend", refuse_ana)
    debts.round_on(date(2026, 3, 30))
    assert (debts.status(ana), debts.status(ben)) == ("active", "suspended")


def test_pain_19_bulk_actions_fail_half_way_a_bank_file_is_recorded_whole_or_not_at_all(tenant: TenantRef) -> None:
    ana = bills.subscriber("Ana")
    good = Receipt(ana, 50_000, "bank", "B-1", idempotency_key="b-1")
    bad = Receipt(ana, -1, "bank", "B-2", idempotency_key="b-2")
    with pytest.raises(Invalid, match="more than zero"), unit_of_work():
        payments.record_list([good, bad], label="10 March")
    assert count(Payment) == 0
    for _ in range(2):
        with unit_of_work():
            payments.record_list([good], label="10 March")
    assert count(Payment) == 1


def test_pain_21_reports_count_the_wrong_thing_no_void_invoice_and_no_reversed_payment(tenant: TenantRef) -> None:
    ana, ben = bills.billed("Ana").customer_id, bills.billed("Ben").customer_id
    bills.paid(ana, 50_000)
    bounced = bills.paid(ben, 70_000)
    with unit_of_work():
        payments.reverse(db.session.get_one(Payment, bounced.id), reason="bounced")
        invoices.void(db.session.scalars(select(Invoice).where(Invoice.customer_id == ben)).one(), reason="error")
    with unit_of_work():
        assert reports.billed(TODAY, TODAY) == BILL
        assert reports.collected(TODAY, TODAY) == 50_000


def test_pain_21_reports_count_the_wrong_thing_overdue_is_what_the_books_say_is_owed(tenant: TenantRef) -> None:
    ana, ben = bills.billed("Ana").customer_id, bills.billed("Ben").customer_id
    bills.paid(ana, 50_000)
    with unit_of_work():
        overdue = reports.overdue(date(2026, 4, 1))
    assert overdue.open_minor == balance(ana) + balance(ben)


def test_pain_22_accounting_sync_is_a_plain_file_of_the_journal_that_sums_to_nothing(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    bills.paid(ana, 50_000)
    answer = signed_in(app, tenant).get("/ledger/journal/export")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert len(rows) == 4
    assert {row["memo"] for row in rows} == {"Invoice INV-000001", "Payment CR-000001"}
    assert sum(Decimal(row["amount"]) for row in rows) == 0 and all(Decimal(row["amount"]) for row in rows)
    assert sum(Decimal(row["amount"]) for row in rows if row["customer"]) == Decimal(balance(ana)) / 100

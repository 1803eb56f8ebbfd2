"""Each kind of fault is planted past every guard and must be found; books kept by the verbs have none."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import psycopg
import pytest
from psycopg import sql

from ispbill import schedule
from ispbill.billing.cash.deposits import service as deposits
from ispbill.billing.cash.intakes import service as intakes
from ispbill.billing.closing import service as closing
from ispbill.billing.notes.policy import Take
from ispbill.billing.payments import queries as payments
from ispbill.billing.payments import service as payment_verbs
from ispbill.billing.proof import jobs, queries
from ispbill.billing.proof import service as proof
from ispbill.billing.proof.policy import INVARIANTS
from ispbill.company.models import SeriesKind
from ispbill.company.numbers import service as numbers
from ispbill.company.numbers.policy import SeriesFacts
from ispbill.config import Settings
from ispbill.core.current import TenantRef, at, current
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.billing import test_changes
from tests.make import bills, corrections, drawers, offers
from tests.make.browsers import signed_in


@pytest.fixture
def admin(settings: Settings, tenant: TenantRef) -> Iterator[psycopg.Connection]:
    """The administrator in the tenant's schema, with every trigger and foreign key asleep."""
    with psycopg.connect(settings.admin_url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(tenant.schema)))
        connection.execute("SET session_replication_role = replica")
        yield connection


def business() -> None:
    """Two customers billed with tax; one paid, one paid in part and took a cheque back; February is closed.

    The third was credited and refunded, owes a debit note of which a part is written off, and holds a proforma.
    """
    first = bills.billed("Ana Reyes", price_minor=112_000, tax=lambda: offers.tax("12"))
    second = bills.billed("Ben Cruz", price_minor=112_000)
    bills.paid(first.customer_id, 112_000)
    bills.paid(second.customer_id, 50_000)
    bounced = bills.paid(second.customer_id, 10_000, method="cheque", reference="77")
    with unit_of_work():
        found = payments.detail(bounced.id)
        assert found is not None
        payment_verbs.reverse(found, reason="Bounced")
    with unit_of_work():
        closing.close(last_day=date(2026, 2, 28))
    third = bills.billed("Cora Diaz", price_minor=31_000)
    bills.paid(third.customer_id, 31_000)
    note = corrections.credited(third.id, Take(days=5))
    corrections.refunded(third.customer_id, 2_000, credit_note_id=note.id)
    debit = corrections.debited(third.customer_id, 8_000)
    corrections.written_off(debit.id)
    corrections.offered(third.customer_id)
    cash_counted_and_deposited()


def cash_counted_and_deposited() -> None:
    """A drawer was closed with fifty too little, some of the cash is at the bank, and change was brought in."""
    cashier = drawers.person("Celia")
    session = drawers.opened(cashier)
    drawers.taken(cashier, 105_000)
    drawers.counted(cashier, session, p1000=1)
    drawers.taken_over(drawers.manager(), session, reason="Wrong change")
    with unit_of_work():
        deposits.deposit(deposits.DepositFacts(80_000, "BDO", "S-1"))
        intakes.bring_in(intakes.IntakeFacts(20_000, reference="W-1"))


def findings() -> dict[str, int]:
    with unit_of_work():
        return {result["code"]: result["count"] for result in proof.check().results if result["count"]}


def test_every_invariant_has_its_statement() -> None:
    assert [invariant.code for invariant in INVARIANTS] == list(queries.FAULTS)


def test_books_kept_by_the_verbs_are_clean(tenant: TenantRef) -> None:
    assert findings() == {}
    business()
    assert findings() == {}


FAULTS: dict[str, tuple[str, set[str]]] = {
    "an entry that does not balance": (
        "UPDATE journal_postings SET amount_minor = amount_minor + 1 WHERE id = 1",
        {"entries_balance", "receivable_open", "invoice_booked"}),
    "an entry without a side": (
        "INSERT INTO journal_entries (posted_on, source, source_id, memo, created_by, created_at)"
        " VALUES ('2026-03-10', 'manual', 1, 'x', 'x', '2026-01-01')", {"entries_balance"}),
    "a receivable of nobody": (
        "UPDATE journal_postings SET customer_id = NULL WHERE id = 1", {"receivable_named", "receivable_open"}),
    "a balance moved to another customer": (
        "UPDATE journal_postings SET customer_id = 2 WHERE id = 1", {"receivable_open"}),
    "more allocated than was paid": (
        "UPDATE payment_allocations SET amount_minor = 60000 WHERE payment_id = 2",
        {"credit_positive", "payment_allocated"}),
    "an allocation of a reversed payment": (
        "UPDATE payment_allocations SET released_at = NULL WHERE payment_id = 3",
        {"credit_positive", "payment_allocated", "receivable_open"}),
    "more allocated than was billed": (
        "INSERT INTO payment_allocations (payment_id, invoice_id, amount_minor, allocated_at)"
        " VALUES (1, 1, 1, '2026-01-01')", {"credit_positive", "payment_allocated", "invoice_allocated"}),
    "money that settles a stranger's invoice": (
        "UPDATE payment_allocations SET invoice_id = 1 WHERE payment_id = 2",
        {"allocation_owner", "invoice_allocated", "receivable_open"}),
    "an invoice settled without money": (
        "UPDATE invoices SET settled_on = '2026-03-10' WHERE id = 2", {"invoice_settled"}),
    "a payment applied that is not": (
        "UPDATE payments SET applied_on = NULL WHERE id = 1", {"payment_applied"}),
    "a line that was changed": (
        "UPDATE invoice_lines SET net_minor = net_minor - 1 WHERE invoice_id = 1", {"lines_sum"}),
    "a tax that was changed": (
        "UPDATE invoice_taxes SET tax_minor = tax_minor - 1 WHERE invoice_id = 1", {"taxes_sum"}),
    "an invoice number that was skipped": (
        "UPDATE invoices SET number = 'INV-000009' WHERE id = 2", {"invoice_numbers"}),
    "a last receipt that is gone": (
        "UPDATE number_series SET next_number = next_number + 1 WHERE kind = 'receipt'", {"receipt_numbers"}),
    "a period billed twice": (
        "UPDATE invoice_lines SET subscription_id = 1, component_id = 1, period_start = period_start + 1"
        " WHERE invoice_id = 2", {"periods_apart", "days_billed"}),
    "a month that a counter passed over": (
        "UPDATE subscription_components SET billed_until = billed_until + 30 WHERE id = 1", {"days_billed"}),
    "an invoice that was never booked": (
        "UPDATE journal_entries SET source_id = 99 WHERE source = 'invoice' AND source_id = 1",
        {"invoice_booked", "tax_booked"}),
    "an invoice voided by hand": (
        "UPDATE invoices SET status = 'void' WHERE id = 2",
        {"invoice_booked", "invoice_allocated", "receivable_open", "days_billed"}),
    "a payment reversed by hand": (
        "UPDATE payments SET status = 'reversed' WHERE id = 2",
        {"payment_booked", "payment_allocated", "payment_applied", "credit_positive"}),
    "a tax posted as revenue": (
        "UPDATE journal_postings SET account_id = (SELECT id FROM ledger_accounts WHERE purpose = 'revenue')"
        " WHERE account_id = (SELECT id FROM ledger_accounts WHERE purpose = 'tax_payable')", {"tax_booked"}),
    "more spent of a credit note than it is": (
        "UPDATE payment_allocations SET amount_minor = amount_minor + 5000 WHERE credit_note_id = 4 AND refund_id = 1",
        {"note_allocated", "refund_covered", "credit_positive"}),
    "a refund from a stranger's payment": (
        "UPDATE payment_allocations SET credit_note_id = NULL, payment_id = 1 WHERE refund_id = 1",
        {"allocation_owner", "payment_allocated", "credit_positive", "receivable_open", "invoice_settled"}),
    "a refund cancelled by hand": (
        "UPDATE refunds SET status = 'cancelled'", {"refund_covered", "refund_booked"}),
    "a write-off without bad debt": (
        "UPDATE payment_allocations SET released_at = '2026-03-10' WHERE write_off_id = 1",
        {"write_off_booked", "invoice_settled", "receivable_open"}),
    "more credited than was charged": (
        "UPDATE invoice_lines SET amount_minor = -99000 WHERE credits_line_id IS NOT NULL", {"credits_within"}),
    "notes about a document that asks less": (
        "UPDATE invoices SET corrects_id = 4 WHERE id = 4", {"notes_within"}),
    "a credit note that is spent and says it is not": (
        "UPDATE invoices SET settled_on = NULL WHERE id = 4", {"invoice_settled"}),
    "a credit note number that was skipped": (
        "UPDATE number_series SET next_number = next_number + 1 WHERE kind = 'credit_note'", {"credit_note_numbers"}),
    "a debit note number that was skipped": (
        "UPDATE number_series SET next_number = next_number + 1 WHERE kind = 'debit_note'", {"debit_note_numbers"}),
    "a last refund that is gone": (
        "UPDATE number_series SET next_number = next_number + 1 WHERE kind = 'refund'", {"refund_numbers"}),
    "a last proforma that is gone": (
        "UPDATE number_series SET next_number = next_number + 1 WHERE kind = 'proforma'", {"proforma_numbers"}),
    "days given back that were never billed": (
        "UPDATE invoice_lines SET component_id = 1, period_start = '2027-01-01', period_end = '2027-02-01'"
        " WHERE credits_line_id IS NOT NULL", {"periods_apart"}),
    "a deposit given back that nobody billed": (
        "INSERT INTO charges (id, customer_id, kind, description, unit_price_minor, returns_id, bill_on, created_by,"
        " created_at) SELECT id, 1, kind, 'x', price, returns_id, '2027-01-01', 'x', '2026-01-01' FROM (VALUES"
        " (1, 'deposit', 500, NULL), (2, 'deposit_return', -500, 1)) AS new (id, kind, price, returns_id)",
        {"deposits_returned"}),
    "a deposit in the books that nobody was billed": (
        "UPDATE journal_postings SET account_id = (SELECT id FROM ledger_accounts WHERE purpose = 'deposits')"
        " WHERE entry_id = 1 AND account_id = (SELECT id FROM ledger_accounts WHERE purpose = 'revenue')",
        {"deposits_held"}),
    "revenue of a load taken too early": (
        "UPDATE journal_postings SET account_id = (SELECT id FROM ledger_accounts WHERE purpose = 'deferred_revenue')"
        " WHERE entry_id = 1 AND account_id = (SELECT id FROM ledger_accounts WHERE purpose = 'revenue')",
        {"loads_deferred"}),
    "cash left in a closed drawer": (
        "DELETE FROM cash_movements WHERE kind = 'taken_over'", {"drawers_held"}),
    "a difference that was changed": (
        "UPDATE cash_sessions SET variance_minor = variance_minor - 1", {"cash_booked"}),
    "a deposit that was changed": (
        "UPDATE cash_deposits SET amount_minor = amount_minor + 1", {"deposit_booked"}),
    "cash brought in that was changed": (
        "UPDATE cash_intakes SET amount_minor = amount_minor + 1", {"intake_booked"}),
    "an entry slipped into a closed month": (
        "UPDATE journal_entries SET posted_on = '2026-02-01', created_at = '2026-03-11' WHERE id = 1",
        {"books_closed"}),
}


def test_what_the_run_credits_and_bills_anew_is_no_fault(tenant: TenantRef) -> None:
    """A plan that changes in its period is credited and charged again: the days overlap, their sum does not."""
    customer, line = test_changes.begin(59_995, start_on=date(2026, 3, 1))
    test_changes.billed_on(date(2026, 3, 1))
    test_changes.change(line, 995, on=date(2026, 3, 7))
    test_changes.billed_on(date(2026, 3, 7))
    test_changes.change(line, 2_995, on=date(2026, 3, 8))
    test_changes.billed_on(date(2026, 3, 8))
    test_changes.billed_on(date(2026, 4, 1))
    bills.paid(customer, 100)
    assert findings() == {}


def test_a_series_that_had_another_pattern_meanwhile_has_no_gap_but_what_is_skipped_is_found(
    tenant: TenantRef, admin: psycopg.Connection
) -> None:
    for pattern in ("MNL-", "CEB-", "MNL-", "CEB-", "MNL-"):
        with unit_of_work():
            numbers.change(SeriesKind.INVOICE, SeriesFacts(pattern))
        assert findings() == {}
        bills.billed()
        bills.billed()
        assert findings() == {}
    admin.execute("UPDATE invoices SET number = 'CEB-000017' WHERE number = 'CEB-000007'")
    assert findings() == {"invoice_numbers": 3}, "what precedes it by either pattern, and what it leaps over"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(tenant: TenantRef, admin: psycopg.Connection, fault: str) -> None:
    business()
    statement, expected = FAULTS[fault]
    assert (admin.execute(statement).rowcount or 0) > 0
    assert set(findings()) == expected


def test_every_invariant_has_a_fault_that_breaks_it() -> None:
    assert set().union(*(expected for _, expected in FAULTS.values())) == {invariant.code for invariant in INVARIANTS}


def test_the_page_says_what_holds_and_leads_to_what_does_not(
    app: IspbillFlask, tenant: TenantRef, admin: psycopg.Connection
) -> None:
    browser = signed_in(app, tenant)
    assert "not checked yet" in browser.get("/ledger/checks").text
    business()
    with bills.jobs_done():
        assert browser.post("/ledger/checks/run").status_code == 302
    assert "The books are right" in browser.get("/ledger/checks").text
    assert "findings" not in browser.get("/dashboard").text
    admin.execute("UPDATE invoices SET settled_on = '2026-03-10' WHERE id = 2")
    with bills.jobs_done():
        browser.post("/ledger/checks/run")
    page = browser.get("/ledger/checks").text
    assert "The books have 1 finding" in page and "/invoices/2" in page and "INV-000002" in page
    assert "The books have 1 finding" in browser.get("/dashboard").text
    assert "clean" in browser.get("/ledger/checks/1").text
    assert "Olivia Owner" not in browser.get("/ledger/checks/export").text
    assert ",invoice_settled,1" in browser.get("/ledger/checks/export").text


def test_only_who_may_close_the_books_asks_for_a_check(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_ledger"])
    assert "/ledger/checks/run" not in browser.get("/ledger/checks").text
    assert browser.post("/ledger/checks/run").status_code == 403


def test_the_books_are_proven_once_a_night(tenant: TenantRef) -> None:
    for _ in range(2):
        with unit_of_work():
            jobs.check_nightly()
    with unit_of_work():
        assert queries.newest() is not None and queries.get(2) is None


@pytest.mark.parametrize(("hour", "due"), [(2, False), (3, True), (5, True), (6, False)])
def test_a_company_is_proven_in_its_own_night(tenant: TenantRef, hour: int, due: bool) -> None:
    with at(datetime(2026, 3, 11, hour, 30, tzinfo=tenant.zone)):
        assert (tenant.code in {ref.code for ref, _ in schedule.PROOF.due()}) is due
        assert current.today() == date(2026, 3, 11)

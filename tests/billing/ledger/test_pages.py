"""The pages of the ledger: it balances, every entry names its document, a statement carries its balance along."""
from __future__ import annotations

from datetime import date

from sqlalchemy import select

from ispbill.billing.ledger import queries as ledger
from ispbill.billing.ledger.models import JournalEntry
from ispbill.billing.payments import queries as payments
from ispbill.billing.payments import service as payment_verbs
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills, offers
from tests.make.browsers import signed_in


def test_the_trial_balance_shows_every_account_and_sums_to_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=112_000, tax=lambda: offers.tax("12"))
    bills.paid(invoice.customer_id, 50_000)
    page = signed_in(app, tenant).get("/ledger").text
    for text in ("Accounts receivable", "₱620.00", "−₱1,000.00", "−₱120.00", "₱500.00", "All accounts", "₱0.00"):
        assert text in page, text
    assert "do not balance" not in page


def test_the_journal_shows_entries_with_their_postings_and_documents(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=149_900)
    payment = bills.paid(invoice.customer_id, 50_000)
    browser = signed_in(app, tenant)
    page = browser.get("/ledger/journal").text
    for text in (f"Invoice {invoice.number}", f"/invoices/{invoice.id}", f"/payments/{payment.id}", "−₱1,499.00"):
        assert text in page, text
    only = browser.get("/ledger/journal?source=payment").text
    assert f"Payment {payment.number}" in only and f"Invoice {invoice.number}" not in only
    assert "Nothing matches" in browser.get("/ledger/journal?since=2026-03-11").text
    assert f"Invoice {invoice.number}" in browser.get("/ledger/journal?until=2026-03-10&source=nonsense").text


def test_the_trial_balance_stands_as_of_a_day_and_moves_from_another(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=149_900)
    bills.paid(invoice.customer_id, 50_000, received_on=date(2026, 2, 20))
    browser = signed_in(app, tenant)
    february = browser.get("/ledger/export?until=2026-02-28").text
    assert "1200,Accounts receivable,asset,0.00,0.00,500.00,-500.00,PHP" in february
    assert "4000,Service revenue,income,0.00,0.00,0.00,0.00,PHP" in february
    march = browser.get("/ledger/export?since=2026-03-01").text
    assert "1200,Accounts receivable,asset,-500.00,1499.00,0.00,999.00,PHP" in march
    assert "1000,Cash on hand,asset,500.00,0.00,0.00,500.00,PHP" in march
    assert "Before" in browser.get("/ledger?since=2026-03-01&until=2026-03-31").text


def test_the_journal_is_narrowed_to_an_account_and_leads_to_its_entries(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice, other = bills.billed("Ana Reyes"), bills.billed("Ben Cruz")
    payment = bills.paid(invoice.customer_id, 50_000)
    browser = signed_in(app, tenant)
    with unit_of_work():
        cash = next(account for account in ledger.accounts() if account.purpose == "cash").id
        entry = db.session.scalars(select(JournalEntry).where(JournalEntry.source == "payment")).one().id
    only_cash = browser.get(f"/ledger/journal?account={cash}").text
    assert f"Payment {payment.number}" in only_cash and f"Invoice {invoice.number}" not in only_cash
    of_ben = browser.get(f"/ledger/journal?customer_id={other.customer_id}").text
    assert f"Invoice {other.number}" in of_ben and f"Invoice {invoice.number}" not in of_ben
    page = browser.get(f"/ledger/journal/{entry}").text
    for text in (f"Payment {payment.number}", "Ana Reyes", "₱500.00", "Cash on hand", f"/payments/{payment.id}"):
        assert text in page, text
    assert browser.get("/ledger/journal/99").status_code == 404


def test_a_statement_carries_the_balance_along(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice, other = bills.billed("Ana Reyes", price_minor=149_900), bills.billed("Ben Cruz")
    payment = bills.paid(invoice.customer_id, 50_000)
    browser = signed_in(app, tenant)
    with unit_of_work():
        found = payments.detail(payment.id)
        assert found is not None
        payment_verbs.reverse(found, reason="Counterfeit")
    page = browser.get(f"/ledger/customers/{invoice.customer_id}").text
    assert "Reversal of payment" in page and other.number not in page
    rows = browser.get(f"/ledger/customers/{invoice.customer_id}/export").text.splitlines()[1:]
    amounts = [row.split(",")[2:4] for row in rows]
    assert amounts == [["1499.00", "1499.00"], ["-500.00", "999.00"], ["500.00", "1499.00"]]
    assert "Reversal of payment" in browser.get(f"/customers/{invoice.customer_id}/account").text


def test_before_the_first_entry_the_pages_say_so(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "Nothing is posted yet" in browser.get("/ledger/journal").text
    assert "₱0.00" in browser.get("/ledger").text


def test_ledger_and_journal_come_as_files_without_formulas(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed("Ana Reyes", price_minor=149_900)
    browser = signed_in(app, tenant)
    assert "4000,Service revenue,income,0.00,0.00,1499.00,-1499.00,PHP" in browser.get("/ledger/export").text
    journal = browser.get("/ledger/journal/export").text
    assert "1200,Accounts receivable,AC-000001,1499.00,PHP,System" in journal
    assert "4000,Service revenue,,-1499.00,PHP,System" in journal


def test_only_who_may_sees_the_ledger(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    browser = signed_in(app, tenant, permissions=["view_invoice_list", "view_customer_detail"])
    for path in ("", "/export", "/journal", "/journal/export", f"/customers/{invoice.customer_id}",
                 f"/customers/{invoice.customer_id}/export"):
        assert browser.get(f"/ledger{path}").status_code == 403
    assert "All entries" not in browser.get(f"/customers/{invoice.customer_id}").text
    assert signed_in(app, tenant).get("/ledger/customers/99").status_code == 404

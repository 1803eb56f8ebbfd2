"""The journal for accounting programs, and the register of numbers."""
from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from ispbill.billing.invoices import service as invoices
from ispbill.billing.ledger.exports.policy import QUICKBOOKS_HEADER, Line, quickbooks_row
from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills, corrections, offers
from tests.make.browsers import signed_in


def test_a_line_stands_on_the_side_of_its_sign() -> None:
    line = Line(7, date(2026, 3, 10), "1200", "Receivable", Decimal("12.50"), "Invoice INV-1", "AC-1", "PHP")
    assert quickbooks_row(line) == (7, "03/10/2026", "1200 Receivable", Decimal("12.50"), None, "Invoice INV-1", "AC-1",
                                    "PHP")
    assert quickbooks_row(line._replace(amount=Decimal("-12.50")))[3:5] == (None, Decimal("12.50"))


def test_quickbooks_gets_balanced_entries_oldest_first(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=112_000, tax=lambda: offers.tax("12"))
    bills.paid(invoice.customer_id, 50_000)
    answer = signed_in(app, tenant).get("/ledger/journal/quickbooks?since=2026-03-01&until=2026-03-31")
    header, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert tuple(header) == QUICKBOOKS_HEADER
    assert [row[0] for row in rows] == sorted(row[0] for row in rows) and len(rows) == 5
    sides = [sum(Decimal(row[side] or 0) for row in rows) for side in (3, 4)]
    assert sides[0] == sides[1] == Decimal("1620.00")
    assert {row[6] for row in rows if "receivable" in row[2].lower()} == {"AC-000001"}


def test_the_journal_of_some_days_says_what_it_comes_to(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    bills.paid(invoice.customer_id, 5_000)
    browser = signed_in(app, tenant)
    assert "2 entries, debits and credits of" in browser.get("/ledger/journal?since=2026-03-01").text
    assert "entries, debits" not in browser.get("/ledger/journal").text


def test_the_register_has_each_number_and_what_became_of_it(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=10_000)
    void = corrections.debited(invoice.customer_id, 3_000)
    with unit_of_work():
        invoices.void(corrections.loaded(void.id), reason="Entered twice")
    bills.paid(invoice.customer_id, 15_000)
    corrections.refunded(invoice.customer_id, 1_000)
    corrections.offered(invoice.customer_id)
    browser = signed_in(app, tenant)
    for kind, number in (("", "INV-000001"), ("debit_note", "DN-000001"), ("receipt", "CR-000001"),
                         ("refund", "RF-000001"), ("proforma", "PF-000001")):
        assert number in browser.get(f"/ledger/numbers?kind={kind}").text, kind
        assert number in browser.get(f"/ledger/numbers/export?kind={kind}").text, kind
    taken_back = browser.get("/ledger/numbers?kind=debit_note&state=taken_back").text
    assert "DN-000001" in taken_back and "Entered twice" in taken_back
    assert "INV-000001" not in browser.get("/ledger/numbers?state=taken_back").text

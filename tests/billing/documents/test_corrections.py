"""What credit notes, debit notes, proformas and statements say: pure, word for word; and that they become files."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ispbill.billing.documents import rendering
from ispbill.billing.documents.policy import Party, Settlement, Withdrawal, invoice_words
from ispbill.billing.documents.proformas.policy import ProformaPaper, proforma_words
from ispbill.billing.documents.statements.policy import StatementPaper, statement_words
from ispbill.billing.notes.policy import Take
from ispbill.billing.statements.policy import Owed, Row, Statement
from ispbill.core.current import TenantRef, current
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.billing.documents.test_words import FIBRE, INVOICE, PAPER, facts
from tests.make import bills, corrections, offers
from tests.make.browsers import signed_in

MARCH_10 = date(2026, 3, 10)
NOTE = replace(
    INVOICE, kind="credit_note", corrects="INV-000042", reason="Three days without service", net_minor=-10_000,
    paper=replace(PAPER, number="CN-000003", total_minor=-11_200), note="Thank you",
    charges=(replace(FIBRE, description="Credit: Fibre 100", arithmetic="3 of 31 days", amount_minor=-11_200),),
    taxes=(replace(INVOICE.taxes[0], base_minor=-10_000, tax_minor=-1_200),),
)
PROFORMA = ProformaPaper(
    paper=replace(PAPER, number="PF-000001"), valid_until=date(2026, 4, 9), net_minor=100_000, charges=(FIBRE,),
    taxes=INVOICE.taxes, note="", invoice_number="",
)
ROWS = (
    Row(MARCH_10, "Invoice INV-000042", "invoice", 1, 112_000, 162_000),
    Row(date(2026, 3, 20), "Payment CR-000007", "payment", 1, -50_000, 112_000),
)
STATEMENT = StatementPaper(
    Statement(1, date(2026, 3, 1), date(2026, 3, 31), 50_000, ROWS,
              (Owed(1, "INV-000042", MARCH_10, date(2026, 3, 25), 112_000, 112_000),)),
    seller=Party("Bayanihan Fibre", "Rosario", "123-456"), buyer=Party("Ana Reyes", "Purok 2"),
    account_number="AC-000001", currency="PHP", accent="#0f766e", note="",
)


def spent(amount_minor: int, number: str, verb: str) -> Settlement:
    """A part of the credit note that was used."""
    return Settlement(number, "CN-000003", MARCH_10, MARCH_10, 0, amount_minor, verb)


def test_a_credit_note_counts_what_it_takes_back() -> None:
    words: dict[str, Any] = invoice_words(NOTE)
    assert words["title"] == "Credit note" and words["headline"] == "₱112.00 credited"
    assert facts(words) == {"Credit note number": "CN-000003", "Date of issue": "10 March 2026",
                            "About invoice": "INV-000042", "Account number": "AC-000001"}
    assert words["lines"][0]["amount"] == "₱112.00" and words["lines"][0]["arithmetic"] == "3 of 31 days"
    assert words["totals"] == [("Net of tax", "₱100.00"), ("VAT, 12 % of ₱100.00", "₱12.00"), ("Total", "₱112.00")]
    assert words["grand"] == ("Total credited", "₱112.00") and words["note"] == "Reason: Three days without service"


def test_a_credit_note_says_what_was_done_with_it() -> None:
    used = (spent(10_000, "INV-000042", "Settles"), spent(500, "", "Refunded"))
    words = invoice_words(replace(NOTE, paper=replace(NOTE.paper, settlements=used)))
    assert words["settlement"] == [("Settles INV-000042", "−₱100.00"), ("Refunded", "−₱5.00")]
    assert words["grand"] == ("Kept as credit", "₱7.00")


def test_a_void_note_says_so() -> None:
    words = invoice_words(replace(NOTE, paper=replace(NOTE.paper, withdrawal=Withdrawal(MARCH_10, "Wrong"))))
    assert words["watermark"] == "VOID" and words["notice"] == "This credit note is void since 10 March 2026: Wrong"


def test_a_debit_note_names_the_invoice_it_is_about() -> None:
    note = replace(INVOICE, kind="debit_note", corrects="INV-000001", reason="Found later", note="Pay us")
    words: dict[str, Any] = invoice_words(note)
    assert words["title"] == "Debit note" and facts(words)["About invoice"] == "INV-000001"
    assert words["note"] == "Reason: Found later\nPay us"


def test_an_invoice_says_what_was_credited_and_written_off_beside_what_was_paid() -> None:
    shares = tuple(Settlement("INV-000042", number, MARCH_10, MARCH_10, 112_000, 1_000, verb) for number, verb in
                   (("CR-000007", "Paid"), ("CN-000003", "Credited"), ("", "Written off")))
    words = invoice_words(replace(INVOICE, paper=replace(PAPER, settlements=shares)))
    assert words["settlement"] == [
        ("Paid 10 March 2026, CR-000007", "−₱10.00"), ("Credited 10 March 2026, CN-000003", "−₱10.00"),
        ("Written off 10 March 2026", "−₱10.00"),
    ]


def test_a_proforma_says_that_it_is_no_invoice() -> None:
    words = proforma_words(PROFORMA)
    assert words["title"] == "Proforma invoice" and words["headline"] == "₱1,120.00, valid until 9 April 2026"
    assert "THIS IS NOT AN INVOICE" in str(words["legal"])


def test_a_statement_adds_up_from_its_opening_to_its_closing_balance() -> None:
    words: dict[str, Any] = statement_words(STATEMENT)
    assert words["headline"] == "₱1,120.00 owed on 31 March 2026" and words["opening"] == (
        "1 March 2026", "Opening balance", "₱500.00")
    assert words["lines"][1] == {"day": "20 March 2026", "memo": "Payment CR-000007", "charged": "", "paid": "₱500.00",
                                 "balance": "₱1,120.00"}
    assert dict(words["ages"])["1–30 days"] == "₱1,120.00"
    assert words["grand"] == ("Balance on 31 March 2026", "₱1,120.00")


def test_the_files_are_made_and_named(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=112_000, tax=lambda: offers.tax("12"))
    note = corrections.credited(invoice.id, Take(days=3))
    debit = corrections.debited(invoice.customer_id, 5_000)
    proforma = corrections.offered(invoice.customer_id)
    browser = signed_in(app, tenant)
    with unit_of_work():
        names = {
            f"/invoices/{note.id}/document.pdf": "CN-000001.pdf", f"/invoices/{debit.id}/document.pdf": "DN-000001.pdf",
            f"/proformas/{proforma.id}/document.pdf": "PF-000001.pdf",
            f"/customers/{invoice.customer_id}/statement.pdf": f"Statement-AC-000001-{current.today()}.pdf",
        }
    for address, name in names.items():
        answer = browser.get(address)
        assert answer.mimetype == "application/pdf" and name in answer.headers["Content-Disposition"]


def test_a_long_statement_runs_over_pages() -> None:
    many = replace(STATEMENT.statement, rows=ROWS * 60)
    made = rendering.pdf("statement", statement_words(replace(STATEMENT, statement=many)), on=MARCH_10)
    assert made.startswith(b"%PDF")

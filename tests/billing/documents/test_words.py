"""What papers say: pure, word for word."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ispbill.billing.documents.policy import (
    Charge,
    InvoicePaper,
    Paper,
    Party,
    ReceiptPaper,
    Settlement,
    TaxShare,
    Withdrawal,
    invoice_words,
    receipt_words,
)
from ispbill.core.money import format_percent
from ispbill.core.periods import Period

MARCH = Period(date(2026, 3, 10), date(2026, 4, 10))
FIBRE = Charge("Fibre 100", "", MARCH, 1, 112_000, 112_000, includes_tax=True)
PAPER = Paper(
    number="INV-000042", issued_on=date(2026, 3, 10), seller=Party("Bayanihan Fibre", "Rosario", "123-456"),
    buyer=Party("Ana Reyes"), account_number="AC-000001", currency="PHP", accent="#0f766e", total_minor=112_000,
    settlements=(), withdrawal=None,
)
INVOICE = InvoicePaper(
    paper=PAPER, due_on=date(2026, 3, 25), net_minor=100_000, charges=(FIBRE,), note="",
    taxes=(TaxShare("VAT, 12 %", 100_000, 12_000),),
)
RECEIPT = ReceiptPaper(
    paper=replace(PAPER, number="CR-000007"), method="Cash", reference="", received_by="Ana", note=""
)


def settled(amount_minor: int) -> tuple[Settlement, ...]:
    """Part of a payment that settles the invoice."""
    return (Settlement("INV-000042", "CR-000007", PAPER.issued_on, date(2026, 3, 20), 112_000, amount_minor),)


def facts(words: dict[str, Any]) -> dict[str, str]:
    """The facts of a paper by their names."""
    return dict(words["facts"])


def test_an_invoice_says_who_what_when_and_how_much() -> None:
    words = invoice_words(INVOICE)
    assert words["headline"] == "₱1,120.00 due 25 March 2026"
    assert facts(words) == {"Invoice number": "INV-000042", "Date of issue": "10 March 2026",
                            "Due date": "25 March 2026", "Account number": "AC-000001"}
    assert words["lines"] == [{"description": "Fibre 100", "arithmetic": "", "quantity": "1", "price": "₱1,120.00",
                               "period": "10 March 2026 – 9 April 2026", "amount": "₱1,120.00"}]
    assert words["totals"] == [("Net of tax", "₱1,000.00"), ("VAT, 12 % of ₱1,000.00", "₱120.00"),
                               ("Total", "₱1,120.00")]
    assert words["grand"] == ("Amount due", "₱1,120.00")


def test_what_bears_no_tax_stands_apart_from_what_does() -> None:
    paper = replace(PAPER, total_minor=132_000)
    words = invoice_words(replace(INVOICE, paper=paper, net_minor=120_000, untaxed_minor=20_000))
    assert words["totals"] == [("Net of tax", "₱1,200.00"), ("VAT, 12 % of ₱1,000.00", "₱120.00"),
                               ("No tax on ₱200.00", "₱0.00"), ("Total", "₱1,320.00")]
    assert invoice_words(replace(INVOICE, taxes=(), untaxed_minor=112_000))["totals"] == []


def test_a_seller_says_below_the_tax_number_what_the_law_wants() -> None:
    seller = replace(PAPER.seller, registration="VAT registered\nPermit 12-2026, INV-000001 to INV-999999")
    words: dict[str, Any] = invoice_words(replace(INVOICE, paper=replace(PAPER, seller=seller)))
    assert words["seller"]["details"] == ["Rosario", "TIN 123-456", seller.registration]


def test_the_column_of_amounts_says_whether_it_contains_the_tax() -> None:
    extra = replace(FIBRE, description="Router", period=None, includes_tax=False)
    assert invoice_words(INVOICE)["headings"][-1] == "Amount incl. tax"
    assert invoice_words(replace(INVOICE, charges=(extra,)))["headings"][-1] == "Amount"
    mixed: dict[str, Any] = invoice_words(replace(INVOICE, charges=(FIBRE, extra)))
    assert mixed["headings"][-1] == "Amount"
    assert [line["period"] for line in mixed["lines"]] == ["10 March 2026 – 9 April 2026, tax included", ""]


def test_without_tax_nothing_is_said_about_tax() -> None:
    assert invoice_words(replace(INVOICE, taxes=(), net_minor=112_000))["totals"] == []


def test_payments_stand_between_the_total_and_what_is_due() -> None:
    words = invoice_words(replace(INVOICE, paper=replace(PAPER, settlements=settled(50_000))))
    assert words["settlement"] == [("Paid 20 March 2026, CR-000007", "−₱500.00")]
    assert words["headline"] == "₱620.00 due 25 March 2026" and words["grand"] == ("Amount due", "₱620.00")
    paid = invoice_words(replace(INVOICE, paper=replace(PAPER, settlements=settled(112_000))))
    assert paid["headline"] == "Paid in full" and paid["grand"] == ("Amount due", "₱0.00")


def test_a_void_invoice_says_since_when_and_why() -> None:
    words = invoice_words(replace(INVOICE, paper=replace(PAPER, withdrawal=Withdrawal(date(2026, 3, 12), "Wrong"))))
    assert (words["watermark"], words["notice"]) == ("VOID", "This invoice is void since 12 March 2026: Wrong")
    assert words["grand"] == ("Total, void", "₱1,120.00")


def test_a_receipt_says_what_it_settles_and_what_stays_as_credit() -> None:
    words = receipt_words(replace(RECEIPT, paper=replace(PAPER, total_minor=200_000, settlements=settled(112_000))))
    assert words["headline"] == "₱2,000.00 received 10 March 2026"
    assert words["lines"] == [{"number": "INV-000042", "issued": "10 March 2026", "total": "₱1,120.00",
                               "amount": "₱1,120.00"}]
    assert words["totals"] == [("Kept as credit", "₱880.00")]
    assert "Reference" not in facts(words)


def test_a_philippine_receipt_says_that_it_is_no_tax_document() -> None:
    assert receipt_words(RECEIPT)["legal"] == "THIS DOCUMENT IS NOT VALID FOR CLAIM OF INPUT TAX"
    assert receipt_words(replace(RECEIPT, paper=replace(PAPER, currency="USD")))["legal"] == ""


def test_a_reversed_receipt_says_so() -> None:
    reversal = replace(RECEIPT, paper=replace(PAPER, withdrawal=Withdrawal(date(2026, 3, 25), "Bounced")))
    words = receipt_words(reversal)
    assert words["watermark"] == "REVERSED" and words["notice"] == "This payment was reversed on 25 March 2026: Bounced"
    assert words["totals"] == []


@pytest.mark.parametrize(
    ("rate", "text"), [("12.0000", "12 %"), ("8.2500", "8.25 %"), ("10", "10 %"), ("0.5", "0.5 %")]
)
def test_a_rate_is_printed_without_idle_zeros(rate: str, text: str) -> None:
    assert format_percent(Decimal(rate)) == text

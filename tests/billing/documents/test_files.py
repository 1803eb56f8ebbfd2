"""The files themselves: what stands in them, on how many pages, the same bytes each time."""
from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import pytest

from ispbill.billing.documents import rendering
from ispbill.billing.documents.policy import Charge, InvoicePaper, Party, invoice_words
from ispbill.company import service as company
from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.billing.documents.test_words import INVOICE, MARCH, PAPER
from tests.make import bills, loads, offers, people
from tests.make.browsers import signed_in

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext of poppler-utils is missing")


def text_of(document: bytes) -> str:
    """The text of a PDF in reading order."""
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=document, capture_output=True, check=True)
    return read.stdout.decode()


def page_count(document: bytes) -> int:
    """How many pages a PDF has: each ends with a form feed."""
    return text_of(document).count("\f")


def made(invoice: InvoicePaper) -> bytes:
    """The file of an invoice."""
    return rendering.pdf("invoice", invoice_words(invoice), on=invoice.paper.issued_on)


def test_an_invoice_comes_as_a_file_named_after_its_number(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        settings = company.settings()
        settings.invoice_note = "Pay at any branch.\nQuote your account number."
    invoice = bills.billed("Ma. Niña Dela Peña", price_minor=112_000, tax=lambda: offers.tax("12", name="VAT"))
    bills.paid(invoice.customer_id, 50_000)
    answer = signed_in(app, tenant).get(f"/invoices/{invoice.id}/document.pdf")
    assert answer.mimetype == "application/pdf" and f"{invoice.number}.pdf" in answer.headers["Content-Disposition"]
    text = text_of(answer.data)
    for part in ("Ma. Niña Dela Peña", invoice.number, tenant.name, "₱1,120.00", "VAT, 12 % of ₱1,000.00",
                 "CR-000001", "₱620.00 due 25 March 2026", "Quote your account number.", "Page 1 of 1", "AC-000001"):
        assert part in text, part


def test_a_void_invoice_is_marked_on_its_file(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    browser = signed_in(app, tenant)
    browser.post(f"/invoices/{invoice.id}/void", {"reason": "Wrong account"})
    text = text_of(browser.get(f"/invoices/{invoice.id}/document.pdf").data)
    assert "void since 10 March 2026: Wrong account" in text and "Total, void" in text


def test_a_receipt_says_what_it_settles_and_that_it_is_no_tax_document(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=149_900)
    payment = bills.paid(invoice.customer_id, 200_000, method="e_wallet", reference="GC-77", note="Salamat!")
    browser = signed_in(app, tenant)
    text = text_of(browser.get(f"/payments/{payment.id}/receipt.pdf").data)
    for part in ("Receipt", payment.number, "Ana Reyes", "E-wallet", "GC-77", invoice.number, "₱501.00", "Salamat!",
                 "THIS DOCUMENT IS NOT VALID FOR CLAIM OF INPUT TAX"):
        assert part in text, part


def test_a_receipt_printed_again_names_the_company_as_it_was(app: IspbillFlask, tenant: TenantRef) -> None:
    payment = bills.paid(bills.billed().customer_id, 100)
    browser = signed_in(app, tenant)
    before = browser.get(f"/payments/{payment.id}/receipt.pdf").data
    assert before == browser.get(f"/payments/{payment.id}/receipt.pdf").data
    assert tenant.name in text_of(before)


def test_sixty_lines_run_over_pages_with_the_head_repeated_and_the_sum_at_the_end() -> None:
    many = tuple(Charge(f"Line number {i}", "", MARCH, 1, 100, 100, includes_tax=False) for i in range(60))
    document = made(replace(INVOICE, charges=many))
    text = text_of(document)
    pages = page_count(document)
    assert 2 <= pages <= 4 and f"Page {pages} of {pages}" in text
    assert text.count("Description") == pages and "Line number 59" in text and "Amount due" in text


def test_long_names_and_foreign_letters_lose_nothing() -> None:
    name = "Ma. Consolación Esperanza Ñáñez y Villanueva viuda de Buenaventura-Katigbak Łukasz Ελένη Дмитрий"
    text = text_of(made(replace(INVOICE, paper=replace(PAPER, buyer=Party(name)))))
    assert all(word in text for word in name.split())


def test_markup_in_a_name_stays_text() -> None:
    name = '#panic("x") *bold* $y$ <label> @ref `raw` \\ // end'
    assert '#panic("x") *bold* $y$ <label>' in text_of(made(replace(INVOICE, paper=replace(PAPER, buyer=Party(name)))))


@pytest.mark.parametrize(("currency", "text"), [("JPY", "¥112,000"), ("USD", "$1,120.00"), ("KWD", "KWD 112.000")])
def test_amounts_are_printed_as_the_currency_has_them(currency: str, text: str) -> None:
    assert text in text_of(made(replace(INVOICE, paper=replace(PAPER, currency=currency))))


def test_the_same_invoice_is_the_same_file() -> None:
    first, other = made(INVOICE), made(replace(INVOICE, note="Another"))
    assert made(INVOICE) == first != other


def test_the_receipt_of_a_prepaid_load_says_how_long_it_lasts(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        maria = people.register_customer("Maria Santos")
        plan = offers.plan(100_000, tax=offers.tax("12", name="VAT"), name="Fibre 50")
        load_id = loads.load(maria.id, plan=plan, kind="custom", amount_minor=15_000).id
    path, browser = f"/customer-subscriptions/loads/{load_id}/receipt.pdf", signed_in(app, tenant)
    text = text_of(browser.get(path).data)
    for part in ("Maria Santos", "Fibre 50", "4 days 12 hours", "10 March 2026, 12:00", "15 March 2026, 00:00",
                 "₱150.00", "CR-000001", "INV-000001", "NOT VALID FOR CLAIM OF INPUT TAX", "Page 1 of 1"):
        assert part in text, part
    browser.post(f"/customer-subscriptions/loads/{load_id}/cancel", {"reason": "Wrong line"})
    text = text_of(browser.get(path).data)
    assert "This load was cancelled on 10 March 2026: Wrong line" in text and "Given back to the wallet" in text

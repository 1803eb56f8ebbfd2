"""A second language for real: what a Filipino company reads on pages, in letters and on documents."""
from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, meta

from ispbill.billing.documents.policy import invoice_words, receipt_words
from ispbill.billing.documents.queries import invoice_paper, receipt_paper
from ispbill.billing.invoices.models import Invoice
from ispbill.company import service as company
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import db
from ispbill.core.i18n import DIRECTORY
from ispbill.core.unit_of_work import unit_of_work
from ispbill.notifications import service as notifications
from ispbill.notifications.models import Message
from ispbill.tenancy import registry
from ispbill.translations import catalogues
from ispbill.web.requests import IspbillFlask
from tests.make import bills, people
from tests.make.browsers import Browser, owner


@pytest.fixture
def filipino(tenant: TenantRef) -> TenantRef:
    """A company that speaks Filipino."""
    owner()
    with unit_of_work():
        company.change_locale("fil_PH")
    return registry.by_code(tenant.code)


def test_pages_speak_it_and_numbers_and_dates_with_them(app: IspbillFlask, filipino: TenantRef) -> None:
    with bound(filipino, SYSTEM):
        with unit_of_work():
            customer_id = people.register_customer("Maria Santos", phone="0917 123 4567").id
        browser = Browser(app, filipino)
        assert "Nakalimutan ang password?" in browser.get("/login").text
        refused = browser.post("/login", {"email": "", "password": ""})
        assert refused.status_code == 422 and "Ilagay ang iyong e-mail address." in refused.text
        browser.sign_in()
        page = browser.get(f"/customers/{customer_id}").text
    assert '<html lang="fil-PH">' in page
    for word in ("Mga customer", "Lumaktaw sa nilalaman", "Telepono", "0917 123 4567", "Gamitin ang madilim na tema"):
        assert word in page, word


def test_a_letter_is_written_in_it(filipino: TenantRef) -> None:
    with bound(filipino, SYSTEM):
        with unit_of_work():
            notifications.queue(template="service_restored", recipient="ana@example.com", unique_key="one",
                                name="Ana", account_number="AC-1")
        with unit_of_work():
            letter = db.session.get_one(Message, 1)
    assert letter.subject == f"Balik na ang inyong serbisyo sa {filipino.name}"
    assert letter.body.startswith("Kumusta Ana,") and "AC-1" in letter.body


def test_an_invoice_and_a_receipt_are_written_in_it(filipino: TenantRef) -> None:
    with bound(filipino, SYSTEM):
        invoice_id = bills.billed("Maria Santos").id
        with unit_of_work():
            customer_id = db.session.get_one(Invoice, invoice_id).customer_id
        payment_id = bills.paid(customer_id, 50_000).id
        with unit_of_work():
            invoice, receipt = invoice_paper(invoice_id), receipt_paper(payment_id)
            assert invoice is not None and receipt is not None
            asked, given = str(invoice_words(invoice)), str(receipt_words(receipt))
    for word in ("Halagang dapat bayaran", "Sinisingil kay", "Takdang petsa", "Marso 10, 2026"):
        assert word in asked, word
    assert "Resibo" in given and "Halagang natanggap" in given


def test_a_translation_names_the_values_that_the_english_names() -> None:
    reader = Environment()  # noqa: S701  nothing is drawn here

    def values(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)s", text)) | meta.find_undeclared_variables(reader.parse(text))

    with (DIRECTORY / "fil" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = [message for message in read_po(file, locale="fil") if isinstance(message.id, str) and message.id]
    assert len(catalogue) > 250
    assert [message.id for message in catalogue if values(message.id) != values(str(message.string))] == []
    known = {message.id for message in catalogues.extract()}
    assert {message.id for message in catalogue} <= known

"""Many documents in one file: each once and in its order, made by jobs, forgotten after a week."""
from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from ispbill import schedule
from ispbill.audit.models import AuditEntry
from ispbill.billing.documents import rendering
from ispbill.billing.documents.policy import invoice_words
from ispbill.billing.documents.prints import queries, service
from ispbill.billing.documents.prints.jobs import make_part, resume
from ispbill.billing.documents.prints.models import PrintOrder, PrintPart, PrintSort
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import InvoiceFilter
from ispbill.billing.statements.batches import service as batches
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.jobs.draining import drain
from ispbill.web.requests import IspbillFlask
from tests.billing.documents.test_words import INVOICE
from tests.make import bills, people
from tests.make.browsers import signed_in
from tests.make.papers import broken


def pages(content: bytes | None) -> list[str]:
    """The text of each page of a file."""
    assert content is not None
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def everything() -> InvoiceFilter:
    return InvoiceFilter(today=current.today())


def ordered(sorted_by: PrintSort = PrintSort.NUMBER) -> int:
    with unit_of_work():
        return service.order_invoices(invoices.listing(everything()), sorted_by=sorted_by).id


def files(order_id: int) -> list[list[str]]:
    """The pages of each file of an order."""
    with unit_of_work():
        return [pages(made.content) for part in queries.parts(order_id) if (made := queries.whole(part.id))]


def drained(tenant: TenantRef) -> None:
    drain([schedule.resume_printing], only={tenant.code})


def test_the_documents_of_a_list_are_one_file_in_the_order_asked_for(tenant: TenantRef) -> None:
    with unit_of_work():
        makati = people.area("Luzon", "Makati", "Poblacion").id
    for name, area_id in (("Ana Reyes", None), ("Cora Diaz", makati), ("Ben Cruz", makati)):
        bills.billed(name, area_id=area_id)
    expected = {PrintSort.AREA: ["Ben Cruz", "Cora Diaz", "Ana Reyes"], PrintSort.NAME: ["Ana", "Ben", "Cora"],
                PrintSort.NUMBER: ["Ana", "Cora", "Ben"]}
    for sorted_by, names in expected.items():
        order_id = ordered(sorted_by)
        drained(tenant)
        (made,) = files(order_id)
        assert len(made) == 3
        assert all(name in page and "Page 1 of 1" in page for name, page in zip(names, made, strict=True)), sorted_by


def test_long_lists_come_in_several_files_each_made_once(tenant: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "DOCUMENTS_PER_PART", 2)
    numbers = [bills.billed().number for _ in range(3)]
    order_id = ordered()
    with unit_of_work():
        first, other = (part.id for part in queries.parts(order_id))
    make_part.run(tenant, first, order_id)
    with unit_of_work():
        made_at = db.session.get_one(PrintPart, first).made_at
        assert queries.progress(queries.parts(order_id)) == (2, 1, 0) and queries.pending_part_ids(order_id) == [other]
    drained(tenant)
    make_part.run(tenant, first, order_id)
    with unit_of_work():
        assert db.session.get_one(PrintPart, first).made_at == made_at
        assert db.session.get_one(PrintOrder, order_id).made_at is not None and queries.at_work() == []
    assert [[number in page for page, number in zip(file, part, strict=True)]
            for file, part in zip(files(order_id), (numbers[:2], numbers[2:]), strict=True)] == [[True, True], [True]]


def test_an_empty_list_and_one_that_is_too_long_are_refused(tenant: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid, match="nothing to print"):
        ordered()
    monkeypatch.setattr(service, "MOST_DOCUMENTS", 1)
    bills.billed()
    bills.billed()
    with pytest.raises(Invalid, match="At most 1 documents"):
        ordered()


def test_a_document_that_cannot_be_set_is_named_and_the_others_are_printed(tenant: TenantRef) -> None:
    good, bad = bills.billed("Ana Reyes"), bills.billed("Ben Cruz")
    order_id = ordered()
    with broken(bad.number):
        drained(tenant)
    (made,) = files(order_id)
    assert len(made) == 1 and good.number in made[0]
    with unit_of_work():
        parts = queries.parts(order_id)
        assert [row.number for row in queries.left_out_invoices(parts)] == [bad.number]
        assert service.make_again(db.session.get_one(PrintOrder, order_id)) == 1
    drained(tenant)
    (made,) = files(order_id)
    assert [number in page for number, page in zip((good.number, bad.number), made, strict=True)] == [True, True]


def test_the_files_are_forgotten_after_a_week_and_the_order_stays(tenant: TenantRef) -> None:
    bills.billed()
    order_id = ordered()
    drained(tenant)
    with at(current.now() + timedelta(days=8)):
        resume.run(tenant)
    with unit_of_work():
        assert queries.parts(order_id) == [] and db.session.get_one(PrintOrder, order_id).made_at is not None


def test_pages_are_counted_for_each_document_and_the_same_bundle_has_them_all() -> None:
    short, long = invoice_words(INVOICE), invoice_words(replace(INVOICE, charges=INVOICE.charges * 40))
    made = rendering.bundle("invoice", [short, long, short], title="March", on=INVOICE.paper.issued_on)
    feet = [page.split("Page ")[-1].strip() for page in pages(made.content)]
    last = len(feet) - 2
    assert feet == ["1 of 1", *(f"{page} of {last}" for page in range(1, last + 1)), "1 of 1"] and last > 1
    assert made.page_count == len(feet)


def test_statements_of_a_batch_are_printed_for_those_without_an_address(app: IspbillFlask, tenant: TenantRef) -> None:
    for name, email in (("Ana Reyes", "ana@example.com"), ("Ben Cruz", "")):
        bills.billed(name, email=email)
    with unit_of_work():
        span = {"since": date(2026, 3, 1), "until": date(2026, 3, 10)}
        batch_id = batches.order(select(Customer.id), **span).id
    drain([schedule.resume_statements], only={tenant.code})
    browser = signed_in(app, tenant)
    assert f"/prints/statement-batches/{batch_id}" in browser.get(f"/statements/{batch_id}").text
    for whose, names in (("no_address", ["Ben Cruz"]), ("all", ["Ana Reyes", "Ben Cruz"])):
        answer = browser.post(f"/prints/statement-batches/{batch_id}", {"whose": whose, "sorted_by": "name"})
        drained(tenant)
        (made,) = files(int(answer.location.rsplit("/", 1)[1]))
        assert [name in page and "Statement of account" in page for name, page in zip(names, made, strict=True)] == [
            True] * len(names)


def test_the_pages_order_show_and_hand_out_the_file(app: IspbillFlask, tenant: TenantRef) -> None:
    bill = bills.billed("Ana Reyes")
    bills.billed("Ben Cruz", email="ben@example.com", e_billing_since=date(2026, 1, 1))
    browser = signed_in(app, tenant)
    assert "/prints/invoices?q=reyes" in browser.get("/invoices?q=reyes").text
    assert "1 document in one PDF" in browser.get("/prints/invoices?way=paper").text
    assert browser.post("/prints/invoices?q=nobody", {"sorted_by": "area"}).status_code == 422
    answer = browser.post("/prints/invoices?way=paper", {"sorted_by": "area"})
    page = browser.get(answer.location)
    with unit_of_work():
        part_id = db.session.scalars(select(PrintPart.id)).one()
    address = f"/prints/files/{part_id}.pdf"
    assert "hx-get" in page.text and address not in page.text and browser.get(address).status_code == 409
    drained(tenant)
    assert address in browser.get(answer.location).text and "Completed" in browser.get("/prints").text
    file = browser.get(address)
    assert file.mimetype == "application/pdf"
    assert "Invoices 10 March 2026, 1-1.pdf" in file.headers["Content-Disposition"]
    (text,) = pages(file.data)
    assert bill.number in text and "Ana Reyes" in text
    with unit_of_work():
        noted = db.session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "print_order")).all()
        assert "created" in noted and "downloaded" in noted


def test_statements_of_a_list_of_customers_are_printed(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed("Ana Reyes")
    bills.billed("Ben Cruz")
    browser = signed_in(app, tenant)
    assert "/prints/statements?q=reyes" in browser.get("/customers?q=reyes").text
    days = {"since": "2026-03-01", "until": "2026-03-10", "sorted_by": "name"}
    answer = browser.post("/prints/statements?q=reyes", days)
    drained(tenant)
    (made,) = files(int(answer.location.rsplit("/", 1)[1]))
    assert len(made) == 1 and "Ana Reyes" in made[0]


def test_a_file_that_is_not_made_yet_is_not_taken(tenant: TenantRef) -> None:
    bills.billed()
    order_id = ordered()
    with unit_of_work():
        (part,) = queries.parts(order_id)
        whole = queries.whole(part.id)
        assert whole is not None
        with pytest.raises(Conflict):
            service.taken(db.session.get_one(PrintOrder, order_id), whole)
        assert db.session.scalars(select(Invoice.id)).all() == whole.document_ids

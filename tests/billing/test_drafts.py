"""Drafts of invoices: written by hand, changed, deleted, issued once. Today is 10 March 2026 in Manila."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from ispbill.audit.models import AuditEntry
from ispbill.billing.closing import service as closing
from ispbill.billing.documents.drafts.policy import draft_words
from ispbill.billing.documents.drafts.queries import draft_paper
from ispbill.billing.documents.policy import invoice_words
from ispbill.billing.documents.queries import invoice_paper
from ispbill.billing.drafts import queries
from ispbill.billing.drafts import service as drafts
from ispbill.billing.drafts.models import DraftInvoice
from ispbill.billing.drafts.service import DraftFacts
from ispbill.billing.notes.service import NewLine
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid, NotFound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills, offers, people
from tests.make.browsers import Browser, member, signed_in
from tests.make.corrections import balance, findings, loaded, open_amounts
from tests.make.programs import program

CABLE = NewLine("Drop cable", 20_000, 2)


@pytest.fixture
def customer_id(tenant: TenantRef) -> int:
    """A customer."""
    with unit_of_work():
        return people.register_customer("Ana Reyes").id


def drafted(customer_id: int, *lines: NewLine, **facts: Any) -> int:
    with unit_of_work():
        return drafts.draft(customer_id, DraftFacts(lines or (CABLE,), **facts)).id


def draft_of(draft_id: int) -> DraftInvoice:
    found = queries.detail(draft_id)
    assert found is not None
    return found


def issued(draft_id: int) -> int:
    with unit_of_work():
        return drafts.issue(draft_of(draft_id))


def test_nothing_is_owed_by_a_draft_and_it_takes_no_number(customer_id: int) -> None:
    draft_id = drafted(customer_id)
    assert balance(customer_id) == 0 and open_amounts(customer_id) == [] and findings() == {}
    with unit_of_work():
        assert draft_of(draft_id).total_minor == 40_000
    assert loaded(issued(draft_id)).number == "INV-000001"


def test_it_is_issued_once_and_credit_settles_the_oldest_first(customer_id: int) -> None:
    draft_id = drafted(customer_id, due_on=date(2026, 4, 20), note="For the shop")
    bills.paid(customer_id, 15_000)
    invoice_id = issued(draft_id)
    assert issued(draft_id) == invoice_id and open_amounts(customer_id) == [25_000]
    invoice = loaded(invoice_id)
    assert (invoice.due_on, invoice.reason, invoice.total_minor) == (date(2026, 4, 20), "For the shop", 40_000)
    assert [(line.description, line.quantity) for line in invoice.lines] == [("Drop cable", 2)]
    assert findings() == {}


def test_what_is_issued_can_neither_be_changed_nor_deleted(customer_id: int) -> None:
    draft_id = drafted(customer_id)
    issued(draft_id)
    with pytest.raises(Conflict, match="issued already"), unit_of_work():
        drafts.change(draft_of(draft_id), DraftFacts([CABLE]))
    with pytest.raises(Conflict, match="issued already"), unit_of_work():
        drafts.delete(draft_of(draft_id))


def test_a_draft_is_changed_and_deleted_and_the_audit_log_keeps_what_it_said(customer_id: int) -> None:
    draft_id = drafted(customer_id)
    with unit_of_work():
        drafts.change(draft_of(draft_id), DraftFacts([NewLine("Splice", 5_000)], note="Again"))
    with unit_of_work():
        assert (draft_of(draft_id).total_minor, draft_of(draft_id).note) == (5_000, "Again")
        drafts.delete(draft_of(draft_id))
    with unit_of_work():
        assert queries.detail(draft_id) is None
        entry = db.session.query(AuditEntry).filter_by(action="removed").one()
        assert entry.before is not None and entry.before["note"] == "Again"


def test_it_bears_the_taxes_of_the_day_it_is_issued(customer_id: int) -> None:
    with unit_of_work():
        tax = offers.tax("12")
    draft_id = drafted(customer_id, NewLine("Router", 112_000, 1, tax.id))
    invoice = loaded(issued(draft_id))
    assert (invoice.net_minor, invoice.tax_minor) == (100_000, 12_000)


@pytest.mark.parametrize(("facts", "message"), [
    (DraftFacts([]), "1 to 50 lines"), (DraftFacts([NewLine(" ", 100)]), "what each line is for"),
    (DraftFacts([CABLE], date(2026, 3, 9)), "today or later"), (DraftFacts([CABLE], date(2027, 4, 1)), "within a year"),
    (DraftFacts([CABLE], note="n" * 501), "at most 500"),
    (DraftFacts([NewLine("Cable", 100, 1, 99)]), "a tax that exists"),
])
def test_what_cannot_be_an_invoice_is_refused(customer_id: int, facts: DraftFacts, message: str) -> None:
    with pytest.raises(Invalid, match=message), unit_of_work():
        drafts.draft(customer_id, facts)


def test_closed_books_refuse_it_and_so_does_a_customer_that_is_not_there(customer_id: int) -> None:
    with pytest.raises(NotFound), unit_of_work():
        drafts.draft(999, DraftFacts([CABLE]))
    draft_id = drafted(customer_id)
    with unit_of_work():
        closing.close(last_day=date(2026, 3, 9))
    with at(current.now() - timedelta(days=1)), pytest.raises((Conflict, IntegrityError), match="closed"):
        issued(draft_id)
    assert open_amounts(customer_id) == []


def test_its_paper_says_what_the_invoice_will_with_draft_across_it(customer_id: int) -> None:
    draft_id = drafted(customer_id, note="For the shop")
    with unit_of_work():
        paper = draft_paper(draft_id)
        assert paper is not None
        words = draft_words(paper)
    assert (words["watermark"], words["title"], words["grand"]) == ("DRAFT", "Draft invoice", ("Total", "₱400.00"))
    invoice = invoice_paper(issued(draft_id))
    assert invoice is not None
    said = invoice_words(invoice)
    assert said["lines"] == words["lines"] and said["note"] == words["note"] == "For the shop"
    assert draft_paper(draft_id) is None


def test_the_pages_draft_change_and_issue(app: IspbillFlask, tenant: TenantRef, customer_id: int) -> None:
    browser = signed_in(app, tenant)
    assert "No drafts" in browser.get("/invoices/drafts").text
    address = f"/invoices/drafts/add/{customer_id}"
    assert "Draft an invoice" in browser.get(f"/customers/{customer_id}").text
    assert browser.post(address, {}).status_code == 422
    saved = browser.post(address, {"description_1": "Drop cable", "quantity_1": "2", "price_1": "200",
                                   "kind_1": "one_time", "due_on": "2026-04-20"})
    assert saved.status_code == 302
    here = saved.location
    page = browser.get(here).text
    assert "₱400.00" in page and "Ana Reyes" in page
    assert "Drop cable" in browser.get(f"/customers/{customer_id}").text
    assert "Drop cable" in browser.get("/invoices/drafts?q=ana").text
    assert b"Drop cable" not in browser.get("/invoices/drafts/export").data
    assert b"Ana Reyes" in browser.get(f"/invoices/drafts/export?customer={customer_id}").data
    assert browser.get(f"{here}/document.pdf").data.startswith(b"%PDF")
    assert 'value="Drop cable"' in browser.get(f"{here}/change").text
    changed = browser.post(f"{here}/change", {"description_1": "Pole", "price_1": "900", "kind_1": "one_time"})
    assert changed.status_code == 302 and "₱900.00" in browser.get(here).text
    assert "Issue this invoice?" in browser.get(f"{here}/issue").text
    first, second = browser.post(f"{here}/issue"), browser.post(f"{here}/issue")
    assert first.status_code == 302 and second.location == first.location
    assert "INV-000001" in browser.get(first.location).text
    assert browser.get(here).location == first.location and browser.get(f"{here}/document.pdf").status_code == 404
    assert "No drafts" in browser.get("/invoices/drafts").text


def test_who_may_draft_may_not_issue(app: IspbillFlask, tenant: TenantRef, customer_id: int) -> None:
    draft_id = drafted(customer_id)
    browser = Browser(app, tenant)
    browser.sign_in(member("Customer Service").email)
    assert browser.get(f"/invoices/drafts/{draft_id}/change").status_code == 200
    assert browser.get(f"/invoices/drafts/{draft_id}/issue").status_code == 403
    assert "Issue invoice" not in browser.get(f"/invoices/drafts/{draft_id}").text
    assert browser.post(f"/invoices/drafts/{draft_id}/delete").status_code == 302


def test_programs_draft_change_issue_and_delete(app: IspbillFlask, tenant: TenantRef, customer_id: int) -> None:
    api = program(app, tenant)
    lines = [{"description": "Drop cable", "unit_price_minor": 20_000, "quantity": 2}]
    made = api.post("invoice-drafts", customer_id=str(customer_id), lines=lines, note="For the shop").json
    assert made is not None and (made["total_minor"], made["invoice_id"]) == (40_000, None)
    changed = api.patch(f"invoice-drafts/{made['id']}", due_on="2026-04-20").json
    assert changed is not None and (changed["due_on"], changed["note"]) == ("2026-04-20", "For the shop")
    assert api.get("invoice-drafts").json["items"] == [changed]  # type: ignore[index]
    assert api.get(made["document_url"]).data.startswith(b"%PDF")
    done = api.post(f"invoice-drafts/{made['id']}/issue").json
    assert done is not None and api.get(f"invoices/{done['invoice_id']}").json["total_minor"] == 40_000  # type: ignore[index]
    assert api.post(f"invoice-drafts/{made['id']}/issue").json == done
    assert api.post(f"invoice-drafts/{made['id']}/delete").status_code == 409
    other = api.post("invoice-drafts", customer_id=str(customer_id), lines=lines).json
    assert other is not None and api.post(f"invoice-drafts/{other['id']}/delete").status_code == 204
    assert api.get(f"invoice-drafts/{other['id']}").status_code == 404
    assert api.post("invoice-drafts", customer_id="999", lines=lines).status_code == 404

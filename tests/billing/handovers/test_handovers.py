"""Bills reach their customers: by e-mail with the paper, once and by agreement; on paper, as somebody says."""
from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ispbill import schedule
from ispbill.billing.handovers import queries, service
from ispbill.billing.handovers.service import HandoverFacts
from ispbill.billing.invoices import service as invoices
from ispbill.billing.notes.policy import Take
from ispbill.company import queries as company
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.jobs.draining import drain
from ispbill.notifications.models import Message
from ispbill.web.requests import IspbillFlask
from tests.make import bills, corrections, debts
from tests.make.browsers import signed_in
from tests.make.corrections import loaded
from tests.make.papers import broken
from tests.make.programs import program
from tests.notifications.conftest import Mailbox

AGREED = {"email": "ana@example.com", "e_billing_since": date(2026, 1, 1)}
CUT_OFF = date(2026, 3, 30)


def sweep(tenant: TenantRef) -> None:
    """What the schedule does about mail."""
    drain([schedule.mail_invoices, schedule.deliver_messages], only={tenant.code})


def mails() -> list[Message]:
    with unit_of_work():
        return list(db.session.scalars(select(Message).where(Message.template == "invoice").order_by(Message.id)))


def handed_over(invoice_id: int, on: date, note: str = "") -> None:
    with unit_of_work():
        service.hand_over(loaded(invoice_id), HandoverFacts(on, note))


def test_who_agreed_gets_the_bill_with_its_paper_once(tenant: TenantRef, mailbox: Mailbox) -> None:
    invoice = bills.billed("Ana Reyes", **AGREED)
    bills.billed("Ben Cruz", email="ben@example.com")
    for _ in range(3):
        sweep(tenant)
    (letter,) = mailbox.letters
    assert letter["To"] == "ana@example.com" and invoice.number in letter["Subject"]
    (paper,) = letter.iter_attachments()
    assert paper.get_filename() == f"{invoice.number}.pdf" and paper.get_content().startswith(b"%PDF")
    assert "₱1,499.00" in letter.get_body().get_content()


def test_a_bill_whose_paper_cannot_be_made_is_tried_again_and_says_why(tenant: TenantRef, mailbox: Mailbox) -> None:
    with broken(bills.billed("Ana Reyes", **AGREED).number):
        sweep(tenant)
    (message,) = mails()
    assert (message.status, message.attempts) == ("queued", 1) and "cannot be set" in (message.last_error or "")
    with at(current.now() + timedelta(minutes=2)):
        sweep(tenant)
    assert len(mailbox.letters) == 1


def test_nobody_is_mailed_where_the_company_hands_over_paper(tenant: TenantRef) -> None:
    with unit_of_work():
        company.settings().mails_invoices = False
    bills.billed("Ana Reyes", **AGREED)
    sweep(tenant)
    assert mails() == []


def test_a_bill_that_is_void_or_old_is_not_mailed_any_more(tenant: TenantRef) -> None:
    void = bills.billed("Ana Reyes", **AGREED)
    with unit_of_work():
        invoices.void(loaded(void.id), reason="Wrong plan")
    sweep(tenant)
    bills.billed("Ben Cruz", **AGREED)
    with at(current.now() + timedelta(days=service.DAYS_OF_MAILING + 1)):
        sweep(tenant)
    assert mails() == []


def test_many_bills_are_mailed_piece_by_piece(tenant: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_AT_ONCE", 2)
    for name in ("Ana", "Ben", "Cora", "Dan", "Eve"):
        bills.subscriber(name, **AGREED)
    bills.jobs.bill_now(current.today())
    sweep(tenant)
    assert len(mails()) == 5


@pytest.mark.parametrize("way", ["mail", "hand", ""])
def test_a_bill_that_did_not_arrive_cuts_nobody_off(tenant: TenantRef, mailbox: Mailbox, way: str) -> None:
    debts.set_plan(needs_handover=True)
    invoice = bills.billed("Ana Reyes", **(AGREED if way == "mail" else {"email": "ana@example.com"}))
    sweep(tenant)
    if way == "hand":
        handed_over(invoice.id, current.today())
    debts.round_on(CUT_OFF)
    assert debts.status(invoice.customer_id) == ("suspended" if way else "active")


def test_the_days_of_notice_are_counted_from_the_handover(tenant: TenantRef) -> None:
    debts.set_plan(needs_handover=True, notice_days=3)
    invoice = bills.billed("Ana Reyes", email="ana@example.com")
    with at(current.now() + timedelta(days=20)):
        handed_over(invoice.id, date(2026, 3, 30))
    debts.round_on(date(2026, 4, 1))
    assert debts.status(invoice.customer_id) == "active"
    debts.round_on(date(2026, 4, 2))
    assert debts.status(invoice.customer_id) == "suspended"


def test_a_handover_is_said_once_on_a_day_that_can_be(tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes")
    note = corrections.credited(invoice.id, Take(amount_minor=100))
    for on in (current.today() - timedelta(days=1), current.today() + timedelta(days=1)):
        with pytest.raises(Invalid, match="from the day of issue"):
            handed_over(invoice.id, on)
    with pytest.raises(Conflict, match="asks for nothing"):
        handed_over(note.id, current.today())
    handed_over(invoice.id, current.today(), "took it herself")
    with pytest.raises(Conflict, match="already"):
        handed_over(invoice.id, current.today())


def test_all_papers_of_a_run_are_handed_over_at_once(app: IspbillFlask, tenant: TenantRef, mailbox: Mailbox) -> None:
    for facts in (AGREED, {}, {}):
        bills.subscriber(**facts)
    bills.jobs.bill_now(current.today())
    sweep(tenant)
    browser = signed_in(app, tenant)
    page = browser.get("/billing/runs/1/handover").text
    assert "2 invoices went by no e-mail" in page
    assert browser.post("/billing/runs/1/handover", {"handed_on": "2026-03-09"}).status_code == 422
    assert browser.post("/billing/runs/1/handover", {"handed_on": "2026-03-10"}).status_code == 302
    with unit_of_work():
        assert len(queries.days([1, 2, 3])) == 3 and queries.count_waiting(1) == 0


def test_the_invoice_says_how_it_went_and_sends_it_again(
    app: IspbillFlask, tenant: TenantRef, mailbox: Mailbox
) -> None:
    invoice = bills.billed("Ana Reyes", email="ana@example.com")
    browser, address = signed_in(app, tenant), f"/invoices/{invoice.id}"
    assert "Neither by e-mail nor on paper" in browser.get(address).text
    assert browser.post(f"{address}/send", {"recipient": "nobody"}).status_code == 422
    for _ in range(2):
        assert browser.post(f"{address}/send", {"recipient": "desk@example.com"}).status_code == 302
    assert "desk@example.com" in browser.get(address).text and len(mails()) == 2
    assert browser.post(f"{address}/handover", {"handed_on": "2026-03-10", "note": "the guard"}).status_code == 302
    assert "the guard" in browser.get(address).text


def test_programs_note_and_read_a_handover(app: IspbillFlask, tenant: TenantRef) -> None:
    books = program(app, tenant)
    invoice = bills.billed("Ana Reyes")
    assert books.get(f"invoices/{invoice.id}/handover").json["handed_on"] is None
    answer = books.post(f"invoices/{invoice.id}/handover", handed_on="2026-03-10", note="the guard")
    assert answer.status_code == 200 and answer.json["handed_on"] == "2026-03-10"

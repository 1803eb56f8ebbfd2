"""Closed books: no verb and no statement posts to those days; only the owner opens them again, with a reason."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from threading import Thread

import pytest
from flask import current_app
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.closing import queries
from ispbill.billing.closing import service as closing
from ispbill.billing.closing.policy import suggested_last_day
from ispbill.billing.ledger.models import JournalEntry
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.service import Receipt
from ispbill.billing.runs import service as runs
from ispbill.company import service as company
from ispbill.core.current import SYSTEM, Actor, TenantRef, acting_as, at, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Forbidden, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills, offers, people
from tests.make.browsers import signed_in

TODAY = date(2026, 3, 10)
FEBRUARY = date(2026, 2, 28)


@contextmanager
def refused(error: type[Exception], match: str) -> Iterator[None]:
    with pytest.raises(error, match=match), unit_of_work():
        yield


def close_february() -> None:
    with unit_of_work():
        closing.close(last_day=FEBRUARY)


@pytest.mark.parametrize(("line", "expected"), [
    (None, FEBRUARY), (date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 2, 1), FEBRUARY),
    (date(2026, 3, 1), FEBRUARY), (date(2025, 12, 1), date(2025, 12, 31)),
])
def test_the_month_after_the_closed_ones_is_suggested(line: date | None, expected: date) -> None:
    assert suggested_last_day(line, today=TODAY) == expected


def test_money_cannot_be_dated_into_closed_days(tenant: TenantRef) -> None:
    invoice = bills.billed()
    close_february()
    with pytest.raises(Conflict, match="closed to 28 Feb 2026"):
        bills.paid(invoice.customer_id, 100, received_on=FEBRUARY)
    bills.paid(invoice.customer_id, 100, received_on=date(2026, 3, 1))


def test_the_database_refuses_what_passes_by_the_verb(tenant: TenantRef) -> None:
    close_february()
    values = {"posted_on": FEBRUARY, "source": "invoice", "source_id": 1, "memo": "x", "created_by": "x",
              "created_at": current.now()}
    with pytest.raises(IntegrityError, match="the books of 2026-02-28 are closed"), unit_of_work():
        db.session.execute(insert(JournalEntry).values(**values))


def test_closing_waits_for_a_posting_under_way(tenant: TenantRef) -> None:
    """A payment dated to February is written before February is closed: it is in the books, or it is refused."""
    customer_id = bills.subscriber()
    moved: list[str] = []
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def close_meanwhile() -> None:
        with app.app_context(), bound(tenant, SYSTEM), unit_of_work():
            closing.close(last_day=FEBRUARY)
            moved.append("closed")

    with unit_of_work():
        payments.record(Receipt(customer_id=customer_id, amount_minor=100, method="cash", received_on=FEBRUARY))
        other = Thread(target=close_meanwhile)
        other.start()
        other.join(0.5)
        assert moved == []
    other.join(10)
    assert moved == ["closed"]


def test_today_cannot_be_closed_nor_what_is_closed_already(tenant: TenantRef) -> None:
    with refused(Invalid, "Today stays open"):
        closing.close(last_day=TODAY)
    with unit_of_work():
        closing.close(last_day=TODAY - timedelta(days=1))
    with refused(Invalid, "closed to 9 Mar 2026 already"):
        closing.close(last_day=FEBRUARY)


def test_days_with_an_unfinished_run_are_not_closed(tenant: TenantRef) -> None:
    with unit_of_work():
        offers.subscribe(people.register_customer(), start_on=date(2026, 2, 1))
        runs.open_run(date(2026, 2, 1), approved=False)
    with refused(Conflict, "1 billing runs not completed"):
        closing.close(last_day=FEBRUARY)


def test_who_was_parked_is_not_waited_for_once_billed_though_by_the_run_of_an_earlier_day(tenant: TenantRef) -> None:
    customer_id = bills.subscriber(price_minor=100_000)
    with unit_of_work():
        slip = charges.add(ChargeFacts(customer_id, "Cable, 50.00 meant", 5_000_000)).id
    for day in (TODAY, TODAY + timedelta(days=1)):
        with at(current.now() + (day - TODAY)):
            assert bills.jobs.bill_now(day).parked
    with at(current.now() + timedelta(days=2)):
        with unit_of_work():
            assert [thing.count for thing in queries.unfinished(current.today())] == [1]
            charges.withdraw(db.session.get_one(Charge, slip), reason="A slip of a key")
        assert bills.jobs.bill_now(TODAY).invoices == 1
        with unit_of_work():
            assert queries.unfinished(current.today()) == []


def test_no_run_is_opened_for_a_closed_day_that_it_could_never_bill(tenant: TenantRef) -> None:
    with unit_of_work():
        offers.subscribe(people.register_customer(), start_on=date(2026, 2, 1))
    close_february()
    with refused(Conflict, "closed to 28 Feb 2026"):
        runs.open_run(FEBRUARY, approved=True)


def test_only_the_owner_opens_closed_books_with_a_reason(tenant: TenantRef) -> None:
    close_february()
    clerk = Actor(kind="user", name="Clerk", permissions=frozenset({"close_accounting_period"}))
    with refused(Forbidden, "Only the owner"), acting_as(clerk):
        closing.reopen(first_day=FEBRUARY, reason="A receipt turned up")
    with refused(Invalid, "Say why"):
        closing.reopen(first_day=FEBRUARY, reason=" ")
    with refused(Invalid, "open already"):
        closing.reopen(first_day=TODAY, reason="A receipt turned up")
    with unit_of_work():
        closing.reopen(first_day=FEBRUARY, reason="A receipt turned up")
    with unit_of_work():
        assert company.settings().books_closed_until == FEBRUARY
    bills.paid(bills.billed().customer_id, 100, received_on=FEBRUARY)


def test_books_are_closed_and_opened_on_pages_and_the_record_shows_it(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "No day is closed yet" in browser.get("/ledger/closing").text
    page = browser.get("/ledger/closing/close").text
    assert "2026-02-28" in page and "Nothing is unposted" in page
    assert browser.post("/ledger/closing/close", {"last_day": "2026-03-10"}).status_code == 422
    assert browser.post("/ledger/closing/close", {"last_day": "2026-02-28"}).status_code == 302
    assert "Closed to 28 Feb 2026" in browser.get("/ledger/closing").text
    answer = browser.post("/ledger/closing/reopen", {"first_day": "2026-02-01", "reason": "Late receipt"})
    assert answer.status_code == 302
    record = browser.get("/ledger/closing").text
    assert "Opened again" in record and "Late receipt" in record and "31 Jan 2026" in record
    assert "2026-02-01,2026-03-01,Late receipt" in browser.get("/ledger/closing/export").text


def test_a_payment_into_closed_days_is_refused_on_its_page(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    close_february()
    answer = signed_in(app, tenant).post(f"/payments/record/{invoice.customer_id}", {
        "amount": "100", "method": "cash", "received_on": "2026-02-27"})
    assert answer.status_code == 422 and "closed to 28 Feb 2026" in answer.text


def test_who_may_not_close_is_not_offered_it(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_ledger"])
    assert "/ledger/closing/close" not in browser.get("/ledger/closing").text
    assert browser.post("/ledger/closing/close", {"last_day": "2026-02-28"}).status_code == 403

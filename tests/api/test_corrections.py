"""Corrections for programs: notes, write-offs, allocations, refunds, proformas, each with its right and its key."""
from __future__ import annotations

import pytest

from ispbill.core.current import TenantRef
from ispbill.core.permissions import ALL
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.corrections import balance, findings, open_amounts
from tests.make.programs import Program, program


@pytest.fixture
def books(app: IspbillFlask, tenant: TenantRef) -> Program:
    """A program with all rights."""
    return program(app, tenant)


def test_a_credit_note_of_some_days(books: Program) -> None:
    invoice = bills.billed(price_minor=31_000)
    line = books.get(f"invoices/{invoice.id}").json["lines"][0]["id"]
    answer = books.post(f"invoices/{invoice.id}/credit-notes", reason="Outage", lines=[{"line_id": line, "days": 3}])
    assert answer.status_code == 201
    assert (answer.json["kind"], answer.json["total_minor"], answer.json["corrects_id"]) == (
        "credit_note", -3_000, str(invoice.id))
    assert open_amounts(invoice.customer_id) == [28_000]
    refused = books.post(f"invoices/{invoice.id}/credit-notes", reason="Outage",
                         lines=[{"line_id": line, "amount_minor": 28_001}])
    assert refused.status_code == 422


def test_the_same_key_credits_once(books: Program) -> None:
    invoice = bills.billed(price_minor=31_000)
    for _ in range(2):
        answer = books.post(f"invoices/{invoice.id}/credit-notes", key="retry", reason="Outage")
        assert answer.status_code == 201
    assert balance(invoice.customer_id) == 0 and findings() == {}


def test_a_debit_note_and_a_write_off(books: Program) -> None:
    invoice = bills.billed(price_minor=10_000)
    line = {"description": "Router", "unit_price_minor": 5_000}
    assert books.post(f"invoices/{invoice.id}/debit-notes", reason="Broken", lines=[line]).json["total_minor"] == 5_000
    assert books.post(f"invoices/{invoice.id}/write-off", reason="Gone").json["standing"] == "written_off"
    assert open_amounts(invoice.customer_id) == [5_000]
    assert books.post(f"invoices/{invoice.id}/write-off/take-back").json["open_minor"] == 10_000


def test_a_payment_is_applied_taken_off_and_paid_back(books: Program) -> None:
    invoice = bills.billed(price_minor=10_000)
    payment = bills.paid(invoice.customer_id, 4_000, waits=True)
    share = {"invoice_id": str(invoice.id), "amount_minor": 4_000}
    applied = books.post(f"payments/{payment.id}/apply", allocations=[share])
    assert (applied.status_code, applied.json["unapplied_minor"]) == (200, 0)
    taken = books.post(f"payments/{payment.id}/unapply", invoice_id=str(invoice.id))
    assert (taken.status_code, taken.json["unapplied_minor"]) == (200, 4_000)
    refund = books.post("refunds", customer_id=str(invoice.customer_id), amount_minor=4_000, method="cash",
                        reason="Moved", payment_id=str(payment.id))
    assert refund.status_code == 201 and refund.json["allocations"][0]["payment_id"] == str(payment.id)
    assert books.get(f"refunds/{refund.json['id']}").json["status"] == "recorded"
    assert [row["number"] for row in books.get("refunds").json["items"]] == ["RF-000001"]
    assert books.post(f"refunds/{refund.json['id']}/cancel", reason="Not fetched").json["status"] == "cancelled"
    assert findings() == {}


def test_a_proforma_becomes_an_invoice(books: Program) -> None:
    customer_id = bills.billed(price_minor=10_000).customer_id
    made = books.post("proformas", customer_id=str(customer_id),
                      lines=[{"description": "A year", "unit_price_minor": 50_000, "kind": "one_time"}])
    assert made.status_code == 201 and made.json["number"] == "PF-000001"
    assert books.get("proformas", status="open").json["items"][0]["id"] == made.json["id"]
    invoiced = books.post(f"proformas/{made.json['id']}/invoice")
    assert invoiced.json["status"] == "invoiced" and open_amounts(customer_id) == [10_000, 50_000]
    assert books.post(f"proformas/{made.json['id']}/cancel", reason="Late").status_code == 409


@pytest.mark.parametrize(("right", "path", "body"), [
    ("issue_credit_note", "invoices/{0}/credit-notes", {"reason": "x"}),
    ("adjust_invoice", "invoices/{0}/debit-notes", {
        "reason": "x", "lines": [{"description": "x", "unit_price_minor": 1}]}),
    ("write_off_invoice", "invoices/{0}/write-off", {"reason": "x"}),
    ("refund_payment", "refunds", {"customer_id": "1", "amount_minor": 1, "method": "cash", "reason": "x"}),
])
def test_each_needs_its_own_right(
    app: IspbillFlask, tenant: TenantRef, right: str, path: str, body: dict[str, object]
) -> None:
    invoice = bills.billed()
    answer = program(app, tenant, scopes=ALL - {right}).post(path.format(invoice.id), **body)
    assert answer.status_code == 403

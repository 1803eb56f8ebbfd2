"""Invoices through the API: found by state, read with lines and taxes, voided."""
from __future__ import annotations

from datetime import timedelta

from flask import Flask

from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, at, current
from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers, people
from tests.make.programs import Program, program


def test_an_invoice_shows_lines_taxes_and_what_is_open(api: Program, tenant: TenantRef) -> None:
    with unit_of_work():
        customer = people.register_customer("Ana")
        offers.subscribe(customer, plans=[(offers.plan(112_000, tax=offers.tax("12", name="VAT")), 1, None)])
    jobs.bill_now(current.today())
    (listed,) = api.get("invoices", customer_id=str(customer.id)).json["items"]  # type: ignore[index]
    invoice = api.get(f"invoices/{listed['id']}").json
    assert invoice is not None
    assert (invoice["net_minor"], invoice["tax_minor"], invoice["total_minor"]) == (100_000, 12_000, 112_000)
    assert (invoice["standing"], invoice["open_minor"], invoice["buyer_name"]) == ("issued", 112_000, "Ana")
    assert invoice["taxes"] == [
        {"name": "VAT", "rate_percent": "12.0000", "base_minor": 100_000, "tax_minor": 12_000, "exemption": ""}
    ]
    (line,) = invoice["lines"]
    assert (line["period_start"], line["period_end"]) == ("2026-03-10", "2026-04-10")
    assert {name: invoice[name] for name in listed} == listed


def test_a_voided_invoice_keeps_its_number_and_frees_its_money(api: Program, debtor: str) -> None:
    api.post("payments", customer_id=debtor, amount_minor=100_000, method="cash")
    (paid,) = api.get("invoices", state="paid").json["items"]  # type: ignore[index]
    assert api.post(f"invoices/{paid['id']}/void").status_code == 422
    voided = api.post(f"invoices/{paid['id']}/void", reason="Billed in error").json
    assert voided is not None
    assert (voided["status"], voided["standing"], voided["number"]) == ("void", "void", paid["number"])
    assert (voided["open_minor"], voided["void_reason"]) == (0, "Billed in error")
    assert api.get("payments").json["items"][0]["status"] == "recorded"  # type: ignore[index]
    assert [item["id"] for item in api.get("invoices", state="void").json["items"]] == [paid["id"]]  # type: ignore[index]
    assert api.post(f"invoices/{paid['id']}/void", reason="Again").status_code == 409


def test_an_invoice_is_overdue_the_day_after_it_is_due(api: Program, debtor: str) -> None:
    def overdue() -> int:
        return len(api.get("invoices", state="overdue").json["items"])  # type: ignore[index]

    with at(current.now() + timedelta(days=15)):
        assert overdue() == 0
    with at(current.now() + timedelta(days=16)):
        assert overdue() == 1


def test_the_documents_are_files_behind_the_rights_of_their_pages(
    app: Flask, tenant: TenantRef, api: Program, debtor: str
) -> None:
    payment = api.post("payments", customer_id=debtor, amount_minor=100_000, method="cash").json
    invoice = api.get(f"invoices/{payment['allocations'][0]['invoice_id']}").json  # type: ignore[index]
    for address in (invoice["document_url"], payment["receipt_url"]):  # type: ignore[index]
        answer = api.get(address)
        assert (answer.status_code, answer.content_type, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
        assert program(app, tenant, scopes=["view_dashboard"]).get(address).status_code == 403
    assert api.get("documents/invoices/99").status_code == api.get("documents/receipts/99").status_code == 404

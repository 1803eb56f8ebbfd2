"""Payments through the API: recorded once, allocated oldest first, reversed, listed."""
from __future__ import annotations

import pytest
from flask import Flask

from ispbill.core.current import TenantRef
from tests.make.programs import Program, program


def test_a_payment_settles_the_invoice_and_the_rest_is_credit(api: Program, debtor: str) -> None:
    answer = api.post("payments", customer_id=debtor, amount_minor=120_000, currency="PHP", method="cash")
    assert answer.status_code == 201
    payment = answer.json
    assert payment is not None
    assert (payment["amount_minor"], payment["currency"], payment["unapplied_minor"]) == (120_000, "PHP", 20_000)
    (allocation,) = payment["allocations"]
    invoice = api.get(f"invoices/{allocation['invoice_id']}").json
    assert invoice is not None
    assert (invoice["standing"], invoice["open_minor"], invoice["number"]) == (
        "paid", 0, allocation["invoice_number"]
    )
    assert api.get(f"payments/{payment['id']}").json == payment


def test_a_reversed_payment_leaves_the_invoice_open(api: Program, debtor: str) -> None:
    payment = api.post("payments", customer_id=debtor, amount_minor=100_000, method="cash").json
    assert payment is not None
    answer = api.post(f"payments/{payment['id']}/reverse", reason="Counterfeit notes")
    assert answer.status_code == 200 and answer.json is not None
    assert (answer.json["status"], answer.json["allocations"], answer.json["reversal_reason"]) == (
        "reversed", [], "Counterfeit notes"
    )
    assert api.get("invoices", state="open").json["items"][0]["settled_on"] is None  # type: ignore[index]
    again = api.post(f"payments/{payment['id']}/reverse", reason="Again")
    assert again.status_code == 409


def test_the_list_is_filtered_by_customer_method_and_days(api: Program, debtor: str) -> None:
    for number, method in enumerate(("cash", "bank", "card")):
        api.post("payments", customer_id=debtor, amount_minor=100 + number, method=method, reference=f"R{number}")
    def found(**query: str) -> list[int]:
        return [item["amount_minor"] for item in api.get("payments", **query).json["items"]]  # type: ignore[index]

    assert found() == [102, 101, 100]
    assert found(method="bank") == [101]
    assert found(customer_id=debtor, since="2026-03-10", until="2026-03-10") == [102, 101, 100]
    assert found(customer_id="999999") == found(since="2026-03-11") == []


@pytest.mark.parametrize("amount", [True, 100.0, 1e3, "100", None, 0, -5, 10**16, [100], {"minor": 100}])
def test_an_amount_is_a_positive_json_integer_and_nothing_else(api: Program, debtor: str, amount: object) -> None:
    answer = api.post("payments", customer_id=debtor, amount_minor=amount, method="cash")
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["errors"][0]["field"] == "amount_minor"  # type: ignore[index]
    assert api.get("payments").json["items"] == []  # type: ignore[index]


def test_another_currency_than_the_companys_is_refused(api: Program, debtor: str) -> None:
    answer = api.post("payments", customer_id=debtor, amount_minor=100, currency="USD", method="cash")
    assert answer.status_code == 422
    assert answer.json["errors"] == [  # type: ignore[index]
        {"field": "currency", "message": "Amounts are in PHP here."}
    ]


def test_a_rule_of_the_business_answers_with_its_field(api: Program, debtor: str) -> None:
    answer = api.post("payments", customer_id=debtor, amount_minor=100, method="bank")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "reference"  # type: ignore[index]


def test_money_of_an_unknown_customer_is_not_found(api: Program, tenant: TenantRef) -> None:
    assert api.post("payments", customer_id="424242", amount_minor=100, method="cash").status_code == 404


def test_recording_needs_its_own_right_and_a_past_day_another(app: Flask, tenant: TenantRef, debtor: str) -> None:
    reader = program(app, tenant, scopes=["view_payment_list"])
    assert reader.post("payments", customer_id=debtor, amount_minor=100, method="cash").status_code == 403
    cashier = program(app, tenant, scopes=["record_payment"])
    yesterday = cashier.post("payments", customer_id=debtor, amount_minor=100, method="cash", received_on="2026-03-09")
    assert yesterday.status_code == 403
    assert cashier.post("payments", customer_id=debtor, amount_minor=100, method="cash").status_code == 201
    assert cashier.get("payments").status_code == 403

"""The books through the API: accounts, journal, trial balance, closings, proofs, registers of numbers."""
from __future__ import annotations

from typing import Any

from flask import Flask

from ispbill.core.current import TenantRef
from tests.make import bills
from tests.make.browsers import OWNER_EMAIL, PASSWORD
from tests.make.programs import Program, program


def read(api: Program, path: str, **query: Any) -> dict[str, Any]:
    answer = api.get(path, **query)
    assert answer.status_code == 200 and answer.json is not None, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_the_trial_balance_comes_to_nothing_and_names_every_account(api: Program, debtor: str) -> None:
    balance = read(api, "ledger/trial-balance")
    assert balance["difference_minor"] == 0
    amounts = {row["code"]: row["balance_minor"] for row in balance["accounts"]}
    assert 100_000 in amounts.values() and {row["currency"] for row in balance["accounts"]} == {"PHP"}
    before = read(api, "ledger/trial-balance", until="2026-03-09")
    assert {row["balance_minor"] for row in before["accounts"]} == {0}


def test_the_journal_is_paged_filtered_and_its_entries_sum_to_zero(api: Program, debtor: str) -> None:
    api.post("payments", customer_id=debtor, amount_minor=40_000, method="cash")
    first = read(api, "ledger/journal", limit=1)
    assert [entry["source"] for entry in first["items"]] == ["payment"] and first["next_cursor"]
    second = read(api, "ledger/journal", limit=1, cursor=first["next_cursor"])
    assert [entry["source"] for entry in second["items"]] == ["invoice"]
    for entry in (*first["items"], *second["items"]):
        assert sum(posting["amount_minor"] for posting in entry["postings"]) == 0
        assert read(api, f"ledger/journal/{entry['id']}") == entry
    assert read(api, "ledger/journal", source="refund")["items"] == []
    assert len(read(api, "ledger/journal", customer_id=debtor, since="2026-03-10", until="2026-03-10")["items"]) == 2
    assert api.get("ledger/journal", source="gossip").status_code == 422


def test_an_account_is_added_found_and_read_with_its_postings(api: Program, debtor: str) -> None:
    added = api.post("ledger/accounts", code="6200", name="Pole rent", kind="expense")
    assert added.status_code == 201 and added.json is not None
    assert read(api, f"ledger/accounts/{added.json['id']}") == added.json
    assert api.post("ledger/accounts", code="6200", name="Again", kind="expense").status_code == 409
    assert [row["code"] for row in read(api, "ledger/accounts", q="pole")["items"]] == ["6200"]
    accounts = read(api, "ledger/accounts", limit=200)["items"]
    (receivable,) = [row for row in accounts if row["purpose"] == "receivable"]
    (posting,) = read(api, f"ledger/accounts/{receivable['id']}/postings")["items"]
    assert (posting["amount_minor"], posting["customer_id"]) == (100_000, debtor)


def test_books_are_closed_by_a_token_and_opened_again_by_the_owner_alone(
    app: Flask, tenant: TenantRef, api: Program
) -> None:
    assert read(api, "ledger/closings/unfinished", last_day="2026-02-28")["items"] == []
    closed = api.post("ledger/closings/close", last_day="2026-02-28")
    assert closed.status_code == 201 and closed.json is not None and closed.json["closed_until"] == "2026-03-01"
    assert api.post("ledger/closings/close", last_day="2026-02-28").status_code == 422
    body = {"first_day": "2026-02-01", "reason": "A bill of February was wrong"}
    assert api.post("ledger/closings/reopen", **body).status_code == 403
    signed = Program(app, tenant, None).send("POST", "login", json={"email": OWNER_EMAIL, "password": PASSWORD}).json
    assert signed is not None
    assert Program(app, tenant, signed["access_token"]).post("ledger/closings/reopen", **body).status_code == 201
    assert [row["closed_until"] for row in read(api, "ledger/closings")["items"]] == ["2026-02-01", "2026-03-01"]


def test_the_books_are_proved_and_every_invariant_is_told(api: Program, debtor: str) -> None:
    with bills.jobs_done():
        assert api.post("ledger/checks").status_code == 202
    (proof,) = read(api, "ledger/checks")["items"]
    whole = read(api, f"ledger/checks/{proof['id']}")
    assert proof["finding_count"] == 0 and {result["count"] for result in whole["results"]} == {0}
    assert "Every entry sums to zero" in {result["title"] for result in whole["results"]}


def test_each_number_says_what_it_was_used_for_and_a_void_one_why(api: Program, debtor: str) -> None:
    (used,) = read(api, "ledger/numbers")["items"]
    assert (used["amount_minor"], used["status"], used["taken_back_on"]) == (100_000, "issued", None)
    assert read(api, "ledger/numbers", state="taken_back")["items"] == []
    (invoice,) = read(api, "invoices")["items"]
    assert api.post(f"invoices/{invoice['id']}/void", reason="Wrong customer").status_code == 200
    (gone,) = read(api, "ledger/numbers", kind="invoice", state="taken_back")["items"]
    assert (gone["number"], gone["taken_back_on"], gone["reason"]) == (used["number"], "2026-03-10", "Wrong customer")
    for kind in ("receipt", "refund", "proforma", "credit_note", "debit_note"):
        assert read(api, "ledger/numbers", kind=kind)["items"] == []


def test_series_say_their_next_number_and_what_is_left(api: Program, debtor: str) -> None:
    series = {row["kind"]: row for row in read(api, "number-series")["items"]}
    (used,) = read(api, "ledger/numbers")["items"]
    assert int(series["invoice"]["next_number"][-6:]) == int(used["number"][-6:]) + 1
    assert series["invoice"]["left_count"] is None


def test_the_books_are_for_who_may_see_them(app: Flask, tenant: TenantRef) -> None:
    stranger = program(app, tenant, scopes=["view_customer_list"])
    for path in ("ledger/trial-balance", "ledger/journal", "ledger/accounts", "ledger/closings", "ledger/checks",
                 "ledger/numbers", "number-series", "billing-runs"):
        assert stranger.get(path).status_code == 403, path

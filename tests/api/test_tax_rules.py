"""Exemptions, withholdings and deferred revenue through the API."""
from __future__ import annotations

from flask import Flask

from ispbill.core.current import TenantRef
from tests.make.programs import Program, program


def test_a_customer_is_exempt_for_some_days_and_listed_so(api: Program, debtor: str) -> None:
    made = api.post("tax-exemptions", customer_id=debtor, reason="Diplomat", certificate="D-1", starts_on="2026-03-01")
    assert made.status_code == 201 and made.json is not None
    assert (made.json["tax_rate_id"], made.json["ends_on"]) == (None, None)
    assert api.get("tax-exemptions", state="active").json["items"] == [made.json]  # type: ignore[index]
    ended = api.post(f"tax-exemptions/{made.json['id']}/end", on="2026-03-05")
    assert ended.status_code == 200 and ended.json is not None and ended.json["ends_on"] == "2026-03-05"
    assert api.post(f"tax-exemptions/{made.json['id']}/end", on="2026-03-06").status_code == 409
    assert api.get("tax-exemptions", state="active").json["items"] == []  # type: ignore[index]
    assert api.post("tax-exemptions", customer_id="999", reason="x", starts_on="2026-03-01").status_code == 422


def test_who_withholds_is_listed_with_what_is_outstanding(api: Program, debtor: str) -> None:
    made = api.post("withholdings", customer_id=debtor, rate_percent="2", starts_on="2026-03-01")
    assert made.status_code == 201 and made.json is not None
    (row,) = api.get("withholdings", state="outstanding").json["items"]  # type: ignore[index]
    assert (row["customer_id"], row["document_count"], row["expected_minor"], row["proved_minor"]) == (
        debtor, 1, 2_000, 0)
    assert api.post("withholdings", customer_id=debtor, rate_percent="5", starts_on="2026-03-02").status_code == 409
    for rate in ("0", "100", "2.12345", "much"):
        body = {"customer_id": debtor, "rate_percent": rate, "starts_on": "2026-03-01"}
        assert api.post("withholdings", **body).status_code == 422
    assert api.post(f"withholdings/{made.json['id']}/end", on="2026-04-01").status_code == 200


def test_deferred_revenue_ties_out(api: Program, tenant: TenantRef) -> None:
    tie = api.get("ledger/deferred-revenue").json
    assert tie is not None and (tie["owed_minor"], tie["difference_minor"], tie["currency"]) == (0, 0, "PHP")
    assert api.get("ledger/deferred-revenue/loads").json == {"items": [], "next_cursor": None}


def test_each_needs_the_right_of_its_page(app: Flask, tenant: TenantRef) -> None:
    stranger = program(app, tenant, scopes=["view_customer_list"])
    for path in ("tax-exemptions", "withholdings", "ledger/deferred-revenue"):
        assert stranger.get(path).status_code == 403, path
    assert stranger.post("tax-exemptions", customer_id="1", reason="x", starts_on="2026-03-01").status_code == 403

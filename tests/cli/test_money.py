"""`ispbill customers`, `billing` and `payment`: subscribers in, a day billed, money recorded, from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from ispbill.audit.models import AuditEntry
from ispbill.cli.surroundings import operator
from ispbill.core.current import TenantRef
from ispbill.core.db import db, platform_transaction
from ispbill.core.unit_of_work import unit_of_work
from ispbill.platform import service as platform
from ispbill.tenancy.models import Tenant
from tests.cli.conftest import CommandLine
from tests.make import offers

LIST = """name,plan_code,monthly_price,start_on
Ana Reyes,HOME,999.50,2026-03-01
Ben Cruz,HOME,1500.00,2026-03-01
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A list of two subscribers."""
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    return path


@pytest.fixture
def company(tenant: TenantRef) -> str:
    """A company that has one plan on sale."""
    with unit_of_work():
        offers.plan(code="HOME")
    return tenant.subdomain


def bring_in(ispbill: CommandLine, company: str, file: Path, *more: str) -> dict[str, object]:
    report: dict[str, object] = ispbill.json("customers", "import", str(file), "--tenant", company, *more)
    return report


def bill(ispbill: CommandLine, company: str, *more: str) -> dict[str, object]:
    result: dict[str, object] = ispbill.json(
        "billing", "run", "--tenant", company, "--date", "2026-03-01", *more
    )
    return result


def test_a_dry_run_says_what_would_come_in_and_writes_nothing(
    ispbill: CommandLine, company: str, file: Path
) -> None:
    report = bring_in(ispbill, company, file, "--dry-run", "--format", "ispbill")
    assert (report["created"], report["dry_run"], report["monthly_total_minor"]) == (2, True, 249950)
    assert bring_in(ispbill, company, file)["created"] == 2


def test_a_second_import_changes_nothing(ispbill: CommandLine, company: str, file: Path) -> None:
    bring_in(ispbill, company, file)
    again = bring_in(ispbill, company, file)
    assert (again["created"], again["unchanged"]) == (0, 2)


def test_a_wrong_row_is_named_and_nothing_comes_in(ispbill: CommandLine, company: str, file: Path) -> None:
    file.write_text(LIST.replace("1500.00", "lots"))
    result = ispbill("customers", "import", str(file), "--tenant", company)
    assert result.exit_code == 1 and "lots" in result.stdout and "Nothing was imported" in result.stdout
    report = ispbill.json("customers", "import", str(file), "--tenant", company, code=1)
    assert report["created"] == 0 and report["errors"][0]["line"] == 3
    assert bill(ispbill, company)["due"] == 0


@pytest.mark.parametrize(
    "more", [["--start-on", "soon"], ["--format", "excel"], ["--tenant"], ["--start-on", "2026-02-30"]]
)
def test_a_wrong_call_ends_with_exit_code_2(
    ispbill: CommandLine, company: str, file: Path, more: list[str]
) -> None:
    assert ispbill("customers", "import", str(file), "--tenant", company, *more).exit_code == 2
    assert ispbill("customers", "import", str(file) + "x", "--tenant", company).exit_code == 2


def test_a_day_is_billed_once(ispbill: CommandLine, company: str, file: Path) -> None:
    bring_in(ispbill, company, file)
    preview, first, again = (
        bill(ispbill, company, "--preview"),
        bill(ispbill, company),
        bill(ispbill, company),
    )
    assert set(first) == {
        "tenant", "date", "run_id", "due", "invoices", "lines", "total_minor", "already_billed", "skipped",
        "parked", "seconds",
    }  # fmt: skip
    assert (preview["run_id"], preview["invoices"], preview["total_minor"]) == (None, 2, 249950)
    assert (first["tenant"], first["date"], first["due"]) == (company, "2026-03-01", 2)
    assert (first["invoices"], first["lines"], first["total_minor"], first["already_billed"]) == (
        2,
        2,
        249950,
        0,
    )
    assert (again["invoices"], again["total_minor"], again["already_billed"]) == (0, 0, 2)
    words = ispbill("billing", "run", "--tenant", company, "--date", "2026-03-01").stdout
    assert "nothing was due, 2 subscriptions are billed already" in words


def test_all_companies_are_billed_one_json_object_each(
    ispbill: CommandLine, company: str, other_tenant: TenantRef, file: Path
) -> None:
    bring_in(ispbill, company, file)
    printed = ispbill("billing", "run", "--all", "--date", "2026-03-01", "--json").stdout
    results = {result["tenant"]: result for result in map(json.loads, printed.splitlines())}
    assert results[company]["invoices"] == 2 and results[other_tenant.subdomain]["invoices"] == 0


def test_without_a_date_each_company_is_billed_for_its_own_today(
    ispbill: CommandLine, company: str, other_tenant: TenantRef
) -> None:
    assert ispbill.json("billing", "run", "--tenant", company)["date"] == "2026-03-10"
    assert ispbill.json("billing", "run", "--tenant", other_tenant.subdomain)["date"] == "2026-03-10"


@pytest.mark.parametrize("call", [[], ["--all", "--tenant", "x"], ["--tenant", "x", "--date", "1 March"]])
def test_a_run_is_for_one_or_for_all(ispbill: CommandLine, call: list[str]) -> None:
    assert ispbill("billing", "run", *call).exit_code == 2


def test_a_company_that_is_not_served_is_not_billed(ispbill: CommandLine, tenant: TenantRef) -> None:
    platform.suspend(tenant, reason="unpaid")
    result = ispbill("billing", "run", "--tenant", tenant.subdomain)
    assert result.exit_code == 1 and "is not served" in result.stderr


def test_a_company_on_another_version_is_not_billed_and_does_not_stop_the_others(
    ispbill: CommandLine, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    with platform_transaction() as connection:
        connection.execute(update(Tenant).where(Tenant.id == tenant.id).values(schema_version="0000"))
    result = ispbill("billing", "run", "--all", "--json")
    with platform_transaction() as connection:
        connection.execute(
            update(Tenant).where(Tenant.id == tenant.id).values(schema_version=tenant.schema_version)
        )
    answers = list(map(json.loads, result.stdout.splitlines()))
    assert result.exit_code == 1 and f"{tenant.subdomain}: its schema is at another version" in result.stderr
    assert [answer["status"] for answer in answers if "status" in answer] == [409]
    assert other_tenant.subdomain in {answer.get("tenant") for answer in answers}


def test_a_payment_settles_the_oldest_invoice(ispbill: CommandLine, company: str, file: Path) -> None:
    bring_in(ispbill, company, file)
    bill(ispbill, company)
    call = ["payment", "record", "--tenant", company, "--customer", "AC-000001", "--amount", "1,000.00",
            "--method", "cash", "--reference", "OR-77"]  # fmt: skip
    paid = ispbill.json(*call)
    assert paid == {
        "tenant": company, "number": "CR-000001", "customer": "AC-000001", "amount_minor": 100000,
        "currency": "PHP", "method": "cash", "reference": "OR-77", "received_on": "2026-03-10",
        "balance_minor": -50,
    }  # fmt: skip
    again = ispbill(*call)
    assert again.exit_code == 1 and "already" in again.stderr


@pytest.mark.parametrize(
    ("changed", "code", "reason"),
    [
        ({"--customer": "AC-999999"}, 1, "There is no customer AC-999999."),
        ({"--amount": "10.005"}, 1, "decimals"),
        ({"--amount": "-5"}, 1, ""),
        ({"--method": "barter"}, 2, "barter"),
        ({"--tenant": "nobody"}, 1, "There is no tenant"),
    ],
)
def test_a_payment_that_cannot_be_is_refused(
    ispbill: CommandLine, company: str, file: Path, changed: dict[str, str], code: int, reason: str
) -> None:
    bring_in(ispbill, company, file)
    options = {"--tenant": company, "--customer": "AC-000001", "--amount": "10", "--method": "cash",
               "--reference": "OR-1"} | changed  # fmt: skip
    result = ispbill("payment", "record", *(word for pair in options.items() for word in pair))
    assert result.exit_code == code and reason in result.stderr


def test_what_an_operator_does_is_in_the_companys_audit_log_under_their_name(
    ispbill: CommandLine, company: str, file: Path
) -> None:
    bring_in(ispbill, company, file)
    with unit_of_work():
        actors = set(db.session.execute(select(AuditEntry.actor_kind, AuditEntry.actor_name)).all())
    assert ("system", operator().name) in actors and operator().name.startswith("operator ")

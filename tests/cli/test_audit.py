"""`ispbill billing audit`: the books proven from the shell; anything found ends it with 1."""
from __future__ import annotations

import json

import psycopg
from psycopg import sql

from ispbill.config import Settings
from ispbill.core.current import TenantRef
from tests.cli.conftest import CommandLine
from tests.make import bills


def settle_by_hand(settings: Settings, tenant: TenantRef) -> None:
    with psycopg.connect(settings.admin_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        table = sql.Identifier(tenant.schema, "invoices")
        connection.execute(sql.SQL("UPDATE {} SET settled_on = '2026-03-10'").format(table))


def test_clean_books_are_said_to_be_clean(ispbill: CommandLine, tenant: TenantRef) -> None:
    bills.billed()
    report = ispbill.json("billing", "audit", "--tenant", tenant.subdomain)
    assert (report["tenant"], report["clean"], report["findings"]) == (tenant.subdomain, True, 0)
    assert all(check["count"] == 0 for check in report["checks"]) and len(report["checks"]) > 10
    assert "invariants hold" in ispbill("billing", "audit", "--tenant", tenant.subdomain).stdout


def test_a_finding_is_named_and_ends_it_with_one(
    ispbill: CommandLine, tenant: TenantRef, settings: Settings
) -> None:
    invoice = bills.billed()
    settle_by_hand(settings, tenant)
    report = ispbill.json("billing", "audit", "--tenant", tenant.subdomain, code=1)
    (fault,) = [check for check in report["checks"] if check["count"]]
    assert fault == {"code": "invoice_settled", "count": 1, "sample": [
        {"id": str(invoice.id), "label": invoice.number, "expected": 149_900, "actual": 0}]}
    text = ispbill("billing", "audit", "--tenant", tenant.subdomain)
    assert text.exit_code == 1 and f"such as {invoice.number}" in text.stdout


def test_one_companys_findings_do_not_hide_behind_anothers_order(
    ispbill: CommandLine, tenant: TenantRef, other_tenant: TenantRef, settings: Settings
) -> None:
    bills.billed()
    settle_by_hand(settings, tenant)
    answer = ispbill("billing", "audit", "--all", "--json")
    reports = {report["tenant"]: report for report in map(json.loads, answer.stdout.splitlines())}
    assert answer.exit_code == 1
    assert (reports[tenant.subdomain]["clean"], reports[other_tenant.subdomain]["clean"]) == (False, True)


def test_either_one_company_or_all_are_named(ispbill: CommandLine, tenant: TenantRef) -> None:
    assert ispbill("billing", "audit").exit_code == 2
    assert ispbill("billing", "audit", "--all", "--tenant", tenant.subdomain).exit_code == 2

"""The suite's own honesty: both companies hold the same keys, and every free text of the victim carries its word."""
from __future__ import annotations

import pytest
from sqlalchemy import Text, func, select

from ispbill.core.current import SYSTEM, bound
from ispbill.core.db import TenantModel, db
from ispbill.core.unit_of_work import unit_of_work
from tests.attack.victims import Pair, in_both, only_the_victims

pytestmark = pytest.mark.attack

# Columns of text that say nothing about anybody: vocabularies, numbers of a series, digests, fixed seeds.
SILENT: dict[str, set[str]] = {
    "api_tokens": {"token_digest", "prefix"},
    "audit_entries": {"actor_kind", "ip_address", "action", "entity"},
    "billing_run_chunks": {"status"},
    "billing_run_exceptions": {"reason", "released_by"},
    "billing_runs": {"status"},
    "bundles": {"status"},
    "cash_deposits": {"status"},
    "cash_intakes": {"origin", "status"},
    "cash_movements": {"kind"},
    "cash_sessions": {"status"},
    "charges": {"kind", "source", "status"},
    "company_settings": {"accent_colour", "first_period", "proration", "tax_point", "tax_rounding"},
    "collection_cutoffs": {"ending"},
    "collection_policies": {"no_cut_weekdays"},
    "collection_steps": {"action", "channel", "counted_from", "template"},
    "discounts": {"kind", "status"},
    "custom_fields": {"kind"},
    "customer_contacts": {"role"},
    "customers": {"kind", "location_accuracy", "status"},
    "idempotency_keys": {"request_digest"},
    "import_batches": {"file_digest", "file_format", "kind", "status"},
    "import_effects": {"table_name"},
    "import_mappings": {"kind"},
    "import_rows": {"column_name", "problem", "status"},
    "installations": {"status"},
    "invoice_lines": {"account", "arithmetic"},
    "invoices": {"kind", "reason", "status"},
    "journal_entries": {"source"},
    "lcps": {"accuracy"},
    "labels": {"colour"},
    "ledger_accounts": {"code", "kind", "purpose"},
    "messages": {"channel", "delivery", "enclosure", "provider_id", "sealed", "template", "unique_key", "status"},
    "nap_ports": {"condition"},
    "naps": {"accuracy"},
    "number_series": {"kind"},
    "one_time_tokens": {"purpose", "token_digest"},
    "payments": {"method", "status"},
    "plans": {"kind", "period_unit", "status", "timing"},
    "portal_links": {"token_seed"},
    "print_orders": {"kind", "sorted_by"},
    "promises_to_pay": {"status"},
    "prepaid_loads": {"kind"},
    "prepaid_subscriptions": {"status"},
    "report_schedules": {"file_format", "report", "rhythm"},
    "report_sendings": {"outcome"},
    "proformas": {"status"},
    "refunds": {"method", "status"},
    "recovery_codes": {"code_digest"},
    "role_permissions": {"permission"},
    "routers": {"mac_address", "status"},
    "second_factors": {"sealed_secret"},
    "service_targets": {"priority"},
    "standing_figures": {"name"},
    "sms_accounts": {"account_sid", "sealed_token"},
    "statement_deliveries": {"outcome"},
    "stored_files": {"content_type", "sha256"},
    "subscription_components": {"period_unit", "timing"},
    "subscription_pauses": {"billing"},
    "subscriptions": {"status"},
    "suspension_reasons": {"billing"},
    "tax_rate_parts": {"kind"},
    "tax_rates": {"mode"},
    "ticket_events": {"after", "before", "kind"},
    "tickets": {"number", "priority", "source", "status"},
    "usage_prices": {"model"},
    "user_sessions": {"token_digest", "ip_address"},
    "users": {"password_hash", "status"},
}


def test_every_free_text_of_the_victim_carries_its_word(pair: Pair) -> None:
    mute = []
    with bound(pair.victim.tenant, SYSTEM), unit_of_work():
        for table in TenantModel.metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, Text) or column.name in SILENT.get(table.name, ()):
                    continue
                found = select(func.count()).select_from(table).where(column.ilike(f"%{pair.victim.canary}%"))
                if not db.session.execute(found).scalar_one():
                    mute.append(f"{table.name}.{column.name}")
    assert not mute, " ".join(mute)


def test_both_companies_have_rows_with_equal_keys_and_the_victim_has_more(pair: Pair) -> None:
    assert all(key > 0 for key in in_both(pair).values())
    assert all(key > 1_000_000 for key in only_the_victims(pair).values())

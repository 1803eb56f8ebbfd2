"""What a tenant's role may do in its own schema. The verifier holds every live schema against these lists.

No default privileges: whoever adds a table says who may use it, by running the same statements again.
"""
from __future__ import annotations

APPEND_ONLY = (
    "audit_entries", "books_checks", "books_closings", "cash_movements", "company_identities", "invoice_handovers",
    "invoice_line_taxes", "invoice_taxes",
    "journal_entries", "journal_postings", "prepaid_recognitions", "report_sendings", "ticket_comments",
    "ticket_events", "write_offs",
)
NEVER_DELETED = (
    "cash_deposits", "cash_handovers", "cash_intakes", "cash_sessions",
    "collection_actions", "collection_cutoffs", "collection_episodes", "collection_holds", "customer_notes",
    "discount_uses", "dispute_holds", "invoice_lines", "invoices", "payment_allocations", "payments",
    "port_connections", "prepaid_loads", "prepaid_subscriptions", "proformas", "promises_to_pay", "refunds",
    "report_schedules", "suspension_reasons",
    "ticket_categories", "tickets", "usage_ratings", "usage_records",
)
READ_ONLY = ("alembic_version",)


def membership_sql(role: str, app_login: str) -> str:
    """The statement that lets the application's login take the tenant's role."""
    return f'GRANT "{role}" TO "{app_login}";'


def grants_sql(schema: str, role: str) -> str:
    """The statements that open a schema to its role; they may be repeated."""
    return f"""
        GRANT USAGE ON SCHEMA "{schema}" TO "{role}";
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{role}";
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{schema}" TO "{role}";
        REVOKE UPDATE, DELETE ON {', '.join(APPEND_ONLY)} FROM "{role}";
        REVOKE DELETE ON {', '.join(NEVER_DELETED)} FROM "{role}";
        REVOKE INSERT, UPDATE, DELETE ON {', '.join(READ_ONLY)} FROM "{role}";
    """


def privileges_of(table: str) -> frozenset[str]:
    """The privileges a tenant's role must have on a table, no more and no less."""
    if table in READ_ONLY:
        return frozenset({"SELECT"})
    if table in APPEND_ONLY:
        return frozenset({"SELECT", "INSERT"})
    if table in NEVER_DELETED:
        return frozenset({"SELECT", "INSERT", "UPDATE"})
    return frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})

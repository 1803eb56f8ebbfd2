"""Companies that one test after another works in: building one takes a third of a second, emptying one a hundredth.

What a new company is born with is kept beside it once; before each further test everything is removed and that is
put back, under a new subdomain. A test that changes the schema itself opens a company of its own.
"""
from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from ispbill.config import Settings
from ispbill.core.current import TenantRef
from ispbill.jobs.queue import connection as connection_to_redis
from ispbill.tenancy import registry
from tests.make import tenants

_KEEP = """
DO $$
DECLARE kept record; names text;
BEGIN
    EXECUTE format('CREATE SCHEMA %I', '{kept}');
    FOR kept IN SELECT relname, oid FROM pg_class WHERE relnamespace = '{schema}'::regnamespace AND relkind = 'r' LOOP
        SELECT string_agg(quote_ident(attname), ', ') INTO names FROM pg_attribute
            WHERE attrelid = kept.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
        EXECUTE format('CREATE TABLE %I.%I AS SELECT %s FROM %I.%I', '{kept}', kept.relname, names, '{schema}',
                       kept.relname);
    END LOOP;
    EXECUTE format('CREATE TABLE %I.sequences AS SELECT sequencename, last_value FROM pg_sequences
                    WHERE schemaname = %L', '{kept}', '{schema}');
    EXECUTE format('CREATE TABLE %I.tenant AS SELECT * FROM platform.tenants WHERE code = %L', '{kept}', '{code}');
    FOR kept IN SELECT tablename FROM pg_tables WHERE schemaname = '{kept}' LOOP
        EXECUTE format('SELECT 1 FROM %I.%I LIMIT 1', '{kept}', kept.tablename) INTO names;
        IF names IS NULL THEN
            EXECUTE format('DROP TABLE %I.%I', '{kept}', kept.tablename);
        END IF;
    END LOOP;
END $$
"""
# A table that grew is truncated: rows deleted in it would be read again and again.
_EMPTY = """
DO $$
DECLARE found record; names text;
BEGIN
    FOR found IN SELECT relname, oid FROM pg_class WHERE relnamespace = '{schema}'::regnamespace AND relkind = 'r' LOOP
        IF pg_relation_size(found.oid) > 262144 THEN
            EXECUTE format('TRUNCATE %I.%I CASCADE', '{schema}', found.relname);
        ELSIF pg_relation_size(found.oid) > 0 THEN
            EXECUTE format('DELETE FROM %I.%I', '{schema}', found.relname);
        END IF;
    END LOOP;
    FOR found IN SELECT sequencename, start_value FROM pg_sequences
                 WHERE schemaname = '{schema}' AND last_value IS NOT NULL LOOP
        PERFORM setval(format('%I.%I', '{schema}', found.sequencename)::regclass, found.start_value, false);
    END LOOP;
    FOR found IN SELECT relname, oid FROM pg_class WHERE relnamespace = '{kept}'::regnamespace AND relkind = 'r'
                 AND relname NOT IN ('sequences', 'tenant') LOOP
        SELECT string_agg(quote_ident(attname), ', ') INTO names FROM pg_attribute
            WHERE attrelid = found.oid AND attnum > 0 AND NOT attisdropped;
        EXECUTE format('INSERT INTO %I.%I (%s) OVERRIDING SYSTEM VALUE SELECT * FROM %I.%I', '{schema}', found.relname,
                       names, '{kept}', found.relname);
    END LOOP;
    FOR found IN SELECT sequencename, last_value FROM "{kept}".sequences WHERE last_value IS NOT NULL LOOP
        PERFORM setval(format('%I.%I', '{schema}', found.sequencename)::regclass, found.last_value);
    END LOOP;
END $$
"""
_OPEN = """
UPDATE platform.tenants t SET name = k.name, subdomain = %s, status = k.status,
    status_reason = k.status_reason, timezone = k.timezone, currency = k.currency, owner_email = k.owner_email,
    trial_ends_on = k.trial_ends_on, schema_version = k.schema_version, billed_on = k.billed_on,
    opened_at = k.opened_at, locale = k.locale
FROM {} k WHERE t.code = k.code
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A company that can be emptied, and the schema beside it with what it was born with."""

    ref: TenantRef
    beside: str


_companies: dict[tuple[str, str], Kept] = {}


def company(settings: Settings, *, currency: str, timezone: str) -> TenantRef:
    """A company as new for one test; only one with this currency and time zone at a time."""
    known = _companies.get((currency, timezone))
    with psycopg.connect(settings.admin_url, autocommit=True) as connection:
        if known is not None and _is_there(connection, known):
            return _emptied(connection, known, tenants.a_new_company().subdomain)
        ref = tenants.open_company(currency=currency, timezone=timezone)
        _companies[currency, timezone] = _keep(connection, ref)
        return ref


def _is_there(connection: psycopg.Connection, known: Kept) -> bool:
    """Whether no test took it away altogether."""
    found = connection.execute("SELECT 1 FROM platform.tenants WHERE code = %s AND to_regnamespace(%s) IS NOT NULL",
                               (known.ref.code, known.ref.schema))
    return found.fetchone() is not None


def _keep(connection: psycopg.Connection, ref: TenantRef) -> Kept:
    beside = f"kept_{ref.code.lower()}"
    connection.execute(_KEEP.format(kept=beside, schema=ref.schema, code=ref.code))
    return Kept(ref, beside)


def _emptied(connection: psycopg.Connection, known: Kept, subdomain: str) -> TenantRef:
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '10s'")
        connection.execute(_EMPTY.format(schema=known.ref.schema, kept=known.beside))
        opened = sql.SQL(_OPEN).format(sql.Identifier(known.beside, "tenant"))
        connection.execute(opened, (subdomain,))
    # Counters of failed log-ins and the like are kept by the tenant's code.
    connection_to_redis().flushdb()
    registry.forget()
    return registry.by_code(known.ref.code)

"""Each kind of fault is planted in a live schema and must be found; a schema as it was born has none."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from ispbill.config import Settings
from ispbill.core.current import TenantRef
from ispbill.core.text import random_code
from ispbill.tenancy import catalog, provisioning, templates
from ispbill.tenancy.owner import owner_connection
from ispbill.tenancy.verification import Fault, Finding, verify
from ispbill.web.requests import IspbillFlask
from tests.make import tenants


@pytest.fixture
def admin(settings: Settings) -> Iterator[psycopg.Connection]:
    """The administrator, who can do all the harm there is."""
    with psycopg.connect(settings.admin_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def neighbour(app: IspbillFlask) -> TenantRef:
    """Another tenant, into which nothing may lead; one for all tests, for none changes it."""
    return tenants.open_company()


def test_a_tenant_as_it_was_born_has_no_finding(tenant: TenantRef) -> None:
    assert verify(tenant) == []


def test_a_spare_as_it_was_built_has_no_finding(context: None) -> None:
    assert verify(provisioning.make_spare()) == []


FAULTS: dict[str, tuple[str, Fault, str]] = {
    "schema of another owner": (
        "ALTER SCHEMA {schema} OWNER TO CURRENT_USER",
        Fault.OWNER,
        "The schema belongs to",
    ),
    "table of another owner": (
        "ALTER TABLE {schema}.customers OWNER TO CURRENT_USER",
        Fault.OWNER,
        "The table customers belongs to",
    ),
    "sequence of another owner": (
        "CREATE SEQUENCE {schema}.extra",
        Fault.OWNER,
        "The sequence extra belongs to",
    ),
    "function of another owner": (
        "ALTER FUNCTION {schema}.refuse_change() OWNER TO CURRENT_USER",
        Fault.OWNER,
        "The function refuse_change",
    ),
    "role that may log in": ("ALTER ROLE {schema} LOGIN", Fault.ROLE, "may log in"),
    "role that may make roles": ("ALTER ROLE {schema} CREATEROLE", Fault.ROLE, "beyond NOLOGIN"),
    "login that has lost the role": (
        "REVOKE {schema} FROM {app} GRANTED BY {owner}",
        Fault.ROLE,
        "is not a member",
    ),
    "stranger in the role": ("GRANT {schema} TO {platform}", Fault.ROLE, "is a member of the tenant's role"),
    "role in another tenant's role": ("GRANT {other} TO {schema}", Fault.ROLE, "is a member of t_"),
    "right too many": (
        "GRANT TRUNCATE ON {schema}.customers TO {schema}",
        Fault.PRIVILEGE,
        "table customers grants",
    ),
    "right too few": (
        "REVOKE INSERT ON {schema}.customers FROM {schema}",
        Fault.PRIVILEGE,
        "table customers grants",
    ),
    "ledger that can be changed": (
        "GRANT UPDATE ON {schema}.journal_postings TO {schema}",
        Fault.PRIVILEGE,
        "table journal_postings grants",
    ),
    "right that can be passed on": (
        "GRANT SELECT ON {schema}.plans TO {schema} WITH GRANT OPTION",
        Fault.PRIVILEGE,
        "SELECT*",
    ),
    "right for everybody": ("GRANT SELECT ON {schema}.users TO PUBLIC", Fault.PRIVILEGE, "PUBLIC SELECT"),
    "right for another tenant": ("GRANT SELECT ON {schema}.users TO {other}", Fault.PRIVILEGE, "t_"),
    "right on one column": (
        "GRANT SELECT (email) ON {schema}.users TO {other}",
        Fault.PRIVILEGE,
        "column users.email grants",
    ),
    "schema open to create": (
        "GRANT CREATE ON SCHEMA {schema} TO {schema}",
        Fault.PRIVILEGE,
        "schema grants CREATE",
    ),
    "schema open to everybody": ("GRANT USAGE ON SCHEMA {schema} TO PUBLIC", Fault.PRIVILEGE, "PUBLIC USAGE"),
    "function for everybody": (
        "GRANT EXECUTE ON FUNCTION {schema}.refuse_change() TO PUBLIC",
        Fault.PRIVILEGE,
        "PUBLIC EXECUTE",
    ),
    "sequence that can be set": (
        "GRANT UPDATE ON SEQUENCE {schema}.customers_id_seq TO {schema}",
        Fault.PRIVILEGE,
        "customers_id_seq grants",
    ),
    "rights for tables to come": (
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT SELECT ON TABLES TO {schema}",
        Fault.PRIVILEGE,
        "default privileges grants",
    ),
    "key into another tenant": (
        "ALTER TABLE {schema}.customers ADD CONSTRAINT fk_out FOREIGN KEY (id) "
        "REFERENCES {other}.customers (id)",
        Fault.FOREIGN_KEY,
        "fk_out leaves it for t_",
    ),
    "function with an open search path": (
        "ALTER FUNCTION {schema}.refuse_change() RESET ALL",
        Fault.FUNCTION,
        "refuse_change has another search path",
    ),
    "function in another tenant's path": (
        "ALTER FUNCTION {schema}.refuse_change() SET search_path = {other}, pg_temp",
        Fault.FUNCTION,
        "refuse_change has another search path",
    ),
    "function with its owner's rights": (
        "ALTER FUNCTION {schema}.refuse_change() SECURITY DEFINER",
        Fault.FUNCTION,
        "runs with its owner's rights",
    ),
    "function that reads another tenant": (
        "CREATE FUNCTION {schema}.spy() RETURNS bigint LANGUAGE sql SET search_path = {schema}, pg_temp "
        "AS 'SELECT count(*) FROM {other}.customers'",
        Fault.FUNCTION,
        "spy refers to the schema t_",
    ),
    "function that reads the platform": (
        "CREATE FUNCTION {schema}.spy() RETURNS bigint LANGUAGE sql SET search_path = {schema}, pg_temp "
        "AS 'SELECT count(*) FROM platform.tenants'",
        Fault.FUNCTION,
        "spy refers to the schema platform",
    ),
    "version row of another version": (
        "UPDATE {schema}.alembic_version SET version_num = '0000'",
        Fault.VERSION,
        "The schema says 0000",
    ),
    "no version row": ("DELETE FROM {schema}.alembic_version", Fault.VERSION, "The schema says none"),
    "no version table": ("DROP TABLE {schema}.alembic_version", Fault.VERSION, "The schema says unreadable"),
    "registry of another version": (
        "UPDATE platform.tenants SET schema_version = '0000' WHERE 't_' || lower(code) = '{schema}'",
        Fault.VERSION,
        "the registry 0000",
    ),
    "lost column": (
        "ALTER TABLE {schema}.customers DROP COLUMN phone CASCADE",
        Fault.DRIFT,
        "column customers.phone is missing",
    ),
    "column too many": (
        "ALTER TABLE {schema}.customers ADD COLUMN hobby text",
        Fault.DRIFT,
        "customers.hobby is not in the template",
    ),
    "other type": (
        "ALTER TABLE {schema}.payments ALTER COLUMN amount_minor TYPE numeric",
        Fault.DRIFT,
        "payments.amount_minor is",
    ),
    "other default": (
        "ALTER TABLE {schema}.company_settings ALTER COLUMN due_days SET DEFAULT 99",
        Fault.DRIFT,
        "due_days is",
    ),
    "column that may be empty": (
        "ALTER TABLE {schema}.plans ALTER COLUMN name DROP NOT NULL",
        Fault.DRIFT,
        "column plans.name is",
    ),
    "lost constraint": (
        "ALTER TABLE {schema}.journal_postings DROP CONSTRAINT fk_journal_postings_entry_id",
        Fault.DRIFT,
        "fk_journal_postings_entry_id is missing",
    ),
    "lost index": (
        "DROP INDEX {schema}.uq_invoice_lines_live_charge",
        Fault.DRIFT,
        "uq_invoice_lines_live_charge is missing",
    ),
    "lost trigger": (
        "DROP TRIGGER invoices_frozen ON {schema}.invoices",
        Fault.DRIFT,
        "invoices.invoices_frozen is missing",
    ),
    "trigger switched off": (
        "ALTER TABLE {schema}.invoices DISABLE TRIGGER invoices_frozen",
        Fault.DRIFT,
        "invoices.invoices_frozen is",
    ),
    "other function body": (
        "CREATE OR REPLACE FUNCTION {schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql "
        "SET search_path = {schema}, pg_temp AS 'BEGIN RETURN NEW; END'",
        Fault.DRIFT,
        "function refuse_change() is",
    ),
    "table of somebody's own": (
        "CREATE TABLE {schema}.notes (id int)",
        Fault.DRIFT,
        "relation notes is not in the template",
    ),
    "view": ("CREATE VIEW {schema}.v AS SELECT 1 AS one", Fault.DRIFT, "relation v is not in the template"),
    "rule": (
        "CREATE RULE quiet AS ON DELETE TO {schema}.customers DO INSTEAD NOTHING",
        Fault.DRIFT,
        "customers.quiet is not",
    ),
    "policy": (
        "CREATE POLICY all_rows ON {schema}.customers USING (true)",
        Fault.DRIFT,
        "customers.all_rows is not",
    ),
    "type": ("CREATE TYPE {schema}.mood AS ENUM ('sad')", Fault.DRIFT, "type mood is not in the template"),
    "sequence with another step": (
        "ALTER SEQUENCE {schema}.customers_id_seq INCREMENT 7",
        Fault.DRIFT,
        "sequence customers_id_seq is",
    ),
}


@pytest.mark.parametrize("planted", FAULTS)
def test_a_planted_fault_is_found(
    planted: str, tenant: TenantRef, neighbour: TenantRef, admin: psycopg.Connection, settings: Settings
) -> None:
    statement, fault, words = FAULTS[planted]
    logins = {kind: settings.login(kind) for kind in ("app", "platform", "owner")}
    admin.execute(statement.format(schema=tenant.schema, other=neighbour.schema, **logins))
    try:
        findings = verify(tenant)
    finally:
        clear_away(admin, tenant)
    assert [found for found in findings if found.fault is fault and words in found.detail], findings
    assert {found.subdomain for found in findings} == {tenant.subdomain}


def clear_away(admin: psycopg.Connection, tenant: TenantRef) -> None:
    """Remove the spoilt tenant, so that no other test looks at it."""
    admin.execute(
        f"DROP SCHEMA {tenant.schema} CASCADE; DROP OWNED BY {tenant.role}; DROP ROLE {tenant.role}"
    )
    admin.execute("DELETE FROM platform.tenants WHERE id = %s", (tenant.id,))


def test_a_registered_tenant_without_a_schema_or_role_is_found(
    tenant: TenantRef, admin: psycopg.Connection
) -> None:
    admin.execute(f"DROP SCHEMA {tenant.schema} CASCADE")
    missing = Finding(
        tenant.schema,
        Fault.MISSING,
        "The registry knows this tenant, but there is no such schema.",
        tenant.subdomain,
    )
    assert verify(tenant) == [missing] and missing in verify()
    admin.execute(f"DROP ROLE {tenant.role}; DELETE FROM platform.tenants WHERE id = {tenant.id}")


def test_a_schema_whose_role_is_gone_is_found(tenant: TenantRef, admin: psycopg.Connection) -> None:
    admin.execute(f"DROP OWNED BY {tenant.role}; DROP ROLE {tenant.role}")
    assert Fault.ROLE in {found.fault for found in verify(tenant)}
    admin.execute(f"DROP SCHEMA {tenant.schema} CASCADE; DELETE FROM platform.tenants WHERE id = {tenant.id}")


def test_a_schema_that_nobody_in_the_registry_owns_is_found(context: None) -> None:
    schema = f"t_{random_code().lower()}"
    with owner_connection() as owner:
        owner.execute(f"CREATE SCHEMA {schema}")
        findings = verify()
        owner.execute(f"DROP SCHEMA {schema}")
    assert [found.fault for found in findings if found.schema == schema] == [Fault.ORPHAN]


def test_the_number_of_queries_does_not_grow_with_the_tenants(
    tenant: TenantRef, neighbour: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = catalog.ask
    monkeypatch.setattr(
        catalog,
        "ask",
        lambda connection, question, *rest, **values: (
            asked.append(question) or ask(connection, question, *rest, **values)
        ),
    )
    verify(tenant)
    one = asked.copy()
    asked.clear()
    verify()
    assert len([question for question in asked if question != "facts"]) == len(one)


def test_the_template_is_built_only_to_be_compared_and_not_kept(tenant: TenantRef) -> None:
    verify(tenant)
    with owner_connection() as owner:
        assert owner.execute("SELECT to_regnamespace('t_000000000')").fetchone() == (None,)


def test_the_template_is_equal_to_the_migrations(app: IspbillFlask, context: None) -> None:
    assert templates.SCHEMA_FILE.read_text() == templates.generated_schema_script()


def test_the_registry_is_asked_after_the_catalogue_so_that_a_birth_is_no_orphan(
    context: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    born: list[TenantRef] = []
    look = catalog.tenant_schemas

    def with_a_birth(connection: psycopg.Connection) -> set[str]:
        born.append(provisioning.make_spare())
        return look(connection)

    monkeypatch.setattr(catalog, "tenant_schemas", with_a_birth)
    assert [found for found in verify() if found.schema == born[0].schema] == []

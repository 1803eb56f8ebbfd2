"""Is every live schema what it should be: owner, role, rights, references, version, shape? Mends nothing.

What is expected stands in one place each: grants.py, the registry, and schema.sql, built and rolled back.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
from sqlalchemy import select

from ispbill import config
from ispbill.core.current import TenantRef
from ispbill.core.db import TenantModel, platform_transaction
from ispbill.tenancy import catalog, registry, templates
from ispbill.tenancy.grants import READ_ONLY, privileges_of
from ispbill.tenancy.models import Tenant
from ispbill.tenancy.owner import owner_connection

# The digits 0 and 1 occur in no tenant's code, so the name is always free.
_MODEL_SCHEMA = "t_000000000"
_DIFFERENCES_SHOWN = 20


class Fault(StrEnum):
    """The kinds of finding."""

    MISSING = "missing"
    ORPHAN = "orphan"
    OWNER = "owner"
    ROLE = "role"
    PRIVILEGE = "privilege"
    FOREIGN_KEY = "foreign_key"
    FUNCTION = "function"
    VERSION = "version"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be in one schema."""

    schema: str
    fault: Fault
    detail: str
    subdomain: str | None = None


@dataclass(frozen=True, slots=True)
class _Fleet:
    """What is looked at: the registry's live schemas that exist, and the logins that should hold them."""

    tenants: dict[str, TenantRef]
    owner: str
    app_login: str

    @property
    def schemas(self) -> list[str]:
        return list(self.tenants)


def verify(tenant: TenantRef | None = None) -> list[Finding]:
    """Every finding over all live schemas and spares, or over one tenant's; an empty list is good."""
    settings = config.settings()
    with owner_connection(discard=True) as connection:
        expected = {ref.schema: ref for ref in _registered() if ref.schema_version}
        existing = catalog.tenant_schemas(connection)
        wanted = {tenant.schema: expected.get(tenant.schema, tenant)} if tenant else expected
        present = {schema: ref for schema, ref in wanted.items() if schema in existing}
        fleet = _Fleet(present, settings.login("owner"), settings.login("app"))
        findings = [_missing(schema) for schema in wanted.keys() - existing]
        if tenant is None:
            findings += map(_orphan, existing - {ref.schema for ref in _registered()})
        for look in (_owners, _roles, _privileges, _references, _versions, _drift):
            findings += look(connection, fleet)
    return [_with_subdomain(finding, wanted) for finding in sorted(findings, key=lambda found: found.schema)]


def _registered() -> list[TenantRef]:
    statement = select(*registry.FIELDS).order_by(Tenant.id)
    with platform_transaction() as connection:
        return [registry.reference(row) for row in connection.execute(statement)]


def _missing(schema: str) -> Finding:
    return Finding(schema, Fault.MISSING, "The registry knows this tenant, but there is no such schema.")


def _orphan(schema: str) -> Finding:
    return Finding(schema, Fault.ORPHAN, "No tenant or spare in the registry owns this schema.")


def _owners(connection: psycopg.Connection[Any], fleet: _Fleet) -> Iterator[Finding]:
    for row in catalog.ask(connection, "owners", fleet.schemas, owner=fleet.owner):
        yield Finding(row["schema"], Fault.OWNER,
                      f"{_object(row)} belongs to {row['owner']} instead of {fleet.owner}.")


def _roles(connection: psycopg.Connection[Any], fleet: _Fleet) -> Iterator[Finding]:
    for row in catalog.ask(connection, "roles", fleet.schemas):
        for problem in _problems_of_role(row, fleet):
            yield Finding(row["schema"], Fault.ROLE, problem)


def _problems_of_role(row: dict[str, Any], fleet: _Fleet) -> Iterator[str]:
    if not row["exists"]:
        yield "The tenant's role does not exist."
        return
    if row["may_login"]:
        yield "The tenant's role may log in."
    if row["is_powerful"]:
        yield "The tenant's role has an attribute beyond NOLOGIN."
    if fleet.app_login not in row["members"]:
        yield f"The login {fleet.app_login} is not a member of the tenant's role."
    # The owner made the role, and PostgreSQL 16 and later note that as a membership without rights.
    for stranger in sorted(set(row["members"]) - {fleet.app_login, fleet.owner}):
        yield f"{stranger} is a member of the tenant's role."
    for group in row["memberships"]:
        yield f"The tenant's role is a member of {group}."


def _privileges(connection: psycopg.Connection[Any], fleet: _Fleet) -> Iterator[Finding]:
    tables = [*TenantModel.metadata.tables, *READ_ONLY]
    privileges = [",".join(sorted(privileges_of(table))) for table in tables]
    for row in catalog.ask(connection, "privileges", fleet.schemas, tables=tables, privileges=privileges):
        yield Finding(
            row["schema"], Fault.PRIVILEGE,
            f"{_object(row)} grants {row['found'] or 'nothing'} instead of {row['expected'] or 'nothing'}.",
        )


def _references(connection: psycopg.Connection[Any], fleet: _Fleet) -> Iterator[Finding]:
    for row in catalog.ask(connection, "keys", fleet.schemas):
        yield Finding(row["schema"], Fault.FOREIGN_KEY, f"{row['name']} leaves it for {row['target']}.")
    for row in catalog.ask(connection, "functions", fleet.schemas):
        if not row["is_pinned"]:
            yield Finding(row["schema"], Fault.FUNCTION, f"{row['name']} has another search path.")
        if row["is_definer"]:
            yield Finding(row["schema"], Fault.FUNCTION, f"{row['name']} runs with its owner's rights.")
        for other in row["elsewhere"]:
            yield Finding(row["schema"], Fault.FUNCTION, f"{row['name']} refers to the schema {other}.")


def _versions(connection: psycopg.Connection[Any], fleet: _Fleet) -> Iterator[Finding]:
    actual = catalog.versions(connection, fleet.schemas)
    for schema, ref in fleet.tenants.items():
        problem = _problem_of_version(actual.get(schema, "unreadable"), ref)
        if problem is not None:
            yield Finding(schema, Fault.VERSION, problem)


def _problem_of_version(version: str, ref: TenantRef) -> str | None:
    if version != ref.schema_version:
        return f"The schema says {version}, the registry {ref.schema_version}."
    if templates.is_current(ref):
        return None
    if version in templates.known_versions():
        return f"The schema is at {version}, this release at {templates.head_version()}: migrate it."
    return f"The schema is at {version}, which this release does not know."


def _drift(connection: psycopg.Connection[Any], fleet: _Fleet) -> Iterator[Finding]:
    """Differences in shape between the schemas at the head and one built from the template and not kept."""
    compared = [schema for schema, ref in fleet.tenants.items() if templates.is_current(ref)]
    if not compared:
        return
    connection.execute(
        f'BEGIN; CREATE SCHEMA "{_MODEL_SCHEMA}"; SET LOCAL search_path = "{_MODEL_SCHEMA}", pg_temp; '
        f"{templates.schema_script()} SET LOCAL search_path = ''"
    )
    prints = catalog.fingerprints(connection, [_MODEL_SCHEMA, *compared])
    different = [schema for schema in compared if prints.get(schema) != prints[_MODEL_SCHEMA]]
    facts = catalog.facts(connection, [_MODEL_SCHEMA, *different]) if different else {}
    connection.rollback()
    for schema in different:
        for detail in _differences(facts[_MODEL_SCHEMA], facts[schema]):
            yield Finding(schema, Fault.DRIFT, detail)


def _differences(model: dict[tuple[str, str], str], actual: dict[tuple[str, str], str]) -> Iterable[str]:
    lines = [f"The {kind} {name} is missing." for kind, name in model.keys() - actual.keys()]
    lines += [f"The {kind} {name} is not in the template." for kind, name in actual.keys() - model.keys()]
    lines += [
        f"The {kind} {name} is {actual[kind, name]!r}, in the template {definition!r}."
        for (kind, name), definition in model.items() if actual.get((kind, name), definition) != definition
    ]
    more = len(lines) - _DIFFERENCES_SHOWN
    return [*sorted(lines)[:_DIFFERENCES_SHOWN], *([f"And {more} more differences."] if more > 0 else [])]


def _object(row: dict[str, Any]) -> str:
    return f"The {row['kind']} {row['name']}".rstrip()


def _with_subdomain(finding: Finding, tenants: dict[str, TenantRef]) -> Finding:
    ref = tenants.get(finding.schema)
    return Finding(finding.schema, finding.fault, finding.detail, (ref.subdomain or None) if ref else None)

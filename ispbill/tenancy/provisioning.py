"""The birth of a tenant: a reserved row, a schema built in one transaction, then opened.

Every step is safe to repeat. A crash leaves a row that is not served; calling again goes on where it stopped.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import errors as pg
from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from ispbill import config
from ispbill.core.current import TenantRef
from ispbill.core.db import platform_transaction
from ispbill.core.errors import Conflict
from ispbill.core.text import random_code
from ispbill.tenancy import registry, templates
from ispbill.tenancy.grants import grants_sql, membership_sql
from ispbill.tenancy.models import ProvisioningStep, Tenant, TenantStatus
from ispbill.tenancy.owner import owner_connection, roll_back, version_in

SCHEMA_BUILT = "schema_built"
COMPANY_SET_UP = "company_set_up"


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What the operator says about a company to be."""

    name: str
    subdomain: str
    owner_email: str
    timezone: str
    currency: str


def reserve(new: NewTenant) -> TenantRef:
    """Give the company a row and a code: a ready spare's, or fresh ones without a schema.

    Raises Conflict when the subdomain is taken.
    """
    try:
        with platform_transaction() as connection:
            return registry.reference(_claim_spare(connection, new) or _insert(connection, _company(new)))
    except IntegrityError:
        raise Conflict(f"The subdomain “{new.subdomain}” is taken.", field="subdomain") from None


def build_schema(tenant: TenantRef) -> TenantRef:
    """Make the tenant's role and schema with tables, rights and seed rows in one transaction, if it has none.

    Returns the tenant with the version of its schema.
    """
    if tenant.schema_version:
        return tenant
    version = _give_birth(tenant)
    with platform_transaction() as connection:
        row = connection.execute(
            update(Tenant).where(Tenant.id == tenant.id).values(schema_version=version)
            .returning(*registry.FIELDS)
        ).one()
        record_step(connection, tenant, SCHEMA_BUILT)
    return registry.reference(row)


def record_step(connection: Connection, tenant: TenantRef, step: str) -> None:
    """Note that a step is finished, in a transaction of the platform's."""
    connection.execute(
        postgresql.insert(ProvisioningStep).values(tenant_id=tenant.id, step=step).on_conflict_do_nothing()
    )


def spare_count() -> int:
    """How many spares are ready to be claimed."""
    ready = select(func.count()).select_from(Tenant).where(*_ready_spare())
    with platform_transaction() as connection:
        return connection.execute(ready).scalar_one()


def keep_spares(target: int) -> int:
    """Build spares until `target` are ready; returns how many. Two callers may overshoot, not clash."""
    built = 0
    while spare_count() < target:
        make_spare()
        built += 1
    return built


def make_spare() -> TenantRef:
    """Build one schema that waits for a company; a spare that a crash left half-made is finished first."""
    half_made = Tenant.status == TenantStatus.SPARE, Tenant.schema_version.is_(None)
    with platform_transaction() as connection:
        row: Row[*tuple[Any, ...]] | None = connection.execute(
            select(*registry.FIELDS).where(*half_made).order_by(Tenant.id).limit(1)
        ).one_or_none()
        spare = registry.reference(row or _insert(connection, _SPARE))
    return build_schema(spare)


def _ready_spare() -> tuple[Any, ...]:
    return Tenant.status == TenantStatus.SPARE, Tenant.schema_version == templates.head_version()


def _claim_spare(connection: Connection, new: NewTenant) -> Row[*tuple[Any, ...]] | None:
    spare = (
        select(Tenant.id).where(*_ready_spare()).order_by(Tenant.id).limit(1).with_for_update(skip_locked=True)
    ).scalar_subquery()
    row: Row[*tuple[Any, ...]] | None = connection.execute(
        update(Tenant).where(Tenant.id == spare).values(**_company(new)).returning(*registry.FIELDS)
    ).one_or_none()
    return row


def _insert(connection: Connection, values: dict[str, Any]) -> Row[*tuple[Any, ...]]:
    row: Row[*tuple[Any, ...]] = connection.execute(
        insert(Tenant).values(code=random_code(), **values).returning(*registry.FIELDS)
    ).one()
    return row


_SPARE = {"name": "spare", "status": TenantStatus.SPARE, "timezone": "UTC", "currency": "USD"}


def _company(new: NewTenant) -> dict[str, Any]:
    return {
        "name": new.name, "subdomain": new.subdomain, "owner_email": new.owner_email,
        "timezone": new.timezone, "currency": new.currency, "status": TenantStatus.PROVISIONING,
    }


def _give_birth(tenant: TenantRef) -> str:
    with owner_connection() as connection:
        try:
            connection.execute(birth_script(tenant, config.settings().login("app")))
            return templates.head_version()
        except (pg.DuplicateObject, pg.DuplicateSchema, pg.UniqueViolation):
            # A caller before or beside this one has built it: the role's name lets only one through.
            roll_back(connection)
            return version_in(connection, tenant.schema)


def birth_script(tenant: TenantRef, app_login: str) -> str:
    """Everything that makes a schema, one simple query: role, tables, seed rows, rights."""
    return (
        f'BEGIN; CREATE ROLE "{tenant.role}" NOLOGIN; CREATE SCHEMA "{tenant.schema}"; '
        f'SET LOCAL search_path = "{tenant.schema}", pg_temp; {templates.schema_script()}\n'
        f"{templates.seed_script()}\n{grants_sql(tenant.schema, tenant.role)}"
        f"{membership_sql(tenant.role, app_login)} COMMIT"
    )

"""The birth of a tenant: a reserved row, a schema built in one transaction, then opened. Every step is safe to repeat.

A crash anywhere leaves a row that is not served; calling again goes on at the first step that is not recorded.
"""
from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from ispbill.config import Settings
from ispbill.core.current import TenantRef
from ispbill.core.db import platform_transaction
from ispbill.core.errors import Conflict
from ispbill.core.text import random_code
from ispbill.tenancy import registry, templates
from ispbill.tenancy.grants import grants_sql
from ispbill.tenancy.models import ProvisioningStep, Tenant, TenantStatus
from ispbill.tenancy.owner import owner_connection

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
    """Give the company a row and a code: a ready spare's where there is one, else a fresh one without a schema.

    Raises Conflict when the subdomain was taken in the meantime.
    """
    try:
        with platform_transaction() as connection:
            row = _claim_spare(connection, new) or _insert(connection, new)
    except IntegrityError:
        raise Conflict(f"The subdomain “{new.subdomain}” is taken.", field="subdomain") from None
    return registry.reference(row)


def build_schema(tenant: TenantRef) -> None:
    """Make the tenant's role and schema with tables, rights and seed rows in one transaction; nothing if it is there."""
    if is_done(tenant, SCHEMA_BUILT):
        return
    settings: Settings = current_app.config["ISPBILL"]
    with owner_connection() as connection:
        exists = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (tenant.schema,)).fetchone()
        if exists == (False,):
            connection.execute(_birth_script(tenant, settings.login("app")))
    with platform_transaction() as platform:
        platform.execute(
            update(Tenant).where(Tenant.id == tenant.id).values(schema_version=templates.head_version())
        )
        _record(platform, tenant, SCHEMA_BUILT)


def record_step(tenant: TenantRef, step: str) -> None:
    """Note that a step is finished."""
    with platform_transaction() as connection:
        _record(connection, tenant, step)


def is_done(tenant: TenantRef, step: str) -> bool:
    """Whether a step has been recorded as finished."""
    with platform_transaction() as connection:
        return connection.execute(
            select(ProvisioningStep.id).where(ProvisioningStep.tenant_id == tenant.id, ProvisioningStep.step == step)
        ).first() is not None


def spare_count() -> int:
    """How many spares are ready to be claimed."""
    with platform_transaction() as connection:
        return connection.execute(
            select(func.count()).select_from(Tenant).where(*_ready_spare())
        ).scalar_one()


def make_spare() -> TenantRef:
    """Build one schema that waits for a company; a spare that a crash left half-made is finished first."""
    with platform_transaction() as connection:
        row = connection.execute(
            select(*registry.FIELDS).where(Tenant.status == TenantStatus.SPARE, Tenant.schema_version.is_(None))
            .order_by(Tenant.id).limit(1)
        ).one_or_none() or connection.execute(
            insert(Tenant).values(
                code=random_code(), name="spare", status=TenantStatus.SPARE, timezone="UTC", currency="USD"
            ).returning(*registry.FIELDS)
        ).one()
    spare = registry.reference(row)
    build_schema(spare)
    return spare


def discard_outdated_spares() -> int:
    """Drop spares of an old version, one transaction each; a claim takes only those at head."""
    with platform_transaction() as connection:
        rows = connection.execute(
            delete(Tenant).where(Tenant.status == TenantStatus.SPARE, Tenant.schema_version.is_not(None),
                                 Tenant.schema_version != templates.head_version())
            .returning(*registry.FIELDS)
        ).all()
    for spare in map(registry.reference, rows):
        with owner_connection() as owner:
            owner.execute(f'BEGIN; DROP SCHEMA "{spare.schema}" CASCADE; DROP ROLE "{spare.role}"; COMMIT')
    return len(rows)


def _ready_spare() -> tuple[object, ...]:
    return Tenant.status == TenantStatus.SPARE, Tenant.schema_version == templates.head_version()


def _claim_spare(connection: Connection, new: NewTenant) -> object | None:
    spare = select(Tenant.id).where(*_ready_spare()).order_by(Tenant.id).limit(1).with_for_update(skip_locked=True)
    return connection.execute(
        update(Tenant).where(Tenant.id == spare.scalar_subquery()).values(**_company(new)).returning(*registry.FIELDS)
    ).one_or_none()


def _insert(connection: Connection, new: NewTenant) -> object:
    return connection.execute(
        insert(Tenant).values(code=random_code(), **_company(new)).returning(*registry.FIELDS)
    ).one()


def _company(new: NewTenant) -> dict[str, object]:
    return {
        "name": new.name, "subdomain": new.subdomain, "owner_email": new.owner_email, "timezone": new.timezone,
        "currency": new.currency, "status": TenantStatus.PROVISIONING,
    }


def _birth_script(tenant: TenantRef, app_login: str) -> str:
    return (
        f'BEGIN; CREATE ROLE "{tenant.role}" NOLOGIN; CREATE SCHEMA "{tenant.schema}"; '
        f'SET LOCAL search_path = "{tenant.schema}", pg_temp; {templates.schema_script()}\n'
        f"{templates.seed_script()}\n{grants_sql(tenant.schema, tenant.role, app_login)} COMMIT"
    )


def _record(connection: Connection, tenant: TenantRef, step: str) -> None:
    connection.execute(
        postgresql.insert(ProvisioningStep).values(tenant_id=tenant.id, step=step).on_conflict_do_nothing()
    )

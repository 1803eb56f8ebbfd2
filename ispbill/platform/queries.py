"""Reads of the registry for the operator. Of what is in a tenant's schema nothing is read here."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from ispbill.core.db import platform_transaction
from ispbill.tenancy.models import OperatorEvent, Tenant, TenantMigration, TenantStatus

CompanyRow = Row[*tuple[Any, ...]]
_COLUMNS = Tenant.__table__.c
_EVENTS_SHOWN = 20


def company_at(subdomain: str) -> CompanyRow | None:
    """The company at a subdomain, in whatever state it is, half-made ones included."""
    with platform_transaction() as connection:
        return connection.execute(select(*_COLUMNS).where(Tenant.subdomain == subdomain)).one_or_none()


def companies() -> Sequence[CompanyRow]:
    """All companies by subdomain, half-made ones included; no spares."""
    statement = select(*_COLUMNS).where(Tenant.status != TenantStatus.SPARE).order_by(Tenant.subdomain)
    with platform_transaction() as connection:
        return connection.execute(statement).all()


def events_of(tenant_id: int) -> Sequence[CompanyRow]:
    """What operators did to a tenant lately, the newest first."""
    statement = (
        select(OperatorEvent.event, OperatorEvent.operator, OperatorEvent.details, OperatorEvent.created_at)
        .where(OperatorEvent.tenant_id == tenant_id).order_by(OperatorEvent.id.desc()).limit(_EVENTS_SHOWN)
    )
    with platform_transaction() as connection:
        return connection.execute(statement).all()


def last_migration_of(tenant_id: int) -> CompanyRow | None:
    """What came of the latest attempt to migrate a tenant."""
    columns = TenantMigration.__table__.c
    statement = select(*columns).where(TenantMigration.tenant_id == tenant_id)
    with platform_transaction() as connection:
        return connection.execute(statement.order_by(TenantMigration.id.desc()).limit(1)).one_or_none()

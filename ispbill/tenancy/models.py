"""The platform's own tables. They know that a tenant exists and nothing of what is in its schema."""
from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ispbill.core.db import PlatformModel


class TenantStatus(StrEnum):
    """The life of a tenant. `spare` and `provisioning` are never served."""

    SPARE = "spare"
    PROVISIONING = "provisioning"
    TRIAL = "trial"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


SERVED = (TenantStatus.TRIAL, TenantStatus.ACTIVE)


class Tenant(PlatformModel):
    """One company, or a spare schema that waits for one."""

    __tablename__ = "tenants"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("subdomain"),
        CheckConstraint("code ~ '^[A-HJKMNP-Z2-9]{9}$'", name="code"),
        CheckConstraint(
            "status IN ('spare', 'provisioning', 'trial', 'active', 'suspended', 'cancelled')", name="status"
        ),
        CheckConstraint("(status = 'spare') = (subdomain IS NULL)", name="subdomain"),
        Index("ix_tenants_status", "status", "schema_version"),
    )

    code: Mapped[str]
    subdomain: Mapped[str | None]
    name: Mapped[str]
    status: Mapped[str]
    status_reason: Mapped[str | None]
    timezone: Mapped[str]
    currency: Mapped[str]
    locale: Mapped[str | None]
    owner_email: Mapped[str | None]
    trial_ends_on: Mapped[date | None]
    schema_version: Mapped[str | None]
    billed_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    opened_at: Mapped[datetime | None]

    @property
    def schema(self) -> str:
        """The schema, which is also the name of the tenant's role."""
        return f"t_{self.code.lower()}"


class ProvisioningStep(PlatformModel):
    """A step of making a tenant that has been finished; what is missing here is done again."""

    __tablename__ = "provisioning_steps"
    __table_args__ = (UniqueConstraint("tenant_id", "step"),)

    tenant_id: Mapped[int] = mapped_column(ForeignKey("platform.tenants.id", ondelete="CASCADE"))
    step: Mapped[str]
    finished_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class TenantMigration(PlatformModel):
    """What came of migrating one tenant once."""

    __tablename__ = "tenant_migrations"
    __table_args__ = (Index("ix_tenant_migrations_tenant_id", "tenant_id", "id"),)

    tenant_id: Mapped[int] = mapped_column(ForeignKey("platform.tenants.id", ondelete="CASCADE"))
    from_version: Mapped[str | None]
    to_version: Mapped[str]
    outcome: Mapped[str]
    error: Mapped[str | None]
    attempts: Mapped[int]
    finished_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class OperatorEvent(PlatformModel):
    """What the platform operator did to a tenant, and why; append-only."""

    __tablename__ = "operator_events"
    __table_args__ = (Index("ix_operator_events_tenant_id", "tenant_id", "id"),)

    tenant_id: Mapped[int | None] = mapped_column(ForeignKey("platform.tenants.id", ondelete="SET NULL"))
    event: Mapped[str]
    operator: Mapped[str]
    details: Mapped[dict[str, object]] = mapped_column(JSONB, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

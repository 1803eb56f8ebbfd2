"""Builders of companies."""
from __future__ import annotations

import itertools

from sqlalchemy import update

from ispbill.company import service as companies
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import platform_transaction
from ispbill.core.unit_of_work import unit_of_work
from ispbill.tenancy import provisioning, registry
from ispbill.tenancy.models import Tenant, TenantStatus

_numbers = itertools.count(1)


def a_new_company(
    *, currency: str = "PHP", timezone: str = "Asia/Manila", label: str | None = None
) -> provisioning.NewTenant:
    """What an operator would say about a company that is not there yet; `label` is its name and subdomain."""
    number = next(_numbers)
    return provisioning.NewTenant(
        name=label or f"Company {number}", subdomain=label or f"company-{number}", owner_email="owner@example.com",
        timezone=timezone, currency=currency,
    )


def open_company(
    *, currency: str = "PHP", timezone: str = "Asia/Manila", label: str | None = None
) -> TenantRef:
    """A company of its own for one test: reserved, built, open."""
    ref = provisioning.reserve(a_new_company(currency=currency, timezone=timezone, label=label))
    provisioning.build_schema(ref)
    with platform_transaction() as connection:
        connection.execute(update(Tenant).where(Tenant.id == ref.id).values(status=TenantStatus.ACTIVE))
    registry.forget()
    opened = registry.by_code(ref.code)
    with bound(opened, SYSTEM), unit_of_work():
        companies.adopt(opened.name)
    return opened

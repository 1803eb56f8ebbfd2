"""A database for one benchmark: durable servers in a folder of their own, one company, and both removed at the end.

PostgreSQL is set as docs/production.md has it for a server of its own. Huge pages it takes where some are reserved.
"""
from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from ispbill.app import create_app
from ispbill.config import Settings, load
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.embedded import services
from ispbill.embedded.postgres import memory_mb
from ispbill.tenancy import installing, provisioning
from ispbill.web.requests import IspbillFlask

# The most that PostgreSQL's buffers make good use of.
SHARE_OF_BUFFERS = 0.4


@dataclass(frozen=True, slots=True)
class Workshop:
    """The application under test and the superuser's URL of its database."""

    app: IspbillFlask
    settings: Settings


@contextmanager
def workshop() -> Iterator[Workshop]:
    """Servers with fsync on (or those of ISPBILL_DATABASE_URL), an installed database and an application context."""
    home = Path(tempfile.mkdtemp(prefix="ispbill-bench-"))
    try:
        urls = services.ensure(home)
        if urls.database_url != os.environ.get("ISPBILL_DATABASE_URL"):
            urls = _with_large_buffers(home, urls)
        settings = load({**os.environ, "ISPBILL_HOME": str(home), "ISPBILL_DATABASE_URL": urls.database_url,
                         "ISPBILL_REDIS_URL": urls.redis_url, "ISPBILL_TESTING": "1"})
        installing.prepare_database(settings)
        app = create_app(settings)
        with app.app_context():
            yield Workshop(app, settings)
    finally:
        services.stop(home)
        shutil.rmtree(home, ignore_errors=True)


def _with_large_buffers(home: Path, urls: services.ServiceUrls) -> services.ServiceUrls:
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET shared_buffers = '{round(SHARE_OF_BUFFERS * memory_mb())}MB'")
    services.stop(home)
    return services.ensure(home)


@contextmanager
def company(subdomain: str, *, currency: str = "PHP", timezone: str = "Asia/Manila") -> Iterator[TenantRef]:
    """A built tenant, bound, with the system acting."""
    tenant = provisioning.reserve(provisioning.NewTenant(
        name=subdomain.title(), subdomain=subdomain, owner_email="owner@example.com", timezone=timezone,
        currency=currency,
    ))
    provisioning.build_schema(tenant)
    with bound(tenant, SYSTEM):
        yield tenant


@contextmanager
def superuser(settings: Settings, schema: str) -> Iterator[psycopg.Connection]:
    """The administrator inside a tenant's schema: for filling, resetting and the floor that is measured against."""
    with psycopg.connect(settings.admin_url, autocommit=True) as connection:
        connection.execute(f'SET search_path = "{schema}", pg_temp')
        yield connection

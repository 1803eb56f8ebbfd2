"""A history with more revisions than the product's, and a registry with this test's tenants only."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import platform_transaction
from ispbill.tenancy import registry, templates
from ispbill.tenancy.models import Tenant
from tests.make import tenants

NEXT = """
from alembic import op

revision = "{revision}"
down_revision = "{down_revision}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute({statement!r})
"""


class LongerHistory:
    """A copy of the tenant history that grows by revisions made up by a test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head = templates.head_version()

    def grow(self, statement: str) -> str:
        """Add a revision that runs the statement; returns its version.

        The longer history is a folder of its own, as in a new release: what is rendered is kept by path.
        """
        version = f"{int(self.head) + 1:04d}"
        self.path = Path(shutil.copytree(self.path, self.path.with_name(f"tenant-{version}")))
        revision = NEXT.format(revision=version, down_revision=self.head, statement=statement)
        (self.path / "versions" / f"{version}_grown.py").write_text(revision)
        self.head = version
        return version


@pytest.fixture
def tenant(context: None) -> Iterator[TenantRef]:
    """A company of the test's own, for these tests break schemas, roles and the registry itself."""
    ref = tenants.open_company()
    with bound(ref, SYSTEM):
        yield ref


@pytest.fixture
def history(tmp_path: Path) -> LongerHistory:
    """The product's history, copied, with nothing added yet."""
    shutil.copytree(templates.HISTORY, tmp_path / "tenant", ignore=shutil.ignore_patterns("__pycache__"))
    return LongerHistory(tmp_path / "tenant")


@pytest.fixture
def fleet_of_ones_own(context: None) -> Iterator[None]:
    """Other tests' tenants are out of the migrator's sight; those of this one are removed at the end."""
    with platform_transaction() as connection:
        others = connection.execute(select(Tenant.id, Tenant.schema_version)).all()
        connection.execute(update(Tenant).values(schema_version=None))
    yield
    with platform_transaction() as connection:
        connection.execute(delete(Tenant).where(Tenant.id.not_in([row.id for row in others])))
        for row in others:
            connection.execute(
                update(Tenant).where(Tenant.id == row.id).values(schema_version=row.schema_version)
            )
    registry.forget()

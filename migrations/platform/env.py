"""Alembic environment of the platform history: one schema, `platform`, migrated by the owner login."""

from __future__ import annotations

from alembic import context

from ispbill.core.db import PlatformModel

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=PlatformModel.metadata,
    version_table_schema="platform",
    include_schemas=True,
    compare_server_default=True,
    include_name=lambda name, kind, parents: name == "platform" if kind == "schema" else True,
)
with context.begin_transaction():
    context.run_migrations()

"""Alembic environment of the tenant history. Applied as SQL: rendered once, run in every tenant's schema.

A revision must therefore be expressible as SQL (no queries from Python).
"""

from __future__ import annotations

from alembic import context

from ispbill.app import TENANT_METADATA

if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql",
        target_metadata=TENANT_METADATA,
        literal_binds=True,
        transactional_ddl=False,
    )
    context.run_migrations()
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=TENANT_METADATA,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()

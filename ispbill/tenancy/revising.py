"""Drafting the next revision of a history: what the models say and its head does not. A person reads it first.

A tenant revision must be expressible as SQL: it is rendered once and run in every schema.
"""
from __future__ import annotations

import io
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine

from ispbill.config import settings
from ispbill.tenancy import installing, templates

_SCRATCH = "t_000000000"


def draft_tenant_revision(message: str, *, history: Path = templates.HISTORY) -> Path:
    """Write the next revision of the tenant history, compared with a schema that is built and rolled back."""
    with _owner() as connection:
        connection.exec_driver_sql(
            f'CREATE SCHEMA "{_SCRATCH}"; SET LOCAL search_path = "{_SCRATCH}", pg_temp; '
            f"{templates.upgrade_script(None, history=history)}"
        )
        connection.dialect.default_schema_name = _SCRATCH
        return _draft(connection, message, history)


def draft_platform_revision(message: str, *, history: Path = installing.HISTORY) -> Path:
    """Write the next revision of the platform's history, compared with the installed tables."""
    with _owner() as connection:
        return _draft(connection, message, history)


def _owner() -> Connection:
    known = settings()
    return create_engine(known.engine_url(known.owner_url), poolclass=NullPool).connect()


def _draft(connection: Connection, message: str, history: Path) -> Path:
    head = ScriptDirectory(str(history)).get_current_head() or "0"
    config = Config(attributes={"connection": connection}, stdout=io.StringIO())
    config.set_main_option("script_location", str(history))
    script = command.revision(config, message=message, autogenerate=True, rev_id=f"{int(head) + 1:04d}")
    connection.rollback()
    assert script is not None and not isinstance(script, list), "one history has one head"
    return Path(script.path)

"""Making a database ready for tenants: three logins, the schema `platform`, its tables. Safe to repeat."""
from __future__ import annotations

from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import NullPool, create_engine

from ispbill.config import PROJECT_ROOT, Settings
from ispbill.core.errors import Conflict

MINIMUM_SERVER = 150000
HISTORY = PROJECT_ROOT / "migrations" / "platform"
# Tables that the platform's login may add to and read, but never change.
_RECORDS = ("operator_events", "alembic_version")
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('ispbill install'))"
_LOGINS = {"app": "NOINHERIT", "platform": "NOINHERIT", "owner": "INHERIT CREATEROLE"}


def prepare_database(settings: Settings) -> None:
    """Create or refresh the logins and their rights, and bring the platform's tables to head.

    Raises Conflict for a PostgreSQL older than 15.
    """
    with psycopg.connect(settings.admin_url, autocommit=True) as connection:
        if connection.info.server_version < MINIMUM_SERVER:
            raise Conflict("ispbill needs PostgreSQL 15 or newer.")
        with connection.transaction():
            connection.execute(_ALONE)
            _make_logins(connection, settings)
            connection.execute(_rights(settings))
    migrate_platform(settings)


def migrate_platform(settings: Settings) -> None:
    """Bring the tables of the schema `platform` to the newest version; one caller at a time."""
    engine = create_engine(settings.engine_url(settings.owner_url), poolclass=NullPool)
    config = Config(attributes={})
    config.set_main_option("script_location", str(HISTORY))
    with engine.begin() as connection:
        connection.exec_driver_sql(_ALONE)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        for table in _RECORDS:
            connection.exec_driver_sql(
                f'REVOKE UPDATE, DELETE ON platform.{table} FROM "{settings.login("platform")}"'
            )


def is_installed(settings: Settings) -> bool:
    """Whether the logins work and the platform's tables are not behind this code; a cheap check."""
    script = ScriptDirectory(str(HISTORY))
    older = {revision.revision for revision in script.walk_revisions()} - {script.get_current_head()}
    try:
        with psycopg.connect(settings.platform_url) as connection:
            row = connection.execute("SELECT version_num FROM platform.alembic_version").fetchone()
    except psycopg.Error:
        return False
    return row is not None and row[0] not in older


def _make_logins(connection: psycopg.Connection[Any], settings: Settings) -> None:
    known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for kind, attributes in _LOGINS.items():
        verb = "ALTER" if settings.login(kind) in known else "CREATE"
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
                sql.SQL(verb), sql.Identifier(settings.login(kind)), sql.SQL(attributes),
                sql.Literal(settings.password(kind)),
            )
        )


def _rights(settings: Settings) -> sql.Composed:
    """No right for anybody but what is listed: the app login can do nothing without a tenant's role."""
    return sql.SQL("""
        REVOKE ALL ON DATABASE {database} FROM PUBLIC;
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT CONNECT ON DATABASE {database} TO {app}, {platform}, {owner};
        GRANT CREATE ON DATABASE {database} TO {owner};
        ALTER ROLE {app} IN DATABASE {database} SET search_path = '';
        ALTER ROLE {platform} IN DATABASE {database} SET search_path = '';
        ALTER ROLE {owner} IN DATABASE {database} SET search_path = '';
        CREATE SCHEMA IF NOT EXISTS extensions;
        GRANT USAGE ON SCHEMA extensions TO {owner};
        CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA extensions;
        CREATE SCHEMA IF NOT EXISTS platform;
        GRANT {owner} TO CURRENT_USER;
        ALTER SCHEMA platform OWNER TO {owner};
        GRANT USAGE ON SCHEMA platform TO {platform};
        SET LOCAL ROLE {owner};
        ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        ALTER DEFAULT PRIVILEGES IN SCHEMA platform
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {platform};
        ALTER DEFAULT PRIVILEGES IN SCHEMA platform GRANT USAGE ON SEQUENCES TO {platform};
    """).format(
        database=sql.Identifier(settings.database_name),
        **{kind: sql.Identifier(settings.login(kind)) for kind in ("app", "platform", "owner")},
    )

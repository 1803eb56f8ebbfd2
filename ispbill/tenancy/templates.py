"""What a new-born schema is given: `tenant_templates/schema.sql` and the rows of `seed/*.toml`, as SQL.

`schema.sql` is never written by hand: it is the tenant history, rendered.
"""
from __future__ import annotations

import io
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from ispbill.config import PROJECT_ROOT
from ispbill.core import permissions
from ispbill.core.current import TenantRef

TEMPLATES = PROJECT_ROOT / "tenant_templates"
HISTORY = PROJECT_ROOT / "migrations" / "tenant"
SCHEMA_FILE = TEMPLATES / "schema.sql"
_PREFACE = (
    "-- Generated from migrations/tenant by `ispbill tenant template`; "
    "a test proves the two equal. Do not edit.\n"
)


@cache
def head_version(history: Path = HISTORY) -> str:
    """The newest version of the tenant history."""
    head = ScriptDirectory(str(history)).get_current_head()
    assert head is not None, "the tenant history is empty"
    return head


def is_current(tenant: TenantRef) -> bool:
    """Whether the tenant's schema is at the version this code was written for; what is not is not billed."""
    return tenant.schema_version == head_version()


@cache
def known_versions(history: Path = HISTORY) -> frozenset[str]:
    """Every version of the tenant history that this code knows."""
    return frozenset(revision.revision for revision in ScriptDirectory(str(history)).walk_revisions())


@cache
def schema_script() -> str:
    """The statements that make all tables at the head version, with unqualified names."""
    return SCHEMA_FILE.read_text()


def generated_schema_script() -> str:
    """What `schema.sql` must say: all migrations, rendered as SQL."""
    return _PREFACE + upgrade_script(None)


@cache
def seed_script() -> str:
    """The statements that insert what every tenant starts with: roles, chart of accounts, number series."""
    statements = [_seed(table, rows) for path in sorted((TEMPLATES / "seed").glob("*.toml"))
                  for table, rows in tomllib.loads(path.read_text()).items()]
    return "\n".join(statements)


@cache
def upgrade_script(from_version: str | None, *, history: Path = HISTORY) -> str:
    """The SQL that brings a schema from a version (None: an empty schema) to the head; rendered once."""
    output = io.StringIO()
    config = Config(output_buffer=output)
    config.set_main_option("script_location", str(history))
    command.upgrade(config, f"{from_version}:head" if from_version else "head", sql=True)
    return output.getvalue()


def _seed(table: str, rows: list[dict[str, Any]]) -> str:
    if table == "roles":
        return "\n".join(map(_role, rows))
    columns = list(rows[0])
    values = sql.SQL(", ").join(_row([row[column] for column in columns]) for row in rows)
    return sql.SQL("INSERT INTO {} ({}) VALUES {};").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)), values
    ).as_string()


def _row(values: list[Any]) -> sql.Composed:
    return sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, values)))


def _role(row: dict[str, Any]) -> str:
    codes = sorted(permissions.ALL) if row["permissions"] == ["*"] else row["permissions"]
    unknown = set(codes) - permissions.ALL
    assert not unknown, f"role {row['name']} has unknown permissions {sorted(unknown)}"
    return sql.SQL(
        "WITH r AS (INSERT INTO roles (name, description, is_default) VALUES ({}, {}, true) RETURNING id) "
        "INSERT INTO role_permissions (role_id, permission) SELECT r.id, p FROM r, unnest({}::text[]) p;"
    ).format(sql.Literal(row["name"]), sql.Literal(row["description"]), sql.Literal(codes)).as_string()

"""Questions to PostgreSQL's catalogue about many schemas at once: one query per kind, never one per tenant.

The questions stand in questions/*.sql, take a list `schemas` and change nothing; the owner's connection asks.
"""
from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

SCHEMAS_PER_UNION = 400
_QUESTIONS = Path(__file__).parent / "questions"


def ask(
    connection: psycopg.Connection[Any], question: str, schemas: Sequence[str], **values: Any
) -> list[dict[str, Any]]:
    """The rows that answer the question in the file of that name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_text(question), {"schemas": list(schemas), **values}).fetchall()


def tenant_schemas(connection: psycopg.Connection[Any]) -> set[str]:
    """Every schema that is named like a tenant's."""
    rows = connection.execute(r"SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\_%'")
    return {name for (name,) in rows}


def fingerprints(connection: psycopg.Connection[Any], schemas: Sequence[str]) -> dict[str, str]:
    """A digest of the shape of each schema: equal shapes give equal digests."""
    return {row["schema"]: row["fingerprint"] for row in ask(connection, "fingerprints", schemas)}


def facts(
    connection: psycopg.Connection[Any], schemas: Sequence[str]
) -> dict[str, dict[tuple[str, str], str]]:
    """What each schema consists of: kind and name of each part, and its definition."""
    found: dict[str, dict[tuple[str, str], str]] = {schema: {} for schema in schemas}
    for row in ask(connection, "facts", schemas):
        found[row["schema"]][row["kind"], row["name"]] = row["definition"]
    return found


def versions(connection: psycopg.Connection[Any], schemas: Sequence[str]) -> dict[str, str]:
    """The version row of each schema that has a readable one."""
    readable = [row["schema"] for row in ask(connection, "readable_versions", schemas)]
    found: dict[str, str] = {}
    for start in range(0, len(readable), SCHEMAS_PER_UNION):
        union = sql.SQL(" UNION ALL ").join(map(_version, readable[start:start + SCHEMAS_PER_UNION]))
        found |= dict(connection.execute(union).fetchall())
    return found


def _version(schema: str) -> sql.Composed:
    return sql.SQL("SELECT {}, coalesce(string_agg(version_num, ','), 'none') FROM {}").format(
        sql.Literal(schema), sql.Identifier(schema, "alembic_version")
    )


@cache
def _text(question: str) -> bytes:
    text = (_QUESTIONS / f"{question}.sql").read_text()
    return text.replace("/* FACTS */", _facts()).encode()


@cache
def _facts() -> str:
    return (_QUESTIONS / "facts.sql").read_text()

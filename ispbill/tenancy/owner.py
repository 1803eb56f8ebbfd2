"""The DDL role's own connection. Only the provisioner, the migrator and the verifier may come here."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from ispbill.core.db import db

OWNER_BIND = "owner"


@contextmanager
def owner_connection(*, discard: bool = False) -> Iterator[psycopg.Connection[Any]]:
    """An autocommitting connection of the owner login, which makes and changes schemas.

    `discard` closes it afterwards instead of keeping it: a backend never forgets the schemas it has seen.
    """
    with db.engines[OWNER_BIND].connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        try:
            yield driver
        finally:
            roll_back(driver)
            if discard:
                connection.invalidate()


def roll_back(connection: psycopg.Connection[Any]) -> None:
    """Leave a transaction that a script has opened and not ended."""
    if not connection.closed and connection.info.transaction_status != TransactionStatus.IDLE:
        connection.rollback()


def version_in(connection: psycopg.Connection[Any], schema: str) -> str:
    """The version of the tenant history that a schema says it is at."""
    versions = sql.Identifier(schema, "alembic_version")
    row = connection.execute(sql.SQL("SELECT version_num FROM {}").format(versions)).fetchone()
    return str(row[0]) if row else "none"

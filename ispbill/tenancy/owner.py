"""The DDL role's own connection. Only the provisioner, the migrator and the verifier may come here."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

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
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        connection.rollback()

"""The DDL role's own connection. Only the provisioner, the migrator and the verifier may come here."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from ispbill.core.db import db

OWNER_BIND = "owner"


@contextmanager
def owner_connection() -> Iterator[psycopg.Connection[Any]]:
    """An autocommitting connection of the owner login, which makes and changes schemas."""
    with db.engines[OWNER_BIND].connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        try:
            yield driver
        finally:
            if driver.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                driver.rollback()

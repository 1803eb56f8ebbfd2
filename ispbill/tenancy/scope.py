"""The fence: every tenant transaction begins with its search path and role, in the same message as BEGIN.

Nothing is cached on a connection, nothing outlives the transaction: a transaction-pooling PgBouncer is safe.
"""
from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError

from ispbill.core.current import current

SCHEMA_NAME = re.compile(r"t_[a-z0-9]{9}")
# A backend keeps catalogue memory for every schema it ever touched (0.25–0.8 MB): connections are renewed.
SCHEMAS_PER_CONNECTION = 50
_ENGINE_OPTIONS: dict[str, object] = {
    "isolation_level": "AUTOCOMMIT",
    "connect_args": {"prepare_threshold": None},
    "pool_pre_ping": False,
    "pool_size": 5,
    "max_overflow": 10,
}


def engine_options() -> dict[str, object]:
    """Options of the tenant engine: this module sends BEGIN itself, and nothing is prepared on the server."""
    return dict(_ENGINE_OPTIONS)


def fence(engine: Engine, *, statement_timeout_seconds: int = 30, lock_timeout_seconds: int = 5) -> None:
    """Make every transaction of the engine begin inside the current tenant's schema and role."""
    limits = (
        f"SET LOCAL statement_timeout = '{statement_timeout_seconds}s'; "
        f"SET LOCAL lock_timeout = '{lock_timeout_seconds}s'"
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        tenant = current.tenant
        opening = _opening(tenant.schema, tenant.role, limits)
        try:
            _send(connection, opening)
        except psycopg.Error:
            if not _driver(connection).closed:
                raise
            # Nothing has been done yet: a connection that died in the pool is replaced without anybody noticing,
            # and with it all that wait there, for what killed one has killed them all.
            connection.invalidate()
            connection.engine.dispose()
            _send(connection, opening)
        connection.info.setdefault("schemas", set()).add(tenant.schema)

    @event.listens_for(engine, "checkout")
    def checkout(dbapi_connection: object, record: object, proxy: object) -> None:
        if len(record.info.get("schemas", ())) >= SCHEMAS_PER_CONNECTION:  # type: ignore[attr-defined]
            raise DisconnectionError("connection has touched enough schemas")


def _send(connection: Connection, opening: bytes) -> None:
    # Straight through libpq: a cursor for a message without rows would cost as much as the message.
    result = _driver(connection).pgconn.exec_(opening)
    if result.status != ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(result)


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver: Any = connection.connection.driver_connection
    return driver


@lru_cache(maxsize=4096)
def _opening(schema: str, role: str, limits: str) -> bytes:
    if not (SCHEMA_NAME.fullmatch(schema) and SCHEMA_NAME.fullmatch(role)):
        raise ValueError(f"{schema!r} is not the name of a tenant's schema")
    return f'BEGIN; SET LOCAL search_path = "{schema}", pg_temp; SET LOCAL ROLE "{role}"; {limits}'.encode()

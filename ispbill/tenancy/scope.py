"""The fence: every tenant transaction begins with its search path and role, in the same message as BEGIN.

Nothing is cached on a connection, nothing outlives the transaction: a transaction-pooling PgBouncer is safe.
"""
from __future__ import annotations

import re
from functools import lru_cache
from select import POLLIN, poll
from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

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

    def begin(dbapi_connection: PoolProxiedConnection) -> None:
        tenant = current.tenant
        _send(dbapi_connection, _opening(tenant.schema, tenant.role, limits))
        dbapi_connection.info.setdefault("schemas", set()).add(tenant.schema)

    # An engine with a listener dispatches every event of every statement: half of what the fence would cost.
    engine.dialect.do_begin = begin  # type: ignore[method-assign]

    @event.listens_for(engine, "checkout")
    def checkout(driver: psycopg.Connection[Any], record: ConnectionPoolEntry, _pooled: object) -> None:
        touched = record.info.get("schemas")
        if touched and (len(touched) >= SCHEMAS_PER_CONNECTION or _has_ended(driver)):
            raise DisconnectionError("the connection was closed, or has touched enough schemas")


def _has_ended(driver: psycopg.Connection[Any]) -> bool:
    """Whether the server hung up while the connection waited in the pool: it spoke, which it does not unasked."""
    if driver.closed:
        return True
    ear = poll()
    ear.register(driver.fileno(), POLLIN)
    return bool(ear.poll(0))


def _send(pooled: PoolProxiedConnection, opening: bytes) -> None:
    # Straight through libpq: a cursor for a message without rows would cost as much as the message.
    driver: Any = pooled.driver_connection
    result = driver.pgconn.exec_(opening)
    if result.status != ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(result)


@lru_cache(maxsize=4096)
def _opening(schema: str, role: str, limits: str) -> bytes:
    if not (SCHEMA_NAME.fullmatch(schema) and SCHEMA_NAME.fullmatch(role)):
        raise ValueError(f"{schema!r} is not the name of a tenant's schema")
    return f'BEGIN; SET LOCAL search_path = "{schema}", pg_temp; SET LOCAL ROLE "{role}"; {limits}'.encode()

"""Does the installation work: can the registry be read, does Redis answer? Reads no tenant's data."""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from ispbill import config
from ispbill.core.db import platform_transaction
from ispbill.tenancy.models import Tenant

PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """Each part that the product stands on: whether it answered, and in how many milliseconds."""

    parts: dict[str, dict[str, object]]

    @property
    def is_well(self) -> bool:
        """Whether every part answered."""
        return all(part["ok"] for part in self.parts.values())


def check() -> Health:
    """Ask every part once."""
    return Health({"database": _timed(_read_registry), "redis": _timed(_ping_redis)})


def _timed(question: Callable[[], object]) -> dict[str, object]:
    began = time.perf_counter()
    try:
        question()
    except (SQLAlchemyError, RedisError, OSError) as error:
        return {"ok": False, "problem": type(error).__name__}
    return {"ok": True, "ms": round((time.perf_counter() - began) * 1000, 1)}


def _read_registry() -> None:
    with platform_transaction() as connection:
        connection.execute(select(Tenant.id).limit(1))


def _ping_redis() -> None:
    with Redis.from_url(
        config.settings().redis_url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
    ) as client:
        client.ping()

"""Bringing every schema to the head: one short transaction per tenant, its outcome recorded, the rest go on.

The schema's own version row decides; the registry only says whom to visit, and is put right where it lags.
"""
from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, current_app
from psycopg import errors as pg
from psycopg import sql
from sqlalchemy import insert, select, update

from ispbill.core.current import TenantRef
from ispbill.core.db import platform_transaction
from ispbill.tenancy import registry, templates
from ispbill.tenancy.grants import grants_sql
from ispbill.tenancy.models import Tenant, TenantMigration
from ispbill.tenancy.owner import owner_connection, roll_back, version_in

LOCK_TIMEOUT_SECONDS = 2
ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 0.2
TENANTS_PER_CONNECTION = 50
# The SQLSTATE with which the guard says that the schema is at another version than expected.
_OTHER_VERSION = "ISPV1"
_NEW_RELATION = re.compile(r"\bCREATE\s+(UNLOGGED\s+)?(TABLE|SEQUENCE)\b", re.IGNORECASE)

Progress = Callable[[int, int], None]


class Outcome(StrEnum):
    """What came of visiting one tenant."""

    MIGRATED = "migrated"
    HEALED = "healed"
    FAILED = "failed"


class UnknownVersion(Exception):
    """A schema is at a version that the history does not lead on from."""


@dataclass(frozen=True, slots=True)
class Result:
    """One tenant's migration: the version it came from, where it stands, and why it failed if it did."""

    tenant: TenantRef
    from_version: str
    to_version: str
    outcome: Outcome
    attempts: int
    seconds: float
    error: str | None = None


def migrate(
    tenant: TenantRef | None = None, *, jobs: int = 1, progress: Progress | None = None,
    history: Path = templates.HISTORY,
) -> list[Result]:
    """Bring all schemas that are behind to the head, or one tenant's only; spares and closed tenants too.

    A tenant that fails does not stop the others; calling again visits only those that are still behind.
    """
    waiting = behind(tenant, history=history)
    journey = _Journey(current_app._get_current_object(), history, len(waiting), progress)  # type: ignore[attr-defined]
    # Rendered here, once: Alembic must not be used by two threads.
    for version in {ref.schema_version for ref in waiting} & templates.known_versions(history):
        _upgrade_body(version, history)
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        list(pool.map(journey.travel, _batches(waiting)))
    registry.forget()
    return journey.results


def behind(tenant: TenantRef | None = None, *, history: Path = templates.HISTORY) -> list[TenantRef]:
    """The tenants and spares whose schema is not at the head, by the registry: one query."""
    statement = select(*registry.FIELDS).where(Tenant.schema_version != templates.head_version(history))
    if tenant is not None:
        statement = statement.where(Tenant.id == tenant.id)
    with platform_transaction() as connection:
        return [registry.reference(row) for row in connection.execute(statement.order_by(Tenant.id))]


def _batches(waiting: Sequence[TenantRef]) -> Iterator[list[TenantRef]]:
    rest = iter(waiting)
    while batch := list(islice(rest, TENANTS_PER_CONNECTION)):
        yield batch


class _Journey:
    """One call of `migrate`: its threads, each with a connection and an application context of its own."""

    def __init__(self, app: Flask, history: Path, total: int, progress: Progress | None) -> None:
        self._app = app
        self._history = history
        self._total = total
        self._progress = progress
        self.results: list[Result] = []

    def travel(self, batch: list[TenantRef]) -> None:
        """Visit each tenant; those whose tables are locked again later, with growing pauses."""
        with self._app.app_context(), owner_connection(discard=True) as connection:
            for attempt in range(1, ATTEMPTS + 1):
                batch = self._pass(connection, batch, attempt)
                if not batch:
                    return
                time.sleep(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))

    def _pass(
        self, connection: psycopg.Connection[Any], batch: list[TenantRef], attempt: int
    ) -> list[TenantRef]:
        """Visit each once, and record what came of it together; returns those that were locked."""
        results: list[Result] = []
        try:
            for ref in batch:
                result = _visit(connection, ref, attempt, self._history)
                if result is not None:
                    results.append(result)
                    self._report(result)
        finally:
            _record(results)
        done = {result.tenant for result in results}
        return [ref for ref in batch if ref not in done]

    def _report(self, result: Result) -> None:
        self.results.append(result)
        if self._progress is not None:
            self._progress(len(self.results), self._total)


def _visit(
    connection: psycopg.Connection[Any], ref: TenantRef, attempt: int, history: Path
) -> Result | None:
    """Upgrade one tenant; None where its tables are locked and there is another attempt."""
    began = time.monotonic()
    outcome, error = Outcome.FAILED, None
    try:
        outcome = _upgrade(connection, ref, history)
    except (pg.LockNotAvailable, pg.DeadlockDetected) as caught:
        if attempt < ATTEMPTS:
            return None
        error = f"Its tables were locked each time: {caught}"
    except (psycopg.DatabaseError, UnknownVersion) as caught:
        if connection.closed:
            raise
        error = str(caught)
    finally:
        roll_back(connection)
    head = templates.head_version(history)
    return Result(ref, ref.schema_version, head, outcome, attempt, time.monotonic() - began, error)


def _upgrade(connection: psycopg.Connection[Any], ref: TenantRef, history: Path) -> Outcome:
    known = templates.known_versions(history)
    if ref.schema_version in known and _applied(connection, ref, ref.schema_version, history):
        return Outcome.MIGRATED
    actual = version_in(connection, ref.schema)
    if actual == templates.head_version(history):
        return Outcome.HEALED
    if actual not in known or not _applied(connection, ref, actual, history):
        raise UnknownVersion(f"The schema is at version {actual}, which this release cannot bring further.")
    return Outcome.MIGRATED


def _applied(connection: psycopg.Connection[Any], ref: TenantRef, version: str, history: Path) -> bool:
    """Run the upgrade; False, with nothing done, where the schema is at another version than this."""
    try:
        connection.execute(_upgrade_transaction(ref, version, history))
    except psycopg.DatabaseError as error:
        roll_back(connection)
        if error.sqlstate == _OTHER_VERSION:
            return False
        raise
    return True


def _upgrade_transaction(ref: TenantRef, version: str, history: Path) -> str:
    body = _upgrade_body(version, history)
    rights = grants_sql(ref.schema, ref.role) if _NEW_RELATION.search(body) else ""
    return (
        f'BEGIN; SET LOCAL search_path = "{ref.schema}", pg_temp; '
        f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'; {body} {rights} COMMIT"
    )


@cache
def _upgrade_body(version: str, history: Path) -> str:
    # The row is locked as well as looked at, so that of two migrators the second finds the new version.
    guard = sql.SQL("""
        DO $guard$ BEGIN
            PERFORM FROM alembic_version WHERE version_num = {version} FOR UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION USING MESSAGE = 'the schema is at another version', ERRCODE = {code};
            END IF;
        END $guard$;
    """).format(version=sql.Literal(version), code=sql.Literal(_OTHER_VERSION)).as_string()
    return guard + templates.upgrade_script(version, history=history)


def _record(results: Sequence[Result]) -> None:
    """Write what came of the visits. A crash before it costs nothing: the next visit heals the registry."""
    if not results:
        return
    arrived = [result.tenant.id for result in results if result.outcome is not Outcome.FAILED]
    with platform_transaction() as connection:
        connection.execute(
            update(Tenant).where(Tenant.id.in_(arrived)).values(schema_version=results[0].to_version)
        )
        connection.execute(insert(TenantMigration), [{
            "tenant_id": result.tenant.id, "from_version": result.from_version,
            "to_version": result.to_version, "outcome": result.outcome, "error": result.error,
            "attempts": result.attempts,
        } for result in results])

"""Schemas reach the head one by one: locked ones wait, failing ones do not stop the rest, crashes heal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text, update

from ispbill.app import create_app
from ispbill.config import PROJECT_ROOT, Settings
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import db, platform_transaction
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.tenancy import migrating, provisioning, registry, templates
from ispbill.tenancy.migrating import Outcome, Result, migrate
from ispbill.tenancy.models import Tenant, TenantMigration
from ispbill.tenancy.owner import owner_connection, version_in
from ispbill.tenancy.verification import Fault, verify
from tests.make import tenants
from tests.tenancy.conftest import LongerHistory

ADD_COLUMN = "ALTER TABLE customers ADD COLUMN nickname text"


@pytest.fixture
def fleet(fleet_of_ones_own: None) -> list[TenantRef]:
    """Two tenants and a spare."""
    return [tenants.open_company(), tenants.open_company(), provisioning.make_spare()]


def outcomes(results: list[Result]) -> dict[str, Outcome]:
    return {result.tenant.schema: result.outcome for result in results}


def actual_version(ref: TenantRef) -> str:
    with owner_connection() as connection:
        return version_in(connection, ref.schema)


def registered_version(ref: TenantRef) -> str:
    return registry.by_code(ref.code).schema_version


def records(ref: TenantRef) -> list[tuple[str, int]]:
    statement = select(TenantMigration.outcome, TenantMigration.attempts).where(
        TenantMigration.tenant_id == ref.id
    )
    with platform_transaction() as connection:
        return [tuple(row) for row in connection.execute(statement.order_by(TenantMigration.id))]


def test_every_schema_is_brought_to_the_head_spares_too(
    fleet: list[TenantRef], history: LongerHistory
) -> None:
    head = history.grow(ADD_COLUMN)
    seen: list[tuple[int, int]] = []
    results = migrate(history=history.path, progress=lambda done, total: seen.append((done, total)))
    assert outcomes(results) == {ref.schema: Outcome.MIGRATED for ref in fleet}
    assert [actual_version(ref) for ref in fleet] == [head] * 3 == [registered_version(ref) for ref in fleet]
    assert [records(ref) for ref in fleet] == [[("migrated", 1)]] * 3
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_with_nothing_to_do_nobody_is_visited(
    fleet: list[TenantRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "owner_connection", lambda **_: pytest.fail("a schema was visited"))
    assert migrate() == []


def test_one_tenant_alone_can_be_migrated(fleet: list[TenantRef], history: LongerHistory) -> None:
    history.grow(ADD_COLUMN)
    assert outcomes(migrate(fleet[1], history=history.path)) == {fleet[1].schema: Outcome.MIGRATED}
    assert actual_version(fleet[0]) == templates.head_version()


def test_several_revisions_are_taken_in_one_step(fleet: list[TenantRef], history: LongerHistory) -> None:
    history.grow(ADD_COLUMN)
    head = history.grow("ALTER TABLE customers ALTER COLUMN nickname SET DEFAULT ''")
    migrate(history=history.path)
    assert {actual_version(ref) for ref in fleet} == {head}


def test_a_tenant_that_fails_stays_as_it_was_and_does_not_stop_the_rest(
    fleet: list[TenantRef], history: LongerHistory
) -> None:
    with owner_connection() as owner:
        owner.execute(f"ALTER TABLE {fleet[0].schema}.customers ADD COLUMN nickname int")
    head = history.grow(f"CREATE TABLE scratch (id int PRIMARY KEY); {ADD_COLUMN}")
    results = {result.tenant.schema: result for result in migrate(history=history.path)}
    failed = results.pop(fleet[0].schema)
    assert failed.outcome is Outcome.FAILED and "already exists" in (failed.error or "")
    assert {result.outcome for result in results.values()} == {Outcome.MIGRATED}
    assert actual_version(fleet[0]) == registered_version(fleet[0]) == templates.head_version()
    with owner_connection() as owner:
        assert owner.execute("SELECT to_regclass(%s)", (f"{fleet[0].schema}.scratch",)).fetchone() == (None,)
        owner.execute(f"ALTER TABLE {fleet[0].schema}.customers DROP COLUMN nickname")
    assert outcomes(migrate(history=history.path)) == {fleet[0].schema: Outcome.MIGRATED}
    assert actual_version(fleet[0]) == head and [row[0] for row in records(fleet[0])] == [
        "failed",
        "migrated",
    ]


def test_a_crash_after_the_schema_and_before_the_registry_heals(
    fleet: list[TenantRef], history: LongerHistory
) -> None:
    head = history.grow(ADD_COLUMN)
    migrate(history=history.path)
    with platform_transaction() as connection:
        connection.execute(
            update(Tenant).where(Tenant.id == fleet[1].id).values(schema_version=fleet[1].schema_version)
        )
    assert outcomes(migrate(history=history.path)) == {fleet[1].schema: Outcome.HEALED}
    assert registered_version(fleet[1]) == head


KILLED = """
import os, pathlib, signal, sys
from ispbill.app import create_app
from ispbill.config import load
from ispbill.tenancy import migrating

migrating._record = lambda results: os.kill(os.getpid(), signal.SIGKILL)
with create_app(load()).app_context():
    migrating.migrate(history=pathlib.Path(sys.argv[1]))
"""


def test_a_migrator_killed_on_its_way_leaves_whole_schemas_and_the_next_call_goes_on(
    fleet: list[TenantRef], history: LongerHistory, settings: Settings
) -> None:
    head = history.grow(ADD_COLUMN)
    environment = os.environ | {
        "ISPBILL_DATABASE_URL": settings.admin_url,
        "ISPBILL_REDIS_URL": settings.redis_url,
    }
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(history.path)], cwd=PROJECT_ROOT, env=environment, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert {actual_version(ref) for ref in fleet} == {head}
    assert {registered_version(ref) for ref in fleet} == {templates.head_version()}
    assert set(outcomes(migrate(history=history.path)).values()) == {Outcome.HEALED}
    assert {registered_version(ref) for ref in fleet} == {head} and migrate(history=history.path) == []


def test_a_schema_further_on_than_the_registry_says_goes_on_from_where_it_is(
    fleet: list[TenantRef], history: LongerHistory
) -> None:
    history.grow(ADD_COLUMN)
    migrate(fleet[0], history=history.path)
    with platform_transaction() as connection:
        connection.execute(
            update(Tenant).where(Tenant.id == fleet[0].id).values(schema_version=fleet[0].schema_version)
        )
    head = history.grow("ALTER TABLE customers ALTER COLUMN nickname SET DEFAULT ''")
    assert outcomes(migrate(history=history.path)) == {ref.schema: Outcome.MIGRATED for ref in fleet}
    assert {actual_version(ref) for ref in fleet} == {head}


def test_a_schema_of_a_newer_release_is_left_alone(fleet: list[TenantRef], history: LongerHistory) -> None:
    history.grow(ADD_COLUMN)
    migrate(history=history.path)
    results = migrate()
    assert {result.outcome for result in results} == {Outcome.FAILED}
    assert "cannot bring further" in (results[0].error or "")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(migrating, "FIRST_PAUSE_SECONDS", 0.05)


def test_a_locked_tenant_is_tried_again_after_the_others(
    fleet: list[TenantRef], history: LongerHistory, settings: Settings, impatient: None
) -> None:
    history.grow(ADD_COLUMN)
    with psycopg.connect(settings.owner_url) as reader:
        reader.execute(f"LOCK TABLE {fleet[0].schema}.customers IN ACCESS SHARE MODE")
        results = migrate(history=history.path, progress=lambda done, _: reader.rollback() if done == 2 else None)
    assert [result.tenant.schema for result in results] == [fleet[1].schema, fleet[2].schema, fleet[0].schema]
    assert {result.outcome for result in results} == {Outcome.MIGRATED} and results[-1].attempts > 1


def test_a_tenant_that_stays_locked_fails_in_the_end_with_the_reason(
    fleet: list[TenantRef],
    history: LongerHistory,
    settings: Settings,
    impatient: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(migrating, "ATTEMPTS", 2)
    history.grow(ADD_COLUMN)
    with psycopg.connect(settings.owner_url) as reader:
        reader.execute(f"LOCK TABLE {fleet[0].schema}.customers IN ACCESS SHARE MODE")
        failed = [result for result in migrate(history=history.path) if result.outcome is Outcome.FAILED]
    assert [(result.tenant.schema, result.attempts) for result in failed] == [(fleet[0].schema, 2)]
    assert "locked" in (failed[0].error or "")


def test_two_migrators_at_once_do_each_schema_once(
    fleet: list[TenantRef], history: LongerHistory, settings: Settings
) -> None:
    history.grow("CREATE TABLE visits (id serial PRIMARY KEY); SELECT pg_sleep(0.1)")

    def work(app: Flask) -> list[Result]:
        with app.app_context():
            return migrate(history=history.path)

    templates.upgrade_script(fleet[0].schema_version, history=history.path)
    # Each is a process of its own, and no process makes two applications at the same time.
    apps = [create_app(settings) for _ in range(2)]
    with ThreadPoolExecutor(len(apps)) as pool:
        results = [result for found in pool.map(work, apps) for result in found]
    done = [result.tenant.schema for result in results if result.outcome is Outcome.MIGRATED]
    assert sorted(done) == sorted(ref.schema for ref in fleet)
    assert Outcome.FAILED not in {result.outcome for result in results}


def test_jobs_share_the_work(
    fleet: list[TenantRef], history: LongerHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "TENANTS_PER_CONNECTION", 1)
    history.grow(ADD_COLUMN)
    assert set(outcomes(migrate(jobs=3, history=history.path)).values()) == {Outcome.MIGRATED}


def test_a_new_table_is_opened_to_the_tenant_and_to_nobody_else(
    fleet: list[TenantRef], history: LongerHistory
) -> None:
    history.grow("CREATE TABLE visits (id bigserial PRIMARY KEY, note text)")
    migrate(history=history.path)
    with bound(registry.by_code(fleet[0].code), SYSTEM), unit_of_work():
        db.session.execute(text("INSERT INTO visits (note) VALUES ('hello')"))
    with bound(registry.by_code(fleet[1].code), SYSTEM), pytest.raises(Exception, match="permission denied"):
        db.session.execute(text(f"SELECT * FROM {fleet[0].schema}.visits"))
    db.session.rollback()
    assert Fault.PRIVILEGE not in {found.fault for found in verify(registry.by_code(fleet[0].code))}


def test_a_half_migrated_fleet_keeps_serving(fleet: list[TenantRef], history: LongerHistory) -> None:
    history.grow(f"{ADD_COLUMN}; ALTER TABLE customers ADD COLUMN age int DEFAULT 0")
    assert outcomes(migrate(fleet[0], history=history.path)) == {fleet[0].schema: Outcome.MIGRATED}
    for ref in fleet[:2]:
        with bound(registry.by_code(ref.code), SYSTEM), unit_of_work():
            assert db.session.scalars(select(Customer)).all() == []


def test_a_tenant_that_is_behind_or_ahead_is_not_current(
    fleet: list[TenantRef], history: LongerHistory
) -> None:
    assert templates.is_current(registry.by_code(fleet[0].code))
    history.grow(ADD_COLUMN)
    migrate(fleet[0], history=history.path)
    assert not templates.is_current(registry.by_code(fleet[0].code))
    assert templates.is_current(registry.by_code(fleet[1].code))


def test_an_application_that_reads_while_its_tenant_is_migrated_goes_on(
    fleet: list[TenantRef], history: LongerHistory
) -> None:
    """A connection that has read the old shape reads the new one: nothing is prepared on the server."""
    with bound(registry.by_code(fleet[0].code), SYSTEM):
        for _ in range(8):
            with unit_of_work():
                db.session.scalars(select(Customer)).all()
        history.grow("ALTER TABLE customers ALTER COLUMN notes TYPE varchar(800)")
        assert outcomes(migrate(fleet[0], history=history.path)) == {fleet[0].schema: Outcome.MIGRATED}
        for _ in range(8):
            with unit_of_work():
                db.session.scalars(select(Customer)).all()

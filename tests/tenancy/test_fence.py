"""Fail closed: without a tenant nothing opens, and under one tenant's role another's rows are out of reach."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError, OperationalError, ProgrammingError

from ispbill.areas.models import Area
from ispbill.config import Settings
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import db
from ispbill.core.errors import TenantNotBound, TenantSwitched
from ispbill.core.unit_of_work import unit_of_work
from ispbill.tenancy import scope
from ispbill.web.requests import IspbillFlask
from tests.make.tenants import open_company

NAMES = text("SELECT name FROM areas ORDER BY id")


@pytest.fixture(scope="module")
def pair(app: Flask) -> tuple[TenantRef, TenantRef]:
    """Two companies with the same keys and each its own marker."""
    refs = open_company(), open_company()
    for ref in refs:
        with app.app_context(), bound(ref, SYSTEM), unit_of_work():
            db.session.add(Area(id=1, level=1, name=f"marker of {ref.code}"))
    return refs


@pytest.fixture
def narrow(settings: Settings) -> Iterator[Engine]:
    """An engine like the product's, with one connection that everybody shares."""
    options = {**scope.engine_options(), "pool_size": 1, "max_overflow": 0}
    engine = create_engine(settings.engine_url(settings.app_url), **options)
    scope.fence(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def raw(settings: Settings) -> Iterator[psycopg.Connection]:
    """The application's login, as a program that forgot the fence would use it."""
    with psycopg.connect(settings.app_url, autocommit=True) as connection:
        yield connection


def marker(ref: TenantRef) -> list[str]:
    return [f"marker of {ref.code}"]


def names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(NAMES).scalars())


def test_without_a_tenant_no_session_opens(context: None) -> None:
    with pytest.raises(TenantNotBound):
        db.session.execute(NAMES)


def test_without_a_tenant_no_transaction_begins_on_the_engine(narrow: Engine) -> None:
    with pytest.raises(TenantNotBound):
        names(narrow)


def test_a_raw_connection_finds_no_tables(raw: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        raw.execute("SELECT * FROM areas")


def test_a_raw_connection_may_not_look_into_a_schema_by_name(
    raw: psycopg.Connection, pair: tuple[TenantRef, TenantRef]
) -> None:
    for statement in ("SELECT * FROM {}.areas", "INSERT INTO {}.areas (level, name) VALUES (1, 'x')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute(statement.format(pair[0].schema))


@pytest.mark.parametrize("relation", ["platform.tenants", "platform.operator_events", "pg_authid"])
def test_a_raw_connection_may_not_read_the_registry(raw: psycopg.Connection, relation: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute(f"SELECT * FROM {relation}")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE SCHEMA mine",
        "CREATE TEMP TABLE areas (id int)",
        "CREATE TABLE public.t (id int)",
        "CREATE ROLE me",
    ],
)
def test_a_raw_connection_may_make_nothing(raw: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute(statement)


def test_each_tenant_reads_its_own_rows_under_equal_keys(
    pair: tuple[TenantRef, TenantRef], context: None
) -> None:
    for ref in pair:
        with bound(ref, SYSTEM), unit_of_work():
            assert db.session.scalars(select(Area.name)).all() == marker(ref)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM {}.areas",
        "SELECT count(*) FROM {}.customers",
        "INSERT INTO {}.areas (level, name) VALUES (1, 'x')",
        "UPDATE {}.areas SET name = 'x'",
        "DELETE FROM {}.areas",
        "SELECT nextval('{}.areas_id_seq')",
        "TRUNCATE {}.areas",
        "DROP TABLE {}.areas",
        "SELECT * FROM platform.tenants WHERE 't_' || lower(code) = '{}'",
    ],
)
def test_one_tenants_role_cannot_reach_into_another(
    pair: tuple[TenantRef, TenantRef], narrow: Engine, statement: str
) -> None:
    mine, others = pair
    with bound(mine, SYSTEM), narrow.connect() as connection:
        with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
            connection.execute(text(statement.format(others.schema)))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_postings SET amount_minor = 0",
        "DELETE FROM journal_entries",
        "DELETE FROM invoices",
        "UPDATE audit_entries SET actor_name = 'nobody'",
        "UPDATE alembic_version SET version_num = '9999'",
        "ALTER TABLE areas ADD COLUMN x int",
        "CREATE TABLE mine (id int)",
        "DROP TABLE areas",
        "TRUNCATE areas",
        "ALTER TABLE journal_postings DISABLE TRIGGER ALL",
        "CREATE TEMP TABLE areas (id int)",
        "SELECT setval('areas_id_seq', 1)",
    ],
)
def test_a_tenants_own_role_may_not_do_what_the_law_or_the_owner_keeps(
    pair: tuple[TenantRef, TenantRef], narrow: Engine, statement: str
) -> None:
    with bound(pair[0], SYSTEM), narrow.connect() as connection:
        with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
            connection.execute(text(statement))


def test_the_binding_and_the_limits_travel_with_begin(
    pair: tuple[TenantRef, TenantRef], narrow: Engine
) -> None:
    with bound(pair[0], SYSTEM), narrow.connect() as connection:
        path, role, login, wait, run = connection.execute(
            text(
                "SELECT current_setting('search_path'), current_user, session_user, "
                "current_setting('lock_timeout'), current_setting('statement_timeout')"
            )
        ).one()
    assert path == f"{pair[0].schema}, pg_temp" and role == pair[0].role and login != role
    assert (wait, run) == ("5s", "30s")


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_nothing_of_the_binding_is_left_after_the_transaction(
    pair: tuple[TenantRef, TenantRef], narrow: Engine, end: str
) -> None:
    with bound(pair[0], SYSTEM), narrow.connect() as connection:
        connection.execute(NAMES)
        getattr(connection, end)()
        driver = connection.connection.driver_connection
        assert driver.execute("SELECT current_setting('search_path'), current_user = session_user").fetchone() == (
            '""', True,
        )  # fmt: skip
        with pytest.raises(psycopg.errors.UndefinedTable):
            driver.execute("SELECT * FROM areas")


def test_switching_tenants_inside_a_unit_of_work_is_refused(
    pair: tuple[TenantRef, TenantRef], context: None
) -> None:
    with bound(pair[0], SYSTEM), unit_of_work():
        db.session.execute(NAMES)
        with bound(pair[1], SYSTEM), pytest.raises(TenantSwitched):
            db.session.execute(NAMES)
        assert list(db.session.execute(NAMES).scalars()) == marker(pair[0])
    with bound(pair[1], SYSTEM), unit_of_work():
        assert list(db.session.execute(NAMES).scalars()) == marker(pair[1])


def test_a_unit_of_work_that_has_done_nothing_yet_belongs_to_its_tenant_all_the_same(
    pair: tuple[TenantRef, TenantRef], context: None
) -> None:
    with bound(pair[0], SYSTEM), unit_of_work():
        with bound(pair[1], SYSTEM), pytest.raises(TenantSwitched):
            db.session.execute(NAMES)


def test_a_unit_of_work_needs_a_tenant(context: None) -> None:
    with pytest.raises(TenantNotBound), unit_of_work():
        pass


def test_an_open_transaction_of_one_tenant_is_not_the_next_ones(
    pair: tuple[TenantRef, TenantRef], context: None
) -> None:
    for ref in pair:
        with bound(ref, SYSTEM):
            assert list(db.session.execute(NAMES).scalars()) == marker(ref)
    with bound(pair[0], SYSTEM), pytest.raises(ZeroDivisionError), db.session.begin_nested():
        raise ZeroDivisionError
    with bound(pair[1], SYSTEM):
        assert list(db.session.execute(NAMES).scalars()) == marker(pair[1])


def test_a_session_kept_in_hand_does_not_work_for_another_tenant(
    pair: tuple[TenantRef, TenantRef], context: None
) -> None:
    with bound(pair[0], SYSTEM):
        kept = db.session()
    unbound = db.session()
    with bound(pair[1], SYSTEM):
        for session in (kept, unbound):
            with pytest.raises(TenantSwitched):
                session.execute(NAMES)


def test_a_row_that_waits_to_be_written_is_not_written_for_another_tenant(
    pair: tuple[TenantRef, TenantRef], context: None
) -> None:
    with bound(pair[0], SYSTEM):
        waiting = Area(level=1, name="waits")
        db.session.add(waiting)
    with bound(pair[1], SYSTEM), unit_of_work():
        db.session.flush()
        assert list(db.session.execute(NAMES).scalars()) == marker(pair[1])
        with pytest.raises(InvalidRequestError, match="already attached"):
            db.session.add(waiting)


def test_the_end_of_the_context_gives_every_tenants_connection_back(
    pair: tuple[TenantRef, TenantRef], app: IspbillFlask, context: None
) -> None:
    used = db.engine.pool.checkedout()
    with app.app_context():
        for ref in pair:
            with bound(ref, SYSTEM):
                db.session.execute(NAMES)
        assert db.engine.pool.checkedout() == used + 2
    assert db.engine.pool.checkedout() == used


def test_an_object_of_one_tenant_is_not_filled_with_another_tenants_row(
    pair: tuple[TenantRef, TenantRef], context: None
) -> None:
    with bound(pair[0], SYSTEM), unit_of_work():
        area = db.session.get_one(Area, 1)
    with bound(pair[1], SYSTEM):
        with pytest.raises(TenantSwitched):
            _ = area.name
        assert db.session.get_one(Area, 1).name == marker(pair[1])[0]
        assert db.session.get_one(Area, 1) is not area
    with bound(pair[0], SYSTEM):
        assert area.name == marker(pair[0])[0]


def test_a_left_over_temporary_table_does_not_shadow_a_tenants(
    pair: tuple[TenantRef, TenantRef], narrow: Engine, settings: Settings
) -> None:
    with psycopg.connect(settings.admin_url, autocommit=True) as admin:
        admin.execute(f'GRANT TEMP ON DATABASE "{settings.database_name}" TO "{settings.login("app")}"')
        try:
            with bound(pair[0], SYSTEM), narrow.connect() as connection:
                driver = connection.connection.driver_connection
                driver.execute(
                    "CREATE TEMP TABLE areas (id int, name text); INSERT INTO areas VALUES (1, 'shadow')"
                )
                assert driver.execute("SELECT name FROM pg_temp.areas").fetchone() == ("shadow",)
                assert list(connection.execute(NAMES).scalars()) == marker(pair[0])
        finally:
            admin.execute(
                f'REVOKE TEMP ON DATABASE "{settings.database_name}" FROM "{settings.login("app")}"'
            )


def test_a_schema_that_does_not_exist_is_an_error_and_nobody_elses_table(
    context: None, narrow: Engine
) -> None:
    ghost = replace(open_company(), schema="t_zzzzzzzzz")
    with bound(ghost, SYSTEM), pytest.raises(ProgrammingError, match="does not exist"):
        names(narrow)


@pytest.mark.parametrize(
    "name",
    ['t_a"; DROP', "public", "platform", "t_short", "T_ABCDEFGHJ", "t_abcdefghj, public", "t_abcdefghj\n"],
)
def test_a_name_that_the_server_did_not_make_is_never_sent(
    pair: tuple[TenantRef, TenantRef], narrow: Engine, name: str
) -> None:
    for crooked in (replace(pair[0], schema=name), replace(pair[0], role=name)):
        with bound(crooked, SYSTEM), pytest.raises(ValueError, match="not the name"):
            names(narrow)


def test_one_connection_serves_many_tenants_over_rollbacks_savepoints_and_errors(
    pair: tuple[TenantRef, TenantRef], narrow: Engine
) -> None:
    dice = random.Random(7)
    for _ in range(120):
        ref = dice.choice(pair)
        with bound(ref, SYSTEM), narrow.connect() as connection:
            assert list(connection.execute(NAMES).scalars()) == marker(ref)
            match dice.randrange(4):
                case 0:
                    connection.commit()
                case 1:
                    connection.rollback()
                case 2:
                    with pytest.raises(DBAPIError):
                        connection.execute(text("SELECT 1 / 0"))
                case 3:
                    savepoint = connection.begin_nested()
                    connection.execute(text("UPDATE areas SET name = 'changed'"))
                    savepoint.rollback()
                    assert list(connection.execute(NAMES).scalars()) == marker(ref)


def test_threads_on_one_connection_each_see_their_own(
    pair: tuple[TenantRef, TenantRef], narrow: Engine
) -> None:
    wrong: list[object] = []

    def work(ref: TenantRef) -> None:
        for _ in range(50):
            with bound(ref, SYSTEM):
                seen = names(narrow)
            if seen != marker(ref):
                wrong.append(seen)

    threads = [threading.Thread(target=work, args=[ref]) for ref in pair * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_killed_backend_costs_one_error_and_the_next_transaction_is_bound_anew(
    pair: tuple[TenantRef, TenantRef], narrow: Engine, settings: Settings
) -> None:
    with bound(pair[0], SYSTEM):
        with narrow.connect() as connection, psycopg.connect(settings.admin_url, autocommit=True) as admin:
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
            with pytest.raises(OperationalError):
                connection.execute(NAMES)
    for ref in reversed(pair):
        with bound(ref, SYSTEM):
            assert names(narrow) == marker(ref)


def test_a_backend_killed_while_it_waited_in_the_pool_costs_no_error(
    pair: tuple[TenantRef, TenantRef], app: IspbillFlask, context: None, settings: Settings
) -> None:
    for ref in pair * 2:
        with app.app_context(), bound(ref, SYSTEM), unit_of_work():
            assert list(db.session.execute(NAMES).scalars()) == marker(ref)
            with bound(ref, SYSTEM), db.engine.connect() as another:
                assert list(another.execute(NAMES).scalars()) == marker(ref)
        with psycopg.connect(settings.admin_url, autocommit=True) as admin:
            killed = admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s",
                (settings.login("app"),),
            ).fetchall()
        assert killed


def test_a_server_that_is_gone_is_an_error_that_pages_know(pair: tuple[TenantRef, TenantRef]) -> None:
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:9/none", **scope.engine_options())
    scope.fence(engine)
    with bound(pair[0], SYSTEM), pytest.raises(OperationalError):
        names(engine)


def test_connections_are_renewed_after_they_have_touched_enough_schemas(
    pair: tuple[TenantRef, TenantRef], narrow: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope, "SCHEMAS_PER_CONNECTION", 2)
    backends = []
    for ref in (pair[0], pair[0], pair[1], pair[0]):
        with bound(ref, SYSTEM), narrow.connect() as connection:
            backends.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
    assert backends[0] == backends[1] == backends[2] != backends[3]


def test_nothing_is_prepared_on_the_server(pair: tuple[TenantRef, TenantRef], narrow: Engine) -> None:
    with bound(pair[0], SYSTEM), narrow.connect() as connection:
        for _ in range(12):
            connection.execute(select(Area).where(Area.id == 1))
        assert connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one() == 0


def test_the_binding_costs_no_message_of_its_own(
    pair: tuple[TenantRef, TenantRef], narrow: Engine, tmp_path: Path
) -> None:
    with bound(pair[0], SYSTEM):
        names(narrow)
        with narrow.connect() as connection, (tmp_path / "trace").open("w+") as trace:
            pgconn = connection.connection.driver_connection.pgconn
            pgconn.trace(trace.fileno())
            connection.execute(NAMES)
            connection.rollback()
            pgconn.untrace()
            trace.seek(0)
            messages = trace.read()
    assert messages.count("ReadyForQuery") == 3, messages


def test_a_role_that_is_gone_is_an_error_of_the_database(
    pair: tuple[TenantRef, TenantRef], narrow: Engine
) -> None:
    with (
        bound(replace(pair[0], role="t_zzzzzzzzz"), SYSTEM),
        pytest.raises(DBAPIError, match="does not exist"),
    ):
        names(narrow)
    with bound(pair[1], SYSTEM):
        assert names(narrow) == marker(pair[1])

"""Behind PgBouncer in transaction mode, where all clients share one connection, each tenant sees only its own.

The naive way, a search path set on the session, must leak here: or else the test proves nothing.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from ispbill.config import Settings
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.embedded.confinement import confinement_for
from ispbill.embedded.home import Home, free_port, is_free
from ispbill.embedded.process import wait_until
from ispbill.tenancy import scope
from ispbill.web.requests import IspbillFlask
from tests.make.tenants import open_company

PROGRAM = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="Debian's pgbouncer is not installed; CI installs it")
NAME = text("SELECT name FROM areas")
CONFIGURATION = """
[databases]
{database} = host={host} port={port} dbname={database} user={login} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
max_client_conn = 100
server_reset_query =
"""


@pytest.fixture(scope="module")
def pooled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application's login through a pooler that has one connection for everybody."""
    folder, listen = tmp_path_factory.mktemp("pgbouncer"), free_port()
    parts = urlsplit(settings.app_url)
    file = folder / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(
        database=settings.database_name, host=parts.hostname, port=parts.port, login=settings.login("app"),
        password=settings.password("app"), listen=listen,
    ))  # fmt: skip
    # It refuses to run as root, as PostgreSQL does.
    prefix = confinement_for(Home.at(Path(os.environ["ISPBILL_HOME"]))).prefix
    with subprocess.Popen(
        [*prefix, str(PROGRAM), str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:  # fmt: skip
        try:
            assert wait_until(lambda: not is_free(listen), seconds=15), "pgbouncer does not start"
            server = f"{settings.login('app')}@127.0.0.1:{listen}"
            yield urlunsplit(parts._replace(netloc=server))
        finally:
            process.terminate()


@pytest.fixture
def engine(pooled: str) -> Iterator[Engine]:
    """The product's engine, pointed at the pooler."""
    made = create_engine(Settings.engine_url(pooled), **scope.engine_options())
    scope.fence(made)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def pair(app: IspbillFlask) -> tuple[TenantRef, TenantRef]:
    """Two companies, each with its own marker in a row with the same key."""
    refs = open_company(), open_company()
    with psycopg.connect(app.config["ISPBILL"].owner_url, autocommit=True) as owner:
        for ref in refs:
            owner.execute(f"INSERT INTO {ref.schema}.areas (level, name) VALUES (1, '{ref.code}')")
    return refs


def test_two_tenants_interleaved_over_threads_see_only_their_own(
    engine: Engine, pair: tuple[TenantRef, TenantRef]
) -> None:
    wrong: list[object] = []
    done: list[int] = []

    def work(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(60):
            ref = dice.choice(pair)
            with bound(ref, SYSTEM):
                try:
                    wrong.extend(name for name in transact(engine, dice.randrange(4)) if name != ref.code)
                except DBAPIError as error:
                    wrong.append(error)
            done.append(1)

    threads = [threading.Thread(target=work, args=[seed]) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and len(done) == 360


def transact(engine: Engine, way: int) -> list[str]:
    """One transaction that ends in one of four ways; returns the markers it saw."""
    with engine.connect() as connection:
        seen = list(connection.execute(NAME).scalars())
        if way == 1:
            connection.rollback()
        elif way == 2:
            with pytest.raises(DBAPIError, match="division by zero"):
                connection.execute(text("SELECT 1 / 0"))
        elif way == 3:
            savepoint = connection.begin_nested()
            connection.execute(text("UPDATE areas SET name = 'changed and taken back'"))
            savepoint.rollback()
            seen += connection.execute(NAME).scalars()
        else:
            connection.commit()
    return seen


def test_a_client_that_forgot_the_fence_sees_nothing(
    pooled: str, engine: Engine, pair: tuple[TenantRef, TenantRef]
) -> None:
    with bound(pair[0], SYSTEM):
        transact(engine, 0)
    with psycopg.connect(pooled, autocommit=True) as raw, pytest.raises(psycopg.errors.UndefinedTable):
        raw.execute("SELECT name FROM areas")


def test_a_session_left_inside_a_tenant_by_another_program_does_not_reach_into_ours(
    pooled: str, engine: Engine, pair: tuple[TenantRef, TenantRef]
) -> None:
    with psycopg.connect(pooled, autocommit=True) as careless:
        careless.execute(f"SET search_path = {pair[0].schema}; SET ROLE {pair[0].role}")
        with bound(pair[1], SYSTEM):
            assert transact(engine, 0) == [pair[1].code]
        careless.execute("RESET ROLE; RESET search_path")


def test_the_naive_way_leaks_here(pooled: str, pair: tuple[TenantRef, TenantRef]) -> None:
    with psycopg.connect(pooled, autocommit=True) as one, psycopg.connect(pooled, autocommit=True) as other:
        for client, ref in ((one, pair[0]), (other, pair[1])):
            client.execute(f"SET search_path = {ref.schema}; SET ROLE {ref.role}")
        assert one.execute("SELECT name FROM areas").fetchone() == (pair[1].code,)
        one.execute("RESET ROLE; RESET search_path")

"""Both servers as the command line uses them. Everything here talks to real servers."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from ispbill.embedded import services
from ispbill.embedded.home import EmbeddedError
from ispbill.embedded.process import command_of


def ask(url: str, query: str) -> object:
    """The first value of a query's answer."""
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def pid_of(home: Path, name: str) -> int:
    """The process id of a server that must run."""
    (pid,) = (state.pid for state in services.status(home) if state.name == name)
    assert pid is not None
    return pid


def test_both_servers_start_and_a_second_start_is_quick_and_the_same(shared: Path) -> None:
    first = services.ensure(shared)
    before = time.monotonic()
    assert services.ensure(shared) == first
    assert time.monotonic() - before < 0.5
    assert ask(first.database_url, "select current_database()") == "ispbill"
    assert redis.Redis.from_url(first.redis_url).ping()


def test_the_settings_are_those_that_many_schemas_need(shared: Path) -> None:
    url = services.ensure(shared).database_url
    wanted = {
        "max_connections": "200",
        "max_locks_per_transaction": "1024",
        "random_page_cost": "1.1",
        "max_wal_size": "4GB",
        "autovacuum_naptime": "5min",
        "server_encoding": "UTF8",
        "password_encryption": "scram-sha-256",
        "listen_addresses": "127.0.0.1",
        "fsync": "on",
    }
    assert {name: ask(url, f"select current_setting('{name}')") for name in wanted} == wanted
    assert ask(url, "select datcollate from pg_database where datname = 'ispbill'") == "C.UTF-8"
    buffers = ask(url, "select setting::bigint * 8192 / 2^20 from pg_settings where name = 'shared_buffers'")
    assert isinstance(buffers, float) and 128 <= buffers <= 4096, "more than a small machine has, or PostgreSQL's least"


def test_the_extensions_for_search_are_there(shared: Path) -> None:
    url = services.ensure(shared).database_url
    for name in ("citext", "pg_trgm", "btree_gist", "btree_gin", "unaccent", "pg_stat_statements"):
        assert ask(url, f"select count(*) from pg_available_extensions where name = '{name}'") == 1, name


def test_two_homes_run_side_by_side(new_home: Callable[[str], Path]) -> None:
    one, two = (services.ensure(new_home(name), fast=True) for name in ("one", "two"))
    assert len({one.database_url, one.redis_url, two.database_url, two.redis_url}) == 4
    with psycopg.connect(one.database_url) as connection:
        connection.execute("create table only_here ()")
    redis.Redis.from_url(one.redis_url).set("only", "here")
    assert ask(two.database_url, "select to_regclass('only_here')::text") is None
    assert redis.Redis.from_url(two.redis_url).get("only") is None


def test_many_starts_at_once_give_one_server_though_the_first_was_cut_off(home: Path) -> None:
    half_made = home / "postgres.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: services.ensure(home, fast=True), range(4)))
    assert len(set(answers)) == 1
    assert not half_made.exists()


def test_after_kill_9_the_next_start_has_every_row_and_every_key(home: Path) -> None:
    urls = services.ensure(home)
    with psycopg.connect(urls.database_url) as connection:
        connection.execute("create table kept as select generate_series(1, 1000) as id")
    # An open connection keeps a child of the dead server alive for a moment: the start must wait for it.
    left_over = psycopg.connect(urls.database_url)
    redis.Redis.from_url(urls.redis_url).set("kept", "yes")
    for name in ("PostgreSQL", "Valkey"):
        os.kill(pid_of(home, name), signal.SIGKILL)
    again = services.ensure(home)
    left_over.close()
    assert again == urls
    assert ask(again.database_url, "select count(*) from kept") == 1000
    assert redis.Redis.from_url(again.redis_url).get("kept") == b"yes"


def test_stop_stops_both_though_connections_are_open_and_status_says_so(home: Path) -> None:
    urls = services.ensure(home, fast=True)
    pids = [state.pid for state in services.status(home)]
    assert all(state.running and state.port and state.since for state in services.status(home))
    with psycopg.connect(urls.database_url) as connection:
        assert services.stop(home)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    assert not any(state.running for state in services.status(home))
    assert not any(command_of(pid) for pid in pids if pid)
    assert not services.stop(home)


def test_the_servers_outlive_the_process_that_started_them(home: Path) -> None:
    code = "import sys; from ispbill.embedded import services; services.ensure(sys.argv[1])"
    root = Path(services.__file__).parents[2]
    command = [sys.executable, "-c", code, str(home)]
    # Reading the output to its end proves that no server holds the pipe.
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=30)
    assert all(state.running for state in services.status(home))


def test_running_stops_only_what_it_started(home: Path) -> None:
    with services.running(home, fast=True) as outer:
        with services.running(home, fast=True) as inner:
            assert inner == outer
        assert all(state.running for state in services.status(home))
    assert not any(state.running for state in services.status(home))


def test_a_server_without_durability_is_not_given_to_one_who_wants_it(home: Path) -> None:
    services.ensure(home, fast=True)
    with pytest.raises(EmbeddedError, match="without durability"):
        services.ensure(home)
    services.stop(home)
    assert ask(services.ensure(home).database_url, "select current_setting('fsync')") == "on"


def test_the_passwords_are_asked_for_and_read_by_nobody_else(shared: Path) -> None:
    urls = services.ensure(shared)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(urls.database_url.replace("postgres:", "postgres:no"))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(urls.redis_url.replace("//:", "//:no")).ping()
    for name in ("postgres_password", "valkey_password"):
        assert stat.S_IMODE((shared / "secrets" / name).stat().st_mode) == 0o600
        secret = (shared / "secrets" / name).read_text()
        assert not any(secret in command_of(state.pid or 0) for state in services.status(shared))


def test_named_servers_are_used_and_none_is_started(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISPBILL_DATABASE_URL", "postgresql://somewhere/else")
    monkeypatch.setenv("ISPBILL_REDIS_URL", "redis://somewhere/0")
    urls = services.ensure(home)
    assert (urls.database_url, urls.redis_url) == ("postgresql://somewhere/else", "redis://somewhere/0")
    assert not any(state.running for state in services.status(home))

"""Real PostgreSQL and Valkey for every test; a database for each parallel worker, a fresh tenant for each test.

The controller starts the servers before the workers and stops them at the end. Data is built through the verbs.
"""
from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from ispbill.app import create_app
from ispbill.config import Settings, load
from ispbill.core.current import SYSTEM, TenantRef, at, bound
from ispbill.embedded import services
from ispbill.tenancy import installing
from ispbill.web.requests import IspbillFlask
from tests.make import recycling

_HOME = pytest.StashKey[Path]()
NOON_IN_MANILA = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the controller; workers inherit the environment."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    home = Path(tempfile.mkdtemp(prefix="ispbill-test-"))
    config.stash[_HOME] = home
    urls = services.ensure(home, fast=True)
    os.environ.update(
        ISPBILL_HOME=str(home), ISPBILL_TEST_SERVER=urls.database_url, ISPBILL_TEST_REDIS=urls.redis_url,
        ISPBILL_SECRET_KEY="a key for tests only, not a secret", ISPBILL_TESTING="1",
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers and remove their data, hundreds of thousands of small files: nobody waits for that."""
    home = config.stash.get(_HOME, None)
    if home is not None:
        services.stop(home)
        subprocess.Popen(["rm", "-rf", str(home)], start_new_session=True)


@pytest.fixture(scope="session")
def settings(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings over a database of this worker's own, installed and dropped afterwards."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    name = f"test_{worker}_{os.getpid()}"
    server = os.environ["ISPBILL_TEST_SERVER"]
    number = 1 + int(worker.removeprefix("gw")) if worker != "main" else 0
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    environment = {
        **os.environ, "ISPBILL_DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}")),
        "ISPBILL_REDIS_URL": f"{os.environ['ISPBILL_TEST_REDIS'].rstrip('/')}/{number}", "ISPBILL_DOMAIN": "isp.test",
    }
    made = load(environment)
    installing.prepare_database(made)
    yield made
    if "ISPBILL_DATABASE_URL" not in os.environ:
        return  # the whole server goes with its folder
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[IspbillFlask]:
    """The application, as in production."""
    application = create_app(settings)
    with application.app_context():
        yield application


@pytest.fixture
def context(app: IspbillFlask) -> Iterator[None]:
    """An application context of this test's own, so that its session ends with it; it is noon in Manila."""
    with app.app_context(), at(NOON_IN_MANILA):
        yield


@pytest.fixture
def tenant(context: None, settings: Settings) -> Iterator[TenantRef]:
    """A fresh Philippine company (PHP, Asia/Manila), bound, with the system acting."""
    ref = recycling.company(settings, currency="PHP", timezone="Asia/Manila")
    with bound(ref, SYSTEM):
        yield ref


@pytest.fixture
def other_tenant(context: None, settings: Settings) -> TenantRef:
    """A second company (USD, America/New_York), not bound."""
    return recycling.company(settings, currency="USD", timezone="America/New_York")

"""The whole PostgreSQL server goes away and comes back in the middle of a run: the next attempt completes it."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ispbill.config import PROJECT_ROOT, Settings
from ispbill.embedded.home import Home
from ispbill.embedded.postgres import Postgres

pytestmark = pytest.mark.chaos
DRIVER = Path(__file__).with_name("restart_driver.py")


def test_the_server_restarted_in_mid_run_loses_and_doubles_nothing(settings: Settings, tmp_path: Path) -> None:
    server = Postgres(Home.at(tmp_path))
    url = server.ensure(fast=True)
    environment = os.environ | {
        "ISPBILL_DATABASE_URL": url, "ISPBILL_REDIS_URL": settings.redis_url, "PYTHONPATH": str(PROJECT_ROOT),
    }
    try:
        with subprocess.Popen([sys.executable, str(DRIVER)], env=environment, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            for _ in range(4):
                assert run.stdout.readline() == "chunk\n"
            server.stop()
            server.ensure(fast=True)
            *_, result = run.stdout
        broken, count = int(result.split()[1]), result.split(" ", 2)[2]
        assert broken >= 1 and count == "invoices 60 findings\n"
    finally:
        server.erase()

"""`ispbill demo` as a process: from an empty home to two sites, refused twice, stopped without a trace, quick again."""
from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ispbill.embedded import services
from ispbill.embedded.home import free_port

DEMO = [sys.executable, "-c", "from ispbill.cli import main; main()", "demo"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home of its own, whose servers are gone in the end whatever happens."""
    yield tmp_path / "home"
    services.stop(tmp_path / "home")


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ISPBILL_")}
    return {**kept, "ISPBILL_HOME": str(home), "PYTHONUNBUFFERED": "1"}


def _refused(home: Path, *arguments: str) -> str:
    """The one line with which a start is refused."""
    done = subprocess.run([*DEMO, *arguments], env=_environment(home), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def _start(home: Path, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """A demo that has said that it is ready, and what it has said."""
    process = subprocess.Popen([*DEMO, *arguments], env=_environment(home), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Stop with Ctrl-C" in line:
            return process, said
    raise AssertionError(f"the demo ended with {process.wait()}: {said}")


def _stop(process: subprocess.Popen[str], number: signal.Signals) -> float:
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(timeout=30) == 130
    return time.monotonic() - began


def _get(port: int, host: str, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def _left_behind(home: Path) -> list[str]:
    """The command lines of processes that know this home, by their arguments or their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, surroundings = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in command + surroundings:
            found.append(command.replace(b"\0", b" ").decode())
    return found


@pytest.mark.slow
def test_two_sites_from_an_empty_home_stopped_and_started_again(home: Path) -> None:
    port = free_port()
    process, said = _start(home, "--months", "1", "--port", str(port))
    assert f"http://bayanihan.localhost:{port}" in said and f"http://prairie.localhost:{port}" in said
    assert "owner@bayanihan.example" in said and "Report Viewer" in said
    password = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", said)
    assert password is not None and password[0] == (home / "secrets" / "demo_password").read_text()

    for host, name in (("bayanihan.localhost", "Bayanihan Fibre"), ("prairie.localhost", "Prairie Broadband")):
        status, page = _get(port, host, "/login")
        assert status == 200 and name in page
    assert _get(port, "nobody.localhost", "/")[0] == 404

    assert "running already" in _refused(home)
    other = home.with_name("other")
    assert f"Port {port} is taken" in _refused(other, "--port", str(port))
    assert _stop(process, signal.SIGINT) < 15
    assert _left_behind(home) == []

    process, again = _start(home, "--port", str(port))
    assert "days" not in again and password[0] in again, "nothing is played a second time"
    assert _stop(process, signal.SIGTERM) < 15
    assert _left_behind(home) == []
    assert "--fresh" in _refused(home, "--months", "3")


def test_a_file_that_is_not_there_is_one_sentence(home: Path) -> None:
    assert "cannot be read" in _refused(home, "--customers", str(home / "nobody.csv"))
    assert _left_behind(home) == []


def test_fresh_leaves_a_database_of_somebody_else_alone(home: Path) -> None:
    environment = {**_environment(home), "ISPBILL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    done = subprocess.run([*DEMO, "--fresh"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "--fresh deletes the embedded servers only" in done.stderr

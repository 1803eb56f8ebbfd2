"""The real processes: they start from the environment alone, serve, and end when asked."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ispbill.config import Settings
from ispbill.core.current import TenantRef
from ispbill.embedded.home import free_port
from ispbill.embedded.process import wait_until

ISPBILL = (sys.executable, "-c", "from ispbill.cli import main; main()")
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def environment(settings: Settings, tmp_path: Path) -> dict[str, str]:
    """What a supervisor would give a process: the servers' addresses and the key."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ISPBILL_")}
    return kept | {
        "ISPBILL_HOME": str(tmp_path / "home"), "ISPBILL_DATABASE_URL": settings.admin_url,
        "ISPBILL_REDIS_URL": settings.redis_url, "ISPBILL_SECRET_KEY": settings.secret_key,
        "ISPBILL_DOMAIN": settings.domain,
    }  # fmt: skip


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Starts processes; whatever still runs at the end of the test is killed."""
    running: list[subprocess.Popen[str]] = []

    def begin(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*ISPBILL, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def get(port: int, path: str, host: str, **headers: str) -> http.client.HTTPResponse | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host, **headers})
        response = connection.getresponse()
        response.body = response.read()  # type: ignore[attr-defined]
        return response
    except OSError:
        return None
    finally:
        connection.close()


def answers(port: int) -> bool:
    response = get(port, "/healthz", "isp.test")
    return response is not None and response.status == 200


def test_the_web_server_serves_tenants_and_files_and_ends_when_asked(start: Start, tenant: TenantRef) -> None:
    port = free_port()
    server = start("web", "--port", str(port), "--workers", "1")
    assert (
        wait_until(lambda: answers(port) or server.poll() is not None, seconds=60) and server.poll() is None
    )
    page = get(port, "/login", f"{tenant.subdomain}.isp.test")
    assert page is not None and page.status == 200 and tenant.name.encode() in page.body  # type: ignore[attr-defined]
    logo = get(port, "/static/logo.svg", "isp.test")
    assert logo is not None and logo.status == 200 and logo.headers["Content-Type"].startswith("image/svg")
    assert "max-age" in logo.headers["Cache-Control"] and logo.headers["X-Content-Type-Options"] == "nosniff"
    outside = get(port, "/static/../../config.py", "isp.test")
    assert outside is not None and outside.status == 404
    way = get(port, f"/?company={tenant.subdomain}", f"isp.test:{port}")
    assert way is not None and way.headers["Location"] == f"http://{tenant.subdomain}.isp.test:{port}"
    unknown = get(port, "/login", "nobody.isp.test", **{"X-Forwarded-Host": f"{tenant.subdomain}.isp.test"})
    assert unknown is not None and unknown.status == 404
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=40) == 0


def test_a_taken_port_is_one_sentence(start: Start, environment: dict[str, str]) -> None:
    port = free_port()
    holder = subprocess.Popen(
        [sys.executable, "-c", "import socket,sys,time; s=socket.create_server(('127.0.0.1', int(sys.argv[1]))); "
         "print('held', flush=True); time.sleep(60)", str(port)], stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        output, _ = start("web", "--port", str(port)).communicate(timeout=60)
    finally:
        holder.kill()
        holder.communicate()
    assert output == f"ispbill: Port {port} is taken; choose another with --port.\n"


def test_the_worker_does_what_is_queued_and_ends(start: Start) -> None:
    worker = start("worker", "--burst")
    output, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0, output


def test_the_scheduler_runs_until_it_is_told_to_end(start: Start) -> None:
    scheduler = start("scheduler")
    with pytest.raises(subprocess.TimeoutExpired):
        scheduler.wait(timeout=5)
    scheduler.send_signal(signal.SIGTERM)
    scheduler.wait(timeout=20)


def test_help_starts_nothing_and_makes_no_folder(start: Start, environment: dict[str, str]) -> None:
    for name in ("ISPBILL_DATABASE_URL", "ISPBILL_REDIS_URL"):
        del environment[name]
    for words in (
        [],
        ["--help"],
        ["tenant", "--help"],
        ["tenant", "create", "--help"],
        ["billing", "run", "--help"],
    ):
        output, _ = start(*words).communicate(timeout=60)
        assert "Usage: ispbill" in output
    assert not Path(environment["ISPBILL_HOME"]).exists()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ISPBILL_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:9/none", "A server does not answer"),
        ("ISPBILL_REDIS_URL", "redis://127.0.0.1:9/0", "redis: ConnectionError"),
        ("ISPBILL_PORT", "many", "ISPBILL_PORT must be a whole number"),
        ("ISPBILL_SCHEME", "gopher", "ISPBILL_SCHEME must be one of"),
    ],
)
def test_surroundings_that_do_not_work_are_named_without_a_traceback(
    start: Start, environment: dict[str, str], variable: str, value: str, said: str
) -> None:
    environment[variable] = value
    process = start("health")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and said in output and "Traceback" not in output


def test_every_route_is_listed_with_who_may_call_it(start: Start) -> None:
    output, _ = start("routes").communicate(timeout=60)
    lines = {line.split()[0]: line for line in output.splitlines() if line.startswith("/")}
    assert (
        "anywhere" in lines["/healthz"] and "public" in lines["/login"] and "signed_in" in lines["/profile"]
    )

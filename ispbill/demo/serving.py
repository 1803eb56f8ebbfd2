"""Web server, worker and scheduler as children of the demo, until somebody stops it. None of them outlives it.

Rule: a child that does not end when asked is killed; its log says what it had to say.
"""
from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ispbill.core.errors import Conflict
from ispbill.embedded.home import is_free
from ispbill.embedded.process import tail, wait_until

FIRST_PORT, LAST_PORT = 8000, 8099
_READY_SECONDS, _ASK_SECONDS, _KILL_SECONDS = 60, 3, 3
_PARENT_DEATH_SIGNAL = 1


@dataclass(frozen=True, slots=True)
class Child:
    """A running server of the demo."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self.process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Tell the child and what it has started, unless all of it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def choose_port(wanted: int | None) -> int:
    """The port asked for, else the first free one. Raises Conflict where it is taken."""
    if wanted is not None:
        if not is_free(wanted):
            raise Conflict(f"Port {wanted} is taken; choose another with --port, or leave it out.")
        return wanted
    for port in range(FIRST_PORT, LAST_PORT + 1):
        if is_free(port):
            return port
    raise Conflict(f"Every port from {FIRST_PORT} to {LAST_PORT} is taken; choose one with --port.")


@contextlib.contextmanager
def serving(port: int, *, environment: Mapping[str, str], logs: Path) -> Iterator[list[Child]]:
    """The three servers for the length of the block, entered as soon as the web server answers.

    Raises Conflict with the end of its log where one of them does not start.
    """
    children: list[Child] = []
    try:
        children.append(_start("web", ["--port", str(port)], environment, logs))
        # On a small machine three processes that begin at once keep the first page waiting.
        _wait_until_ready(children, port)
        for name in ("worker", "scheduler"):
            children.append(_start(name, [], environment, logs))
        yield children
    finally:
        stop(children)


def watch(children: Sequence[Child]) -> None:
    """Stay until one of the children ends by itself, which is a fault. Raises Conflict then."""
    while True:
        _refuse_ended(children)
        time.sleep(0.3)


def stop(children: Sequence[Child]) -> None:
    """End the children: asked, asked again (a worker then drops its job, which is done later), killed."""
    for number, patience in (
        (signal.SIGTERM, _ASK_SECONDS), (signal.SIGTERM, _ASK_SECONDS), (signal.SIGKILL, _KILL_SECONDS)
    ):
        for child in children:
            child.signal(number)
        if wait_until(lambda: all(child.has_ended for child in children), seconds=patience):
            return


def _start(name: str, arguments: Sequence[str], environment: Mapping[str, str], logs: Path) -> Child:
    log = logs / f"demo-{name}.log"
    command = [str(Path(sys.executable).with_name("ispbill")), name, *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            # A group of its own: Ctrl-C reaches the demo only, which then ends its children in order.
            start_new_session=True, preexec_fn=_end_with_parent,
        )
    return Child(name, process, log)


def _end_with_parent() -> None:
    """On Linux a child is told when the demo dies without a word (prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _wait_until_ready(children: Sequence[Child], port: int) -> None:
    def ready() -> bool:
        _refuse_ended(children)
        return _answers(port)

    if not wait_until(ready, seconds=_READY_SECONDS):
        raise Conflict(f"The web server does not answer. Its log ends: {tail(children[0].log)}")


def _refuse_ended(children: Sequence[Child]) -> None:
    for child in children:
        if child.has_ended:
            raise Conflict(f"The {child.name} process has ended. Its log ends: {tail(child.log)}")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()

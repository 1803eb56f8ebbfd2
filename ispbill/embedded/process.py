"""Daemons by process id: are they ours, since when do they run, end them.

Rule: a process is signalled only when its command line names our own file, for process ids are used again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ispbill.embedded.home import EmbeddedError

STEP_SECONDS = 0.03


@dataclass(frozen=True)
class ServerStatus:
    """What a person wants to know of one server; pid, port and since are None when it does not run."""

    name: str
    running: bool
    folder: Path
    pid: int | None = None
    port: int | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Daemon:
    """A background process known by its pid file and by a word of its command line that only it has."""

    name: str
    pid_file: Path
    mark: str

    def pid(self) -> int | None:
        """The process id when the daemon runs, else None, whatever a left-over pid file says."""
        try:
            number = int(self.pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return number if number > 0 and self._is(number) else None

    def status(self, *, folder: Path, port: int | None) -> ServerStatus:
        """The daemon's state now; `since` is in UTC."""
        pid = self.pid()
        if pid is None:
            return ServerStatus(name=self.name, running=False, folder=folder)
        since = datetime.fromtimestamp(int(self.pid_file.stat().st_mtime), tz=UTC)
        return ServerStatus(name=self.name, running=True, folder=folder, pid=pid, port=port, since=since)

    def stop(self, signals: Sequence[signal.Signals], *, patience_seconds: float) -> bool:
        """Send the signals one after the other until it is gone; False when it did not run at all."""
        if (pid := self.pid()) is None:
            return False
        for number in signals:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            # Not by the pid file: Valkey takes that away a moment before it ends.
            if wait_until(lambda: not self._is(pid), seconds=patience_seconds):
                return True
        raise EmbeddedError(f"The embedded {self.name} (process {pid}) does not stop.")

    def _is(self, pid: int) -> bool:
        return f" {self.mark} " in f" {command_of(pid)} "


def command_of(pid: int) -> str:
    """The command line of a process, words separated by one space; empty when it is gone or a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return ""
        return words.replace(b"\0", b" ").decode(errors="replace").strip()
    command = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def wait_until(happened: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until `happened()` or the time is over; whether it happened."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP_SECONDS)
    return True


def tail(file: Path, *, lines: int = 4) -> str:
    """The last lines of a log on one line, for an error message."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return " | ".join(text.strip().splitlines()[-lines:])

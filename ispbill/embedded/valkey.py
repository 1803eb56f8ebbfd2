"""The embedded Valkey of one home: start it, stop it, say how it is.

Rule: its password stands in a file that only its owner reads, never on a command line; every start and stop
holds the home's `valkey` lock.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ispbill.embedded.binaries import valkey_program
from ispbill.embedded.home import EmbeddedError, Home, kept_port, port_in, write_private
from ispbill.embedded.process import Daemon, ServerStatus, tail, wait_until

SECRET = "valkey_password"
START_SECONDS = 15.0
LOADING_SECONDS = 60.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Valkey:
    """The Valkey server that belongs to `home`."""

    home: Home

    @property
    def data(self) -> Path:
        """The folder of its append-only file."""
        return self.home.path / "valkey"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.home.logs / "valkey.log"

    @property
    def daemon(self) -> Daemon:
        """The server process."""
        return Daemon(name="Valkey", pid_file=self.data / "valkey.pid", mark=str(self._settings_file))

    def ensure(self) -> str:
        """Start the server unless it runs; returns its URL. Raises EmbeddedError when it does not start."""
        with self.home.lock("valkey"):
            self.data.mkdir(mode=0o700, exist_ok=True)
            if self.daemon.pid() is None:
                self._start()
            elif not self._wait_for_answer(seconds=LOADING_SECONDS):
                raise EmbeddedError(f"Valkey runs but does not answer: {tail(self.log)}")
        return self.url()

    def url(self) -> str:
        """The URL with the password in it."""
        return f"redis://:{self.home.secret(SECRET)}@127.0.0.1:{port_in(self._port_file)}/0"

    def stop(self) -> bool:
        """Stop the server after it has written what it holds; False when it did not run."""
        with self.home.lock("valkey"):
            return self.daemon.stop((signal.SIGTERM, signal.SIGKILL), patience_seconds=STOP_SECONDS)

    def status(self) -> ServerStatus:
        """Whether it runs, on which port, since when."""
        return self.daemon.status(folder=self.data, port=port_in(self._port_file))

    def erase(self) -> None:
        """Stop the server and delete its data for ever."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    @property
    def _port_file(self) -> Path:
        return self.data / "ispbill.port"

    @property
    def _settings_file(self) -> Path:
        return self.data / "valkey.conf"

    def _start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._started():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Valkey does not start: {tail(self.log)}")
            time.sleep(0.2)

    def _started(self) -> bool:
        write_private(self._settings_file, self._settings(port=kept_port(self._port_file)))
        # It puts itself in the background, and so outlives the process that starts it.
        command = [str(valkey_program()), str(self._settings_file)]
        quiet = subprocess.DEVNULL
        if subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, check=False).returncode != 0:
            return False
        wait_until(lambda: self.daemon.pid() is not None, seconds=1.0)
        return self._wait_for_answer(seconds=LOADING_SECONDS)

    def _settings(self, *, port: int) -> str:
        settings = {
            "bind": "127.0.0.1",
            "port": port,
            "requirepass": self.home.secret(SECRET),
            "dir": self.data,
            "logfile": self.log,
            "pidfile": self.daemon.pid_file,
            "daemonize": "yes",
            # So that the process keeps its command line, by which it is told from any other.
            "set-proc-title": "no",
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        return "".join(f"{name} {_quoted(value)}\n" for name, value in settings.items())

    def _wait_for_answer(self, *, seconds: float) -> bool:
        wait_until(lambda: self._answers() or self.daemon.pid() is None, seconds=seconds)
        return self._answers()

    def _answers(self) -> bool:
        port = port_in(self._port_file)
        if port is None:
            return False
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.home.secret(SECRET)}\r\nPING\r\nQUIT\r\n".encode())
                return b"+PONG" in b"".join(iter(lambda: connection.recv(4096), b""))
        except OSError:
            return False


def _quoted(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'

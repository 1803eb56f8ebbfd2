"""The home folder: where embedded data, logs, secrets, locks and kept ports live.

Rule: whatever is made here may be made by two processes at once, and secrets are never readable by others.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Below Linux's ephemeral range (32768 and up), so that no outgoing connection takes a kept port.
PORTS = range(20_000, 32_000)
PORT_TRIES = 200
PORT_PATIENCE_SECONDS = 1.0


class EmbeddedError(RuntimeError):
    """An embedded server cannot do what was asked; the message is one sentence for the user."""


@dataclass(frozen=True)
class Home:
    """One installation's folder; two homes never share a file, a port or a server."""

    path: Path

    @classmethod
    def at(cls, path: Path | str) -> Home:
        """The home at `path`, made where missing; raises EmbeddedError when this user cannot use it."""
        home = cls(Path(path).expanduser().resolve())
        try:
            for folder in (home.path, home.logs):
                folder.mkdir(parents=True, exist_ok=True)
            home.secrets.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(f"The folder {home.path} cannot be made: {error.strerror}.") from error
        home._refuse_strangers()
        return home

    def _refuse_strangers(self) -> None:
        if self.path.stat().st_uid != os.geteuid():
            raise EmbeddedError(f"The folder {self.path} is another user's; set ISPBILL_HOME to your own.")

    @property
    def logs(self) -> Path:
        """The folder of log files."""
        return self.path / "logs"

    @property
    def secrets(self) -> Path:
        """The folder of secrets (0700), one file (0600) each."""
        return self.path / "secrets"

    def secret(self, name: str) -> str:
        """The secret called `name`: read, or made once from the system's random source."""
        file = self.secrets / name
        if not file.exists():
            write_once(file, secrets.token_hex(32))
        return file.read_text(encoding="ascii").strip()

    def secret_key(self) -> str:
        """The application's secret key; ISPBILL_SECRET_KEY takes its place in production."""
        return self.secret("secret_key")

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock `name` of this home; waits for its holder, and is freed when that one dies."""
        with (self.path / f"{name}.lock").open("w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def write_once(file: Path, text: str) -> None:
    """Write `text` to `file` (0600) unless it exists; the first of two wins, none sees half a file."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    write_private(draft, text)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()


def write_private(file: Path, text: str) -> None:
    """Write `text` to `file`, readable by its owner only from the first byte on."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(text)


def kept_port(file: Path) -> int:
    """The port written in `file` while it is free, else a new free one, which is kept there."""
    port = port_in(file)
    if port is None or not _comes_free(port):
        port = free_port()
        file.write_text(f"{port}\n", encoding="ascii")
    return port


def _comes_free(port: int) -> bool:
    """Whether the port is free now or in a moment: a killed server's socket outlives its command line."""
    deadline = time.monotonic() + PORT_PATIENCE_SECONDS
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def port_in(file: Path) -> int | None:
    """The port kept in `file`; None when there is none or it cannot be read as one."""
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens at this moment."""
    for _ in range(PORT_TRIES):
        port = secrets.choice(PORTS)
        if is_free(port):
            return port
    raise EmbeddedError(f"No free port was found on 127.0.0.1 between {PORTS.start} and {PORTS.stop}.")


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: a connection in TIME_WAIT does not make the port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

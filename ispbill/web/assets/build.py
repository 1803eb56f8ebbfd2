"""Builds static/dist from locked packages and the sources beside this file. Every file that shapes the result
is an input of the fingerprint: a build with an unchanged fingerprint does nothing."""
from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ispbill.web.assets import icons, node
from ispbill.web.assets.node import AssetsError, Node

SCRIPTS = ("api-docs.js", "app.js", "charts.js", "map.js", "place.js", "theme.js")
STYLES = ("app.css", "map.css")
FONTS = ("inter-latin-wght-normal.woff2", "inter-latin-ext-wght-normal.woff2")
ESBUILD_OPTIONS = (
    "--bundle", "--minify", "--format=iife", "--target=es2022",
    "--legal-comments=none", "--log-level=warning",
)
PACKAGE_FILES = ("package.json", "package-lock.json", ".npmrc")


@dataclass(frozen=True, slots=True)
class Tree:
    """Where things are, below the project's root."""

    root: Path

    @property
    def sources(self) -> Path:
        """Our own styles, scripts and icon list."""
        return self.root / "ispbill" / "web" / "assets"

    @property
    def dist(self) -> Path:
        """The built files."""
        return self.root / "ispbill" / "web" / "static" / "dist"

    @property
    def packages(self) -> Path:
        """What npm installed."""
        return self.root / "node_modules"

    def package_files(self) -> list[Path]:
        """The files that decide which packages are installed."""
        return [self.root / name for name in PACKAGE_FILES]

    def inputs(self) -> list[Path]:
        """Every file that shapes the result, templates included, for Tailwind takes its classes from them."""
        found = self.sources.rglob("*")
        sources = [path for path in found if path.is_file() and "__pycache__" not in path.parts]
        templates = (self.root / "ispbill").glob("**/templates/**/*.html")
        return sorted([*self.package_files(), *sources, *templates])


def main(arguments: list[str] | None = None) -> int:
    """The command: build if anything changed, and say what was done."""
    parser = argparse.ArgumentParser(prog="python -m ispbill.web.assets.build", description=__doc__)
    parser.add_argument("--force", action="store_true", help="build even where nothing changed")
    options = parser.parse_args(arguments)
    try:
        built = build(Tree(Path(__file__).resolve().parents[3]), force=options.force)
    except (AssetsError, OSError) as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    print("assets: built" if built else "assets: fresh")
    return 0


def build(tree: Tree, *, force: bool = False) -> bool:
    """Build where an input changed; returns whether it did. Two builds at once wait for each other."""
    with _alone(tree.sources):
        wanted = fingerprint(tree.inputs(), root=tree.root)
        if not force and wanted == _built_fingerprint(tree.dist):
            return False
        _install(tree, tool := node.find())
        _build_all(tree, tool, wanted)
    return True


def fingerprint(paths: Iterable[Path], *, root: Path) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(root)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _built_fingerprint(dist: Path) -> str | None:
    try:
        return str(json.loads((dist / "manifest.json").read_text(encoding="utf-8"))["inputs"])
    except (OSError, ValueError, KeyError):
        return None


def _install(tree: Tree, tool: Node) -> None:
    stamp = tree.packages / ".ispbill-stamp"
    wanted = fingerprint(tree.package_files(), root=tree.root)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("assets: installing locked packages", flush=True)
    tool.npm("ci", "--ignore-scripts", "--loglevel=error", cwd=tree.root)
    stamp.write_text(wanted, encoding="utf-8")


def _build_all(tree: Tree, tool: Node, inputs: str) -> None:
    fresh = tree.dist.with_name(f"dist.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "fonts").mkdir(parents=True)
    try:
        _build_styles(tree, tool, fresh)
        _build_scripts(tree, tool, fresh)
        _copy_fonts(tree, fresh)
        names = icons.listed(tree.sources / "icons.txt")
        drawings = tree.packages / "lucide-static" / "icons"
        (fresh / "icons.svg").write_text(icons.sprite(names, source=drawings), encoding="utf-8")
        _write_manifest(fresh, inputs)
        _replace(tree.dist, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _build_styles(tree: Tree, tool: Node, target: Path) -> None:
    for name in STYLES:
        words: list[str | Path] = [tree.packages / ".bin" / "tailwindcss", "--minify"]
        words += ["-i", tree.sources / "css" / name, "-o", target / name]
        tool.run(words, cwd=tree.root)


def _build_scripts(tree: Tree, tool: Node, target: Path) -> None:
    entries = [tree.sources / "js" / name for name in SCRIPTS]
    words: list[str | Path] = [tree.packages / ".bin" / "esbuild", *ESBUILD_OPTIONS, *entries]
    words.append(f"--outdir={target}")
    tool.run(words, cwd=tree.root)


def _copy_fonts(tree: Tree, target: Path) -> None:
    source = tree.packages / "@fontsource-variable" / "inter" / "files"
    for name in FONTS:
        shutil.copyfile(source / name, target / "fonts" / name)


def _write_manifest(folder: Path, inputs: str) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    versions = {path.relative_to(folder).as_posix(): _version(path) for path in files}
    text = json.dumps({"inputs": inputs, "files": versions}, indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _replace(dist: Path, fresh: Path) -> None:
    worn = dist.with_name(f"dist.{os.getpid()}.old")
    if dist.exists():
        dist.rename(worn)
    fresh.rename(dist)
    shutil.rmtree(worn, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())

"""The build is decided by its inputs alone, and what fails says why."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ispbill.web.assets.build import Tree, build, fingerprint
from ispbill.web.assets.node import AssetsError, Node

PROJECT = Tree(Path(__file__).resolve().parents[3])


def _small_tree(folder: Path) -> Tree:
    template = folder / "ispbill" / "areas" / "templates" / "areas" / "index.html"
    template.parent.mkdir(parents=True)
    template.write_text("<p>", encoding="utf-8")
    source = folder / "ispbill" / "web" / "assets" / "css" / "app.css"
    source.parent.mkdir(parents=True)
    source.write_text("p {}", encoding="utf-8")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (folder / name).write_text("{}", encoding="utf-8")
    return Tree(folder)


def _mark(tree: Tree) -> str:
    return fingerprint(tree.inputs(), root=tree.root)


@pytest.mark.parametrize(
    "changed",
    ["ispbill/areas/templates/areas/index.html", "ispbill/web/assets/css/app.css", "package-lock.json"],
)
def test_a_changed_template_style_or_lock_makes_the_build_stale(tmp_path: Path, changed: str) -> None:
    tree = _small_tree(tmp_path)
    before = _mark(tree)
    (tmp_path / changed).write_text("changed", encoding="utf-8")
    assert _mark(tree) != before


def test_built_files_and_caches_are_no_inputs(tmp_path: Path) -> None:
    tree = _small_tree(tmp_path)
    before = _mark(tree)
    tree.dist.mkdir(parents=True)
    (tree.dist / "app.css").write_text("p{}", encoding="utf-8")
    cache = tree.sources / "__pycache__"
    cache.mkdir()
    (cache / "build.pyc").write_bytes(b"1")
    assert _mark(tree) == before


def test_a_second_build_does_nothing() -> None:
    build(PROJECT)
    assert build(PROJECT) is False


def test_the_lock_file_names_no_download_address() -> None:
    assert '"resolved"' not in (PROJECT.root / "package-lock.json").read_text(encoding="utf-8")


def test_a_failing_tool_is_reported_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(AssetsError, match="no such class"):
        Node(tmp_path).run([sys.executable, "-c", "raise SystemExit('no such class')"], cwd=tmp_path)

"""The code itself: layers, sizes, docstrings, one commit, one clock, no third MetaData. Goals of DESIGN §8."""
from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ispbill"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts)
TREES = {path: ast.parse(path.read_text()) for path in FILES}
LONGEST_FILE, LONGEST_FUNCTION, MOST_PARAMETERS = 400, 40, 6


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with where it stands."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def calls(path: Path) -> Iterator[ast.Call]:
    """Every call in a file."""
    return (node for node in ast.walk(TREES[path]) if isinstance(node, ast.Call))


def test_imports_go_only_downward() -> None:
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", "setup.cfg"], cwd=ROOT, capture_output=True,
        text=True, check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:]


def test_no_file_passes_400_lines() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in FILES}
    assert {str(path) for path, length in lengths.items() if length > LONGEST_FILE} == set()
    assert sorted(lengths.values())[int(len(lengths) * 0.95)] <= 250


def test_functions_are_short() -> None:
    lengths = {name: (node.end_lineno or 0) - node.lineno + 1 for name, node in functions()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
    assert sorted(lengths.values())[int(len(lengths) * 0.95)] <= 25
    assert statistics.median(lengths.values()) <= 8


def test_every_file_says_what_lives_in_it_and_every_public_thing_what_it_means() -> None:
    silent = [str(path.relative_to(ROOT)) for path, tree in TREES.items() if not ast.get_docstring(tree)]
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_") \
                    and not ast.get_docstring(node) and not _is_nested(tree, node):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert silent == []


def _is_nested(tree: ast.Module, node: ast.AST) -> bool:
    """Whether a definition stands inside a function or a private class, where nobody else can call it."""
    for outer in ast.walk(tree):
        hidden = isinstance(outer, ast.FunctionDef) or (isinstance(outer, ast.ClassDef) and outer.name.startswith("_"))
        if hidden and outer is not node and any(inner is node for inner in ast.walk(outer)):
            return True
    return False


def test_functions_say_their_types() -> None:
    untyped = [
        name for name, node in functions()
        if node.returns is None or any(
            argument.annotation is None and argument.arg not in ("self", "cls")
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        )
    ]
    assert untyped == []


def test_only_the_unit_of_work_commits() -> None:
    commits = [
        str(path.relative_to(PACKAGE)) for path in FILES for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    ]
    assert commits == ["core/unit_of_work.py"]


def test_only_current_reads_the_clock() -> None:
    readers = {
        str(path.relative_to(PACKAGE)) for path in FILES for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("now", "today", "utcnow")
        and isinstance(call.func.value, ast.Name) and call.func.value.id in ("datetime", "date", "dt")
    }
    assert readers == {"core/current.py"}


def test_no_import_is_deferred_into_a_function() -> None:
    deferred = [
        name for name, node in functions()
        if any(isinstance(inner, (ast.Import, ast.ImportFrom)) for inner in ast.walk(node))
    ]
    assert deferred == []


def test_no_file_is_named_after_nothing() -> None:
    homeless = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
    assert [path for path in FILES if path.stem in homeless or homeless & set(path.relative_to(PACKAGE).parts)] == []


def test_money_is_never_a_float() -> None:
    floats = [
        f"{path.relative_to(ROOT)}:{call.lineno}" for path in FILES for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id in ("float", "round")
        and path.parts[len(PACKAGE.parts)] in ("billing", "catalogue", "subscriptions", "customers")
        and "seconds" not in ast.unparse(call) and "monotonic" not in ast.unparse(call)
    ]
    assert floats == []


def test_raw_sql_stands_only_where_schemas_are_made() -> None:
    """The scanner of T16: text SQL and driver execution belong to tenancy and to COPY; features write expressions."""
    raw = {
        str(path.relative_to(PACKAGE)) for path in FILES for call in calls(path)
        if (isinstance(call.func, ast.Name) and call.func.id == "text" and _imports(path, "sqlalchemy", "text"))
        or (isinstance(call.func, ast.Attribute) and call.func.attr == "exec_driver_sql")
    }
    allowed = {name for name in raw if name.startswith("tenancy/") or name in (
        "core/bulk.py", "core/db.py", "platform/health.py", "platform/service.py", "platform/queries.py"
    ) or name.endswith("models.py")}
    assert raw - allowed == set()


def _imports(path: Path, module: str, name: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and node.module == module and any(alias.name == name for alias in node.names)
        for node in TREES[path].body
    )

"""Runs one benchmark by name. Each is a module beside this one with `main(argv) -> int | None`."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    """Run the benchmark named first with the other arguments; 2 when there is none of that name."""
    names = benches()
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage(names))
        return 0 if arguments else 2
    name, *rest = arguments
    if name not in names:
        print(f"There is no benchmark “{name}”.\n{usage(names)}", file=sys.stderr)
        return 2
    return importlib.import_module(name).main(rest) or 0


def benches() -> dict[str, str]:
    """Each benchmark's name and the first line of its docstring, read without importing it; the rest has no `main`."""
    files = sorted(file for file in FOLDER.glob("*.py") if not file.name.startswith("_"))
    modules = {file.stem: ast.parse(file.read_text(encoding="utf-8")) for file in files}
    return {name: (ast.get_docstring(module) or "").partition("\n")[0] for name, module in modules.items()
            if any(isinstance(part, ast.FunctionDef) and part.name == "main" for part in module.body)}


def usage(names: dict[str, str]) -> str:
    """How to call it, and what there is."""
    lines = [f"  {name:<12} {meaning}" for name, meaning in names.items()] or ["  (none yet)"]
    return "\n".join(["usage: scripts/bench NAME [ARGUMENTS]", "", "benchmarks:", *lines])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

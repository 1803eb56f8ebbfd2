"""How commands answer: a sentence or table for people, JSON for programs, progress on a terminal's stderr only."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ispbill.core.errors import DomainError

_JSON = "ispbill.json"


def _remember(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    ctx.meta[_JSON] = value


json_option = click.option(
    "--json", is_flag=True, expose_value=False, callback=_remember, help="Print JSON instead of text."
)


def wants_json() -> bool:
    """Whether the running command was asked for JSON."""
    return bool(click.get_current_context().meta.get(_JSON))


def answer(data: Any, text: str) -> None:
    """Print the data on one line where JSON was asked for, else the text."""
    click.echo(json.dumps(data, ensure_ascii=False, default=_written) if wants_json() else text)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def complain(error: DomainError) -> None:
    """One sentence on stderr; with --json the problem (RFC 9457) on stdout as well."""
    click.echo(f"ispbill: {error.message}", err=True)
    if not wants_json():
        return
    problem: dict[str, Any] = {
        "type": "about:blank", "title": error.title, "status": error.status, "detail": error.message,
    }
    if error.flaws:
        problem["errors"] = error.flaws
    click.echo(json.dumps(problem, ensure_ascii=False))


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as what stands in them."""
    lines = [list(headings), *([("" if cell is None else str(cell)) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def facts(pairs: Sequence[tuple[str, object]]) -> str:
    """Names and values below each other; what has no value is left out."""
    known = [(name, _plain(value)) for name, value in pairs if value not in (None, "")]
    width = max((len(name) for name, _ in known), default=0)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in known)


def _plain(value: object) -> str:
    """A value as people read it: “2026-11-22 10:39 UTC”, “yes”."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr where that is a terminal; the block is given what tells it (done, total)."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)

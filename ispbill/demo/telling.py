"""What the person at the keyboard sees: progress on standard error, addresses and log-ins on standard output."""
from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ispbill.demo.playing import Step
from ispbill.demo.scripts import CompanyScript


class Teller:
    """Says what happens: bars on a terminal, one line a step elsewhere."""

    def __init__(self) -> None:
        self._out = Console(highlight=False)
        self._progress = Console(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        """One line of progress."""
        self._progress.print(f"› {text}", markup=False)

    def complain(self, sentence: str) -> int:
        """The one sentence of a start that cannot go on; returns the exit code."""
        self._progress.print(f"ispbill: {sentence}", markup=False, soft_wrap=True)
        return 1

    @contextlib.contextmanager
    def steps(self) -> Iterator[Callable[[Step], Callable[[int], None]]]:
        """Bars for the steps that begin inside the block."""
        columns = (TextColumn("› {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        if not self._progress.is_terminal:
            yield self._lines
            return
        with Progress(*columns, console=self._progress) as bars:
            def begin(step: Step) -> Callable[[int], None]:
                bar = bars.add_task(step.label, total=step.total)
                return lambda count: bars.advance(bar, count)

            yield begin

    def welcome(self, companies: Sequence[tuple[CompanyScript, str]], *, password: str, logs: str) -> None:
        """Where to go, who to be, how to stop."""
        self._out.print("\n[bold]ispbill is ready.[/bold] One password for everybody below: "
                        f"[bold cyan]{password}[/bold cyan]\n")
        for script, url in companies:
            self._out.print(f"[bold]{script.name}[/bold]  {url}", soft_wrap=True)
            self._out.print(_log_ins(script))
        self._out.print(f"\nLogs: {logs}", soft_wrap=True)
        self._out.print("Stop with Ctrl-C. The next start goes on from here; --fresh starts over.\n")

    def _lines(self, step: Step) -> Callable[[int], None]:
        began, done = time.monotonic(), 0
        self.say(f"{step.label} ({step.total}) …")

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if count and done >= step.total:
                self.say(f"{step.label}: done in {time.monotonic() - began:.0f} s")

        return advance


def _log_ins(script: CompanyScript) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 2))
    for person in script.staff:
        table.add_row(person.role, person.email, f"[dim]{person.name}[/dim]")
    return table

"""Doing at once, in this process, what would be queued: for a clock that somebody moved. Nothing passes through Redis.

The jobs themselves are the real ones, each in a unit of work and an application context of its own.
"""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from ispbill.jobs.queue import Arguments, delivering_to, run_jobs


def drain(ticks: Iterable[Callable[[], object]], *, only: Collection[str] | None = None) -> int:
    """Run the ticks, then the jobs they nudge and those that these promise, until none waits; how many ran.

    With `only`, jobs of other tenants than those codes are left to the real schedule. Raises what a job raises.
    """
    waiting: dict[tuple[str, str, Arguments], None] = {}

    def take(path: str, tenant_code: str, arguments: Arguments) -> None:
        if only is None or tenant_code in only:
            waiting.setdefault((path, tenant_code, arguments))

    count = 0
    with delivering_to(take):
        for tick in ticks:
            tick()
        while waiting:
            nudge = next(iter(waiting))
            del waiting[nudge]
            path, tenant_code, arguments = nudge
            run_jobs(path, [tenant_code], arguments)
            count += 1
    return count

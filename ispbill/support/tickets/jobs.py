"""Background work on tickets: what misses a target is marked and announced once."""
from __future__ import annotations

from ispbill.core.current import current
from ispbill.jobs.queue import job
from ispbill.support.tickets import queries
from ispbill.support.tickets import service as tickets

# Those beyond it are marked by the next tick.
_MOST_AT_ONCE = 500


@job
def mark_late() -> None:
    """Mark the tickets that have missed a target since the last tick."""
    for ticket in queries.overdue(current.now(), limit=_MOST_AT_ONCE):
        tickets.mark_late(ticket)

"""Background entry points of imports: one chunk each, safe to run twice."""
from __future__ import annotations

from ispbill.imports import queries, service
from ispbill.imports.looking import service as looking
from ispbill.imports.service import BatchWaits
from ispbill.imports.undoing import service as undoing
from ispbill.jobs.queue import job


@job
def work(batch_id: int, done: int) -> None:
    """Look at the next lines of a batch, bring them in, or take them back: whichever it is at."""
    looking.look_on(batch_id)
    service.go_on(batch_id)
    undoing.go_back(batch_id)


@job
def resume() -> None:
    """Nudge again what is being worked on: the queue may have lost it."""
    for batch in queries.working():
        work.later(batch.id, -1)


def queue(event: BatchWaits) -> None:
    """Reaction: nudge a worker for the next chunk."""
    work.later(event.batch_id, event.done)

"""Background entry points of batches of statements: some customers each, safe to run twice."""
from __future__ import annotations

from ispbill.billing.statements.batches import queries, service
from ispbill.billing.statements.batches.service import StatementsWait
from ispbill.jobs.queue import job


@job
def work(batch_id: int, done: int) -> None:
    """Queue the next statements of a batch."""
    service.go_on(batch_id)


@job
def resume() -> None:
    """Nudge again what is not complete: the queue may have lost it."""
    for batch_id in queries.working():
        work.later(batch_id, -1)


def queue(event: StatementsWait) -> None:
    """Reaction: nudge a worker for the next customers."""
    work.later(event.batch_id, event.done)

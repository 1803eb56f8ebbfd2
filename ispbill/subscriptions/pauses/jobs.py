"""Background entry points of pauses: begin and end them by the day."""
from __future__ import annotations

from ispbill.jobs.queue import job
from ispbill.subscriptions.pauses import service


@job
def turn_due() -> None:
    """Suspend what pauses from today on, and serve again what does no longer."""
    service.turn_due()

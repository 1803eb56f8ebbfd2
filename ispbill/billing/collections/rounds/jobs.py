"""Background entry points of the round. A day that has passed is not caught up with: the next morning knows all."""
from __future__ import annotations

from datetime import date

from ispbill.billing.collections.rounds import service as rounds
from ispbill.core.current import current
from ispbill.jobs.queue import job


@job
def go_round(on: str) -> None:
    """Begin the day's round, or go on with it where it was cut short."""
    day = date.fromisoformat(on)
    reached = rounds.begin(day) if day == current.today() else None
    if reached is not None:
        pursue_next.later(on, reached)


@job
def pursue_next(on: str, reached_customer_id: int) -> None:
    """Pursue the next customers. How far the round has come stands in its row; the argument only tells nudges apart."""
    day = date.fromisoformat(on)
    reached = rounds.pursue_next(day) if day == current.today() else None
    if reached is not None:
        pursue_next.later(on, reached)

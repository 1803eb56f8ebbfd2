"""Background entry points of printing: one file each, safe to run twice."""
from __future__ import annotations

from ispbill.billing.documents.prints import queries, service
from ispbill.billing.documents.prints.service import PrintOrdered
from ispbill.jobs.queue import job


@job
def make_part(part_id: int, order_id: int) -> None:
    """Make one file of an order, then see whether it was the last."""
    service.make_part(part_id)
    finish.later(order_id)


@job
def finish(order_id: int) -> None:
    """Note when an order was made, if nothing of it is pending."""
    service.finish(order_id)


@job
def resume() -> None:
    """Nudge again what waits to be made, for the queue may have lost it; forget the files that are old."""
    for ordered in queries.at_work():
        service.announce(ordered)
    service.forget_old()


def queue(event: PrintOrdered) -> None:
    """Reaction: nudge the workers for every file that waits."""
    for part_id in event.part_ids:
        make_part.later(part_id, event.order_id)
    finish.later(event.order_id)

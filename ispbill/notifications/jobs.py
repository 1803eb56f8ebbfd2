"""Background delivery: one job for each message, so that a slow or failing one holds up no other."""
from __future__ import annotations

from ispbill.jobs.queue import job
from ispbill.notifications import queries
from ispbill.notifications import service as messages
from ispbill.notifications.service import MessageQueued


@job
def deliver(message_id: int) -> None:
    """Send one message if it is still due."""
    messages.deliver(message_id)


@job
def deliver_due() -> None:
    """Nudge every message that is due: the queue may have lost it, or its pause is over.

    Those of a channel that is not set up wait, and nobody is nudged.
    """
    for message_id in queries.due(messages.open_channels()):
        deliver.later(message_id)


def nudge(event: MessageQueued) -> None:
    """Have a message sent as soon as the transaction that wrote it has committed."""
    deliver.later(event.message_id)

"""Background entry points of prepaid: run out, remind."""
from __future__ import annotations

from ispbill.billing.prepaid.upkeep import service
from ispbill.jobs.queue import job


@job
def look_at_lines() -> None:
    """Mark the lines whose time is over, and remind those whose is almost."""
    service.expire_due()
    service.remind_due()

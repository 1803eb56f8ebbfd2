"""The background entry point of scheduled reports."""
from __future__ import annotations

from ispbill.jobs.queue import job
from ispbill.reports.schedules import service


@job
def send_due() -> None:
    """Send the reports that are due today."""
    service.send_due()

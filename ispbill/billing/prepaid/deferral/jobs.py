"""The background entry point of prepaid revenue."""
from __future__ import annotations

from ispbill.billing.prepaid.deferral import service
from ispbill.jobs.queue import job


@job
def recognise() -> None:
    """Make revenue of the prepaid time that has passed, once a day."""
    service.recognise()

"""Background entry points of handovers: e-mail what was issued, off the path of the run that issued it."""
from __future__ import annotations

from ispbill.billing.handovers import service
from ispbill.jobs.queue import job


@job
def mail_invoices(after: int) -> None:
    """Queue the next e-mails, and go on behind them. The argument only tells nudges apart: what is due is in rows."""
    reached = service.mail_next(after)
    if reached is not None:
        mail_invoices.later(reached)

"""The nightly proof, and the one that somebody asks for."""
from __future__ import annotations

from ispbill.billing.proof import queries
from ispbill.billing.proof import service as proof
from ispbill.core.current import current
from ispbill.jobs.queue import job


@job
def check_nightly() -> None:
    """Prove the books, once a local day."""
    known = queries.newest()
    if known is None or known.checked_on < current.today():
        proof.check()


@job
def check_now() -> None:
    """Prove the books, however often that was done today."""
    proof.check()

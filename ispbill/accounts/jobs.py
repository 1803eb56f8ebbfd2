"""What the accounts do by themselves: forget what can prove nothing any more. The audit log keeps who signed in."""
from __future__ import annotations

from ispbill.accounts.passwords import service as passwords
from ispbill.accounts.sessions import service as sessions
from ispbill.jobs.queue import job


@job
def forget_ended() -> None:
    """Remove the sessions and password links that ended long ago."""
    sessions.forget_ended()
    passwords.forget_dead_links()

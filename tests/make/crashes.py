"""Processes that die: kill -9 right before, or right after, a commit."""
from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from ispbill.core.db import TenantSession, db


def killed(work: Callable[[], object], *, moment: str, commit: int = 1) -> None:
    """Do something in a process of its own, which is killed right before or after its commit of that number."""
    db.session.remove()  # two processes must not talk on one connection
    child = os.fork()
    if child == 0:
        try:
            db.engine.dispose(close=False)
            die_at(moment, commit)
            work()
        finally:
            os._exit(1)  # it should not have come so far
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def die_at(moment: str, commit: int) -> None:
    """Have this process killed when its commit of that number is about to be sent, or has just been answered."""
    left = commit

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def count_whole(session: Session) -> None:
        if not session.in_nested_transaction():  # a savepoint that is released commits nothing
            count()

    if moment == "before":
        event.listen(db.engine, "commit", count)
    else:
        event.listen(TenantSession, "after_commit", count_whole)

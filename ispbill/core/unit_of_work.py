"""One request or one job is one transaction. The only commit() of the product stands here."""
from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ispbill.core.current import current
from ispbill.core.db import db, working_for

_log = logging.getLogger(__name__)
_promises: ContextVar[list[Callable[[], object]] | None] = ContextVar("ispbill_promises", default=None)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit what the block did for the current tenant, or nothing of it; then keep what was promised.

    Raises whatever the block or the commit raises, after rolling back, and TenantNotBound without a tenant.
    Units do not nest.
    """
    assert _promises.get() is None, "units of work do not nest"
    work_token = working_for.set(current.tenant.code)
    promises: list[Callable[[], object]] = []
    token = _promises.set(promises)
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        working_for.reset(work_token)
        _promises.reset(token)
    for promise in promises:
        _keep(promise)


def after_commit(promise: Callable[[], object]) -> None:
    """Call `promise` once the transaction has committed; it is dropped if it does not."""
    promises = _promises.get()
    assert promises is not None, "after_commit() needs a unit of work"
    promises.append(promise)


def _keep(promise: Callable[[], object]) -> None:
    # Rows are the outbox and sweeps re-send: a lost nudge must not turn a committed request into an error.
    try:
        promise()
    except Exception:
        _log.exception("a promise made for after the commit failed")

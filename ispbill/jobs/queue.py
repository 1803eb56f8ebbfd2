"""@job: a function that can be done later, for one tenant, in one transaction. Arguments are ids and dates as text.

A queued job is only a nudge: what is due stands in rows, and sweeps ask again. So every job is safe to run twice.
One nudge may be for several tenants: a worker then serves one after the other, each in a transaction of its own.
"""
from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, update_wrapper
from pkgutil import resolve_name

from flask import current_app
from redis import Redis
from rq import Queue, Retry
from rq.exceptions import NoSuchJobError
from rq.job import Job as QueuedJob
from rq.job import JobStatus
from rq.registry import clean_registries
from rq.timeouts import BaseTimeoutException

from ispbill import config
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.unit_of_work import after_commit, unit_of_work
from ispbill.tenancy import registry, templates
from ispbill.tenancy.models import SERVED

_log = logging.getLogger(__name__)
# One queue: RQ's loss-safe pop works only for a worker that listens to a single one.
QUEUE_NAME = "ispbill"
TIMEOUT_SECONDS = 600
# A job whose worker was killed, or that failed, is done again at once; after that the sweeps ask.
TRIES_AGAIN = 1
# How long a failed job stays to be looked at.
FAILURE_SECONDS = 86_400
Arguments = tuple[str | int, ...]
Outlet = Callable[[str, str, Arguments], None]


class Job:
    """A background entry point; calling it directly runs it here, in the caller's transaction."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function
        self.path = f"{function.__module__}:{function.__name__}"
        update_wrapper(self, function)

    def __call__(self, *arguments: str | int) -> object:
        """Run the function as it is."""
        return self.function(*arguments)

    def later(self, *arguments: str | int) -> None:
        """Queue the job for the current tenant once the running transaction has committed."""
        code = current.tenant.code
        after_commit(lambda: self.send(code, *arguments))

    def send(self, tenant_code: str, *arguments: str | int) -> None:
        """Queue the job for a tenant now; where the same one waits already, nothing is added."""
        self.send_to([tenant_code], *arguments)

    def send_to(self, tenant_codes: Sequence[str], *arguments: str | int) -> None:
        """Queue the job now for tenants that one worker is to serve in turn; nothing where the same waits already."""
        outlet = _outlet.get()
        if outlet is None:
            _enqueue(self.path, tenant_codes, arguments)
        else:
            for tenant_code in tenant_codes:
                outlet(self.path, tenant_code, arguments)

    def run(self, tenant: TenantRef, *arguments: str | int) -> object:
        """Run the job for a tenant as the system, in a unit of work of its own."""
        with bound(tenant, SYSTEM), unit_of_work():
            return self.function(*arguments)


def job(function: Callable[..., object]) -> Job:
    """Make a function a background entry point."""
    return Job(function)


def _enqueue(path: str, tenant_codes: Sequence[str], arguments: Arguments) -> None:
    job_id = "-".join(["job", *tenant_codes, path.replace(":", "_").replace(".", "_"), *map(str, arguments)])
    if _has_ended(job_id):
        queue().enqueue(
            run_jobs, path, tuple(tenant_codes), arguments, job_id=job_id, job_timeout=TIMEOUT_SECONDS, result_ttl=0,
            failure_ttl=FAILURE_SECONDS, retry=Retry(max=TRIES_AGAIN),
        )


def _has_ended(job_id: str) -> bool:
    """Whether the same job neither waits nor runs. Two askers at once may queue it twice, which does no harm."""
    try:
        record = QueuedJob.fetch(job_id, connection=connection())
    except NoSuchJobError:
        return True
    return record.get_status() not in (JobStatus.QUEUED, JobStatus.STARTED)


_outlet: ContextVar[Outlet | None] = ContextVar("ispbill_outlet", default=None)


@contextmanager
def delivering_to(outlet: Outlet) -> Iterator[None]:
    """Hand what the block would queue to `outlet` (path, tenant's code, arguments) instead of Redis."""
    token = _outlet.set(outlet)
    try:
        yield
    finally:
        _outlet.reset(token)


def queue() -> Queue:
    """The queue all workers listen to."""
    return Queue(QUEUE_NAME, connection=connection())


def connection() -> Redis:
    """The connection to Redis of this process."""
    return _connect(config.settings().redis_url)


@cache
def _connect(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=30, socket_connect_timeout=3, health_check_interval=30)


def take_up_abandoned() -> None:
    """Tick: queue the jobs whose worker was killed again; mark those that killed it twice as failed."""
    clean_registries(queue())


def run_jobs(path: str, tenant_codes: Sequence[str], arguments: Arguments) -> None:
    """What a worker calls: do a job for tenants, in turn, each in an application context of its own.

    Whose turn comes first is left to chance: one that kills its worker each time keeps nobody waiting for ever.
    What is no job is refused; a tenant that is not served or not migrated yet is skipped. One that fails keeps no other
    from its turn. Raises NotFound for an unknown tenant, and what failed: if it was for one tenant, or all as a group.
    """
    entry, failures = _resolve(path), []
    with registry.noting_together():
        tenants = registry.by_codes(tenant_codes)
        for tenant in random.sample(tenants, len(tenants)):
            try:
                with current_app.app_context():
                    _run(entry, tenant, arguments)
            except BaseTimeoutException:
                raise
            except Exception as error:
                if len(tenant_codes) == 1:
                    raise
                _log.warning("%s failed for %s", path, tenant.code)
                failures.append(error)
    if failures:
        raise ExceptionGroup(f"{path} failed for {len(failures)} of {len(tenant_codes)} tenants", failures)


def _run(entry: Job, tenant: TenantRef, arguments: Arguments) -> None:
    is_served = tenant.status in SERVED and not tenant.trial_is_over(current.now())
    if is_served and templates.is_current(tenant):
        entry.run(tenant, *arguments)


def _resolve(path: str) -> Job:
    entry = resolve_name(path)
    if not isinstance(entry, Job):
        raise TypeError(f"{path} is not a job")
    return entry

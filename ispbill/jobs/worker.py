"""The worker: takes jobs from the queue, one after the other, each in an application context of its own."""
from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.job import Job as QueuedJob
from rq.registry import clean_registries

from ispbill.jobs.queue import connection, queue

RETRY_SECONDS = 3
BEAT_SECONDS = 30


class TenantWorker(SimpleWorker):
    """An RQ worker that stays in its process: a fork for each job would cost more than billing a small company.

    The unit of work lies inside the job function; nothing of one job is left for the next but open connections.
    """

    app: Flask

    def perform_job(self, job: QueuedJob, queue_: object) -> bool:
        """Run the job where `db.session` and the settings are at hand."""
        with self.app.app_context(), self._beating(job):
            return super().perform_job(job, queue_)  # type: ignore[arg-type]

    def get_heartbeat_ttl(self, job: QueuedJob) -> int:
        """Seconds after which a job whose worker was killed counts as abandoned."""
        return BEAT_SECONDS + 60

    @contextmanager
    def _beating(self, job: QueuedJob) -> Iterator[None]:
        """Say now and then that the job is still worked at, as RQ's own worker does from beside its fork."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(BEAT_SECONDS):
                self.maintain_heartbeats(job)

        heart = threading.Thread(target=beat, daemon=True)
        heart.start()
        try:
            yield
        finally:
            over.set()
            heart.join()


def work(app: Flask, *, burst: bool = False, most: int | None = None) -> None:
    """Listen until told to stop; with `burst`, until the queue is empty or `most` jobs are done.

    A Redis that is away is waited for.
    """
    while True:
        try:
            clean_registries(queue())
            worker = TenantWorker([queue()], connection=connection())
            worker.app = app
            worker.work(burst=burst, max_jobs=most, logging_level="WARNING")
            return
        except RedisError:
            app.logger.warning("Redis does not answer; trying again in %s s", RETRY_SECONDS)
            time.sleep(RETRY_SECONDS)

"""The worker: takes jobs from the queue, each in a process of its own, inside the application's context."""
from __future__ import annotations

import time

from flask import Flask
from redis.exceptions import RedisError
from rq import Worker
from rq.job import Job as QueuedJob
from rq.registry import clean_registries

from ispbill.jobs.queue import connection, queue

RETRY_SECONDS = 3


class TenantWorker(Worker):
    """An RQ worker whose jobs run in a fresh application context; the unit of work lies inside the job function."""

    app: Flask

    def perform_job(self, job: QueuedJob, queue_: object) -> bool:
        """Run the job where `db.session` and the settings are at hand."""
        with self.app.app_context():
            return super().perform_job(job, queue_)  # type: ignore[arg-type]


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

"""The scheduler: queues each entry of the schedule when its time comes. Two do no harm: ticks are idempotent."""
from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask
from redis.exceptions import RedisError
from rq.cron import CronScheduler

from ispbill.jobs.queue import QUEUE_NAME, connection

RETRY_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happens by itself: a module-level function, every so many seconds."""

    tick: Callable[[], object]
    every_seconds: int


def run(app: Flask, entries: Sequence[Entry]) -> None:
    """Queue the entries for ever. A Redis that is away is waited for."""
    while True:
        try:
            scheduler = CronScheduler(connection=connection())
            for entry in entries:
                scheduler.register(entry.tick, QUEUE_NAME, interval=entry.every_seconds, result_ttl=0)
            scheduler.start()
            return
        except RedisError:
            app.logger.warning("Redis does not answer; trying again in %s s", RETRY_SECONDS)
            time.sleep(RETRY_SECONDS)

"""The worker: its jobs run in its own process, and a job whose worker was killed is soon found."""
from __future__ import annotations

import os
import time

import pytest
from flask import Flask
from rq.registry import StartedJobRegistry

from ispbill.core.current import TenantRef
from ispbill.jobs import worker as workers
from ispbill.jobs.queue import connection, job, queue, take_up_abandoned
from ispbill.jobs.worker import TenantWorker, work

seen: list[float] = []


@job
def look_at_oneself(tenths: int) -> None:
    """Notes the process, and in how many seconds this job would count as abandoned at the end of a long one."""
    time.sleep(tenths / 10)
    registry = StartedJobRegistry(queue().name, connection=connection())
    ((_, until),) = connection().zrange(registry.key, 0, -1, withscores=True)
    seen.extend([os.getpid(), until - time.time()])


def test_a_job_runs_in_the_workers_process_and_beats_while_it_runs(
    app: Flask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen.clear()
    beats: list[str] = []
    monkeypatch.setattr(TenantWorker, "maintain_heartbeats", lambda self, job: beats.append(job.id))
    monkeypatch.setattr(workers, "BEAT_SECONDS", 1)
    look_at_oneself.send(tenant.code, 25)
    work(app, burst=True)
    process, abandoned_after = seen
    assert process == os.getpid() and 0 < abandoned_after <= 90 and len(beats) >= 2


def tick() -> None:
    """What the schedule queues: a function without arguments, of no tenant."""
    seen.append(0)


def test_a_worker_goes_on_after_a_tick_of_the_schedule(app: Flask, tenant: TenantRef) -> None:
    seen.clear()
    queue().enqueue(tick, result_ttl=0)
    look_at_oneself.send(tenant.code, 0)
    work(app, burst=True)
    assert len(seen) == 3, "the tick, and what the job after it saw"


def test_a_job_whose_worker_was_killed_waits_for_no_sweep(
    app: Flask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen.clear()
    look_at_oneself.send(tenant.code, 0)
    killed = TenantWorker([queue()], connection=connection())
    monkeypatch.setattr(TenantWorker, "get_heartbeat_ttl", lambda self, job: 0)
    taken, _ = killed.dequeue_job_and_maintain_ttl(1) or (None, None)
    assert taken is not None
    killed.prepare_execution(taken)
    monkeypatch.undo()
    time.sleep(1)
    take_up_abandoned()
    work(app, burst=True)
    assert len(seen) == 2

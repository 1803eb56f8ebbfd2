"""Background entry points of billing. Each is one transaction and safe to run twice; `bill_now` is the same by hand."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date

from flask import Flask, current_app

from ispbill.billing.runs import queries, service
from ispbill.billing.runs.preview import queries as kept_previews
from ispbill.billing.runs.preview import service as previews
from ispbill.billing.runs.preview.service import PreviewOrdered
from ispbill.billing.runs.service import ChunksReady, DayBilled
from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.events import publish
from ispbill.core.unit_of_work import after_commit, unit_of_work
from ispbill.jobs.queue import job
from ispbill.tenancy import registry

WAIT_SECONDS = 0.1
# The series' row lets one chunk write at a time; more lanes than two would only wait for it.
LANES = 2


@dataclass(frozen=True, slots=True)
class RunResult:
    """What one call of `bill_now` did, as the operator's command prints it."""

    tenant: str
    date: str
    run_id: int | None
    due: int
    invoices: int
    lines: int
    total_minor: int
    already_billed: int
    skipped: list[dict[str, object]]
    parked: list[dict[str, object]]
    seconds: float


@job
def open_run(on: str) -> None:
    """Open the run of a local day; it bills by itself where the tenant lets it.

    A few customers are billed here: three jobs would cost a small tenant more than its bills do.
    """
    service.bill_day(date.fromisoformat(on), approved=company.settings().auto_issue)


@job
def resume_runs() -> None:
    """Approve what waited long enough, nudge again what is pending (the queue may have lost it), count again what was
    not whole.
    """
    service.approve_overdue()
    service.count_again()
    for run in queries.running():
        service.announce(run)
    for ordered in kept_previews.at_work():
        previews.announce(ordered)


@job
def bill_chunk(chunk_id: int, run_id: int) -> None:
    """Bill one chunk. The last one closes the run; of two that are the last at once, neither sees that it is."""
    service.bill_chunk(chunk_id)
    if queries.pending_chunk_ids(run_id):
        complete_run.later(run_id)
    else:
        service.complete_if_done(run_id)


@job
def complete_run(run_id: int) -> None:
    """Close the run if nothing of it is pending."""
    service.complete_if_done(run_id)


@job
def look_at_part(part_id: int, preview_id: int) -> None:
    """Look at one part of a preview, then see whether it was the last."""
    previews.look_at_part(part_id)
    finish_preview.later(preview_id)


@job
def finish_preview(preview_id: int) -> None:
    """Note when a preview was made, if nothing of it is pending."""
    previews.finish(preview_id)


def queue_parts(event: PreviewOrdered) -> None:
    """Reaction: nudge the workers for every part of a preview that waits."""
    for part_id in event.part_ids:
        look_at_part.later(part_id, event.preview_id)
    finish_preview.later(event.preview_id)


def queue_chunks(event: ChunksReady) -> None:
    """Reaction: nudge the workers for every chunk that waits."""
    for chunk_id in event.chunk_ids:
        bill_chunk.later(chunk_id, event.run_id)


def note_day(event: DayBilled) -> None:
    """Reaction: tell the registry that this tenant's day needs no sweep any more."""
    tenant = current.tenant
    after_commit(lambda: registry.note_billed(tenant, event.billing_on))


def bill_now(on: date, *, progress: Callable[[int, int], None] = lambda done, total: None) -> RunResult:
    """Bill the bound tenant for a day in this process, chunk by chunk; a worker may bill beside it, nothing twice.

    Earlier days that are at work are billed first.
    """
    for earlier in _at_work_before(on):
        bill_now(earlier)
    started = time.monotonic()
    with unit_of_work():
        run_id = service.open_run(on, approved=True).id
        chunk_ids = queries.pending_chunk_ids(run_id)
    pending = chunk_ids
    while pending:
        for done in _billed_in_lanes(pending):
            progress(len(chunk_ids) - len(pending) + done, len(chunk_ids))
        pending = _still_pending(chunk_ids, run_id)
    with unit_of_work():
        if not chunk_ids:
            publish(DayBilled(on))
        service.complete_if_done(run_id)
        return _result(on, run_id, chunk_ids, started)


def preview(on: date) -> RunResult:
    """What `bill_now` would do, writing nothing."""
    started = time.monotonic()
    with unit_of_work():
        outcome = previews.preview(on)
        parked: list[dict[str, object]] = [
            {"customer": row.account_number, "reason": outcome.parked[row.id]}
            for row in queries.named(outcome.parked.keys())
        ]
        return RunResult(
            tenant=current.tenant.subdomain, date=on.isoformat(), run_id=None,
            due=outcome.subscriptions + len(parked), invoices=outcome.invoices, lines=outcome.lines,
            total_minor=outcome.total_minor, already_billed=queries.billed_ahead_count(on),
            skipped=_skipped(on), parked=parked, seconds=round(time.monotonic() - started, 3),
        )


def _at_work_before(on: date) -> list[date]:
    with unit_of_work():
        return [run.billing_on for run in queries.running() if run.billing_on < on]


def _billed_in_lanes(chunk_ids: list[int]) -> Iterator[int]:
    """Bill chunks, two at a time: one is priced while the database writes the other. Gives how many are done."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with ThreadPoolExecutor(LANES) as lanes:
        waiting = [lanes.submit(copy_context().run, _bill_alone, app, chunk_id) for chunk_id in chunk_ids]
        try:
            for done, billed in enumerate(as_completed(waiting), start=1):
                billed.result()
                yield done
        finally:
            lanes.shutdown(cancel_futures=True)


def _bill_alone(app: Flask, chunk_id: int) -> None:
    with app.app_context(), unit_of_work():
        service.bill_chunk(chunk_id)


def _still_pending(chunk_ids: list[int], run_id: int) -> list[int]:
    """Those of the chunks that another worker holds: wait for it, and take over what it leaves."""
    with unit_of_work():
        left = set(queries.pending_chunk_ids(run_id))
    pending = [chunk_id for chunk_id in chunk_ids if chunk_id in left]
    if pending:
        time.sleep(WAIT_SECONDS)
    return pending


def _result(on: date, run_id: int, chunk_ids: list[int], started: float) -> RunResult:
    totals = queries.chunk_totals(chunk_ids)
    parked: list[dict[str, object]] = [
        {"customer": row.account_number, "reason": row.reason} for row in queries.exceptions_of(run_id)
    ]
    return RunResult(
        tenant=current.tenant.subdomain, date=on.isoformat(), run_id=run_id,
        due=int(totals.subscriptions) + len(parked), invoices=int(totals.invoices), lines=int(totals.lines),
        total_minor=int(totals.total_minor),
        already_billed=queries.billed_ahead_count(on) - int(totals.subscriptions),
        skipped=_skipped(on), parked=parked, seconds=round(time.monotonic() - started, 3),
    )


def _skipped(on: date) -> list[dict[str, object]]:
    return [{"subscription": row.id, "reason": f"the subscription is {row.status}"} for row in queries.not_billed(on)]

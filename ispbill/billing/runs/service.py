"""The billing run: opened for a day, cut into chunks, each chunk billed in one transaction, exactly once."""
from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert

from ispbill.billing.metering import service as metering
from ispbill.billing.runs import queries
from ispbill.billing.runs.chunks import service as chunks
from ispbill.billing.runs.coverage import queries as coverage
from ispbill.billing.runs.models import BillingRun, BillingRunChunk, RunStatus
from ispbill.billing.runs.policy import Outcome
from ispbill.company import service as company
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid, NotFound
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _

_log = logging.getLogger(__name__)
CHUNK_SIZE = 1000
# A run for a day further ahead than this would bill what nobody owes yet.
FURTHEST_AHEAD_DAYS = 31


@dataclass(frozen=True, slots=True)
class ChunksReady:
    """Chunks of an approved run wait to be billed."""

    run_id: int
    chunk_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DayBilled:
    """Nothing of a day's run is left to do without a person."""

    billing_on: date


def open_run(on: date, *, approved: bool) -> BillingRun:
    """The run of a day, made where there is none, with chunks for what is due and in no chunk yet.

    Without approval it waits, and is cut up anew when it is opened again; with it (or given before) its chunks may be
    billed, by `announce` or by the caller. Raises Invalid for a far day, Conflict for one whose books are closed, and
    where one is approved that would bill what a run of an earlier day holds.
    """
    if approved and (reason := why_not_yet(on)):
        raise Conflict(reason)
    run, ordinal = _opened(on, approved=approved)
    _plan(run, ordinal)
    return run


def bill_day(on: date, *, approved: bool) -> None:
    """Open the run of a day and let workers bill it where it is approved; a few customers are billed right here.

    A small company's bills cost less than a second transaction. Where they fail nothing of them stays, and a chunk
    waits for the workers, who park whom the database refuses. While this run or an earlier one is held it waits, and
    `approve_overdue` sees to it afterwards. Raises as `open_run` does.
    """
    in_the_way = queries.in_the_way(by=on)
    run, ordinal = _opened(on, approved=approved and all(other.approved_by for other in in_the_way))
    if in_the_way or run.approved_by is None or ordinal is None or not _billed_at_once(run, ordinal):
        _plan(run, ordinal)
        announce(run)


def start(on: date, *, approved: bool) -> BillingRun:
    """Open the run of a day for the actor, and let workers bill it where it is approved.

    Raises Forbidden where somebody approves who may not, Conflict where nobody approves and the day's run was approved
    already, for it would bill at once; and as `open_run` does.
    """
    if approved:
        current.require("approve_billing_run")
    elif (known := queries.of_day(on)) is not None and known.approved_by:
        raise Conflict(_("The run of this day is approved already, so what is due since would be billed at once. "
                         "Somebody who may approve has to start it."))
    run = open_run(on, approved=approved)
    if run.approved_by:
        announce(run)
    return run


def refuse_far(on: date) -> None:
    """Raises Invalid for a day of which nobody owes anything yet."""
    if (on - current.today()).days > FURTHEST_AHEAD_DAYS:
        raise Invalid(_("%(on)s lies more than %(furthest_ahead_days)s days ahead.", on=on,
                        furthest_ahead_days=FURTHEST_AHEAD_DAYS), field="billing_on")


def why_not_yet(on: date) -> str | None:
    """Why nothing may be billed for a day yet, which bills all that is due by then: a run of an earlier day is held."""
    earlier = queries.in_the_way(by=on - timedelta(days=1))
    held = next((run for run in earlier if run.approved_by is None), None)
    return None if held is None else _("The billing run of %(day)s is held, and this one would bill its customers. "
                                       "Approve that one first.", day=formats.short_date(held.billing_on))


def approve(run: BillingRun) -> None:
    """Let a run that waits bill what is due by now. Raises Conflict when it does not wait."""
    announce(open_run(_waiting(run).billing_on, approved=True))


def approve_overdue() -> None:
    """Approve what is left to the clock, the earliest day first, up to a run that is held or still to be looked at.

    What a person approves or discards at this moment, or what cannot be approved, keeps nothing else from it.
    """
    terms, now, today = company.settings(), current.now(), current.today()
    patience = timedelta(hours=terms.approve_after_hours)
    for run in queries.waiting():
        is_ripe = terms.auto_issue and run.billing_on <= today or patience and run.created_at + patience <= now
        if run.held_by or not is_ripe:
            return
        with suppress(Conflict), db.session.begin_nested():
            approve(run)


def hold(run: BillingRun) -> None:
    """Keep a run that waits from being approved by the clock. Raises Conflict when it does not wait."""
    _waiting(run).held_by = current.actor.name


def discard(run: BillingRun) -> date:
    """Take away a run that waits, as if its day had never been opened; the day. Rated usage is billed by the next run.

    Raises Conflict when it does not wait, or when its day has come: whoever is due then must be billed.
    """
    run = _waiting(run)
    if run.billing_on <= current.today():
        raise Conflict(_("Only a run of a day to come can be discarded. The customers of this one must be billed: "
                         "approve it, or hold it."))
    _remove_chunks(run)
    db.session.delete(run)
    return run.billing_on


def release(run: BillingRun, *, customer_id: int) -> None:
    """Let a customer's bill be issued although it is many times the usual; it is billed with the next chunk.

    Raises NotFound where the run did not park them for that, Conflict while the run waits or works.
    """
    parked = queries.exception_of(run.id, customer_id)
    if parked is None or not parked.is_unusual:
        raise NotFound(_("This run did not park that customer for an unusual amount."))
    if run.status not in (RunStatus.COMPLETED, RunStatus.INCOMPLETE):
        raise Conflict(_("The run is not through yet."))
    parked.released_by = current.actor.name
    announce(open_run(run.billing_on, approved=True))


def announce(run: BillingRun) -> None:
    """Tell the workers which chunks of the run wait, or everybody that the day is done."""
    if run.status == RunStatus.RUNNING:
        publish(ChunksReady(run_id=run.id, chunk_ids=tuple(queries.pending_chunk_ids(run.id))))
    else:
        publish(DayBilled(run.billing_on))


def bill_chunk(chunk_id: int) -> Outcome | None:
    """Bill a chunk in the running transaction; None where it is billed already, or not to be billed yet: another
    worker is at it, or an earlier day is still to be billed.
    """
    chunk = db.session.scalars(
        select(BillingRunChunk)
        .where(BillingRunChunk.id == chunk_id, BillingRunChunk.status == "pending", queries.is_next())
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if chunk is None:
        return None
    run = db.session.get_one(BillingRun, chunk.run_id)
    if run.approved_by is None:
        raise Conflict(_("This run is not approved."))
    due = queries.due_customers(
        run.billing_on, first=chunk.first_customer_id, last=chunk.last_customer_id, lock=True
    )
    return chunks.bill(chunk, run, due, how=chunks.or_park)


def complete_if_done(run_id: int) -> bool:
    """Close the run once no chunk is pending, and hurry the days that waited for it; whether it is closed."""
    run = db.session.get_one(BillingRun, run_id, with_for_update=True)
    if run.status == RunStatus.RUNNING and not queries.pending_chunk_ids(run_id):
        _complete(run)
        publish(DayBilled(run.billing_on))
        for waiting in queries.running():
            announce(waiting)
    return run.status in (RunStatus.COMPLETED, RunStatus.INCOMPLETE)


def count_again() -> None:
    """Close the runs whose missing services are billed or explained by now: what a colleague adds to a customer while
    a run is at work is billed by the next one.
    """
    for run in queries.incomplete():
        _complete(run)


def _opened(on: date, *, approved: bool) -> tuple[BillingRun, int | None]:
    """The run of a day, and the ordinal of its next chunk, for which usage is rated; None while others are pending."""
    refuse_far(on)
    company.require_open(on, field="billing_on")
    approved_by = current.actor.name if approved else None
    run = _new_run(on, approved_by=approved_by)
    states: Sequence[str] = ()
    if run is None:
        run = _locked_run(BillingRun.billing_on == on)
        if run is None:
            # Discarded while its row was waited for.
            return _opened(on, approved=approved)
        if run.approved_by is None:
            # What waits has billed nothing: it is cut up anew, for what is due by now.
            _remove_chunks(run)
        run.approved_by = run.approved_by or approved_by
        states = queries.chunk_states(run.id)
    if "pending" in states:
        return run, None
    metering.rate_ended(by=min(on, current.today()))
    return run, len(states) + 1


def _new_run(on: date, *, approved_by: str | None) -> BillingRun | None:
    """A run for a day; None where it has one."""
    return db.session.scalars(
        insert(BillingRun).values(
            billing_on=on, status=RunStatus.RUNNING if approved_by else RunStatus.AWAITING_APPROVAL,
            requested_by=current.actor.name, approved_by=approved_by, created_at=current.now(),
        ).on_conflict_do_nothing().returning(BillingRun)
    ).one_or_none()


def _locked_run(wanted: ColumnElement[bool]) -> BillingRun | None:
    """A run as it stands once nobody else is at it; None where it is discarded."""
    locked = select(BillingRun).where(wanted).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(locked).one_or_none()


def _remove_chunks(run: BillingRun) -> None:
    db.session.execute(delete(BillingRunChunk).where(BillingRunChunk.run_id == run.id)
                       .execution_options(synchronize_session=False))


def _plan(run: BillingRun, ordinal: int | None) -> None:
    """Start the run where it is approved. Unless chunks are pending, what is due and in none is cut up first."""
    added = [] if ordinal is None else [
        BillingRunChunk(run_id=run.id, ordinal=next_one, first_customer_id=first, last_customer_id=last)
        for next_one, (first, last) in enumerate(queries.due_ranges(run.billing_on, size=CHUNK_SIZE), start=ordinal)
    ]
    db.session.add_all(added)
    _start(run, is_pending=ordinal is None or bool(added))


def _start(run: BillingRun, *, is_pending: bool) -> None:
    db.session.flush()
    if run.approved_by is None:
        return
    if is_pending:
        run.status, run.completed_at, run.coverage = RunStatus.RUNNING, None, None
    else:
        _complete(run)
    db.session.flush()


def _waiting(run: BillingRun) -> BillingRun:
    locked = _locked_run(BillingRun.id == run.id)
    if locked is None or locked.status != RunStatus.AWAITING_APPROVAL:
        raise Conflict(_("This run is not waiting for approval."))
    return locked


def _complete(run: BillingRun) -> None:
    """Close a run and count what became of every service; one without a bill and without a reason keeps it open."""
    run.coverage = coverage.of_run(run)
    is_whole = coverage.UNEXPLAINED not in run.coverage
    run.status = RunStatus.COMPLETED if is_whole else RunStatus.INCOMPLETE
    run.completed_at = run.completed_at or current.now()


def _billed_at_once(run: BillingRun, ordinal: int) -> bool:
    """Bill what is due as one chunk and close the run; False, and nothing done, where that is much or fails."""
    try:
        with db.session.begin_nested():
            due = queries.due_if_few(run.billing_on)
            if due is None:
                return False
            if due:
                keys = [customer.id for customer in due]
                chunk = BillingRunChunk(run_id=run.id, ordinal=ordinal, first_customer_id=min(keys),
                                        last_customer_id=max(keys))
                chunks.bill(chunk, run, due, how=chunks.together)
                db.session.add(chunk)
                run.completed_at = None
            _complete(run)
    except chunks.REFUSALS:
        return False
    except Exception:
        _log.exception("the few bills of run %s could not be issued at once", run.id)
        return False
    publish(DayBilled(run.billing_on))
    return True

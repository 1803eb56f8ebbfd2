"""The billing run: opened for a day, cut into chunks, each chunk billed in one transaction, exactly once.

A chunk is read once, priced by pure functions and written with COPY. If writing fails it is done again customer by
customer, and the one that fails is parked with the reason while all others are billed.
"""
from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from ispbill.billing.charges.policy import UnsafeDraft
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.policy import draft_invoice
from ispbill.billing.metering import service as metering
from ispbill.billing.payments import service as payments
from ispbill.billing.runs import queries
from ispbill.billing.runs.coverage import queries as coverage
from ispbill.billing.runs.models import BillingRun, BillingRunChunk, BillingRunException, RunStatus
from ispbill.billing.runs.policy import Outcome, UnusualAmount, check_usual
from ispbill.billing.runs.queries import DueCustomer
from ispbill.company import service as company
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid, NotFound
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.subscriptions import service as subscriptions

_log = logging.getLogger(__name__)
CHUNK_SIZE = 1000
# A run for a day further ahead than this would bill what nobody owes yet.
FURTHEST_AHEAD_DAYS = 31
# What concerns one customer's bill and not the run.
_REFUSALS = (IntegrityError, DataError, Conflict)


@dataclass(frozen=True, slots=True)
class ChunksReady:
    """Chunks of an approved run wait to be billed."""

    run_id: int
    chunk_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DayBilled:
    """Nothing of a day's run is left to do without a person."""

    billing_on: date


# Bills the customers of a chunk, and notes whom it parks; the last are those whose unusual bill may be issued.
Bill = Callable[[list[DueCustomer], BillingRun, Collection[int]], Outcome]


def open_run(on: date, *, approved: bool) -> BillingRun:
    """The run of a day, made where there is none, with chunks for what is due and in no chunk yet.

    Without approval it waits, and is cut up anew when it is opened again; with it (or given before) its chunks may be
    billed, by `announce` or by the caller. Raises Invalid for a far day, Conflict for one whose books are closed.
    """
    run, ordinal = _opened(on, approved=approved)
    _plan(run, ordinal)
    return run


def bill_day(on: date, *, approved: bool) -> None:
    """Open the run of a day and let workers bill it where it is approved; a few customers are billed right here.

    A small company's bills cost less than a second transaction. Where they fail nothing of them stays, and a chunk
    waits for the workers, who park whom the database refuses. Raises as `open_run` does.
    """
    run, ordinal = _opened(on, approved=approved)
    if run.approved_by is None or ordinal is None or not _billed_at_once(run, ordinal):
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


def approve(run: BillingRun) -> None:
    """Let a run that waits bill what is due by now. Raises Conflict when it does not wait."""
    announce(open_run(_waiting(run).billing_on, approved=True))


def approve_overdue() -> None:
    """Approve what has waited as long as the company lets it, and neither it nor a run before it is held."""
    hours = company.settings().approve_after_hours
    for run in queries.waiting_since(current.now() - timedelta(hours=hours)) if hours else ():
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
    """Bill a chunk in the running transaction; None where it is billed already or another worker is at it."""
    chunk = db.session.scalars(
        select(BillingRunChunk).where(BillingRunChunk.id == chunk_id, BillingRunChunk.status == "pending")
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
    return _bill_chunk(chunk, run, due, bill=_bill_or_park)


def complete_if_done(run_id: int) -> bool:
    """Close the run once no chunk is pending; whether it is closed."""
    run = db.session.get_one(BillingRun, run_id, with_for_update=True)
    if run.status == RunStatus.RUNNING and not queries.pending_chunk_ids(run_id):
        _complete(run)
        publish(DayBilled(run.billing_on))
    return run.status in (RunStatus.COMPLETED, RunStatus.INCOMPLETE)


def count_again() -> None:
    """Close the runs whose missing services are billed or explained by now: what a colleague adds to a customer while
    a run is at work is billed by the next one.
    """
    for run in queries.incomplete():
        _complete(run)


def drafts(
    due: list[DueCustomer], on: date, outcome: Outcome, *, released: Collection[int] = ()
) -> Iterator[invoices.InvoiceToIssue]:
    """What customers are to be billed, document by document; who cannot be is noted in the outcome as parked."""
    terms, most_times = subscriptions.terms(), company.settings().most_times_usual
    for customer in due:
        try:
            draft = draft_invoice(customer.id, customer.components, charges=customer.charges, on=on, terms=terms,
                                  pricing=customer.pricing)
            if customer.id not in released:
                check_usual(draft, customer.components, most_times=most_times)
        except UnsafeDraft as reason:
            outcome.parked[customer.id] = str(reason)
            if isinstance(reason, UnusualAmount):
                outcome.unusual.add(customer.id)
        else:
            yield invoices.InvoiceToIssue(draft=draft, buyer=customer.buyer)


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
    chunks = [] if ordinal is None else [
        BillingRunChunk(run_id=run.id, ordinal=next_one, first_customer_id=first, last_customer_id=last)
        for next_one, (first, last) in enumerate(queries.due_ranges(run.billing_on, size=CHUNK_SIZE), start=ordinal)
    ]
    db.session.add_all(chunks)
    _start(run, is_pending=ordinal is None or bool(chunks))


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
                _bill_chunk(chunk, run, due, bill=_bill_together)
                db.session.add(chunk)
                run.completed_at = None
            _complete(run)
    except _REFUSALS:
        return False
    except Exception:
        _log.exception("the few bills of run %s could not be issued at once", run.id)
        return False
    publish(DayBilled(run.billing_on))
    return True


def _bill_chunk(chunk: BillingRunChunk, run: BillingRun, due: list[DueCustomer], *, bill: Bill) -> Outcome:
    # Before its first chunk a run has parked nobody.
    parked = queries.parked(run.id, [customer.id for customer in due]) if chunk.ordinal > 1 else {}
    outcome = bill(due, run, [key for key, is_released in parked.items() if is_released])
    _park(run, outcome, before=parked)
    chunk.status, chunk.finished_at = "done", current.now()
    chunk.subscription_count, chunk.invoice_count = outcome.subscriptions, outcome.invoices
    chunk.line_count, chunk.total_minor = outcome.lines, outcome.total_minor
    return outcome


def _bill_or_park(due: list[DueCustomer], run: BillingRun, released: Collection[int]) -> Outcome:
    """Bill customers together; where one is refused, one by one, so that only the one it is about is parked."""
    try:
        with db.session.begin_nested():
            return _bill_together(due, run, released)
    except _REFUSALS:
        outcome = Outcome()
        for document in drafts(due, run.billing_on, outcome, released=released):
            _bill_alone(document, run, outcome)
        return outcome


def _bill_together(due: list[DueCustomer], run: BillingRun, released: Collection[int]) -> Outcome:
    outcome = Outcome()
    documents = list(drafts(due, run.billing_on, outcome, released=released))
    _write(documents, run)
    outcome.count(document.draft for document in documents)
    return outcome


def _bill_alone(document: invoices.InvoiceToIssue, run: BillingRun, outcome: Outcome) -> None:
    try:
        with db.session.begin_nested():
            _write([document], run)
        outcome.count([document.draft])
    except _REFUSALS as error:
        outcome.parked[document.draft.customer_id] = _cause(error)


def _write(documents: Sequence[invoices.InvoiceToIssue], run: BillingRun) -> None:
    invoices.issue(documents, on=run.billing_on, run_id=run.id)
    payments.settle([document.draft.customer_id for document in documents])


def _park(run: BillingRun, outcome: Outcome, *, before: Collection[int]) -> None:
    """Note who was parked, and clear the notes there were before: of whom this run billed after all, and of others."""
    if before:
        db.session.execute(
            delete(BillingRunException)
            .where(BillingRunException.run_id == run.id, BillingRunException.customer_id == any_key(before))
            .execution_options(synchronize_session=False)
        )
    db.session.add_all([
        BillingRunException(run_id=run.id, customer_id=key, reason=reason, is_unusual=key in outcome.unusual,
                            created_at=current.now())
        for key, reason in outcome.parked.items()
    ])


def _cause(error: Exception) -> str:
    """Why a bill was refused: the database's words, or those of the rule, such as that there are no numbers left."""
    if isinstance(error, DBAPIError):
        return f"the database refused the invoice: {str(error.orig).splitlines()[0]}"
    return str(error)

"""What a run for a day would bill and park, by the rules of the run itself. Nothing of the day is written.

A small day is looked at while one waits. A large one is ordered: looked at part by part by jobs, and kept.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from ispbill.billing.invoices.policy import InvoiceDraft
from ispbill.billing.invoices.service import InvoiceToIssue
from ispbill.billing.metering import service as metering
from ispbill.billing.runs import queries as runs
from ispbill.billing.runs.chunks.service import drafts
from ispbill.billing.runs.policy import Outcome
from ispbill.billing.runs.preview import queries
from ispbill.billing.runs.preview.models import RunPreview, RunPreviewPart
from ispbill.billing.runs.preview.policy import EXAMPLES, Bill, Example, ExampleLine, Preview, explain, part_of
from ispbill.billing.runs.queries import DueCustomer
from ispbill.billing.runs.service import CHUNK_SIZE, refuse_far
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _

# Previews of days long past are forgotten when another is ordered.
KEPT_DAYS = 62
# The preview of so many customers is made while one waits; of more, by jobs.
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class PreviewOrdered:
    """Parts of a preview wait to be looked at."""

    preview_id: int
    part_ids: tuple[int, ...]


def preview(on: date) -> Preview:
    """What a run for the day would bill and park, by the same rules, writing nothing."""
    seen = Preview()
    for part, _ignored in _looks(on):
        seen.add(part)
    return seen


def differences(on: date) -> Iterator[Bill]:
    """For each customer whom a run for the day would bill: the amount, and why it differs from the last."""
    return (bill for _, bills in _looks(on) for bill in bills)


def seen(on: date) -> Preview:
    """What a day would come to: at once where that is quick, else what is kept of it. Raises Invalid, Conflict."""
    refuse_far(on)
    return preview(on) if _is_quick(on) else queries.kept(_made(on).id)


def seen_bills(on: date) -> Iterator[Bill]:
    """The bill of each customer on a day: at once where that is quick, else what is kept. Raises Invalid, Conflict."""
    refuse_far(on)
    return differences(on) if _is_quick(on) else queries.kept_bills(_made(on).id)


def order(on: date) -> RunPreview:
    """Have the preview of a day made, or made anew; where one is being made already, it is that one.

    Raises Invalid for a far day.
    """
    refuse_far(on)
    ordered = _locked(on)
    if not queries.pending_part_ids(ordered.id):
        _plan(ordered)
    announce(ordered)
    return ordered


def announce(ordered: RunPreview) -> None:
    """Tell the workers which parts wait."""
    publish(PreviewOrdered(ordered.id, tuple(queries.pending_part_ids(ordered.id))))


def look_at_part(part_id: int) -> None:
    """Look at one part and keep what it comes to; nothing where that was done, or another worker is at it."""
    part = db.session.scalars(
        select(RunPreviewPart).where(RunPreviewPart.id == part_id, RunPreviewPart.outcome.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if part is None:
        return
    on = db.session.get_one(RunPreview, part.preview_id).billing_on
    seen, bills = _look(on, first=part.first_customer_id, last=part.last_customer_id)
    part.outcome, part.bills = seen.as_json(), list(map(list, bills))


def finish(preview_id: int) -> None:
    """Note when a preview was made, once no part is pending; in a transaction of its own."""
    ordered = db.session.get(RunPreview, preview_id, with_for_update=True)
    if ordered and ordered.made_at is None and not queries.pending_part_ids(preview_id):
        ordered.made_at = current.now()


def foresee(customer_id: int, *, on: date) -> InvoiceDraft | None:
    """What billing one customer for a day would come to, by the same rules, writing nothing; None where nothing is due.

    Raises Conflict, with the reason, where the customer would be parked.
    """
    outcome = Outcome()
    _due, documents = _drafted(on, outcome, first=customer_id, last=customer_id)
    found = [document.draft for document in documents]
    if outcome.parked:
        raise Conflict(_("The customer cannot be billed now: %(parked)s", parked=outcome.parked[customer_id]))
    return found[0] if found else None


def _is_quick(on: date) -> bool:
    return not runs.is_large(on, more_than=AT_ONCE)


def _made(on: date) -> RunPreview:
    kept = queries.of_day(on)
    if kept is None or kept.made_at is None:
        raise Conflict(_("The preview of this day is not made yet."))
    return kept


def _locked(on: date) -> RunPreview:
    db.session.execute(insert(RunPreview).values(
        billing_on=on, ordered_by=current.actor.name, ordered_at=current.now()
    ).on_conflict_do_nothing())
    return db.session.scalars(
        select(RunPreview).where(RunPreview.billing_on == on).with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _plan(ordered: RunPreview) -> None:
    long_past = current.today() - timedelta(days=KEPT_DAYS)
    for forgotten in (delete(RunPreview).where(RunPreview.billing_on < min(long_past, ordered.billing_on)),
                      delete(RunPreviewPart).where(RunPreviewPart.preview_id == ordered.id)):
        db.session.execute(forgotten.execution_options(synchronize_session=False))
    ranges = _ranges(ordered.billing_on)
    db.session.add_all([
        RunPreviewPart(preview_id=ordered.id, ordinal=ordinal, first_customer_id=first, last_customer_id=last)
        for ordinal, (first, last) in enumerate(ranges, start=1)
    ])
    ordered.ordered_by, ordered.ordered_at = current.actor.name, current.now()
    ordered.made_at = None
    db.session.flush()


def _looks(on: date) -> Iterator[tuple[Preview, list[Bill]]]:
    """What a run for the day would come to, chunk by chunk as it would bill."""
    for first, last in _ranges(on):
        yield _look(on, first=first, last=last)


def _ranges(on: date) -> list[tuple[int, int]]:
    """The chunks of a run for the day, stretched so that every customer lies in one: some are charged no more."""
    lasts = [last for _, last in runs.due_ranges(on, size=CHUNK_SIZE)][:-1]
    return [(before + 1, last) for before, last in pairwise([0, *lasts, runs.LAST_KEY])]


def _look(on: date, *, first: int, last: int) -> tuple[Preview, list[Bill]]:
    """What the due customers of a range come to, and the bill of each, also of those who are charged no more."""
    outcome = Outcome()
    due, documents = _drafted(on, outcome, first=first, last=last)
    outcome.count(document.draft for document in documents)
    bills = _bills(documents, on)
    gone = queries.charged_no_more(on, first=first, last=last) - {customer.id for customer in due}
    ended = [Bill(key, 0, explain([], parts)) for key, parts in queries.last_bills(gone, before=on).items()]
    seen = Preview(outcome.subscriptions, outcome.invoices, outcome.lines, outcome.total_minor, parked=outcome.parked)
    seen.add(Preview(examples=list(map(_example, documents[:EXAMPLES]))))
    for bill in (*bills, *ended):
        seen.add(Preview(causes=dict(bill.causes)))
    return seen, [bill for bill, document in zip(bills, documents, strict=True) if document.draft.lines] + ended


def _drafted(
    on: date, outcome: Outcome, *, first: int, last: int
) -> tuple[list[DueCustomer], list[InvoiceToIssue]]:
    """The due customers of a range and their documents, with the usage that a run would rate first."""
    with metering.foreseen(by=min(on, current.today()), customers=(first, last)):
        due = runs.due_customers(on, first=first, last=last, lock=False)
        return due, list(drafts(due, on, outcome))


def _bills(documents: Sequence[InvoiceToIssue], on: date) -> list[Bill]:
    before = queries.last_bills([document.draft.customer_id for document in documents], before=on)
    return [
        Bill(draft.customer_id, draft.total_minor,
             explain(list(map(part_of, draft.lines)), before.get(draft.customer_id, [])))
        for draft in (document.draft for document in documents)
    ]


def _example(document: InvoiceToIssue) -> Example:
    lines = [ExampleLine(line.description, line.period_start, line.period_end, line.arithmetic)
             for line in document.draft.lines]
    return Example(document.draft.customer_id, document.buyer.name, lines, document.draft.total_minor)

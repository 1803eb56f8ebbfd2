"""What a run for a day would bill and park, by the rules of the run itself. Nothing is written."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from ispbill.billing.invoices.policy import InvoiceDraft
from ispbill.billing.invoices.service import InvoiceToIssue
from ispbill.billing.runs import queries as runs
from ispbill.billing.runs.preview import queries
from ispbill.billing.runs.preview.policy import Cause, explain, part_of
from ispbill.billing.runs.service import CHUNK_SIZE, Outcome, drafts, tally
from ispbill.core.errors import Conflict

# Documents that a preview keeps to be looked at.
EXAMPLES = 20


@dataclass(slots=True)
class Preview(Outcome):
    """What a run would come to, the difference from the last bills by cause, and some documents to look at."""

    causes: dict[Cause, int] = field(default_factory=dict)
    examples: list[InvoiceToIssue] = field(default_factory=list)


def preview(on: date) -> Preview:
    """What a run for the day would bill and park, by the same rules, writing nothing."""
    outcome = Preview()
    for documents in _chunks(on, outcome):
        outcome.examples += documents[: EXAMPLES - len(outcome.examples)]
        tally(outcome, documents)
        for causes in _differences(documents, on).values():
            _add(outcome.causes, causes)
    return outcome


def differences(on: date) -> Iterator[tuple[int, int, dict[Cause, int]]]:
    """For each customer whom a run for the day would bill: their id, the amount, and why it differs from the last."""
    for documents in _chunks(on, Outcome()):
        causes = _differences(documents, on)
        for document in documents:
            if document.draft.lines:
                key = document.draft.customer_id
                yield key, document.draft.total_minor, causes[key]


def foresee(customer_id: int, *, on: date) -> InvoiceDraft | None:
    """What billing one customer for a day would come to, by the same rules, writing nothing; None where nothing is due.

    Raises Conflict, with the reason, where the customer would be parked.
    """
    outcome = Outcome()
    due = runs.due_customers(on, first=customer_id, last=customer_id, lock=False)
    found = [document.draft for document in drafts(due, on, outcome)]
    if outcome.parked:
        raise Conflict(f"The customer cannot be billed now: {outcome.parked[customer_id]}")
    return found[0] if found else None


def _chunks(on: date, outcome: Outcome) -> Iterator[list[InvoiceToIssue]]:
    """What a run for the day would issue, chunk by chunk as it would; who would be parked is noted in the outcome."""
    for first, last, _ in runs.due_ranges(on, size=CHUNK_SIZE):
        yield list(drafts(runs.due_customers(on, first=first, last=last, lock=False), on, outcome))


def _differences(documents: Sequence[InvoiceToIssue], on: date) -> dict[int, dict[Cause, int]]:
    before = queries.last_bills([document.draft.customer_id for document in documents], before=on)
    return {
        document.draft.customer_id: explain(
            list(map(part_of, document.draft.lines)), before.get(document.draft.customer_id, [])
        ) for document in documents
    }


def _add(totals: dict[Cause, int], causes: dict[Cause, int]) -> None:
    for cause, minor in causes.items():
        totals[cause] = totals.get(cause, 0) + minor

"""One chunk of a run: its customers priced by pure functions and written with COPY.

If writing fails it is done again customer by customer, and the one that fails is parked with the reason while all
others are billed.
"""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date

from sqlalchemy import delete
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from ispbill.billing.charges.policy import UnsafeDraft
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.policy import draft_invoice
from ispbill.billing.payments import service as payments
from ispbill.billing.runs import queries
from ispbill.billing.runs.models import BillingRun, BillingRunChunk, BillingRunException
from ispbill.billing.runs.policy import Outcome, UnusualAmount, check_usual
from ispbill.billing.runs.queries import DueCustomer
from ispbill.company import service as company
from ispbill.core.bulk import any_key
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.subscriptions import service as subscriptions

# What concerns one customer's bill and not the run.
REFUSALS = (IntegrityError, DataError, Conflict)
# Bills the customers of a chunk, and notes whom it parks; the last are those whose unusual bill may be issued.
Bill = Callable[[list[DueCustomer], BillingRun, Collection[int]], Outcome]


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


def bill(chunk: BillingRunChunk, run: BillingRun, due: list[DueCustomer], *, how: Bill) -> Outcome:
    """Bill the due customers of a chunk, `together` or `or_park`, and note on it what came of it."""
    # Before its first chunk a run has parked nobody.
    parked = queries.parked(run.id, [customer.id for customer in due]) if chunk.ordinal > 1 else {}
    outcome = how(due, run, [key for key, is_released in parked.items() if is_released])
    _park(run, outcome, before=parked)
    chunk.status, chunk.finished_at = "done", current.now()
    chunk.subscription_count, chunk.invoice_count = outcome.subscriptions, outcome.invoices
    chunk.line_count, chunk.total_minor = outcome.lines, outcome.total_minor
    return outcome


def or_park(due: list[DueCustomer], run: BillingRun, released: Collection[int]) -> Outcome:
    """Bill customers together; where one is refused, one by one, so that only the one it is about is parked."""
    try:
        with db.session.begin_nested():
            return together(due, run, released)
    except REFUSALS:
        outcome = Outcome()
        for document in drafts(due, run.billing_on, outcome, released=released):
            _bill_alone(document, run, outcome)
        return outcome


def together(due: list[DueCustomer], run: BillingRun, released: Collection[int]) -> Outcome:
    """Bill customers in one stroke; a refusal of one is raised and leaves nothing of any."""
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
    except REFUSALS as error:
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

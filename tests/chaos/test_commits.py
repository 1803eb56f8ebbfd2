"""kill -9 right before and right after every COMMIT of runs, jobs, money in and out: all is there, or nothing."""
from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from ispbill.billing.invoices import queries as documents
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.ledger import service as ledger
from ispbill.billing.notes import service as notes
from ispbill.billing.notes.service import CreditFacts
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.billing.payments.service import Receipt
from ispbill.billing.prepaid.models import PrepaidSubscription
from ispbill.billing.proformas import service as proformas
from ispbill.billing.proformas.models import Proforma
from ispbill.billing.refunds import service as refunds
from ispbill.billing.refunds.service import RefundFacts
from ispbill.billing.runs import jobs, queries, service
from ispbill.billing.runs.models import BillingRun, BillingRunChunk
from ispbill.catalogue.models import Plan
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.jobs.queue import delivering_to
from tests.make import bills, corrections, loads, offers, people
from tests.make.crashes import killed
from tests.scenarios.simulation.checks import findings, state

pytestmark = pytest.mark.chaos

TODAY = date(2026, 3, 10)
SUBSCRIBERS, CHUNK = 12, 4
# Opening the run, three chunks, the look for what another worker left, the end.
COMMITS_OF_A_RUN = 6
MOMENTS = ("before", "after")
Verb = Callable[[int], object]


def pay(customer_id: int) -> object:
    """Half of what is owed, with a key."""
    return payments.record(Receipt(customer_id, 50_000, "cash", idempotency_key="once"))


def bounce(customer_id: int) -> object:
    """The cheque that paid for the invoice bounces."""
    cheque = select(Payment).where(Payment.customer_id == customer_id, Payment.method == "cheque")
    return payments.reverse(db.session.scalars(cheque).one(), reason="bounced")


def void(customer_id: int) -> object:
    """The invoice is taken back, once the payment is taken off it."""
    ledger.hold_account(customer_id)
    live = select(PaymentAllocation).where(PaymentAllocation.released_at.is_(None))
    for share in db.session.scalars(live).all():
        allocations.unapply(share)
    return invoices.void(db.session.scalars(select(Invoice).where(Invoice.customer_id == customer_id)).one(),
                         reason="billed in error")


def load(customer_id: int) -> object:
    """A month for cash, with a key."""
    return loads.load(customer_id, plan=db.session.scalars(select(Plan)).one(), key="once")


def renew(customer_id: int) -> object:
    """A month more of a line that is being served, with a key."""
    line = select(PrepaidSubscription).where(PrepaidSubscription.customer_id == customer_id)
    living = db.session.scalars(line).one()
    return loads.load(customer_id, plan=db.session.get_one(Plan, living.plan_id), prepaid_id=living.id, key="again")


def credit(customer_id: int) -> object:
    """All that is left of the invoice is credited."""
    wanted = select(Invoice.id).where(Invoice.customer_id == customer_id, Invoice.kind == DocumentKind.INVOICE)
    invoice = documents.detail(db.session.scalars(wanted).one())
    assert invoice is not None
    return notes.credit(invoice, CreditFacts("Outage"))


def agree(customer_id: int) -> object:
    """A proforma becomes an invoice."""
    return proformas.invoice(db.session.scalars(select(Proforma).where(Proforma.customer_id == customer_id)).one())


def refund(customer_id: int) -> object:
    """What was paid too much is paid back, with a key."""
    return refunds.refund(RefundFacts(customer_id, 5_000, "cash", "Moved", idempotency_key="once"))


def nothing(customer_id: int) -> None:
    """What the invoice needs is there."""


def pay_too_much(customer_id: int) -> None:
    """More than the invoice asks."""
    bills.paid(customer_id, 100_000)


def propose(customer_id: int) -> None:
    """A proforma is sent."""
    corrections.offered(customer_id)


def serve(customer_id: int) -> None:
    """A prepaid line is loaded once."""
    with unit_of_work():
        loads.load(customer_id)


@pytest.fixture
def maria(tenant: TenantRef) -> int:
    """A customer with an invoice of 1,000 that a cheque settled in part."""
    invoice = bills.billed("Maria Santos", price_minor=100_000)
    bills.paid(invoice.customer_id, 20_000, method="cheque", reference="BDO 12")
    return invoice.customer_id


def in_a_unit(verb: Verb, customer_id: int) -> None:
    """The verb as a request carries it out; done before is done."""
    with contextlib.suppress(Conflict), unit_of_work():
        verb(customer_id)


def now() -> tuple[object, ...]:
    """What there is."""
    with unit_of_work():
        assert not list(findings())
        return state()


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("before_it", "verb"), [
    (nothing, pay), (nothing, bounce), (nothing, void), (nothing, load), (serve, renew), (nothing, credit),
    (propose, agree), (pay_too_much, refund),
])
def test_killed_at_the_commit_of_a_verb_all_of_it_is_there_or_nothing_and_again_does_it_once(
    maria: int, before_it: Callable[[int], None], verb: Verb, moment: str
) -> None:
    before_it(maria)
    before = now()
    killed(lambda: in_a_unit(verb, maria), moment=moment)
    survived = now()
    assert (survived == before) is (moment == "before")
    in_a_unit(verb, maria)
    done = now()
    assert (done == survived) is (moment == "after")
    in_a_unit(verb, maria)
    assert now() == done != before


@pytest.fixture
def subscribers(tenant: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    """A company with twelve subscribers due today, billed in chunks of four; one has paid ahead."""
    monkeypatch.setattr(service, "CHUNK_SIZE", CHUNK)
    with unit_of_work():
        plan = offers.plan(100_000, tax=offers.tax())
        customers = [people.register_customer() for _ in range(SUBSCRIBERS)]
        for customer in customers:
            offers.subscribe(customer, plans=[(plan, 1, None), (plan, 1, 9_900)], start_on=TODAY)
    bills.paid(customers[0].id, 50_000)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("commit", range(1, COMMITS_OF_A_RUN + 1))
def test_killed_at_any_commit_of_a_run_whole_chunks_stand_and_again_bills_the_rest(
    subscribers: None, commit: int, moment: str
) -> None:
    killed(lambda: jobs.bill_now(TODAY), moment=moment, commit=commit)
    now()
    with unit_of_work():
        assert count_of(Invoice) % CHUNK == 0
    jobs.bill_now(TODAY)
    billed = now()
    with unit_of_work():
        assert count_of(Invoice) == SUBSCRIBERS
    assert jobs.bill_now(TODAY).invoices == 0 and now() == billed


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_the_commit_of_a_day_of_one_chunk_all_of_it_stands_or_nothing_and_again_bills_it_once(
    subscribers: None, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    monkeypatch.setattr(service, "CHUNK_SIZE", SUBSCRIBERS)
    with delivering_to(lambda *nudge: None):
        killed(lambda: jobs.open_run.run(current.tenant, TODAY.isoformat()), moment=moment)
        now()
        with unit_of_work():
            assert count_of(Invoice) == (SUBSCRIBERS if moment == "after" else 0)
        jobs.open_run.run(current.tenant, TODAY.isoformat())
        billed = now()
        with unit_of_work():
            assert count_of(Invoice) == SUBSCRIBERS
            assert db.session.scalars(select(BillingRun.status)).one() == "completed"
        jobs.open_run.run(current.tenant, TODAY.isoformat())
    assert now() == billed


def bill_a_chunk() -> object:
    """The first chunk, as a worker bills it."""
    return jobs.bill_chunk.run(current.tenant, 1, 1)


def complete() -> object:
    """What follows the last chunk."""
    return jobs.complete_run.run(current.tenant, 1)


def approve() -> object:
    """The minute after a run has waited long enough."""
    return jobs.resume_runs.run(current.tenant)


def bill_every_chunk() -> None:
    """All is billed, and nobody has closed the run."""
    with unit_of_work():
        chunk_ids = queries.pending_chunk_ids(service.open_run(TODAY, approved=True).id)
    for chunk_id in chunk_ids:
        with unit_of_work():
            service.bill_chunk(chunk_id)


def wait_for_approval() -> None:
    """A run that waits for somebody, longer than the company lets it."""
    with unit_of_work(), at(current.now() - timedelta(hours=7)):
        company.change_terms(BillingTerms(15, auto_issue=False, invoice_note="", approve_after_hours=6))
        service.open_run(TODAY, approved=False)


def plan_chunks() -> None:
    """A run whose chunks all wait."""
    with unit_of_work():
        service.open_run(TODAY, approved=True)


def progress() -> tuple[object, ...]:
    """What there is, how far the run is, and who approved it."""
    there = now()
    with unit_of_work():
        chunks = db.session.execute(select(BillingRunChunk.id, BillingRunChunk.status)).all()
        runs = db.session.execute(select(BillingRun.status, BillingRun.approved_by)).all()
    return *there, sorted(map(tuple, chunks)), [tuple(run) for run in runs]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("before_it", "work"), [
    (plan_chunks, bill_a_chunk), (bill_every_chunk, complete), (wait_for_approval, approve),
])
def test_killed_at_the_commit_of_a_workers_job_it_is_done_or_not_and_again_does_it_once(
    subscribers: None, before_it: Callable[[], None], work: Callable[[], object], moment: str
) -> None:
    before_it()
    before = progress()
    with delivering_to(lambda *nudge: None):
        killed(work, moment=moment)
        survived = progress()
        assert (survived == before) is (moment == "before")
        work()
        done = progress()
        assert (done == survived) is (moment == "after")
        work()
    assert progress() == done != before
    jobs.bill_now(TODAY)
    now()
    with unit_of_work():
        assert count_of(Invoice) == SUBSCRIBERS


def count_of(model: Any) -> int:
    """How many rows there are."""
    return db.session.scalars(select(func.count()).select_from(model)).one()

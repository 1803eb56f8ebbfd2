"""kill -9 right before and right after every COMMIT of a run, a payment, a load, a void: all is there, or nothing."""
from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, func, select

from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment, PaymentStatus
from ispbill.billing.payments.service import Receipt
from ispbill.billing.prepaid.models import PrepaidLoad
from ispbill.billing.runs import jobs, service
from ispbill.catalogue.models import Plan
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import TenantSession, db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills, loads, offers, people
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
    """The invoice is taken back, whatever has settled it."""
    return invoices.void(db.session.scalars(select(Invoice).where(Invoice.customer_id == customer_id)).one(),
                         reason="billed in error")


def load(customer_id: int) -> object:
    """A month for cash, with a key."""
    return loads.load(customer_id, plan=db.session.scalars(select(Plan)).one(), key="once")


@pytest.fixture
def maria(tenant: TenantRef) -> int:
    """A customer with an invoice of 1,000 that a cheque settled in part."""
    invoice = bills.billed("Maria Santos", price_minor=100_000)
    bills.paid(invoice.customer_id, 20_000, method="cheque", reference="BDO 12")
    return invoice.customer_id


def killed(work: Callable[[], object], *, moment: str, commit: int = 1) -> None:
    """Do something in a process of its own, which is killed right before or after its commit of that number."""
    child = os.fork()
    if child == 0:
        try:
            db.engine.dispose(close=False)
            die_at(moment, commit)
            work()
        finally:
            os._exit(1)  # it should not have come so far
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def die_at(moment: str, commit: int) -> None:
    """Have this process killed when its commit of that number is about to be sent, or has just been answered."""
    left = commit

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    if moment == "before":
        event.listen(db.engine, "commit", count)
    else:
        event.listen(TenantSession, "after_commit", count)


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
@pytest.mark.parametrize("verb", [pay, bounce, void, load])
def test_killed_at_the_commit_of_a_verb_all_of_it_is_there_or_nothing_and_again_does_it_once(
    maria: int, verb: Verb, moment: str
) -> None:
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


def count_of(model: Any) -> int:
    """How many rows there are."""
    return db.session.scalars(select(func.count()).select_from(model)).one()


def test_a_void_and_payments_at_the_same_moment_leave_every_cent_somewhere(
    app: IspbillFlask, tenant: TenantRef, maria: int
) -> None:
    moment = current.now()

    def come(number: int) -> None:
        with app.app_context(), bound(tenant, SYSTEM), at(moment):
            in_a_unit((void, void, pay, bounce)[number], maria)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(come, range(4)))
    now()
    with unit_of_work():
        assert db.session.scalars(select(Invoice.status)).all() == [InvoiceStatus.VOID]
        assert sorted(db.session.scalars(select(Payment.status))) == [PaymentStatus.RECORDED, PaymentStatus.REVERSED]
        assert count_of(PrepaidLoad) == 0

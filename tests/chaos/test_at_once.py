"""Several people and processes at the same moment: each thing happens once, and every cent is somewhere."""
from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import select

from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment, PaymentStatus
from ispbill.billing.payments.service import Receipt
from ispbill.billing.runs import queries as run_queries
from ispbill.billing.runs import service as runs
from ispbill.billing.runs.models import BillingRun
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.chaos.test_commits import bounce, now, pay, void
from tests.make import bills, corrections

pytestmark = pytest.mark.chaos


@pytest.fixture
def maria(tenant: TenantRef) -> int:
    """A customer with an invoice of 1,000 that a cheque settled in part."""
    invoice = bills.billed("Maria Santos", price_minor=100_000)
    bills.paid(invoice.customer_id, 20_000, method="cheque", reference="BDO 12")
    return invoice.customer_id


def at_once(app: IspbillFlask, tenant: TenantRef, works: Sequence[Callable[[], object]]) -> None:
    """Do all of it at the same moment, each in a thread and a unit of work of its own."""
    moment, start = current.now(), Barrier(len(works))

    def come(work: Callable[[], object]) -> None:
        with app.app_context(), bound(tenant, SYSTEM), at(moment):
            start.wait()
            with contextlib.suppress(Conflict), unit_of_work():
                work()

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(come, works))


def test_two_payments_at_the_same_moment_settle_an_invoice_once_and_the_rest_is_credit(
    app: IspbillFlask, tenant: TenantRef, maria: int
) -> None:
    at_once(app, tenant, [partial(payments.record, Receipt(maria, 80_000, "cash", idempotency_key=key))
                          for key in ("at the desk", "at the door")])
    now()
    assert corrections.open_amounts(maria) == [] and corrections.credit_of(maria) == 80_000
    assert corrections.balance(maria) == -80_000


def test_one_click_that_comes_four_times_at_the_same_moment_is_one_payment(
    app: IspbillFlask, tenant: TenantRef, maria: int
) -> None:
    at_once(app, tenant, [partial(pay, maria)] * 4)
    now()
    with unit_of_work():
        amounts = db.session.scalars(select(Payment.amount_minor).order_by(Payment.id)).all()
    assert amounts == [20_000, 50_000]


def test_a_void_and_payments_at_the_same_moment_leave_every_cent_somewhere(
    app: IspbillFlask, tenant: TenantRef, maria: int
) -> None:
    at_once(app, tenant, [partial(verb, maria) for verb in (void, void, pay, bounce)])
    now()
    with unit_of_work():
        assert db.session.scalars(select(Invoice.status)).all() == [InvoiceStatus.VOID]
        assert sorted(db.session.scalars(select(Payment.status))) == [PaymentStatus.RECORDED, PaymentStatus.REVERSED]


def test_of_a_discard_and_an_approval_at_the_same_moment_exactly_one_wins(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.subscriber()
    for ahead in range(1, 6):
        day, won = date(2026, 3, 10) + timedelta(days=ahead), list[str]()
        with unit_of_work():
            runs.start(day, approved=False)

        def decide(verb: Callable[[BillingRun], object], day: date, both: Barrier, won: list[str]) -> None:
            run = run_queries.of_day(day)
            assert run is not None
            both.wait()
            verb(run)
            won.append(verb.__name__)

        facts = (day, Barrier(2), won)
        at_once(app, tenant, [partial(decide, verb, *facts) for verb in (runs.discard, runs.approve)])
        with unit_of_work():
            run = run_queries.of_day(day)
            assert won == (["discard"] if run is None else ["approve"])
            assert run is None or (run.status, len(run_queries.pending_chunk_ids(run.id))) == ("running", 1)

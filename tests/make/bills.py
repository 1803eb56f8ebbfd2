"""Builders of invoices and payments: subscriptions are billed by the real run, money is recorded by the real verb."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, update

from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.payments.service import Receipt
from ispbill.billing.runs import jobs
from ispbill.catalogue.models import TaxRate
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.jobs.queue import delivering_to, run_jobs
from ispbill.subscriptions.models import SubscriptionComponent
from tests.make import offers, people
from tests.make.offers import LONG_AGO


def subscriber(
    name: str | None = None, *, price_minor: int = 149_900, tax: Callable[[], TaxRate] | None = None, **facts: Any
) -> int:
    """A customer with one subscription from today that nobody billed yet; the id."""
    with unit_of_work():
        customer = people.register_customer(name, **facts)
        offers.subscribe(customer, plans=[(offers.plan(price_minor, tax=tax() if tax else None), 1, None)])
    return customer.id


def unbillable(name: str | None = None) -> int:
    """A customer whom every run parks: the subscription is years behind; the id."""
    with unit_of_work():
        customer = people.register_customer(name)
        subscription = offers.subscribe(customer)
        db.session.flush()
        db.session.execute(
            update(SubscriptionComponent).where(SubscriptionComponent.subscription_id == subscription.id)
            .values(start_on=LONG_AGO, billed_until=LONG_AGO, due_on=LONG_AGO)
        )
    return customer.id


def billed(name: str | None = None, **facts: Any) -> Invoice:
    """The invoice of a new subscriber, billed today."""
    customer_id = subscriber(name, **facts)
    jobs.bill_now(current.today())
    with unit_of_work():
        (invoice,) = invoices.of_customer(customer_id)
    return invoice


def paid(customer_id: int, amount_minor: int, **facts: Any) -> Payment:
    """Money from a customer, in cash unless said otherwise."""
    with unit_of_work():
        return payments.record(
            Receipt(**{"customer_id": customer_id, "amount_minor": amount_minor, "method": "cash", **facts})
        )


@contextmanager
def jobs_done() -> Iterator[None]:
    """Do, after the block, what it queued."""
    waiting: list[tuple[Any, ...]] = []
    with delivering_to(lambda *nudge: waiting.append(nudge)):
        yield
        while waiting:
            path, tenant_code, arguments = waiting.pop(0)
            run_jobs(path, [tenant_code], arguments)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that the block sends."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

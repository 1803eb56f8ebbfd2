"""The schedule played in this process: what a sweep nudges runs at once, with the clock that stands."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ispbill import schedule
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.runs.models import BillingRun
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.jobs.draining import drain
from ispbill.jobs.queue import queue
from ispbill.tenancy import registry
from tests.conftest import NOON_IN_MANILA
from tests.make import offers

TICKS = tuple(entry.tick for entry in schedule.ENTRIES)


@pytest.fixture
def billed_customer(tenant: TenantRef) -> Iterator[TenantRef]:
    """A company with one subscription that has begun today."""
    with unit_of_work():
        offers.subscribe(start_on=current.today())
    yield tenant


def _count(model: type) -> int:
    with unit_of_work():
        return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def test_one_drain_bills_what_is_due_and_closes_the_day(billed_customer: TenantRef) -> None:
    drain(TICKS, only={billed_customer.code})
    assert _count(Invoice) == 1
    assert registry.by_code(billed_customer.code).billed_on == current.today()


def test_a_second_drain_of_the_same_day_adds_nothing(billed_customer: TenantRef) -> None:
    drain(TICKS, only={billed_customer.code})
    drain(TICKS, only={billed_customer.code})
    assert _count(Invoice) == 1 and _count(BillingRun) == 1


def test_a_moved_clock_leaves_other_companies_to_the_real_schedule(
    billed_customer: TenantRef, other_tenant: TenantRef
) -> None:
    with at(NOON_IN_MANILA + timedelta(days=31)):
        drain(TICKS, only={billed_customer.code})
    assert _count(Invoice) == 1, "both periods stand on the invoice of the day that found them"
    with bound(other_tenant, SYSTEM):
        assert _count(BillingRun) == 0


def test_nothing_passes_through_the_queue(billed_customer: TenantRef) -> None:
    waiting = len(queue())
    drain(TICKS, only={billed_customer.code})
    assert len(queue()) == waiting

"""Free trials: the first days of a plan are not charged, once for each customer. Today is 10 March 2026 in Manila."""
from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from ispbill.billing.invoices.models import InvoiceLine
from ispbill.billing.runs import jobs
from ispbill.catalogue.models import Plan
from ispbill.core.current import TenantRef, at
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import SubscriptionComponent
from ispbill.subscriptions.policy import Start, charged_from
from tests.make import offers, people

TODAY, FREE_UNTIL = date(2026, 3, 10), date(2026, 3, 17)


@pytest.fixture
def tried(tenant: TenantRef) -> int:
    """A plan of ₱310 a month that is free for seven days."""
    with unit_of_work():
        return offers.plan(31_000, trial_days=7).id


def begin(plan_id: int, customer_id: int | None = None, **start: Any) -> int:
    with unit_of_work():
        plan = db.session.get_one(Plan, plan_id)
        customer = db.session.get_one(Customer, customer_id) if customer_id else people.register_customer()
        begins = Start(**{"on": TODAY, "anchor_day": 1, **start})
        return subscriptions.subscribe(customer, plans=[(plan, 1, None)], start=begins).id


def charged_since(subscription_id: int) -> date:
    with unit_of_work():
        return db.session.scalars(
            select(SubscriptionComponent.start_on).where(SubscriptionComponent.subscription_id == subscription_id)
        ).one()


def owner_of(subscription_id: int) -> int:
    with unit_of_work():
        found = queries.get(subscription_id)
        assert found is not None
        return found.customer_id


@pytest.mark.parametrize(("on", "taken_on", "charged"), [
    ("2024-03-04", None, "2024-03-11"), ("2024-03-11", "2024-03-04", "2024-03-11"),
    ("2024-03-08", "2024-03-04", "2024-03-11"), ("2024-06-01", "2024-03-04", "2024-06-01"),
    ("2024-03-04", "2024-06-01", "2024-03-11"),
])
def test_a_trial_runs_once_from_the_day_on_which_it_was_first_taken(
    on: str, taken_on: str | None, charged: str
) -> None:
    since = date.fromisoformat(taken_on) if taken_on else None
    start = Start(date.fromisoformat(on))
    assert charged_from(start, trial_days=7, taken_on=since) == date.fromisoformat(charged)


def test_nothing_is_billed_in_the_trial_and_the_rest_of_the_month_after_it(tried: int) -> None:
    begin(tried)
    assert jobs.bill_now(TODAY).lines == 0
    with at(datetime(2026, 3, 17, 4, tzinfo=UTC)):
        jobs.bill_now(FREE_UNTIL)
    with unit_of_work():
        line = db.session.scalars(select(InvoiceLine)).one()
        assert (line.period_start, line.period_end, line.amount_minor) == (FREE_UNTIL, date(2026, 4, 1), 15_000)


def test_who_begins_again_gets_no_second_trial(tried: int) -> None:
    first = begin(tried)
    customer_id = owner_of(first)
    with unit_of_work():
        found = queries.get(first)
        assert found is not None
        subscriptions.end(found, on=TODAY, reason="asked")
    again = begin(tried, customer_id, on=date(2026, 3, 12))
    assert charged_since(again) == FREE_UNTIL, "what is left of the trial stays"
    assert charged_since(begin(tried, customer_id, on=date(2026, 3, 20))) == date(2026, 3, 20)
    assert charged_since(begin(tried)) == FREE_UNTIL, "another customer has a trial of their own"


def test_whoever_leaves_in_the_trial_is_never_billed(tried: int) -> None:
    left = begin(tried)
    with unit_of_work():
        found = queries.get(left)
        assert found is not None
        subscriptions.end(found, on=date(2026, 3, 12), reason="asked")
    with at(datetime(2026, 4, 1, 4, tzinfo=UTC)):
        assert jobs.bill_now(date(2026, 4, 1)).lines == 0


def test_without_a_billing_day_it_is_the_day_after_the_trial_for_all_that_is_taken(tried: int) -> None:
    with unit_of_work():
        plans = [(db.session.get_one(Plan, tried), 1, None), (offers.plan(5_000), 1, None)]
        line = offers.subscribe(plans=plans)
        assert line.anchor_day == 17
        assert [(part.start_on, part.anchor_day) for part in line.components] == [(FREE_UNTIL, 17), (TODAY, 17)]


def test_a_trial_can_be_left_out(tried: int) -> None:
    assert charged_since(begin(tried, grants_trials=False)) == TODAY


def test_a_trial_longer_than_a_year_is_refused_with_its_field(tenant: TenantRef) -> None:
    with unit_of_work(), pytest.raises(Invalid) as refusal:
        offers.plan(trial_days=367)
    assert refusal.value.field == "trial_days"


def test_a_trial_goes_on_under_another_plan(tried: int) -> None:
    line = begin(tried)
    with at(datetime(2026, 3, 12, 4, tzinfo=UTC)), unit_of_work():
        found = queries.get(line)
        assert found is not None
        (trial,) = found.running
        changes.change(trial, found, new=NewTerms(plan=offers.plan(62_000)), on=date(2026, 3, 12))
        (now,) = found.running
        assert (now.unit_price_minor, now.start_on, now.due_on) == (62_000, FREE_UNTIL, FREE_UNTIL)
    with at(datetime(2026, 3, 17, 4, tzinfo=UTC)):
        assert jobs.bill_now(FREE_UNTIL).total_minor == 30_000, "620.00 × 15 ÷ 31 days, and nothing of the first plan"


def test_there_and_back_within_the_trial_comes_to_nothing(tried: int) -> None:
    line = begin(tried)
    with unit_of_work():
        found, first = queries.get(line), db.session.get_one(Plan, tried)
        assert found is not None
        for plan in (offers.plan(62_000), first):
            changes.change(found.running[0], found, new=NewTerms(plan=plan), on=TODAY)
        assert [(part.plan_id, part.due_on) for part in found.running] == [(tried, FREE_UNTIL)]
        with pytest.raises(Invalid):
            changes.change(found.running[0], found, new=NewTerms(quantity=2), on=date(2026, 3, 9))

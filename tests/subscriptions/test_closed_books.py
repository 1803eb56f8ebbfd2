"""No verb of a subscription reaches behind the line of closed books. Today is 10 March 2026 in Manila."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from ispbill.billing.closing import service as closing
from ispbill.core.current import TenantRef
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription
from tests.make import offers

JANUARY, LAST_CLOSED, FIRST_OPEN = date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1)


@pytest.fixture
def line(tenant: TenantRef) -> int:
    """A subscription since January, billed to the end of March; February is closed."""
    with unit_of_work():
        begun = offers.subscribe(plans=[(offers.plan(), 1, None), (offers.plan(5_000), 1, None)], start_on=JANUARY)
        offers.billed(begun, until=date(2026, 4, 1))
        closing.close(last_day=LAST_CLOSED)
        return begun.id


def begin(subscription: Subscription, on: date) -> object:
    return offers.subscribe(start_on=on)


def change(subscription: Subscription, on: date) -> object:
    return changes.change(subscription.running[0], subscription, new=NewTerms(quantity=2), on=on)


def add(subscription: Subscription, on: date) -> object:
    return changes.add(subscription, plan=offers.plan(), on=on)


def remove(subscription: Subscription, on: date) -> object:
    return changes.remove(subscription.running[0], subscription, on=on)


def move(subscription: Subscription, on: date) -> object:
    return changes.move_anchor(subscription, anchor_day=15, on=on)


def suspend(subscription: Subscription, on: date) -> object:
    return subscriptions.suspend(subscription, on=on, reason="away")


def end(subscription: Subscription, on: date) -> object:
    return subscriptions.end(subscription, on=on, reason="moved away")


@pytest.mark.parametrize("verb", [begin, change, add, remove, move, suspend, end])
def test_a_verb_is_refused_on_a_closed_day_and_done_on_the_first_open_one(
    line: int, verb: Callable[[Subscription, date], object]
) -> None:
    with unit_of_work():
        found = queries.get(line)
        assert found is not None
        with pytest.raises(Conflict, match="closed to 28 Feb 2026") as refusal:
            verb(found, LAST_CLOSED)
        assert refusal.value.field in ("on", "start_on")
        verb(found, FIRST_OPEN)


def test_service_does_not_resume_in_a_closed_month(tenant: TenantRef) -> None:
    with unit_of_work():
        begun = offers.subscribe(start_on=JANUARY)
        subscriptions.suspend(begun, on=date(2026, 2, 1), reason="away")
        closing.close(last_day=LAST_CLOSED)
        with pytest.raises(Conflict, match="closed to 28 Feb 2026"):
            subscriptions.resume(begun, on=LAST_CLOSED)
        assert subscriptions.resume(begun, on=FIRST_OPEN).status == "active"

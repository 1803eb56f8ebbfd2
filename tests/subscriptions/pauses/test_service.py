"""Pauses booked ahead, begun and ended by the day. Today is 10 March 2026 in Manila."""
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ispbill import schedule
from ispbill.audit.models import AuditEntry
from ispbill.billing.closing import service as closing
from ispbill.billing.collections.entitlement import queries as entitlement
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer
from ispbill.jobs.draining import drain
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.pauses import service as pauses
from tests.make import offers, people
from tests.make.days import noon, work

TODAY, APRIL, BACK = date(2026, 3, 10), date(2026, 4, 1), date(2026, 4, 11)


@pytest.fixture
def line(tenant: TenantRef) -> int:
    """A subscription that began today and pauses from 1 to 10 April."""
    with unit_of_work():
        begun = offers.subscribe(people.register_customer("Ana Reyes"))
        return subscriptions.suspend(begun, on=APRIL, until=BACK, reason="Holiday").id


def loaded(subscription_id: int) -> Subscription:
    found = queries.get(subscription_id)
    assert found is not None
    return found


def turned(on: date) -> int:
    with work(on):
        return pauses.turn_due()


def status(subscription_id: int) -> str:
    with unit_of_work():
        return loaded(subscription_id).status


def is_online(subscription_id: int, on: date) -> bool:
    with work(on):
        customer_id = loaded(subscription_id).customer_id
        verdict = entitlement.verdict(customer_id)
        assert verdict is not None
        (line,) = entitlement.lines(customer_id, verdict)
        return line.verdict.may_be_online


def days_of(subscription_id: int) -> list[tuple[date, date | None]]:
    with unit_of_work():
        return [(pause.start_on, pause.end_on) for pause in loaded(subscription_id).pauses]


def test_a_booked_pause_begins_and_ends_by_itself_and_nothing_happens_twice(line: int) -> None:
    assert status(line) == "active" and turned(date(2026, 3, 31)) == 0
    assert turned(APRIL) == 1 and turned(APRIL) == 0 and status(line) == "suspended"
    with unit_of_work():
        assert (loaded(line).suspended_on, loaded(line).status_reason) == (APRIL, "Holiday")
    assert turned(date(2026, 4, 10)) == 0
    assert turned(BACK) == 1 and turned(BACK) == 0 and status(line) == "active"
    with unit_of_work():
        assert loaded(line).suspended_on is None


def test_the_schedule_turns_it_and_the_audit_says_so(line: int) -> None:
    with noon(APRIL):
        tenant = current.tenant
        with bound(None, SYSTEM):
            drain([schedule.turn_pauses], only=[tenant.code])
    with unit_of_work():
        assert loaded(line).status == "suspended"
        newest = select(AuditEntry).where(AuditEntry.entity == "subscription", AuditEntry.entity_id == line)
        entry = db.session.scalars(newest.order_by(AuditEntry.id.desc()).limit(1)).one()
        assert entry.after is not None and entry.after["status"] == "suspended"
        assert entry.actor_kind == "system"


def test_whether_a_line_may_be_online_follows_the_day_before_anything_turned(line: int) -> None:
    assert [is_online(line, on) for on in (date(2026, 3, 31), APRIL, date(2026, 4, 10), BACK)] == [
        True, False, False, True]


def test_several_pauses_a_year_are_booked_and_one_is_cancelled(line: int) -> None:
    with unit_of_work():
        summer = subscriptions.suspend(loaded(line), on=date(2026, 7, 1), until=date(2026, 8, 1), reason="Summer")
        with pytest.raises(Conflict, match="from 1 Jul 2026 to 31 Jul 2026"):
            subscriptions.suspend(loaded(line), on=date(2026, 7, 31), until=date(2026, 8, 5), reason="Again")
        pauses.cancel(summer.pauses[0], summer)
    assert days_of(line) == [(date(2026, 7, 1), date(2026, 8, 1))]
    assert turned(APRIL) == 0


def test_what_has_begun_is_resumed_and_not_cancelled(line: int) -> None:
    turned(APRIL)
    with work(date(2026, 4, 4)):
        with pytest.raises(Conflict, match="Resume"):
            pauses.cancel(loaded(line).pauses[0], loaded(line))
        assert subscriptions.resume(loaded(line), on=date(2026, 4, 4)).status == "active"
    assert days_of(line) == [(APRIL, date(2026, 4, 4))] and turned(BACK) == 0


def test_a_pause_without_a_last_day_waits_for_somebody(line: int) -> None:
    with unit_of_work():
        subscriptions.suspend(loaded(line), on=date(2026, 6, 1), reason="Abroad")
    turned(date(2026, 6, 1))
    assert turned(date(2026, 12, 1)) == 0 and status(line) == "suspended"


def test_whoever_is_cut_off_before_a_booked_pause_stays_in_it_when_they_pay(line: int) -> None:
    with unit_of_work():
        customers.suspend(loaded(line).customer, reason="unpaid")
    turned(APRIL)
    with work(date(2026, 4, 5)):
        customers.restore(db.session.scalars(select(Customer)).one())
    assert status(line) == "suspended", "the holiday goes on"
    assert turned(BACK) == 1 and status(line) == "active"


def test_whoever_is_cut_off_within_a_booked_pause_is_not_served_when_it_ends(line: int) -> None:
    turned(APRIL)
    with work(date(2026, 4, 5)):
        customers.suspend(loaded(line).customer, reason="unpaid", billing="credit")
    assert turned(BACK) == 0 and status(line) == "suspended"
    with work(date(2026, 4, 15)):
        customers.restore(db.session.scalars(select(Customer)).one())
    assert status(line) == "active"
    assert days_of(line) == [(APRIL, BACK), (date(2026, 4, 5), date(2026, 4, 15))]


def test_what_the_customer_asked_to_pause_stays_so_when_they_are_restored(line: int) -> None:
    with unit_of_work():
        subscriptions.suspend(loaded(line), on=TODAY, reason="Renovation")
        customers.suspend(loaded(line).customer, reason="unpaid")
        customers.restore(loaded(line).customer)
        assert (loaded(line).status, loaded(line).status_reason) == ("suspended", "Renovation")


def test_resuming_from_an_earlier_day_takes_back_what_was_booked_meanwhile(line: int) -> None:
    with unit_of_work():
        subscriptions.suspend(loaded(line), on=date(2026, 3, 10), reason="Broken")
    with work(date(2026, 4, 5)):
        assert subscriptions.resume(loaded(line), on=date(2026, 3, 20)).status == "active"
    assert days_of(line) == [(date(2026, 3, 10), date(2026, 3, 20)), (APRIL, APRIL)]
    assert turned(date(2026, 4, 6)) == 0


def test_a_subscription_that_ends_after_its_pause_is_served_to_its_end(line: int) -> None:
    turned(APRIL)
    with work(date(2026, 4, 5)):
        offers.billed(loaded(line), until=date(2026, 4, 20))
        assert subscriptions.end(loaded(line), on=date(2026, 4, 20), reason="Moves").status == "suspended"
    assert turned(BACK) == 1 and status(line) == "active"


def test_a_subscription_that_ends_within_its_pause_ends_at_once_when_nothing_is_left_to_bill(line: int) -> None:
    with work(date(2026, 4, 5)):
        pauses.turn_due()
        offers.billed(loaded(line), until=APRIL)
        assert subscriptions.end(loaded(line), on=date(2026, 4, 8), reason="Moves").status == "ended"
    assert turned(BACK) == 0
    with work(BACK), pytest.raises(Conflict, match="ended already"):
        subscriptions.suspend(loaded(line), on=date(2026, 5, 1), reason="x")


def test_a_pause_does_not_reach_behind_closed_books(tenant: TenantRef) -> None:
    with unit_of_work():
        begun = offers.subscribe(start_on=date(2026, 1, 1))
        closing.close(last_day=date(2026, 2, 28))
        with pytest.raises(Conflict, match="closed"):
            subscriptions.suspend(begun, on=date(2026, 2, 20), until=date(2026, 3, 5), reason="x")
        assert subscriptions.suspend(begun, on=date(2026, 3, 1), until=date(2026, 3, 5), reason="x").status == "active"

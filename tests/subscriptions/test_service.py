"""The life of a subscription through the verbs. Today is 10 March 2026 in Manila."""
from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from ispbill.billing.runs import service as runs
from ispbill.core.current import TenantRef, at
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.duplicates import service as duplicates
from ispbill.customers.models import CustomerStatus
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.policy import Start
from tests.make import offers, people

TODAY, APRIL = date(2026, 3, 10), date(2026, 4, 10)


@pytest.fixture
def line(tenant: TenantRef) -> int:
    """A subscription that began today and is billed for its first month."""
    with unit_of_work():
        return offers.billed(offers.subscribe(plans=[(offers.plan(100000), 1, None)])).id


def loaded(subscription_id: int) -> Subscription:
    subscription = queries.get(subscription_id)
    assert subscription is not None
    return subscription


def test_a_lead_who_subscribes_becomes_active_at_the_price_in_force(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer(status=CustomerStatus.LEAD)
        line = offers.subscribe(ana, plans=[(offers.plan(149900), 1, None), (offers.plan(5000), 2, 4000)])
        assert (ana.status, line.status, line.billed_until, line.anchor_day) == ("active", "active", TODAY, 10)
    with unit_of_work():
        parts = [(part.quantity, part.unit_price_minor) for part in loaded(line.id).components]
        assert parts == [(1, 149900), (2, 4000)]


def test_the_preview_shows_the_first_bill_and_saves_nothing(tenant: TenantRef) -> None:
    with unit_of_work():
        ana, plans = people.register_customer(), [(offers.plan(149900), 1, None)]
        (part,) = subscriptions.preview(ana, plans=plans, start=Start(date(2026, 3, 15), 1))
        assert part.amount_minor == 82203 and part.period.days == 17
        assert queries.count(queries.SubscriptionFilter()) == 0


@pytest.mark.parametrize("status", ["suspended", "terminated"])
def test_who_is_not_served_cannot_subscribe(tenant: TenantRef, status: str) -> None:
    with unit_of_work():
        ana = people.register_customer()
        {"suspended": customers.suspend, "terminated": customers.terminate}[status](ana, reason="x")
        with pytest.raises(Conflict):
            offers.subscribe(ana)


def test_a_line_belongs_to_the_customer_and_stands(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        mine, theirs = offers.installation(ana), offers.installation()
        assert offers.subscribe(ana, installation=mine).installation_id == mine.id
        with pytest.raises(Invalid):
            offers.subscribe(ana, installation=theirs)


def test_a_reference_of_another_system_stands_once(tenant: TenantRef) -> None:
    with unit_of_work():
        offers.subscribe(external_reference="OLD-1")
        with pytest.raises(IntegrityError), db.session.begin_nested():
            offers.subscribe(external_reference="OLD-1")


def test_a_suspension_stops_billing_and_its_days_are_never_billed(line: int) -> None:
    with unit_of_work():
        subscriptions.suspend(loaded(line), on=TODAY, reason="Holiday")
    with at(datetime(2026, 6, 20, 4, tzinfo=UTC)), unit_of_work():
        resumed = subscriptions.resume(loaded(line), on=date(2026, 6, 20))
        (part,) = resumed.components
        assert (resumed.status, part.due_on, resumed.suspended_on) == ("active", date(2026, 6, 20), None)


def test_days_billed_in_advance_are_not_billed_again_after_a_short_suspension(line: int) -> None:
    with unit_of_work():
        subscriptions.suspend(loaded(line), on=TODAY, reason="Holiday")
    with at(datetime(2026, 3, 20, 4, tzinfo=UTC)), unit_of_work():
        assert subscriptions.resume(loaded(line), on=date(2026, 3, 20)).billed_until == APRIL


def test_verbs_refuse_a_subscription_in_another_state(line: int) -> None:
    with unit_of_work():
        with pytest.raises(Conflict):
            subscriptions.resume(loaded(line), on=TODAY)
        with pytest.raises(Conflict):
            subscriptions.keep(loaded(line))
        subscriptions.suspend(loaded(line), on=TODAY, reason="x")
        with pytest.raises(Conflict):
            subscriptions.suspend(loaded(line), on=TODAY, reason="x")


def test_what_was_served_before_a_suspension_is_billed_all_the_same(tenant: TenantRef) -> None:
    with unit_of_work():
        begun = offers.subscribe(start_on=date(2026, 3, 1))
        (part,) = subscriptions.suspend(begun, on=TODAY, reason="x").components
        assert part.due_on == date(2026, 3, 1)


def test_a_subscription_of_a_suspended_customer_does_not_resume_alone(line: int) -> None:
    with unit_of_work():
        subscription = loaded(line)
        customers.suspend(subscription.customer, reason="Non-payment")
        with pytest.raises(Conflict, match="Activate the customer first"):
            subscriptions.resume(subscription, on=TODAY)


def test_an_end_is_that_of_what_is_billed_unless_said_otherwise_and_is_reached_by_itself(line: int) -> None:
    with unit_of_work():
        ending = subscriptions.end(loaded(line), reason="Moves")
        assert (ending.status, ending.end_on) == ("active", APRIL)
        assert subscriptions.finish_due() == 0
    with at(datetime(2026, 4, 10, 4, tzinfo=UTC)), unit_of_work():
        assert subscriptions.finish_due() == 1
        assert loaded(line).status == "ended"
        assert subscriptions.finish_due() == 0


@pytest.mark.parametrize(("timing", "anchor_day", "end_on"), [
    ("arrears", 10, APRIL), ("arrears", 1, date(2026, 4, 1)), ("advance", 10, APRIL), ("advance", 1, date(2026, 4, 1)),
])
def test_what_is_not_billed_yet_is_served_to_the_end_of_the_period_that_runs(
    tenant: TenantRef, timing: str, anchor_day: int, end_on: date
) -> None:
    with unit_of_work():
        begun = offers.subscribe(plans=[(offers.plan(timing=timing), 1, None)], anchor_day=anchor_day)
        assert subscriptions.end(begun, reason="Moves").end_on == end_on
        (part,) = begun.components
        assert part.due_on == (end_on if timing == "arrears" else TODAY), "and it is billed to there"


def test_in_arrears_an_end_lies_ahead_although_what_is_billed_is_over(tenant: TenantRef) -> None:
    with unit_of_work():
        begun = offers.subscribe(plans=[(offers.plan(timing="arrears"), 1, None)], start_on=date(2026, 2, 1))
        offers.billed(begun, until=date(2026, 3, 1))
        ending = subscriptions.end(loaded(begun.id), reason="Moves")
        assert (ending.status, ending.end_on) == ("active", date(2026, 4, 1))


def test_what_is_not_charged_yet_ends_uncharged(tenant: TenantRef) -> None:
    with unit_of_work():
        tried = offers.subscribe(plans=[(offers.plan(trial_days=7), 1, None)], anchor_day=1)
        later = offers.subscribe(start_on=date(2026, 3, 20))
        for begun, end_on in ((tried, date(2026, 3, 17)), (later, date(2026, 3, 20))):
            ending = subscriptions.end(begun, reason="Changed mind")
            assert ending.end_on == end_on and not any(part.due_on for part in ending.components)


@pytest.mark.parametrize("suspended", [False, True])
@pytest.mark.parametrize("booked", ["change", "add-on"])
def test_what_is_booked_for_later_does_not_move_the_end_of_the_period(line: int, booked: str, suspended: bool) -> None:
    later = date(2026, 6, 20)
    with unit_of_work():
        found = loaded(line)
        if booked == "change":
            changes.change(found.running[-1], found, new=NewTerms(plan=offers.plan(50_000)), on=later)
        else:
            changes.add(found, plan=offers.plan(50_000), on=later)
        if suspended:
            subscriptions.suspend(found, on=TODAY, reason="Holiday")
        assert suspended or found.billed_until == APRIL
        assert subscriptions.end(found, reason="Moves").end_on == APRIL


def test_what_is_suspended_ends_with_what_is_billed_or_today(line: int) -> None:
    with unit_of_work():
        subscriptions.suspend(loaded(line), on=TODAY, reason="Holiday")
        assert subscriptions.period_end(loaded(line)) == APRIL
    with at(datetime(2026, 6, 20, 4, tzinfo=UTC)), unit_of_work():
        assert subscriptions.period_end(loaded(line)) == date(2026, 6, 20)


def test_the_schedule_of_the_day_closes_what_is_over(line: int) -> None:
    with unit_of_work():
        subscriptions.end(loaded(line), reason="Moves")
    with at(datetime(2026, 4, 10, 4, tzinfo=UTC)), unit_of_work():
        runs.announce(runs.open_run(APRIL, approved=True))
        assert loaded(line).status == "ended"


def test_an_end_waits_until_everything_up_to_it_is_billed(line: int) -> None:
    with unit_of_work():
        subscriptions.end(loaded(line), on=date(2026, 4, 25), reason="Moves")
    with at(datetime(2026, 5, 1, 4, tzinfo=UTC)), unit_of_work():
        assert subscriptions.finish_due() == 0, "15 days are not billed yet"
        offers.billed(loaded(line), until=date(2026, 4, 25))
        assert subscriptions.finish_due() == 1


def test_an_end_is_withdrawn_before_it_comes(line: int) -> None:
    with unit_of_work():
        subscriptions.end(loaded(line), reason="Moves")
        kept = subscriptions.keep(loaded(line))
        assert (kept.end_on, kept.end_reason) == (None, "")


def test_why_it_is_suspended_and_why_it_is_to_end_are_both_known(line: int) -> None:
    with unit_of_work():
        subscriptions.suspend(loaded(line), on=TODAY, until=date(2026, 4, 20), reason="Holiday")
        subscriptions.end(loaded(line), on=date(2026, 4, 25), reason="Moves")
        assert (loaded(line).status_reason, loaded(line).end_reason) == ("Holiday", "Moves")
        subscriptions.resume(loaded(line), on=TODAY, reason="Came back")
        subscriptions.suspend(loaded(line), on=TODAY, reason="Flood")
        assert (loaded(line).status_reason, loaded(line).end_reason) == ("Flood", "Moves")
        kept = subscriptions.keep(loaded(line))
        assert (kept.status_reason, kept.end_reason) == ("Flood", "")


def test_what_ends_by_the_schedule_says_why_it_ended(line: int) -> None:
    with unit_of_work():
        subscriptions.end(loaded(line), on=APRIL, reason="Moves")
    with at(datetime(2026, 4, 10, 4, tzinfo=UTC)), unit_of_work():
        subscriptions.finish_due()
        assert (loaded(line).status, loaded(line).status_reason) == ("ended", "Moves")


def test_a_customer_who_took_over_a_suspended_line_can_be_suspended(tenant: TenantRef) -> None:
    with unit_of_work():
        ana, double = people.register_customer("Ana"), people.register_customer("Anna")
        line = offers.subscribe(double).id
        offers.subscribe(ana)
        customers.suspend(double, reason="unpaid")
        kept = duplicates.merge(ana.id, merged_id=double.id)
        customers.suspend(kept, reason="moving")
        assert loaded(line).status == "suspended"
        customers.restore(kept)
        assert loaded(line).status == "active"


def test_what_stood_still_with_a_merged_record_is_served_where_the_kept_customer_is(tenant: TenantRef) -> None:
    with unit_of_work():
        ana, double = people.register_customer("Ana"), people.register_customer("Anna")
        line, alone = offers.subscribe(double).id, offers.subscribe(double).id
        subscriptions.suspend(loaded(alone), on=TODAY, reason="Holiday")
        customers.suspend(double, reason="unpaid")
        duplicates.merge(ana.id, merged_id=double.id)
        assert [loaded(each).status for each in (line, alone)] == ["active", "suspended"]
        assert [part.due_on for part in loaded(line).components] == [TODAY]


def test_a_customer_is_suspended_with_what_begins_later_and_restored_before_it_loses_nothing(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        line = offers.subscribe(ana, start_on=APRIL).id
        customers.suspend(ana, reason="unpaid")
        assert (loaded(line).status, loaded(line).suspended_on) == ("suspended", APRIL)
        assert [part.due_on for part in loaded(line).components] == [None]
        customers.restore(ana)
        assert (loaded(line).status, loaded(line).suspended_on) == ("active", None)
        assert [part.due_on for part in loaded(line).components] == [APRIL]


def test_a_customer_restored_after_it_should_have_begun_is_billed_from_then(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        line = offers.subscribe(ana, start_on=date(2026, 3, 20)).id
        customers.suspend(ana, reason="unpaid")
    with at(datetime(2026, 3, 25, 4, tzinfo=UTC)), unit_of_work():
        customers.restore(db.session.merge(ana))
        assert [part.due_on for part in loaded(line).components] == [date(2026, 3, 25)]


def test_what_never_began_and_what_is_suspended_ends_at_once(line: int) -> None:
    with unit_of_work():
        later = offers.subscribe(start_on=date(2026, 3, 20))
        assert subscriptions.end(later, on=date(2026, 3, 20), reason="Changed mind").status == "ended"
        subscription = subscriptions.suspend(loaded(line), on=TODAY, reason="Holiday")
        assert subscriptions.end(subscription, reason="Does not come back").status == "ended"
        with pytest.raises(Conflict):
            subscriptions.end(subscription, reason="again")


def test_an_end_needs_a_reason(line: int) -> None:
    with unit_of_work():
        with pytest.raises(Invalid) as refusal:
            subscriptions.end(loaded(line), reason=" ")
        assert refusal.value.field == "reason"


def test_a_customer_leaves_once_everything_has_ended(line: int) -> None:
    with unit_of_work():
        subscription = loaded(line)
        subscriptions.suspend(subscription, on=TODAY, reason="x")
        subscriptions.end(subscription, reason="x")
        assert customers.terminate(subscription.customer, reason="Moved").status == "terminated"


def test_the_list_shows_what_is_charged_now_and_not_what_is_booked(tenant: TenantRef) -> None:
    with unit_of_work():
        begun = offers.subscribe(plans=[(offers.plan(100, name="A"), 1, None)])
        changes.change(begun.running[-1], begun, new=NewTerms(plan=offers.plan(50, name="B")), on=APRIL)
        changes.add(begun, plan=offers.plan(7, name="C"), on=APRIL)
        offers.subscribe(plans=[(offers.plan(20, name="D", trial_days=7), 1, None)])
    for on, names in ((TODAY, {("A", 100), ("D", 20)}), (APRIL, {("B, C", 57), ("D", 20)})):
        with at(datetime(on.year, on.month, on.day, 4, tzinfo=UTC)), unit_of_work():
            rows = queries.everything(queries.listing(queries.SubscriptionFilter()))
            assert {(row.plan_names, row.monthly_minor) for row in rows} == names


def test_the_list_shows_what_a_full_month_costs(line: int) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana Cruz")
        offers.subscribe(ana, plans=[(offers.plan(100, name="A"), 2, None), (offers.plan(50, name="B"), 1, None)])
        rows = queries.everything(queries.listing(queries.SubscriptionFilter(term="ana")))
        assert [(row.plan_names, row.monthly_minor) for row in rows] == [("A, B", 250)]
        assert queries.count(queries.SubscriptionFilter(term="ana", status="active")) == 1
        assert queries.count(queries.SubscriptionFilter(status="ended")) == 0

"""May this customer be online, and why: a table of facts and verdicts."""
from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ispbill.billing.collections.entitlement.policy import Entitlement, Reason, cut_day, entitlement
from ispbill.billing.collections.policy import Account, Calendar, Dispute, Plan, Span
from tests.billing.collections.facts import NOTICE, account, day, debt, plan

WEEKENDS = Calendar(weekdays=frozenset({6, 7}))


def verdict(found: Account, by: Plan | None = None) -> Entitlement:
    return entitlement(found, by or plan(), currency="PHP")


@pytest.mark.parametrize(("on", "online", "reason"), [
    ("03-10", True, Reason.NOTHING_DUE), ("03-11", True, Reason.NOT_YET_CUT_OFF),
    ("03-14", True, Reason.NOT_YET_CUT_OFF), ("03-15", False, Reason.OVERDUE), ("06-01", False, Reason.OVERDUE),
])
def test_who_owes_is_cut_off_on_the_fifth_day_and_not_before(on: str, online: bool, reason: Reason) -> None:
    """Pain 2: unpaid and still online."""
    found = verdict(account(on, debt("03-10")))
    assert (found.may_be_online, found.reasons) == (online, (reason,))
    assert (found.since, found.until) == ((None, day("03-15")) if online else (day("03-15"), None))


def test_who_has_paid_is_never_cut_off() -> None:
    """Pain 1: suspended although paid. What is paid is no debt, whatever happened before."""
    assert verdict(account("06-01", cut_by_us_on=day("03-15"), status="suspended")).may_be_online


def test_who_paid_the_oldest_invoice_is_judged_by_the_next() -> None:
    both = account("03-16", debt("03-10"), debt("03-14", key=2))
    assert not verdict(both).may_be_online
    paid = verdict(replace(both, debts=both.debts[1:]))
    assert paid.may_be_online and paid.until == day("03-19")


def test_nobody_is_cut_off_at_the_weekend_and_nobody_is_given_back_because_of_it() -> None:
    """Pain 16: control of the cut-off day. 14 and 15 March 2026 are Saturday and Sunday."""
    calendar = plan(calendar=WEEKENDS)
    sunday = verdict(account("03-15", debt("03-10")), calendar)
    assert sunday.may_be_online and sunday.reasons == (Reason.NO_CUT_DAY,) and sunday.until == day("03-16")
    assert not verdict(account("03-16", debt("03-10")), calendar).may_be_online
    saturday = account("03-21", debt("03-10"))
    assert verdict(saturday, calendar).until == day("03-23"), "who was missed on Monday waits for the next"
    cut = replace(saturday, status="suspended", cut_by_us_on=day("03-16"))
    assert verdict(cut, calendar).since == day("03-16")


@pytest.mark.parametrize(("place", "areas", "expected"), [
    (None, set(), "03-16"), (None, {7}, "03-16"), (7, {7, 3}, "03-16"), (7, {8, 3}, "03-15"), (7, set(), "03-15"),
])
def test_a_fiesta_keeps_one_area_free_and_a_holiday_all(place: int | None, areas: set[int], expected: str) -> None:
    fiesta = plan(calendar=Calendar(days={day("03-15"): frozenset({place})}))
    assert cut_day(account("03-11", debt("03-10"), areas=frozenset(areas)), fiesta) == day(expected)


@pytest.mark.parametrize("name", ["promises", "holds"])
def test_a_promise_or_a_hold_keeps_service_up_to_its_last_day(name: str) -> None:
    held = account("03-20", debt("03-10"), status="suspended", cut_by_us_on=day("03-15"),
                   **{name: (Span(day("03-20"), day("03-25"), "until the remittance comes"),)})
    found = verdict(held)
    assert found.may_be_online and found.until == day("03-25")
    assert found.reasons == ((Reason.PROMISE,) if name == "promises" else (Reason.HOLD,))
    assert "up to 24 Mar 2026 (until the remittance comes)" in found.trace[-1]
    assert verdict(replace(held, on=day("03-25"))).since == day("03-25")


def test_a_promise_that_ends_at_the_weekend_is_broken_on_monday() -> None:
    friday = account("03-20", debt("03-10"), promises=(Span(day("03-17"), day("03-21")),))
    assert cut_day(friday, plan(calendar=WEEKENDS)) == day("03-23")


def test_a_dispute_takes_its_part_away_and_when_it_ends_the_invoice_counts_from_then() -> None:
    """NTC MC 05-06-2007: not payable for thirty days, no penalty meanwhile."""
    contested = debt("03-10", disputes=(Dispute(day("03-20"), day("04-19"), 100_000),))
    assert not verdict(account("03-19", contested)).may_be_online
    held = verdict(account("04-18", contested))
    assert held.may_be_online and held.reasons == (Reason.DISPUTE,) and held.until == day("04-19")
    assert verdict(account("04-19", contested)).since == day("04-19")
    partly = debt("03-10", disputes=(Dispute(day("03-12"), day("04-11"), 40_000),))
    assert not verdict(account("03-15", partly)).may_be_online


def test_who_is_cut_off_for_the_rest_of_an_invoice_stays_so_when_the_dispute_about_a_part_ends() -> None:
    """11 April 2026 is a Saturday, on which nobody is cut off."""
    partly = debt("03-10", disputes=(Dispute(day("03-12"), day("04-11"), 40_000),))
    cut = account("04-11", partly, status="suspended", cut_by_us_on=day("03-16"))
    found = verdict(cut, plan(calendar=WEEKENDS))
    assert not found.may_be_online and found.since == day("03-16")
    least = plan(calendar=WEEKENDS, minimum_minor=70_000)
    assert verdict(replace(cut, status="active", cut_by_us_on=None), least).until == day("04-13")


def test_too_little_cuts_nobody_off() -> None:
    found = verdict(account("06-01", debt("03-10", 4_999)), plan(minimum_minor=5_000))
    assert found.may_be_online and found.reasons == (Reason.BELOW_MINIMUM,)


def test_a_bill_that_has_not_arrived_cuts_nobody_off() -> None:
    """NTC MC 13-6-00: no disconnection before the statement was received and its time has passed."""
    careful = plan(needs_handover=True, notice_days=10)
    lost = verdict(account("06-01", debt("03-10", handed_over_on=None)), careful)
    assert lost.may_be_online and lost.reasons == (Reason.NOT_HANDED_OVER,)
    late = debt("03-10", handed_over_on=day("03-09"))
    assert cut_day(account("03-11", late), careful) == day("03-19")
    assert cut_day(account("03-11", late), replace(careful, needs_handover=False)) == day("03-15")


@pytest.mark.parametrize(("status", "reason", "service"), [
    ("suspended", Reason.SUSPENDED_BY_STAFF, "suspended"), ("lead", Reason.LEAD, "ended"),
    ("terminated", Reason.TERMINATED, "ended"),
])
def test_what_people_decided_stands_above_money(status: str, reason: Reason, service: str) -> None:
    found = verdict(account("03-11", status=status, status_reason="On holiday"))
    assert (found.may_be_online, found.reasons, found.service) == (False, (reason,), service)


def test_a_plan_without_suspension_cuts_nobody_off() -> None:
    found = verdict(account("06-01", debt("03-10")), plan(NOTICE))
    assert found.may_be_online and found.reasons == (Reason.NO_SUSPENSION,)


def test_the_trace_says_what_is_owed_which_step_and_from_when() -> None:
    assert verdict(account("03-20", debt("03-10", 149_900)), plan(grace_days=2)).trace == (
        "INV-1: ₱1,499.00 open, due 10 Mar 2026, 10 days ago.",
        "“Suspension” comes 5 days after the due day and 2 days of grace: 17 Mar 2026.",
        "Service is cut off from 17 Mar 2026 on.",
    )


def test_each_day_of_a_year_has_one_verdict_and_at_least_one_reason() -> None:
    facts = account("01-01", debt("03-10", disputes=(Dispute(day("04-01"), day("05-01"), 60_000),)),
                    debt("06-10", key=2), promises=(Span(day("03-17"), day("03-21")),),
                    holds=(Span(day("06-12"), day("06-20")),))
    for ordinal in range(day("01-01").toordinal(), day("12-31").toordinal()):
        found = verdict(replace(facts, on=date.fromordinal(ordinal)), plan(calendar=WEEKENDS))
        assert found.reasons and found.trace and (found.since is not None or found.may_be_online)

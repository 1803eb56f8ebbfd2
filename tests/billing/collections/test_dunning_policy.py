"""Which step comes when: tables of cases, and the published examples of dunning, late fees and reminders."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from ispbill.billing.collections.dunning.policy import due_steps, next_step
from ispbill.billing.collections.policy import (
    Account,
    Action,
    Calendar,
    CountedFrom,
    Dispute,
    Done,
    Plan,
    Span,
    Step,
    day_reached,
)
from tests.billing.collections.facts import (
    FEE,
    NOTICE,
    REMINDER,
    SUSPENSION,
    TERMINATION,
    account,
    day,
    debt,
    plan,
)


def names(found: Account, by: Plan) -> list[str]:
    return [due.step.name for due in due_steps(found, by)]


@pytest.mark.parametrize(("on", "expected"), [
    ("03-06", []), ("03-07", ["Reminder"]), ("03-10", ["Due today"]), ("03-11", ["Overdue notice"]),
    ("03-13", ["Overdue notice", "Late fee"]), ("03-16", ["Overdue notice", "Late fee"]),
])
def test_the_step_of_a_day_is_the_latest_that_has_come(on: str, expected: list[str]) -> None:
    assert names(account(on, debt("03-10")), plan()) == expected


def test_what_was_done_is_not_done_again_and_nothing_earlier_is_made_up_for() -> None:
    assert names(account("03-08", debt("03-10"), done={(1, 1): "03-07"}), plan()) == []
    assert names(account("03-14", debt("03-10"), done={(3, None): "03-11", (4, 1): "03-13"}), plan()) == []


def test_days_of_grace_put_off_what_comes_after_the_due_day_only() -> None:
    late = plan(grace_days=4)
    assert names(account("03-10", debt("03-10")), late) == ["Due today"]
    assert names(account("03-14", debt("03-10"), done={(2, 1): "03-10"}), late) == []
    assert names(account("03-15", debt("03-10")), late) == ["Overdue notice"]


def test_less_than_the_minimum_brings_no_notice_and_no_fee() -> None:
    small = plan(minimum_minor=50_000)
    assert names(account("03-20", debt("03-10", 49_999)), small) == []
    assert names(account("03-20", debt("03-01", 30_000), debt("03-10", 20_000, key=2)), small) == \
        ["Overdue notice", "Late fee", "Late fee"]


def test_a_step_towards_several_invoices_comes_when_they_reach_the_minimum_together() -> None:
    two = account("03-30", debt("03-01", 30_000), debt("03-10", 20_000, key=2))
    assert day_reached(two, plan(minimum_minor=50_000), SUSPENSION) == day("03-15")
    assert day_reached(two, plan(minimum_minor=30_000), SUSPENSION) == day("03-06")
    assert day_reached(two, plan(minimum_minor=50_001), SUSPENSION) is None


def test_nothing_after_the_due_day_happens_under_a_promise_or_a_hold() -> None:
    """Pain 16: a person decides that a customer is left alone, up to a day."""
    for name in ("promises", "holds"):
        held = account("03-14", debt("03-10"), **{name: (Span(day("03-12"), day("03-15")),)})
        assert names(held, plan()) == []
        assert names(replace(held, on=day("03-15")), plan()) == ["Overdue notice", "Late fee"]


def test_a_disputed_part_bears_no_fee_and_counts_for_nothing() -> None:
    contested = debt("03-10", 100_000, disputes=(Dispute(day("03-12"), day("04-11"), 60_000),))
    (notice, fee) = due_steps(account("03-14", contested), plan())
    assert (notice.step, fee.fee_minor) == (NOTICE, 500 + 1_000)
    wholly = debt("03-10", 100_000, disputes=(Dispute(day("03-12"), day("04-11"), 100_000),))
    assert names(account("03-14", wholly), plan()) == []
    assert names(account("04-11", wholly), plan()) == ["Overdue notice", "Late fee"]


def test_every_invoice_bears_its_own_fee_once() -> None:
    both = account("03-20", debt("03-10", 10_000), debt("03-12", 20_000, key=2), done={(4, 1): "03-13"})
    assert [(due.invoice_id, due.fee_minor) for due in due_steps(both, plan(FEE))] == [(2, 500 + 500)]


def test_termination_waits_for_a_day_on_which_people_are_cut_off() -> None:
    ending, sundays = plan(TERMINATION), Calendar(weekdays=frozenset({6, 7}))
    assert names(account("05-09", debt("03-10")), ending) == ["Termination"]
    for on, expected in (("05-09", []), ("05-10", []), ("05-11", ["Termination"])):
        assert names(account(on, debt("03-10")), replace(ending, calendar=sundays)) == expected


def test_leads_and_who_has_left_are_left_alone() -> None:
    for status in ("lead", "terminated"):
        assert names(account("03-20", debt("03-10"), status=status), plan()) == []


def test_the_next_step_is_foreseen_with_its_day() -> None:
    before = next_step(account("03-01", debt("03-10")), plan())
    assert before is not None and (before.step, before.on) == (REMINDER, day("03-07"))
    done = {(3, None): "03-11", (4, 1): "03-13"}
    cut = next_step(account("03-13", debt("03-10"), done=done), plan(calendar=Calendar(frozenset({7}))))
    assert cut is not None and (cut.step, cut.on) == (SUSPENSION, day("03-16"))
    promised = account("03-14", debt("03-10"), done=done, promises=(Span(day("03-14"), day("03-19")),))
    after = next_step(promised, plan())
    assert after is not None and (after.step, after.on) == (SUSPENSION, day("03-19"))
    assert next_step(account("03-14"), plan()) is None


def test_switching_on_takes_what_is_old_as_due_on_that_day() -> None:
    old = account("03-10", debt("2025-12-01"))
    assert day_reached(old, plan(counted_since=day("03-10")), SUSPENSION) == day("03-15")
    assert names(old, plan(counted_since=day("03-10"))) == []


def played(found: Account, by: Plan, days: list[date]) -> list[date]:
    """The days on which a reminder of the plan's only step goes out."""
    sent = []
    for on in days:
        for due in due_steps(replace(found, on=on), by):
            found = replace(found, done={(due.step.id, due.invoice_id): Done(due.occurrence, on)})
            sent.append(on)
    return sent


def every_day(first: str, count: int) -> list[date]:
    return [day(first) + timedelta(days=offset) for offset in range(count)]


def test_case_l01_states_follow_the_earliest_unpaid_invoice() -> None:
    """Kill Bill, testOverdueStages1: +30, +40, +50 days, and payment retries each eighth day."""
    unpaid = account("2012-08-01", debt("2012-05-31", issued="2012-05-31"))
    for days, expected in ((30, "2012-06-30"), (40, "2012-07-10"), (50, "2012-07-20")):
        state = Step(1, f"+{days}", Action.SUSPEND, days, CountedFrom.ISSUE)
        assert day_reached(unpaid, plan(state), state) == day(expected)
    retry = Step(2, "Retry", Action.REMIND, 8, CountedFrom.ISSUE, repeat_every_days=8, most_times=3)
    assert played(unpaid, plan(retry), every_day("2012-06-01", 60)) == \
        [day("2012-06-08"), day("2012-06-16"), day("2012-06-24")]


def test_case_l04_a_campaign_starts_at_its_threshold_and_ends_after_its_attempts() -> None:
    """Lago, dunning_campaign_v1_spec: at most two attempts, two days between, from 100 USD or 150 EUR on."""
    campaign = Step(1, "Attempt", Action.REMIND, 1, repeat_every_days=3, most_times=2)
    runs = [day(f"2025-01-{number:02}") for number in (3, 5, 6, 9, 12)]
    dollars = account("2025-01-03", debt("2025-01-01", 12_000))
    assert played(dollars, plan(campaign, minimum_minor=10_000), runs) == [runs[0], runs[2]]
    few, more = debt("2025-01-01", 14_900), debt("2025-01-05", 1_000, key=2)
    euros = plan(campaign, minimum_minor=15_000)
    assert played(account("2025-01-03", few), euros, runs) == []
    assert played(account("2025-01-03", few, more), euros, runs) == [runs[2], runs[3]]


def test_case_l06_each_stage_charges_its_fee_once() -> None:
    """Invoice Ninja, ReminderTest: 101, 102 and 103 on days 1, 2 and 3; pain 3 and its issue 1921: never twice."""
    stages = [Step(n, f"Stage {n}", Action.FEE, n, CountedFrom.ISSUE, fee_flat_minor=10_000 + n * 100)
              for n in (1, 2, 3)]
    found = account("03-10", debt("03-10", issued="03-10"))
    charged = []
    for on in every_day("03-10", 6) + every_day("03-10", 6):
        for due in due_steps(replace(found, on=on), plan(*stages)):
            found = replace(found, done={**found.done, (due.step.id, due.invoice_id): Done(1, on)})
            charged.append((on, due.fee_minor))
    assert charged == [(day("03-11"), 10_100), (day("03-12"), 10_200), (day("03-13"), 10_300)]


def test_a_fee_is_foreseen_for_the_day_on_which_a_second_invoice_makes_up_the_minimum() -> None:
    """The first is late since the 11th, and with the second, which is late from the 16th on, it is enough."""
    owing = account("03-14", debt("03-10", 30_000), debt("03-15", 30_000, key=2))
    foreseen = next_step(owing, plan(FEE, minimum_minor=50_000))
    assert foreseen is not None and foreseen.on == day("03-16")


@pytest.mark.parametrize(("balance_minor", "percent", "flat_minor", "expected"), [
    (24_995, "2.5", 500, 1_125), (24_995, "0", 500, 500), (24_995, "2.5", 0, 625), (100, "0.5", 0, 1),
])
def test_case_l07_a_late_fee_is_flat_and_percent_rounded_half_up(
    balance_minor: int, percent: str, flat_minor: int, expected: int
) -> None:
    fee = Step(1, "Late fee", Action.FEE, 1, fee_flat_minor=flat_minor, fee_percent=Decimal(percent))
    (due,) = due_steps(account("03-11", debt("03-10", balance_minor)), plan(fee))
    assert due.fee_minor == expected


def test_case_l09_reminders_count_from_the_day_of_issue_and_go_on_for_ever() -> None:
    """Invoice Ninja, testDKRemindersNotSending: 5, 10, 15 days after the invoice, then every 14 days."""
    steps = [Step(n, f"After {days}", Action.REMIND, days, CountedFrom.ISSUE,
                  repeat_every_days=14 if days == 15 else None) for n, days in enumerate((5, 10, 15), start=1)]
    found = account("2024-03-01", debt("2024-03-31", issued="2024-03-01"))
    sent: list[date] = []
    for on in (day("2024-03-01") + timedelta(days=offset) for offset in range(40)):
        for due in due_steps(replace(found, on=on), plan(*steps)):
            found = replace(found, done={**found.done, (due.step.id, due.invoice_id): Done(due.occurrence, on)})
            sent.append(on)
    assert [f"{on}" for on in sent] == ["2024-03-06", "2024-03-11", "2024-03-16", "2024-03-30"]
